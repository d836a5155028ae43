"""A plan edited by hand as a start: what was changed is held, the rest is drawn anew."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from commplan.errors import Fault
from commplan.findings import Finding, Severity
from commplan.scenario.asked import Asked
from commplan.scenario.file import faults_of
from commplan.scenario.schema import Redraw, Scenario
from commplan.texts import input_error

if TYPE_CHECKING:
    from commplan.plan.plan import Plan
    from commplan.scenario.pipeline import Situation
    from commplan.territory.territory import Territory

Groups = tuple[tuple[str, ...], ...]


def with_edit(scenario: Scenario, *, edit: bool) -> Scenario:
    """Return the scenario with a page that can be edited, where that is asked for."""
    if not edit:
        return scenario
    outputs = scenario.outputs.model_copy(update={"edit": True})
    return scenario.model_copy(update={"outputs": outputs})


def start_from(situation: "Situation", asked: Asked) -> "Situation":
    """Hold what an edited list changes against a run, for the rest to be drawn anew.

    Parameters
    ----------
    situation : Situation
    asked : Asked
        Without a start the situation stays as it is.

    Returns
    -------
    Situation
        Its scenario carries what is held (``redraw.together``, ``redraw.locked``), so that the run
        can be verified from its own folder; the search starts from the edited plan, among others.

    Raises
    ------
    InputError
        Where a list cannot be read or does not name every unit once.
    """
    from commplan.plan.make import plan_from_assignment
    from commplan.scenario.assignment import read_assignment

    if asked.start is None or asked.base is None:
        return situation
    paths = (asked.start, asked.base / "assignment.csv")
    lists = [read_assignment(path) for path in paths]
    plans = []
    for path, assignment in zip(paths, lists, strict=True):
        with faults_of(path):
            plans.append(plan_from_assignment(situation.territory, assignment))
    differing = _differing(situation, *lists)
    together, locked = held(situation, plans[0], differing)
    section = situation.scenario.redraw
    held_now = situation.with_redraw(
        together=(*section.together, *together), locked=(*section.locked, *locked)
    )
    ids = tuple(_ids(situation)[differing].tolist())
    note = Finding("scenario.start_held", Severity.NOTE, {"units": len(differing)}, ids)
    territory = hold(situation.territory, held_now.scenario.redraw)
    findings = (*situation.findings, note)
    return replace(held_now, territory=territory, findings=findings, start=plans[0])


def _ids(situation: "Situation") -> NDArray[np.object_]:
    units = situation.territory.units
    if units is None:
        raise input_error([Fault("scenario.no_units_here")])
    return units["unit_id"].astype(str).to_numpy(dtype=object)


def _differing(
    situation: "Situation", edited: Mapping[str, str], before: Mapping[str, str]
) -> NDArray[np.intp]:
    """Positions of the units that the edited list puts elsewhere."""
    return np.flatnonzero([edited[unit] != before[unit] for unit in _ids(situation).tolist()])


def held(
    situation: "Situation", plan: "Plan", differing: NDArray[np.intp]
) -> tuple[Groups, tuple[str, ...]]:
    """Say what keeps the differing units where the edited plan has them.

    The units that a community was given stay together with one that it had before, the one with
    which they share most border. Where the community carries on one of today's, that unit is
    locked into it as well; a community without any unit of before only stays together.

    Returns
    -------
    together : tuple of tuple of str
    locked : tuple of str
    """
    ids = _ids(situation)
    together: list[tuple[str, ...]] = []
    locked: list[str] = []
    for community in np.unique(plan.community_of[differing]).tolist():
        given = differing[plan.community_of[differing] == community]
        stayed = np.setdiff1d(np.flatnonzero(plan.community_of == community), given)
        old = int(plan.successor_of[community])
        native = stayed[plan.today_of[stayed] == old] if old >= 0 else stayed[:0]
        anchor = _anchor(situation, given, native if native.size else stayed)
        members = [*given.tolist(), *anchor]
        if len(members) > 1:
            together.append(tuple(ids[members].tolist()))
        if native.size:
            locked += ids[anchor].tolist()
    return tuple(together), tuple(locked)


def _anchor(situation: "Situation", given: NDArray[np.intp], stayed: NDArray[np.intp]) -> list[int]:
    """Return of the units that stayed the one with most border to those given; [] if there is none."""
    graph = situation.graph
    if graph is None or not stayed.size:
        return []
    border_m = np.zeros(graph.n)
    for one, other in ((graph.tail, graph.head), (graph.head, graph.tail)):
        beside = np.isin(one, given) & graph.is_open
        np.add.at(border_m, other[beside], graph.border_m[beside])
    return [int(stayed[border_m[stayed].argmax()])]


def hold(territory: "Territory", section: Redraw) -> "Territory":
    """Put what the scenario holds together or locks into the units themselves.

    Raises
    ------
    InputError
        Where it names a unit that is not there.
    """
    from commplan.plan.places import flags

    if territory.units is None or not (section.together or section.locked):
        return territory
    units = territory.units.copy()
    row = {unit: i for i, unit in enumerate(units["unit_id"].astype(str))}
    named = {"together": [u for group in section.together for u in group], "locked": section.locked}
    faults = [
        Fault("plan.unknown_unit", {"unit_id": unit}, field_name=f"redraw.{key}")
        for key, found in named.items()
        for unit in found
        if unit not in row
    ]
    if faults:
        raise input_error(faults)
    names = units["keep_with"].tolist() if "keep_with" in units else [None] * len(units)
    groups = [[row[unit] for unit in group] for group in section.together]
    units["keep_with"] = merged_groups(names, groups)
    if section.locked:
        units["locked"] = flags(units, "locked") | units["unit_id"].isin(section.locked)
    return territory.replace(units=units)


def merged_groups(names: Sequence[object], groups: Sequence[Sequence[int]]) -> list[str | None]:
    """Merge named groups with groups of positions; what shares a member becomes one group.

    Parameters
    ----------
    names : sequence
        Name of the group of each unit; null or empty for none.
    groups : sequence of sequence of int

    Returns
    -------
    list of str or None
        A merged group bears the first of its names, else one of its own.
    """
    found = [str(name).strip() if isinstance(name, str) else "" for name in names]
    given = set(found)
    for number, group in enumerate(groups, start=1):
        old = [found[i] for i in group if found[i]]
        name = next(iter([*(o for o in old if o in given), *old]), f"held-{number}")
        joined = set(old)
        found = [name if own and own in joined else own for own in found]
        for i in group:
            found[i] = name
    return [name or None for name in found]
