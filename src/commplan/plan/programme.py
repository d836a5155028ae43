"""What goes into rooms: offices as small, service and activity area as large as can be."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.policy.norms import ROOM_SIZE_RULES, rule_room_need_m2
from commplan.policy.profile import Profile

Floats = NDArray[np.float64]

SIZE_COLUMNS = ("community_id", "rule", "need_m2", "clause", "decides")
PROGRAMME_COLUMNS = ("community_id", "item", "kind", "area_m2", "clause")


@dataclass(frozen=True)
class ProgrammeOptions:
    """What the user states, for the documents give no number.

    Parameters
    ----------
    principal_cadres : int or None
        Of each community.
    functions_m2 : mapping of str to float
        Area of a function, by its name in the profile.
    """

    principal_cadres: int | None = None
    functions_m2: Mapping[str, float] = field(default_factory=dict)


def size_table(communities: pd.DataFrame, profile: Profile) -> pd.DataFrame:
    """Work out what each rule of size asks of each community, and which of them decides.

    Parameters
    ----------
    communities : DataFrame
        ``community_id``, ``households`` and, for rules by people, ``population``.
    profile : Profile

    Returns
    -------
    DataFrame
        Columns `SIZE_COLUMNS`: a row per community and rule. ``need_m2`` is NaN where the people are
        not known, and then no rule decides. Without the uplift for commerce, which is a factor.
    """
    households = communities["households"].to_numpy(dtype=np.float64)
    people = np.full(len(households), np.nan)
    if "population" in communities:
        people = pd.to_numeric(communities["population"]).to_numpy(np.float64, na_value=np.nan)
    needs: dict[str, Floats] = {}
    for rule_id in ROOM_SIZE_RULES:
        rule = profile.get(rule_id)
        need = None if rule is None else rule_room_need_m2(rule, households, people)
        if need is not None:
            needs[rule_id] = need
    if not needs:
        return pd.DataFrame(columns=list(SIZE_COLUMNS))
    stack = np.stack(list(needs.values()))
    known = ~np.isnan(stack).any(axis=0)
    decides = np.argmax(np.nan_to_num(stack), axis=0)
    parts = [
        pd.DataFrame(
            {
                "community_id": communities["community_id"].to_numpy(),
                "rule": rule_id,
                "need_m2": need,
                "clause": profile.clause(rule_id),
                "decides": known & (decides == place),
            }
        )
        for place, (rule_id, need) in enumerate(needs.items())
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values("community_id", kind="stable", ignore_index=True)


def room_programme(
    rooms: pd.DataFrame, profile: Profile, options: ProgrammeOptions | None = None
) -> pd.DataFrame:
    """Divide each community's floor area into offices, the functions stated, and what is left.

    Offices get what the clause allows the principal cadres at most, and nothing more, unless the
    user states their area; the functions what the user states; service and activity all the rest.
    No area is invented: a function without a figure has none here.

    Parameters
    ----------
    rooms : DataFrame
        ``community_id`` and ``floor_m2``; NaN where not known.
    profile : Profile
    options : ProgrammeOptions, optional

    Returns
    -------
    DataFrame
        Columns `PROGRAMME_COLUMNS`, a row per community and item: ``offices`` (kind ``office``,
        where the profile's functions do not name them; NaN without a number of cadres or a clause),
        each function of the profile (``basic`` or
        ``added``), then ``service_activity`` (kind ``rest``). A rest below 0 says by how much the
        rooms are too small for what is stated; it is NaN where the floor is not known. A user's own
        functions follow those of the profile, without a clause.
    """
    options = options or ProgrammeOptions()
    floor = pd.to_numeric(rooms["floor_m2"]).to_numpy(dtype=np.float64, na_value=np.nan)
    items = _functions(profile, options)
    if all(name != "offices" for name, *_ in items):
        clause = _clause(profile, "office_cadre")
        items.insert(0, ("offices", "office", _offices_m2(profile, options), clause))
    stated = sum(area for _, _, area, _ in items if not np.isnan(area))
    rest = ("service_activity", "rest", np.nan, _clause(profile, "programme"))
    rows = []
    for community, own in zip(rooms["community_id"], floor.tolist(), strict=True):
        rows += [(community, *item) for item in items]
        rows.append((community, *rest[:2], own - stated, rest[3]))
    return pd.DataFrame(rows, columns=list(PROGRAMME_COLUMNS))


def _clause(profile: Profile, name: str) -> str | None:
    return profile.clause(f"room.{name}")


def _offices_m2(profile: Profile, options: ProgrammeOptions) -> float:
    rule = profile.get("room.office_cadre")
    if rule is None or rule.value is None or options.principal_cadres is None:
        return float("nan")
    return float(rule.value["max"]) * options.principal_cadres


def _functions(
    profile: Profile, options: ProgrammeOptions
) -> list[tuple[str, str, float, str | None]]:
    rule = profile.get("room.functions")
    named: dict[str, list[str]] = {} if rule is None or rule.value is None else dict(rule.value)
    clause = _clause(profile, "functions")
    stated = options.functions_m2
    least = {"offices": _offices_m2(profile, options)}
    items: list[tuple[str, str, float, str | None]] = [
        (name, kind, float(stated.get(name, least.get(name, np.nan))), clause)
        for kind, names in named.items()
        for name in names
    ]
    known = {item[0] for item in items}
    own = sorted(set(stated) - known)
    return items + [(name, "own", float(stated[name]), None) for name in own]
