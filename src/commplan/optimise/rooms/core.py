"""The exact model of what prices did not rule out: facility location on HiGHS, as sparse arrays.

least  Σ f_j y_j + Σ c_ij x_ij
served Σ_j x_ij = 1 for each unit i;   only where open: x_ij <= y_j
holds  Σ_i d_i x_ij <= q_j y_j;        most: Σ_j y_j <= p;   budget: Σ_j f_j y_j <= b
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commplan.optimise.milp import MilpAnswer, MilpArrays, MilpOptions, solve_arrays
from commplan.optimise.rooms.columns import Columns

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]
Budget = tuple[Floats, float] | None


def core_arrays(
    columns: Columns, pairs: Flags, sites: Flags, forced: Flags, budget: Budget = None
) -> MilpArrays:
    """Write the model on the pairs and sites that are left.

    Columns of the model: the sites left, in their order, then the pairs left, in theirs.
    """
    site = columns.site
    pairs = pairs & sites[site]
    unit, at = columns.unit[pairs], (np.cumsum(sites) - 1)[site[pairs]]
    s, x, n = int(sites.sum()), len(unit), columns.n
    pair = np.arange(x)
    opens = sparse.csr_array((np.ones(x), (pair, at)), shape=(x, s))
    serves = sparse.csr_array((np.ones(x), (unit, pair)), shape=(n, x))
    blocks: list[list[Any]] = [[None, serves], [opens, -sparse.eye_array(x, format="csr")]]
    lower = [np.ones(n), np.zeros(x)]
    upper = [np.ones(n), np.full(x, np.inf)]
    full = np.flatnonzero(np.isfinite(columns.capacity[sites]))
    if len(full):
        room = sparse.diags_array(np.where(np.isinf(q := columns.capacity[sites]), 0, q)).tocsr()
        loads = sparse.csr_array((columns.demand[unit], (at, pair)), shape=(s, x))
        blocks.append([room[full], -loads[full]])
        lower.append(np.zeros(len(full)))
        upper.append(np.full(len(full), np.inf))
    if columns.most < s:
        blocks.append([sparse.csr_array(np.ones((1, s))), None])
        lower.append(np.zeros(1))
        upper.append(np.array([float(columns.most)]))
    if len(full) == s:  # implied, and it makes the relaxation tighter where single sites matter
        blocks.append([sparse.csr_array(columns.capacity[sites][None, :]), None])
        lower.append(np.array([columns.demand.sum()]))
        upper.append(np.array([np.inf]))
    if budget is not None:
        blocks.append([sparse.csr_array(budget[0][sites][None, :]), None])
        lower.append(np.zeros(1))
        upper.append(np.array([budget[1]]))
    integral = np.ones(s + x, dtype=bool)
    integral[s:] = len(full) > 0  # without capacities units go whole by themselves
    return MilpArrays(
        cost=np.concatenate([columns.open_cost[sites], columns.cost[pairs]]),
        matrix=sparse.block_array(blocks, format="csr"),
        row_lower=np.concatenate(lower),
        row_upper=np.concatenate(upper),
        col_lower=np.concatenate([forced[sites].astype(float), np.zeros(x)]),
        col_upper=np.ones(s + x),
        integral=integral,
    )


def solve_core(
    columns: Columns,
    left: tuple[Flags, Flags, Flags],
    start: Ints | None,
    options: MilpOptions,
    budget: Budget = None,
) -> tuple[MilpAnswer, Ints | None]:
    """Solve the model; the answer and the site of each unit.

    Parameters
    ----------
    columns : Columns
    left : (pairs, sites, forced)
        As `prices.kept_pairs` returns them.
    start : int32 array, shape (n,), or None
        Site of each unit in a known solution; used where what is left holds it.
    options : MilpOptions
    budget : (price of each site, most that they may cost) or None
    """
    pairs, sites, forced = left
    site = columns.site
    pairs = pairs & sites[site]
    model = core_arrays(columns, pairs, sites, forced, budget)
    unit, of = columns.unit[pairs], site[pairs]
    begin = None
    if start is not None:
        used = start[unit] == of
        if int(used.sum()) == columns.n:
            opened = np.isin(np.flatnonzero(sites), start) | forced[sites]
            begin = np.concatenate([opened, used]).astype(np.float64)
    answer = solve_arrays(model, options, begin)
    if answer.values is None:
        return answer, None
    taken = answer.values[int(sites.sum()) :]
    order = np.lexsort((taken, unit))  # the last of each unit has the most of it
    last = np.diff(unit[order], append=-1) != 0
    site_of = np.full(columns.n, -1, dtype=np.int32)
    site_of[unit[order][last]] = of[order][last]
    return answer, site_of
