"""What the stages ask of a profile: bounds, targets, room sizes, circles and staff, typed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from commplan.policy.choices import house_choices
from commplan.policy.library import load_profile
from commplan.policy.profile import Profile, Rule

Floats = NDArray[np.float64]

#: The rules that say how large a community's rooms have to be.
ROOM_SIZE_RULES = (
    "room.per_100_households",
    "room.minimum",
    "room.per_100_people",
    "room.commercial_uplift",
)

#: The rules that set the number of a community's workers; among equals the first is cited.
STAFF_RULES = ("staff.band1", "staff.band2", "staff.per_households", "staff.floor")


def choice(profile: Profile, name: str, default: float | None = None) -> float:
    """Return a house choice as the profile sets it, else ``default``, else the house's figure.

    Raises
    ------
    KeyError
        For a name that is no house choice (see `commplan.policy.choices.house_choices`).
    """
    house = house_choices()[name]
    value = profile.choices.get(name, house.value if default is None else default)
    return float(value)


def household_bounds(profile: Profile) -> tuple[int, int] | None:
    """Return the least and most households of a community, inclusive; None without a rule."""
    value = _value(profile, "size.households")
    return None if value is None else (int(value["min"]), int(value["max"]))


def target_households(profile: Profile) -> float | None:
    """Return the households to aim at: the profile's target, else the middle of its bounds."""
    value = _value(profile, "size.households_target")
    if value is not None:
        return float(value)
    bounds = household_bounds(profile)
    return None if bounds is None else sum(bounds) / 2


def population_target(profile: Profile) -> float | None:
    """Return the people of a community to aim at; None without a rule."""
    value = _value(profile, "size.population_target")
    return None if value is None else float(value)


def room_need_m2(
    profile: Profile,
    households: ArrayLike,
    population: ArrayLike | None = None,
    commercial_floor_m2: ArrayLike | None = None,
) -> Floats:
    """Floor area that the rooms of a community need: the most that any rule of the profile asks.

    The 30 m² per 100 households of zhejiang-2017 五(二) are taken in proportion, not per begun
    hundred (house choice), so its floor of 350 m² binds below 1,167 households.

    Parameters
    ----------
    profile : Profile
    households : array-like, shape (n,) or a number
    population : array-like of the same shape, or None
        Persons; NaN where unknown.
    commercial_floor_m2 : array-like of the same shape, or None
        For a profile whose user stated ``room.commercial_uplift``; unknown counts as none.

    Returns
    -------
    float64 array, shape (n,) or ()
        NaN where the profile has no rule of size, or one that needs people who are not known.
    """
    hh = np.asarray(households, dtype=np.float64)
    rules = (profile.get(rule_id) for rule_id in ROOM_SIZE_RULES)
    found = (rule_room_need_m2(rule, hh, population) for rule in rules if rule is not None)
    needs = [need for need in found if need is not None]
    if not needs:
        return np.full(hh.shape, np.nan)
    # NaN goes through: where one rule cannot be worked out, the most is not known
    need = np.max(np.stack(needs), axis=0)
    return np.asarray(need * _uplift(profile, commercial_floor_m2, hh.shape), dtype=np.float64)


def rule_room_need_m2(
    rule: Rule, households: ArrayLike, population: ArrayLike | None = None
) -> Floats | None:
    """Floor area by one rule alone; None where the rule sets no least size."""
    hh = np.asarray(households, dtype=np.float64)
    value = rule.value
    if value is None or rule.rule_id == "room.commercial_uplift":
        return None
    if rule.rule_id == "room.per_100_people":
        people = np.nan if population is None else np.asarray(population, dtype=np.float64)
        return np.broadcast_to(float(value) * people / 100.0, hh.shape).astype(np.float64)
    if "min" not in value:
        return None
    if rule.rule_id == "room.per_100_households":
        return float(value["min"]) * hh / 100.0
    least = np.full(hh.shape, float(value["min"]))
    for start, least_m2 in room_steps(rule):
        least = np.where(hh >= start, np.maximum(least, least_m2), least)
    return least


def room_steps(rule: Rule) -> tuple[tuple[float, float], ...]:
    """Return the steps of ``room.minimum``: from so many households, at least so many m²."""
    steps = rule.value.get("steps", ()) if isinstance(rule.value, Mapping) else ()
    return tuple((float(step["households"]), float(step["m2"])) for step in steps)


def _uplift(
    profile: Profile, commercial_floor_m2: ArrayLike | None, shape: tuple[int, ...]
) -> Floats:
    value = _value(profile, "room.commercial_uplift")
    if value is None or commercial_floor_m2 is None:
        return np.ones(shape)
    floor = np.asarray(commercial_floor_m2, dtype=np.float64)
    return np.where(floor >= value["from_m2"], 1.0 + value["percent"] / 100.0, 1.0)


def room_ways(profile: Profile) -> tuple[str, ...]:
    """Return the ways of getting rooms that the profile names; () where it names none."""
    return tuple(_value(profile, "room.ways") or ())


