"""From proposals to communities: what each place joins or makes, with names and sizes."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from commplan.graph.adjacency import UnitGraph
from commplan.plan.coverage_ground import with_open_units, with_places
from commplan.plan.make import plan_from_assignment
from commplan.plan.naming import HAN, is_taken, new_ids
from commplan.plan.plan import Plan
from commplan.problem.coverage import CoverageProblem, CoverageResult
from commplan.territory.territory import Territory

#: Endings of the names of residential areas and villages, which a community's name drops.
ENDINGS = ("居民委员会", "村民委员会", "居民区", "居委会", "村委会", "新村", "村")
PHASE = re.compile(r"(第?[一二三四五六七八九十\d]+期)$")


@dataclass(frozen=True)
class CoveragePlan:
    """What becomes of places that are in no community.

    Parameters
    ----------
    plan : Plan
        On a territory whose units hold the places of other layers too: ``today`` is today,
        ``communities`` what is proposed. Its ``community_of`` is -1 for places that stay outside.
    places : DataFrame
        By position in the problem: ``place_id``, ``layer``, ``name``, ``kind``, ``households``,
        ``people``, ``guessed``, ``completes``, ``what`` (``joins``, ``makes``, ``becomes``: a
        residential area or village that is a community by itself from now on, ``stays``),
        ``proposal`` (``P01``, ...: places that do the same together), ``community_id``,
        ``community_name``, ``households_after``, ``nearest_name``, ``nearest_m``.
    communities : DataFrame
        Communities that change or are new: ``community_id``, ``name``, ``what`` (``grows``,
        ``new``, ``converted``), ``households_today``, ``households_added``, ``households``,
        ``in_bounds``.
    rows : tuple of tuple of int
        Per place its rows in the units of ``plan.territory``.
    result : CoverageResult
    """

    plan: Plan
    places: pd.DataFrame
    communities: pd.DataFrame
    rows: tuple[tuple[int, ...], ...]
    result: CoverageResult


def make_coverage_plan(
    ground: tuple[Territory, UnitGraph],
    places: Sequence[Any],
    communities: Sequence[str],
    problem: CoverageProblem,
    result: CoverageResult,
) -> CoveragePlan:
    """Name what was found.

    A new community that holds a residential area or village keeps the id of the largest of them and
    its name, with what it is called replaced (``居民区`` and ``村`` by ``社区``). Others get ``N001``,
    ... and the name of their largest place, as new communities of a redrawing do.

    Units in which nobody lives (parks, schools) go with the neighbour with which they share most
    border, so that the map has no holes.

    Parameters
    ----------
    ground : (Territory, UnitGraph)
    places : sequence of Place
        By position in the problem.
    communities : sequence of str
        Ids, by position in the problem.
    problem : CoverageProblem
    result : CoverageResult

    Returns
    -------
    CoveragePlan
    """
    territory, graph = ground
    whole, rows = with_places(territory, places)
    target, converted = _targets(territory, places, communities, result)
    units = whole.units
    if units is None:
        raise ValueError("a territory without units")
    chosen = (
        units["community_id"].astype(object).where(units["community_id"].notna(), None).tolist()
    )
    for place, held in enumerate(rows):
        for row in held:
            chosen[row] = target.get(place, chosen[row])
    chosen = with_open_units(units, graph, chosen)
    ids = units["unit_id"].astype(str).tolist()
    plan = plan_from_assignment(whole, list(zip(ids, chosen, strict=True)))
    plan = _renamed(plan, converted)
    table = _place_table(plan, places, (problem, result), target)
    return CoveragePlan(
        plan, table, _community_table(plan, table, problem, converted), rows, result
    )


def _targets(
    territory: Territory,
    places: Sequence[Any],
    communities: Sequence[str],
    result: CoverageResult,
) -> tuple[dict[int, str], dict[str, str]]:
    """Community id of each place that gets one; and id -> old name of those converted."""
    layer = territory.communities
    taken = set(communities) | {place.place_id for place in places}
    if layer is not None:
        taken |= set(layer["community_id"].astype(str))
    fresh = new_ids(taken)
    target: dict[int, str] = {}
    converted: dict[str, str] = {}
    for held, community in result.sets():
        turned = [place for place in held if places[place].layer == "communities"]
        if community is not None:
            name = communities[community]
        elif turned:
            largest = max(turned, key=lambda place: (places[place].households, -place))
            name = str(places[largest].place_id)
            converted[name] = str(places[largest].name)
        else:
            name = next(fresh)
        target |= dict.fromkeys(held, name)
    return target, converted


def community_name(old: str) -> str:
    """Call a residential area or village a community; the phase of an estate is left out.

    Examples
    --------
    >>> community_name("江南居民区"), community_name("上塘村"), community_name("Riverside")
    ('江南社区', '上塘社区', 'Riverside')
    >>> community_name("岭头新城一期")
    '岭头新城'
    """
    old = PHASE.sub("", old) or old
    for ending in ENDINGS:
        if old.endswith(ending) and len(old) > len(ending):
            return old.removesuffix(ending) + "社区"
    return old


def _renamed(plan: Plan, converted: Mapping[str, str]) -> Plan:
    """Give converted communities their new names, and new ones names of communities.

    A converted one may be called like another of a different subdistrict, as the two places were;
    a new one is called like nobody. Where neither the new name nor that of today is free, the id is
    added.
    """
    table = plan.communities.copy()
    ids, names = table["community_id"].tolist(), table["name"].tolist()
    places = [None if pd.isna(place) else str(place) for place in table["subdistrict_id"]]
    is_new = (table["origin"] == "new").tolist()
    changed = [row for row, name in enumerate(ids) if name in converted or is_new[row]]
    held: dict[str, set[str | None]] = defaultdict(set)
    for row in set(range(len(ids))).difference(changed):
        held[names[row]].add(places[row])
    for row in changed:
        turned, old = ids[row] in converted, names[row]
        new = community_name(converted[ids[row]]) if turned else _new_name(old)
        last = f"{old} ({ids[row]})"
        scope = places[row] if turned else None
        free = (name for name in (new, old) if not is_taken(name, scope, held))
        names[row] = next(free, last)
        held[names[row]].add(places[row])
    table["name"] = names
    return replace(plan, communities=table)


def _new_name(proposed: str) -> str:
    """Call a new community after its largest place, without the phase of an estate."""
    name = community_name(proposed.removesuffix("社区"))
    return name if name.endswith("社区") or not HAN.search(name) else f"{name}社区"


def _place_table(
    plan: Plan,
    places: Sequence[Any],
    asked: tuple[CoverageProblem, CoverageResult],
    target: Mapping[int, str],
) -> pd.DataFrame:
    _, result = asked
    sizes = dict(zip(plan.communities["community_id"], plan.communities["households"], strict=True))
    names = dict(zip(plan.communities["community_id"], plan.communities["name"], strict=True))
    rows = []
    for number, place in enumerate(places):
        name = target.get(number)
        own = name == place.place_id and place.layer == "communities"
        joined = result.joins[number] >= 0
        what = "stays" if name is None else "joins" if joined else "becomes" if own else "makes"
        rows.append(
            {
                "place_id": place.place_id,
                "layer": place.layer,
                "name": place.name,
                "kind": place.kind,
                "households": place.households,
                "people": place.people,
                "guessed": place.guessed,
                "completes": place.completes,
                "what": what,
                "proposal": "" if name is None else f"P{int(result.set_of[number]) + 1:02d}",
                "community_id": name,
                "community_name": names.get(name),
                "households_after": sizes.get(name),
            }
        )
    table = pd.DataFrame(rows, columns=PLACE_COLUMNS)
    table["households_after"] = table["households_after"].astype("Int64")
    return table


PLACE_COLUMNS = [
    "place_id", "layer", "name", "kind", "households", "people", "guessed", "completes", "what",
    "proposal", "community_id", "community_name", "households_after",
]  # fmt: skip


def _community_table(
    plan: Plan, places: pd.DataFrame, problem: CoverageProblem, converted: Mapping[str, str]
) -> pd.DataFrame:
    """Communities that places join or make, before and after."""
    moved = places[places["what"] != "stays"]
    table = plan.communities.set_index("community_id").loc[sorted(set(moved["community_id"]))]
    # what becomes a community by itself is its beginning, not something added
    added = moved[moved["what"] != "becomes"].groupby("community_id")["households"].sum()
    added = added.reindex(table.index, fill_value=0)
    today = table["households"] - added
    what = [
        "converted" if name in converted else "grows" if households else "new"
        for name, households in zip(table.index, today, strict=True)
    ]
    low, high = problem.min_households, problem.max_households
    return pd.DataFrame(
        {
            "community_id": list(table.index),
            "name": table["name"].to_numpy(dtype=object),
            "what": what,
            "households_today": today.to_numpy(dtype=np.int64),
            "households_added": added.to_numpy(dtype=np.int64),
            "households": table["households"].to_numpy(dtype=np.int64),
            "in_bounds": table["households"].between(low, high).to_numpy(dtype=bool),
        }
    )
