"""Which sites to open: the relaxation in which sites are open or closed and units may be split.

Each unit keeps the pairs of least reduced cost; all others of the unit are one column that costs as
much as the cheapest of them and asks for no place, so that the model stays small and its bound holds
(an aggregation of columns). The sets of sites that come out are settled one by one; sets that are
done with are ruled out, and the next best bound holds for all others.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commplan.optimise.joint.cutting import Root
from commplan.optimise.joint.instance import Flags
from commplan.optimise.milp import MilpArrays, MilpOptions, solve_arrays

_PAIRS, _EACH = 6_500, 8  # that are kept: so many, but not fewer for each unit


@dataclass(frozen=True)
class Opened:
    """The most promising set of sites, None where none was found; a bound for all, and the work.

    Parameters
    ----------
    chosen : bool array, shape (m,), or None
    bound : float
        Infinite where no set is left that keeps the cutoff.
    nodes : int
    """

    chosen: Flags | None
    bound: float
    nodes: int


def open_sites(root: Root, ruled_out: list[Flags], options: MilpOptions) -> Opened:
    """Choose sites by the relaxation.

    Parameters
    ----------
    root : Root
        Solved; its rows are used.
    ruled_out : list of bool arrays, each of shape (m,)
        Sets that are done with.
    options : MilpOptions
    """
    problem, sites = root.instance.problem, root.model.sites
    arrays = _gathered(root, _kept(root))
    others = np.zeros(len(arrays.cost) - len(sites))
    rows, least = [np.concatenate([problem.high[sites], others])], [float(problem.amount.sum())]
    for chosen in ruled_out:  # at least one site is open that was not, or the other way round
        rows.append(np.concatenate([np.where(chosen[sites], -1.0, 1.0), others]))
        least.append(1.0 - float(chosen[sites].sum()))
    arrays = arrays.with_rows(
        sparse.csr_array(np.array(rows)), np.array(least), np.full(len(rows), np.inf)
    )
    answer = solve_arrays(arrays, options)
    if answer.values is None:
        return Opened(None, answer.bound, answer.nodes)
    is_open = np.zeros(problem.m, dtype=bool)
    is_open[sites] = answer.values[: len(sites)] > 0.5
    return Opened(is_open, answer.bound, answer.nodes)


def _kept(root: Root) -> NDArray[np.bool_]:
    """Columns of pairs that are kept: those of least reduced cost of each unit, and sites' own."""
    problem, model = root.instance.problem, root.model
    reduced = root.guide().reduced
    rank = np.argsort(np.argsort(reduced, axis=1, kind="stable"), axis=1)
    near = (rank < max(_EACH, _PAIRS // problem.n)) & root.pairs
    near[problem.site_unit, np.arange(problem.m)] = root.pairs[
        problem.site_unit, np.arange(problem.m)
    ]
    return np.asarray(near[model.unit, model.site])


def _gathered(root: Root, kept: NDArray[np.bool_]) -> MilpArrays:
    """Write the relaxation with one column for the pairs of each unit that are not kept."""
    model, lp, n = root.model, root.lp.model, root.instance.problem.n
    s, x = len(model.sites), len(model.unit)
    gone = np.flatnonzero(~kept & root.pairs[model.unit, model.site])
    to = sparse.csr_array((np.ones(len(gone)), (gone, model.unit[gone])), shape=(x, n))
    away = lp.matrix[:, s:] @ to  # a row is about one site, so that it holds one pair of a unit
    away.data = np.maximum(away.data, 0.0)
    some = np.flatnonzero(np.bincount(model.unit[gone], minlength=n))
    first = sparse.csr_array(
        (np.ones(len(some)), (some, some)), shape=(n, n)
    )  # the rows that come first ask that each unit is served once
    away = sparse.vstack([first, away[n:]], format="csr")[:, some]
    cheapest = np.full(n, np.inf)
    np.minimum.at(cheapest, model.unit[gone], lp.cost[s + gone])
    columns = np.concatenate([np.arange(s), s + np.flatnonzero(kept)])
    integral = np.zeros(len(columns) + len(some), dtype=bool)
    integral[:s] = True
    return MilpArrays(
        cost=np.concatenate([lp.cost[columns], cheapest[some]]),
        matrix=sparse.hstack([lp.matrix[:, columns], away], format="csr"),
        row_lower=lp.row_lower,
        row_upper=lp.row_upper,
        col_lower=np.concatenate([lp.col_lower[columns], np.zeros(len(some))]),
        col_upper=np.concatenate([lp.col_upper[columns], np.ones(len(some))]),
        integral=integral,
        offset=lp.offset,
    )
