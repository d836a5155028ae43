"""The first choice of sites: by the relaxation in which units can be split."""

from dataclasses import replace

import numpy as np
from scipy import sparse

from commplan.optimise.joint.instance import Flags, Floats, Instance, near_pairs
from commplan.optimise.joint.model import AreaModel
from commplan.optimise.milp import MilpArrays, MilpOptions, solve_arrays
from commplan.optimise.stop import Clock

_CHOICE_SHARE = 0.15  # of the time, for the first choice of sites
_NEAR = 12  # sites per unit that the first choice looks at
_CHOICE_GAP = 1e-3
_CHOICE_NODES = 40


def shares(instance: Instance, clock: Clock) -> Floats:
    """How far each site is open as if units could be split, shape (m,)."""
    problem = instance.problem
    share = np.where(problem.forced, 1.0, 0.0)
    if problem.forced.all():
        return share
    pairs = near_pairs(instance, _NEAR)
    model = AreaModel(instance, pairs, problem.forced, problem.max_open, joined=False)
    arrays = model.arrays()
    whole = np.arange(len(arrays.cost)) < len(model.sites)
    left = clock.left_s
    options = MilpOptions(
        time_limit_s=None if left is None else _CHOICE_SHARE * left,
        gap_rel=_CHOICE_GAP,
        node_limit=_CHOICE_NODES,
    )
    answer = solve_arrays(replace(arrays, integral=whole), options)
    if options.time_limit_s is not None and answer.runtime_s >= options.time_limit_s:
        clock.limited = True
    if answer.values is not None:
        share[model.sites] = answer.values[: len(model.sites)]
    return share


def enough(instance: Instance, share: Floats, margin: float) -> Flags:
    """Open what is more open than not, then the next, until there is place for all and a margin."""
    problem = instance.problem
    is_open = problem.forced.copy()
    taken = set(problem.site_unit[is_open].tolist())
    need = float(problem.amount.sum())
    for j in np.argsort(-share, kind="stable").tolist():
        full = float(problem.high[is_open].sum()) >= margin * need
        if is_open[j] or problem.site_unit[j] in taken or (share[j] < 0.5 and full):
            continue
        if not np.isfinite(instance.cost[problem.site_unit[j], j]):
            continue  # cannot have its own unit
        if problem.max_open is not None and is_open.sum() >= problem.max_open:
            break
        is_open[j] = True
        taken.add(int(problem.site_unit[j]))
    return is_open


def prices_of(instance: Instance, is_open: Flags) -> Floats:
    """Price a household's place in each open site by the transportation problem's duals."""
    problem = instance.problem
    unit, site = np.nonzero(np.isfinite(instance.cost) & is_open[None, :])
    pair = np.arange(len(unit))
    served = sparse.csr_array((np.ones(len(unit)), (unit, pair)), shape=(problem.n, len(unit)))
    loads = sparse.csr_array((problem.amount[unit], (site, pair)), shape=(problem.m, len(unit)))
    model = MilpArrays(
        cost=instance.cost[unit, site],
        matrix=sparse.vstack([served, loads], format="csr"),
        row_lower=np.concatenate([np.ones(problem.n), np.where(is_open, problem.low, 0.0)]),
        row_upper=np.concatenate([np.ones(problem.n), problem.high]),
        col_lower=(problem.site_unit[site] == unit).astype(float),
        col_upper=np.ones(len(unit)),
    )
    answer = solve_arrays(model)
    if answer.row_duals is None:
        return np.zeros(problem.m)
    return -answer.row_duals[problem.n :]