def circle_rule(profile: Profile) -> Rule:
    """Return the rule that names the amenities of the living circle.

    The profile's own ``circle.urban`` or ``circle.basic``; a profile without a list (zhejiang-2017)
    borrows the seven kinds of zhoushan-2017, and the clause says so.
    """
    for rule_id in ("circle.urban", "circle.basic"):
        rule = profile.get(rule_id)
        if rule is not None and rule.value is not None:
            return rule
    return load_profile("zhoushan-2017").rules["circle.urban"]


def circle_kinds(profile: Profile) -> tuple[str, ...]:
    """Return the kinds of amenities of the living circle, in the document's order."""
    value = circle_rule(profile).value
    return tuple(value["kinds"] if isinstance(value, dict) else value)


def circle_clause(profile: Profile) -> str:
    """Return the clause that names those kinds."""
    return str(circle_rule(profile).clause)


def counted_households(
    households: ArrayLike, population: ArrayLike | None = None, floating: ArrayLike | None = None
) -> Floats:
    """Households with the floating population counted in (anhui-city-2011 四(二)).

    Floating persons become households at the community's own mean size (house choice: the document
    does not say how); where the people are not known, or nobody is registered, at that of all
    communities together. Unknown floating population counts as none.

    Parameters
    ----------
    households, population, floating : array-like, shape (n,) or numbers
        ``floating`` comes on top of ``population``.

    Returns
    -------
    float64 array
    """
    hh = np.asarray(households, dtype=np.float64)
    if floating is None or population is None:
        return hh
    people = np.broadcast_to(np.asarray(population, dtype=np.float64), hh.shape)
    extra = np.nan_to_num(np.broadcast_to(np.asarray(floating, dtype=np.float64), hh.shape))
    known = (people > 0) & (hh > 0)
    if not known.any():
        return hh
    everyone = people[known].sum() / hh[known].sum()
    size = np.full(hh.shape, everyone)
    np.divide(people, hh, out=size, where=known)
    return np.asarray(hh + extra / size, dtype=np.float64)


def staff_range(
    profile: Profile,
    households: ArrayLike,
    population: ArrayLike | None = None,
    floating: ArrayLike | None = None,
) -> tuple[Floats, Floats]:
    """Least and most workers of a community.

    Sanming's bands meet at 1,000 households, where both fit: 7. Over 3,000 households the band of
    7 to 9 stands, and 1 or 2 more may be approved where there is much floating population: the
    most is 11, or 9 where it is known that there is none. Anhui's one per 600 households is rounded
    up (house choice) and sets no most.

    Returns
    -------
    (least, most) : float64 arrays
        NaN where the profile does not say.
    """
    hh = np.asarray(households, dtype=np.float64)
    least, most = np.full(hh.shape, np.nan), np.full(hh.shape, np.nan)
    for rule_id in STAFF_RULES:
        rule = profile.get(rule_id)
        if rule is not None:
            low, high = rule_staff_range(rule, hh, population, floating)
            least, most = np.fmax(least, low), np.fmin(most, high)
    most = most + staff_extra(profile, hh, floating)
    return least, np.where(np.isnan(most), np.nan, np.fmax(least, most))


def rule_staff_range(
    rule: Rule,
    households: Floats,
    population: ArrayLike | None = None,
    floating: ArrayLike | None = None,
) -> tuple[Floats, Floats]:
    """Least and most workers by one rule of `STAFF_RULES` alone, without those by approval.

    Returns
    -------
    (least, most) : float64 arrays, shape of ``households``
        NaN for a community of which the rule does not speak.
    """
    nothing = np.full(households.shape, np.nan)
    value = rule.value
    if value is None:
        return nothing, nothing
    if rule.rule_id == "staff.floor":
        return np.full(households.shape, float(value.get("min", np.nan))), nothing
    if rule.rule_id == "staff.per_households":
        counted = counted_households(households, population, floating)
        # 1e-9: 1,200 households counted from floats are not a third worker
        return np.ceil(np.maximum(counted / float(value) - 1e-9, 0.0)), nothing
    ends = value.get("households", {})
    # the upper band goes on above its end: more households never mean fewer workers
    top = ends.get("max", np.inf) if rule.rule_id == "staff.band1" else np.inf
    fits = (households >= ends.get("min", 0)) & (households <= top)
    least = np.where(fits, float(value["workers"]["min"]), np.nan)
    return least, np.where(fits, float(value["workers"]["max"]), np.nan)


def staff_extra(
    profile: Profile, households: ArrayLike, floating: ArrayLike | None = None
) -> Floats:
    """Workers that the county may approve on top of the band (sanming-2020 一): at most so many.

    Returns
    -------
    float64 array
        0 where none may be approved: too few households, or known to have no floating population
        (how much of it is "much" the document does not say).
    """
    hh = np.asarray(households, dtype=np.float64)
    value, base = _value(profile, "staff.band3"), _value(profile, "staff.band2")
    if value is None:
        return np.zeros(hh.shape)
    may = hh > value["households"]["above"]
    if floating is not None:
        may = may & (np.broadcast_to(np.asarray(floating, dtype=np.float64), hh.shape) != 0)
    room = value["never_over"] - base["workers"]["max"] if base is not None else np.inf
    return np.where(may, float(max(min(value["extra"]["max"], room), 0)), 0.0)


def _value(profile: Profile, rule_id: str) -> Any:
    rule = profile.get(rule_id)
    return None if rule is None else rule.value
