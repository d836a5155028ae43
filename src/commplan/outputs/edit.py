"""What the page needs for live editing: the rules of a plan in numbers, and who touches whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from commplan.evaluate.score import ScoreOptions
from commplan.graph.adjacency import UnitGraph
from commplan.outputs.geometry import Packer, simplify_areas
from commplan.plan.places import blocks_of, flags, ids_to_codes
from commplan.plan.plan import Plan
from commplan.policy.describe import clause_words
from commplan.policy.norms import ROOM_SIZE_RULES, room_steps
from commplan.policy.profile import Profile
from commplan.pose.attributes import AREA, M2_PER_KM2, amounts_of, whole_limits
from commplan.pose.communities import RedrawOptions, household_limits, subdistrict_parts
from commplan.problem.communities import shown_amount
from commplan.texts import Texts, load_texts

UPLIFT = "room.commercial_uplift"


@dataclass(frozen=True)
class EditRules:
    """By what an edited plan is judged in the page: the same as `evaluate.score` takes.

    Parameters
    ----------
    graph : UnitGraph
        Of the plan's territory.
    options : ScoreOptions
    """

    graph: UnitGraph
    options: ScoreOptions


def edit_record(
    plan: Plan, rules: EditRules, profile: Profile, packer: Packer, rings: Sequence[Any]
) -> dict[str, Any]:
    """Return the data of live editing.

    Parameters
    ----------
    plan : Plan
    rules : EditRules
    profile : Profile
    packer : Packer
    rings : sequence
        The packed rings of the units as the page shows them; a block with the same rings is 0.

    Returns
    -------
    dict
        Bounds and limits, a row of numbers per rule, ``edges`` (degree of each unit, steps of the
        heads, borders in 0.1 m, positions of the closed), ``blocks`` (rings of the closed
        coverage, along which communities are outlined).
    """
    units = _units(plan)
    options = rules.options
    bounds = household_limits(profile, _redraw_options(options))
    part, parts = _codes(units, "subdistrict_id") if options.within_subdistrict else ([], [])
    group, groups = _codes(units, "keep_with")
    area_m2 = shapely.area(np.asarray(blocks_of(plan.territory).array))
    return {
        "bounds": [bounds.min_households, bounds.max_households],
        "within": options.within_subdistrict,
        "grandfather": options.grandfather,
        "part": part,
        "parts": parts,
        "group": group,
        "groups": groups,
        "locked": np.flatnonzero(flags(units, "locked")).tolist(),
        "excepted": np.flatnonzero(units["unit_id"].isin(list(plan.exceptions))).tolist(),
        "pop": _whole(units, "population"),
        "area": np.round(area_m2).astype(int).tolist(),
        "commerce": _whole(units, "commercial_floor_m2"),
        "attributes": [_attribute(units, area_m2, *item) for item in options.bounds.items()],
        "communities": options.communities,
        "max_moved": options.max_moved_households,
        "edges": edge_record(plan, rules),
        "blocks": _blocks(plan, packer, rings),
        **need_rules(profile),
    }


def edit_texts(plan: Plan, rules: EditRules, profile: Profile, language: str) -> dict[str, Any]:
    """Return what the rules are called in a language: each with its words and its clause."""
    texts, options = load_texts(language), rules.options
    return {
        "rules": _rule_words(plan, options, profile, texts),
        "attributes": {
            name: texts(f"finding.attribute_{name}")
            for name in options.bounds
            if texts.has(f"finding.attribute_{name}")
        },
    }


def _rule_words(
    plan: Plan, options: ScoreOptions, profile: Profile, texts: Texts
) -> list[dict[str, str]]:
    """Name the rules that hold here, in the order of the page."""
    bounds = household_limits(profile, _redraw_options(options))
    units = _units(plan)
    own = options.min_households is not None or options.max_households is not None
    clause = None if own else profile.clause("size.households")
    scenario, yardstick = texts("edit.by_scenario"), texts("edit.by_yardstick")
    size = texts("edit.rule_size", min=bounds.min_households, max=bounds.max_households)
    found = [
        ("size", size, clause_words(clause, texts) if clause else scenario),
        ("pieces", texts("edit.rule_pieces"), yardstick),
    ]
    if options.within_subdistrict and _codes(units, "subdistrict_id")[1]:
        found.append(("part", texts("edit.rule_part"), scenario))
    if _codes(units, "keep_with")[1]:
        found.append(("group", texts("edit.rule_group"), texts("edit.by_data")))
    if flags(units, "locked").any():
        found.append(("lock", texts("edit.rule_lock"), texts("edit.by_data")))
    if options.bounds:
        found.append(("attributes", texts("edit.rule_attributes"), scenario))
    if options.communities:
        low, high = options.communities
        found.append(("number", texts("edit.rule_number", min=low, max=high), scenario))
    if options.max_moved_households is not None:
        most = options.max_moved_households
        found.append(("moved", texts("edit.rule_moved", max=most), scenario))
    return [{"rule": rule, "words": words, "clause": clause} for rule, words, clause in found]


def need_rules(profile: Profile) -> dict[str, Any]:
    """Return how large rooms have to be, rule by rule, as `policy.norms.room_need_m2` reckons it.

    Returns
    -------
    dict
        ``need``: m² per household or per person, or a least size; ``uplift``: factor from so many
        m² of commerce, None without one.
    """
    need: list[dict[str, Any]] = []
    for rule_id in ROOM_SIZE_RULES:
        rule = profile.get(rule_id)
        if rule is None or rule.value is None or rule_id == UPLIFT:
            continue
        if rule_id == "room.per_100_people":
            need.append({"of": "people", "per": float(rule.value) / 100.0})
        elif "min" in rule.value and rule_id == "room.per_100_households":
            need.append({"of": "households", "per": float(rule.value["min"]) / 100.0})
        elif "min" in rule.value:
            need.append({"of": "community", "m2": float(rule.value["min"])})
            steps = room_steps(rule)
            need += [{"of": "step", "from": start, "m2": least} for start, least in steps]
    more = profile.get(UPLIFT)
    uplift = None
    if more is not None and more.value is not None:
        factor = 1.0 + more.value["percent"] / 100.0
        uplift = {"from": float(more.value["from_m2"]), "factor": factor}
    return {"need": need, "uplift": uplift}


def edge_record(plan: Plan, rules: EditRules) -> dict[str, Any]:
    """Return who touches whom, compactly; a border that no plan can move counts 0."""
    graph = rules.graph
    part = subdistrict_parts(plan.territory, graph, rules.options.within_subdistrict)
    movable = part[graph.tail] == part[graph.head]
    first = np.r_[True, graph.tail[1:] != graph.tail[:-1]] if graph.m else np.zeros(0, dtype=bool)
    before = np.where(first, graph.tail, np.r_[0, graph.head[:-1]] if graph.m else graph.head)
    return {
        "degree": np.bincount(graph.tail, minlength=graph.n).tolist(),
        "step": (graph.head - before).tolist(),
        "dm": np.where(movable, np.round(graph.border_m * 10), 0).astype(int).tolist(),
        "closed": np.flatnonzero(~graph.is_open).tolist(),
    }


def _redraw_options(options: ScoreOptions) -> RedrawOptions:
    return RedrawOptions(options.min_households, options.max_households, options.target_households)


def _units(plan: Plan) -> gpd.GeoDataFrame:
    if plan.territory.units is None:
        raise ValueError("a plan of a territory without units")
    return plan.territory.units


def _codes(units: gpd.GeoDataFrame, column: str) -> tuple[list[int], list[str]]:
    if column not in units.columns:
        return [], []
    codes, names = ids_to_codes(units[column])
    return (codes.tolist(), names) if names else ([], [])


def _whole(units: gpd.GeoDataFrame, column: str) -> list[int | None] | None:
    """Return a column of counts, None for what a unit does not give; None without the column."""
    if column not in units.columns:
        return None
    values = pd.to_numeric(units[column]).to_numpy(dtype=np.float64, na_value=np.nan)
    return [None if np.isnan(value) else int(value) for value in values.tolist()]


def _attribute(
    units: gpd.GeoDataFrame, area_m2: NDArray[np.float64], name: str, limits: tuple[float, float]
) -> dict[str, Any]:
    low, high = whole_limits(name, limits)
    amounts = amounts_of(units, area_m2, name).tolist()
    return {
        "name": name,
        "amount": [None if amount < 0 else amount for amount in amounts],
        "low": low,
        "high": high,
        "scale": M2_PER_KM2 if name == AREA else shown_amount(name, 1),
    }


def _blocks(plan: Plan, packer: Packer, rings: Sequence[Any]) -> list[Any]:
    blocks = packer.areas(simplify_areas(np.asarray(blocks_of(plan.territory).array)))
    return [0 if block == shown else block for block, shown in zip(blocks, rings, strict=True)]
