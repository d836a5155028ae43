"""What sites are to a siting: which may be used, at what price, how large they are and can grow."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.errors import Fault
from commplan.plan.siting import SitingOptions
from commplan.policy.norms import ROOM_SIZE_RULES, room_steps, rule_room_need_m2
from commplan.policy.profile import Profile
from commplan.pose.sites import column, named, prices, standing, suited
from commplan.problem.floors import Floors, SizeRule
from commplan.territory.territory import Territory
from commplan.texts import input_error

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
UPLIFT = "room.commercial_uplift"


@dataclass(frozen=True)
class SiteFacts:
    """m sites in numbers.

    Parameters
    ----------
    standing, opened, closed : bool array, shape (m,)
        Rooms that exist; sites that the user has decided to open, and to close.
    usable : bool array, shape (m,)
        Units may go there.
    unsuited : bool array, shape (m,), or None
        Not on the ground floor beside the main entrance, or not known to be; where that is preferred.
    cost_yuan : float64 array, shape (m,)
        An unknown price is the highest known one; a room that stands costs nothing.
    priced : bool array, shape (m,)
        Whether the price of opening, or of extending a room that stands, is known.
    floors : Floors or None
    ready_year : float64 array, shape (m,)
        Calendar year from which a site can be used; nan where not known.
    left_out : dict of str to tuple of str
        Why sites cannot be used, and their ids.
    """

    standing: Flags
    opened: Flags
    closed: Flags
    usable: Flags
    unsuited: Flags | None
    cost_yuan: Values
    priced: Flags
    floors: Floors | None
    ready_year: Values
    left_out: dict[str, tuple[str, ...]]


def site_facts(
    sites: pd.DataFrame, options: SitingOptions, rules: tuple[SizeRule, ...]
) -> SiteFacts:
    """Put sites in numbers.

    Parameters
    ----------
    sites : DataFrame
        Those that somebody reaches.
    options : SitingOptions
    rules : tuple of SizeRule
        Of the profile; empty where area does not count.
    """
    ids = sites["site_id"].astype(str)
    stands, fits = standing(sites), suited(sites)
    opened, closed = named(sites, options.opened), named(sites, options.closed)
    cost, priced = prices(sites)
    floors, grow_priced = _floors(sites, stands, rules) if options.sized else (None, stands)
    reasons = {"unsuited": ~fits & ~opened & (options.ground_floor == "rule")}
    if floors is not None:
        reasons["no_floor"] = np.isnan(floors.floor_m2)
        reasons["too_small"] = floors.floor_m2 + floors.extend_m2 < floors.least_m2
    left_out = np.any([closed, *reasons.values()], axis=0)
    of_reason = {why: tuple(ids[which & ~closed]) for why, which in reasons.items()}
    return SiteFacts(
        standing=stands,
        opened=opened,
        closed=closed,
        usable=~left_out,
        unsuited=~fits if options.ground_floor == "prefer" else None,
        cost_yuan=cost,
        priced=np.where(stands, grow_priced, priced),
        floors=floors,
        ready_year=column(sites, "ready_year"),
        left_out={why: one for why, one in of_reason.items() if one},
    )


def check_decided(
    section: str, territory: Territory, opened: tuple[str, ...], closed: tuple[str, ...]
) -> None:
    """Refuse decisions about sites that are not there, or that contradict each other.

    Parameters
    ----------
    section : str
        Of the scenario, for the faults.
    territory : Territory
    opened, closed : tuple of str

    Raises
    ------
    InputError
    """
    sites = territory.sites
    known = set() if sites is None else set(sites["site_id"].astype(str))
    faults = [
        Fault("siting.unknown_site", {"name": name}, field_name=f"{section}.{key}")
        for key, named in (("open", opened), ("close", closed))
        for name in named
        if name not in known
    ]
    both = sorted(set(opened) & set(closed))
    faults += [
        Fault("siting.open_and_close", {"name": name}, field_name=f"{section}.close")
        for name in both
    ]
    if faults:
        raise input_error(faults)


def check_elderly(section: str, units: pd.DataFrame) -> None:
    """Refuse an aim for the elderly where nobody knows how many there are.

    Raises
    ------
    InputError
    """
    if "elderly" not in units or not units["elderly"].notna().any():
        raise input_error([Fault("siting.no_elderly", field_name=f"{section}.aim")])


def size_rules(
    profile: Profile, households: Values, people: Values, commerce_m2: Values | None
) -> tuple[SizeRule, ...]:
    """Return what a profile asks of the size of a room, by the units that go there.

    Parameters
    ----------
    profile : Profile
    households, people : float64 array, shape (n,)
        Of the units; people nan where not known.
    commerce_m2 : float64 array, shape (n,), or None
        For a profile whose user stated ``room.commercial_uplift``.

    Raises
    ------
    InputError
        Where the profile has no rule of size, or one that needs people who are not known.
    """
    rules: list[SizeRule] = []
    for rule in filter(None, map(profile.get, ROOM_SIZE_RULES)):
        steps = room_steps(rule)
        plain = replace(rule, value={"min": rule.value["min"]}) if steps else rule
        least, asks = (rule_room_need_m2(plain, *of) for of in ((0.0, 0.0), (households, people)))
        if least is None or asks is None:
            continue
        rules.append(SizeRule(float(least), asks - least))
        nothing = np.zeros(len(households))
        rules += [SizeRule(m2, nothing, ((households, start),)) for start, m2 in steps]
    if not rules:
        params = {"profile": profile.name}
        raise input_error([Fault("siting.no_size_rule", params, field_name="siting.size")])
    unknown = sum(int(np.isnan(rule.unit_m2).sum()) for rule in rules)
    if unknown:
        raise input_error([Fault("siting.no_people_known", {"units": unknown},
                                 field_name="layers.units.columns.population")])  # fmt: skip
    more = profile.get(UPLIFT)
    if more is None or more.value is None or commerce_m2 is None:
        return tuple(rules)
    factor, start = 1.0 + more.value["percent"] / 100.0, float(more.value["from_m2"])
    uplifted = [
        SizeRule(r.least_m2 * factor, r.unit_m2 * factor, (*r.counts, (commerce_m2, start)))
        for r in rules
    ]
    return (*rules, *uplifted)


def _floors(
    sites: pd.DataFrame, stands: Flags, rules: tuple[SizeRule, ...]
) -> tuple[Floors, Flags]:
    """Floor areas, what rooms that stand can be extended by, and whether that price is known."""
    extend = np.where(stands, np.nan_to_num(column(sites, "extend_m2")), 0.0)
    price = column(sites, "yuan_per_m2")
    known = np.isfinite(price)
    price = np.where(known, price, price[known].max(initial=0.0))
    fixed = np.nan_to_num(column(sites, "extend_yuan"))
    return Floors(column(sites, "floor_m2"), extend, fixed, price, rules), known
