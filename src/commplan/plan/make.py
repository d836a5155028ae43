"""From labels, or from a list drawn by hand, to a plan with ids, names, places and moves."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.errors import Fault
from commplan.plan.naming import names_from_units, new_ids
from commplan.plan.places import blocks_of, community_table, flags, ids_to_codes, is_coverage
from commplan.plan.plan import Plan
from commplan.problem.successors import match_successors
from commplan.territory.territory import Territory
from commplan.texts import input_error

Codes = NDArray[np.int32]


@dataclass(frozen=True)
class PlanOptions:
    """What a plan carries besides its labels.

    Parameters
    ----------
    exceptions : mapping of str to str
        Unit id -> reason, for units that the scenario excepts from the size bounds.
    provenance : mapping
        "solved" or "by hand", scenario, seed, ...
    """

    exceptions: Mapping[str, str] = field(default_factory=dict)
    provenance: Mapping[str, object] = field(default_factory=dict)


def make_plan(
    territory: Territory, labels: NDArray[np.int32], options: PlanOptions | None = None
) -> Plan:
    """Make a plan of labels: a successor keeps the old id and name, new ones get ``N001``, ...

    New ids are given in the order of each community's first unit (units are sorted by id), so they
    depend on the partition alone, not on the numbers in ``labels``.

    Parameters
    ----------
    territory : Territory
        With units.
    labels : int array, shape (n units,)
        Any numbers >= 0; -1 leaves a unit in no community.
    options : PlanOptions, optional

    Returns
    -------
    Plan
        Without rooms.

    Raises
    ------
    ValueError
        Where ``labels`` do not fit the units.
    """
    units = _units(territory)
    if labels.shape != (len(units),):
        raise ValueError(f"{labels.shape} labels for {len(units)} units")
    new_of = _by_first_unit(labels)
    today_of, today_ids = ids_to_codes(units["community_id"])
    successor = _successors(units, today_of, new_of)
    fresh = new_ids({*today_ids, *_layer_ids(territory)})
    ids = [today_ids[old] if old >= 0 else next(fresh) for old in successor]
    return _plan(territory, new_of, ids, options or PlanOptions())


def plan_from_assignment(
    territory: Territory,
    assignment: Mapping[str, str | None] | Sequence[tuple[str, str | None]],
    options: PlanOptions | None = None,
) -> Plan:
    """Make the plan that a list of units and communities draws; its community ids are kept.

    Which community succeeds which of today's follows from the households, as for any plan, not
    from the ids. So the list that a solved plan wrote gives the same plan again.

    Parameters
    ----------
    territory : Territory
        With units.
    assignment : mapping or sequence of pairs
        Unit id and community id. An empty community id leaves the unit in none, which is no fault
        of the list but makes the plan invalid.
    options : PlanOptions, optional

    Returns
    -------
    Plan
        Without rooms.

    Raises
    ------
    InputError
        Where a unit is unknown, named twice or missing.
    """
    units = _units(territory)
    pairs = list(assignment.items() if isinstance(assignment, Mapping) else assignment)
    unit_ids = units["unit_id"].astype(str).tolist()
    faults = _list_faults(unit_ids, [str(unit) for unit, _ in pairs])
    if faults:
        raise input_error(faults)
    chosen = {str(unit): community for unit, community in pairs}
    codes, ids = ids_to_codes(pd.Series([chosen[unit] for unit in unit_ids], dtype=object))
    new_of = _by_first_unit(codes)
    first = {int(new): ids[code] for new, code in zip(new_of, codes, strict=True) if code >= 0}
    return _plan(territory, new_of, [first[i] for i in range(len(first))], options or PlanOptions())


def _plan(territory: Territory, new_of: Codes, ids: list[str], options: PlanOptions) -> Plan:
    """Put places to a partition whose communities are numbered by first unit."""
    units = _units(territory)
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)
    rank = np.full(len(ids) + 1, -1, dtype=np.int32)
    rank[order] = np.arange(len(ids), dtype=np.int32)
    community_of = rank[new_of]  # -1 picks the last entry, which is -1
    today_of, today_ids = ids_to_codes(units["community_id"])
    successor = _successors(units, today_of, community_of)
    sorted_ids = [ids[i] for i in order]
    today_names = _today_names(territory, today_ids)
    known = _known_names(sorted_ids, successor, today_ids, today_names)
    names = _names(territory, community_of, sorted_ids, known, set(today_names.values()))
    origin = ["kept" if old >= 0 else "new" for old in successor]
    blocks = blocks_of(territory)
    clean = is_coverage(blocks)
    communities = community_table(units, blocks, community_of, sorted_ids, clean)
    communities = _described(communities, names, origin)
    today = community_table(units, blocks, today_of, today_ids, clean)
    today = _described(today, [today_names[i] for i in today_ids], ["today"] * len(today_ids))
    return Plan(
        territory=territory,
        communities=communities,
        community_of=community_of,
        today=today,
        today_of=today_of,
        successor_of=successor,
        moves=_moves(units, communities, community_of, today, today_of, successor),
        exceptions=dict(options.exceptions),
        provenance=dict(options.provenance),
    )


def _units(territory: Territory) -> gpd.GeoDataFrame:
    if territory.units is None:
        raise input_error([Fault("plan.no_units")])
    return territory.units


def _by_first_unit(labels: NDArray[np.int32]) -> Codes:
    """Count communities 0, 1, ... in the order in which they first appear; -1 stays."""
    codes, _ = pd.factorize(np.where(labels >= 0, labels, -1))
    if np.any(labels < 0):
        none = codes[np.argmax(labels < 0)]
        codes = np.where(codes == none, -1, codes - (codes > none))
    return codes.astype(np.int32)


def _successors(units: gpd.GeoDataFrame, today_of: Codes, new_of: Codes) -> Codes:
    households = units["households"].to_numpy(dtype=np.int64)
    locked = flags(units, "locked")
    return match_successors(today_of.astype(np.int64), new_of.astype(np.int64), households, locked)


def _layer_ids(territory: Territory) -> list[str]:
    layer = territory.communities
    return [] if layer is None else layer["community_id"].astype(str).tolist()


def _today_names(territory: Territory, today_ids: list[str]) -> dict[str, str]:
    """Id -> name of today's communities, those of the layer without units included."""
    names = {identifier: identifier for identifier in today_ids}
    layer = territory.communities
    if layer is not None and "name" in layer.columns:
        given = layer["name"].fillna("").astype(str).str.strip()
        pairs = zip(layer["community_id"].astype(str), given, strict=True)
        names |= {identifier: name or identifier for identifier, name in pairs}
    return names


