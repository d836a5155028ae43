"""Load compiled code before the clock runs."""

import numpy as np

from benchmarks.instances import Case
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.redraw import redraw
from commplan.problem.communities import CommunityProblem, Edges


def warm_up(case: Case) -> None:
    """Run the engine on two grids of 144 units, one of them with tight bounds."""
    for low, high in ((900, 1_500), (1_195, 1_205)):
        grid = _grid(case.problem).replace(min_households=low, max_households=high)
        redraw(grid, RedrawParams(effort=0.002, exact=False))


def _grid(like: CommunityProblem, side: int = 12) -> CommunityProblem:
    """Make a grid of 100 households each, weighted as the case to come."""
    n = side * side
    at = np.arange(n)
    right, down = at[at % side < side - 1], at[at < n - side]
    pairs = np.r_[np.c_[right, right + 1], np.c_[down, down + side]]
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].astype(np.int32)
    one = np.ones(len(pairs))
    edges = Edges(
        np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1]), one, 0 * one, one > 0
    )
    none = np.full(n, -1, dtype=np.int32)
    return CommunityProblem(
        households=np.full(n, 100),
        area_km2=np.ones(n),
        xy_km=np.c_[at % side, at // side].astype(np.float64),
        edges=edges,
        part=np.zeros(n, dtype=np.int32),
        group=none,
        today=none,
        locked=np.zeros(n, dtype=np.bool_),
        exempt=np.zeros(n, dtype=np.bool_),
        min_households=900,
        max_households=1_500,
        target_households=1_200.0,
        weights=like.weights,
    )
