"""Towns for which nothing is valid, each for a reason of its own, and what is offered for it."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.grids import grid_town
from benchmarks.measure import table
from commplan.findings import Finding
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.redraw import redraw
from commplan.optimise.communities.relax import apply_remedy
from commplan.problem.causes import cause_params
from commplan.problem.communities import CommunityProblem, Edges
from commplan.problem.result import Result
from commplan.problem.validity import faults
from commplan.texts import load_texts


def ints(*values: int) -> NDArray[np.int32]:
    """Return the values as an array."""
    return np.array(values, dtype=np.int32)


def shut(problem: CommunityProblem, *pairs: tuple[int, int]) -> CommunityProblem:
    """Close the edges between the pairs given."""
    e = problem.edges
    is_open = np.array([(a, b) not in pairs for a, b in zip(e.tail, e.head, strict=True)])
    return problem.replace(edges=Edges(e.tail, e.head, e.border_km, e.soft_border_km, is_open))


LOCKED = np.array([True, False, False, True])
CASES = {
    "unit_too_large": grid_town(1, 3, [3410, 1600, 1600]),
    "group_too_large": grid_town(1, 3, [1600, 1600, 1600], group=ints(7, 7, -1)),
    "locks_too_large": grid_town(1, 4, 1600, today=ints(0, 1, 1, 0), locked=LOCKED),
    "group_across_parts": grid_town(1, 2, 1600, group=ints(1, 1), part=ints(0, 1)),
    "locks_across_parts": grid_town(
        1, 4, 800, today=ints(0, 0, 0, 0), locked=LOCKED, part=ints(0, 0, 1, 1)
    ),
    "group_apart": shut(grid_town(1, 4, 800, group=ints(1, -1, -1, 1)), (1, 2)),
    "locks_apart": shut(grid_town(1, 4, 800, today=ints(0, 0, 0, 0), locked=LOCKED), (1, 2)),
    "locks_conflict": grid_town(
        1, 4, 700, today=ints(0, 0, 1, 1), locked=LOCKED, group=ints(2, -1, -1, 2)
    ),
    "cut_pocket_too_large": grid_town(1, 3, [900, 1500, 900]),
    "pocket": shut(grid_town(1, 4, [900, 900, 200, 210]), (1, 2)),
    "part_too_small": grid_town(1, 4, [900, 900, 500, 500], part=ints(0, 0, 1, 1)),
    "whole_too_small": grid_town(1, 3, 400),
    "no_number_fits": grid_town(1, 4, 875, min_households=2000, max_households=2300),
    "number_out_of_range": grid_town(1, 4, 1500, max_communities=1),
    "together": grid_town(2, 3, 1000, min_households=1400, max_households=1900),
}


def first_ways(problem: CommunityProblem, result: Result) -> CommunityProblem:
    """Loosen the problem by the first way out of every cause."""
    for cause in result.causes:
        problem = apply_remedy(problem, cause.remedies[0])
    return problem


def report() -> str:
    """Name each cause, its first way out, and whether that works."""
    texts = load_texts("en")
    rows = []
    for kind, problem in CASES.items():
        result = redraw(problem, RedrawParams(effort=0.01))
        ids = [f"A{u}" for u in range(problem.n)]
        cause = result.causes[0]
        words = [
            Finding(item.code, params=cause_params(item, ids, ["north", "south"])).words(texts)
            for item in (cause, cause.remedies[0])
        ]
        looser = first_ways(problem, result)
        again = redraw(looser, RedrawParams(effort=0.01))
        works = again.labels is not None and not faults(looser, again.labels)
        rows.append((kind, result.status.value, *words, "yes" if works else "NO"))
    return table(("made for", "status", "cause", "first way out", "works"), rows)