def _known_names(
    ids: list[str], successor: Codes, today_ids: list[str], today_names: dict[str, str]
) -> list[str]:
    """Today's name of each community; empty for a new one.

    A list drawn by hand may call the successor of A by an id of its own: it keeps A's name, unless
    the list uses A's id for another community.
    """
    used = set(ids)
    names = []
    for identifier, old in zip(ids, successor, strict=True):
        name = today_names.get(identifier, "")
        if not name and old >= 0 and today_ids[old] not in used:
            name = today_names[today_ids[old]]
        names.append(name)
    return names


def _names(
    territory: Territory, community_of: Codes, ids: list[str], known: list[str], taken: set[str]
) -> list[str]:
    """Today's name, else a name by rule, else the id."""
    wanted = [i for i, name in enumerate(known) if not name]
    proposed = names_from_units(_units(territory), community_of, wanted, taken)
    return [name or proposed.get(i, ids[i]) for i, name in enumerate(known)]


def _described(table: gpd.GeoDataFrame, names: list[str], origin: list[str]) -> gpd.GeoDataFrame:
    table.insert(1, "name", pd.Series(names, dtype=object))
    table.insert(3, "origin", pd.Series(origin, dtype=object))
    return table


def _moves(
    units: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    community_of: Codes,
    today: gpd.GeoDataFrame,
    today_of: Codes,
    successor: Codes,
) -> pd.DataFrame:
    """List the units that are not in the successor of their old community."""
    succeeded = np.append(successor, -1)[community_of]
    moved = np.flatnonzero((today_of >= 0) & (succeeded != today_of))
    old, new = today_of[moved], community_of[moved]
    table = pd.DataFrame({"unit_id": units["unit_id"].to_numpy(dtype=object)[moved]})
    table["name"] = units["name"].to_numpy(dtype=object)[moved] if "name" in units else None
    table["households"] = units["households"].to_numpy(dtype=np.int64)[moved]
    for side, source, rows in (("from", today, old), ("to", communities, new)):
        for column, field_name in (("id", "community_id"), ("name", "name")):
            values = [*source[field_name], None]  # -1 picks the last: in no community
            table[f"{side}_{column}"] = pd.Series([values[i] for i in rows], dtype=object)
    return table


def _list_faults(known: list[str], named: list[str]) -> list[Fault]:
    """Unknown, repeated and missing units of a list, in its order."""
    expected, counts = set(known), Counter(named)
    faults = [
        Fault("plan.unknown_unit", {"unit_id": unit}, field_name="unit_id", row=row)
        for row, unit in enumerate(named, start=1)
        if unit not in expected
    ]
    faults += [
        Fault("plan.repeated_unit", {"unit_id": unit, "times": times}, field_name="unit_id")
        for unit, times in counts.items()
        if times > 1
    ]
    faults += [
        Fault("plan.missing_unit", {"unit_id": unit}) for unit in known if unit not in counts
    ]
    return faults
