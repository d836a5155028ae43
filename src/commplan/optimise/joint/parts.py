"""Large-neighbourhood search: a few adjoining areas are solved anew by the exact model.

Sites that are closed but lie in these areas may open instead (Kong 2021 improves his solutions in
the same way; Stefanello, de Araújo and Müller 2015 for the capacitated p-median).
"""

from dataclasses import dataclass, replace

import numpy as np

from commplan.optimise.joint.instance import Flags, Instance, Ints
from commplan.optimise.joint.model import AreaModel, solve_rounds
from commplan.optimise.milp import MilpOptions
from commplan.optimise.stop import Clock

_STRETCH = 2.5  # a pair may cost so much more than the unit costs now, or than the part's median

_FEW = 3  # areas


@dataclass(frozen=True)
class PartParams:
    """How large a part is, and how long it may take.

    Parameters
    ----------
    areas : int
        Adjoining areas in a part, at most.
    units : int
        Beyond so many units no further area is taken in.
    closed : int
        Closed sites that may open, at most.
    nodes : int
        Branch-and-bound nodes of a round.
    rounds : int
        Rounds of separators.
    seconds : float
        Guard of a round, where the whole has a time limit.
    """

    areas: int = 6
    units: int = 240
    closed: int = 2
    nodes: int = 60
    rounds: int = 5
    seconds: float = 2.0


def part_of_turn(params: PartParams, turn: int) -> PartParams:
    """Go through all sizes of parts by turns."""
    sizes = params.areas - 1
    return replace(params, areas=2 + turn % sizes, closed=turn // sizes % (params.closed + 1))


def adjoining(
    instance: Instance, site_of: Ints, params: PartParams, rng: np.random.Generator
) -> list[int]:
    """Draw an area, and others that touch those drawn, by the number of borders."""
    m = instance.problem.m
    size = np.bincount(site_of, minlength=m)
    a, b = site_of[instance.problem.tail], site_of[instance.problem.head]
    touch = np.zeros((m, m))
    np.add.at(touch, (a, b), 1.0)
    np.add.at(touch, (b, a), 1.0)
    part = [int(rng.choice(np.unique(site_of)))]
    while len(part) < params.areas and size[part].sum() < params.units:
        weight = touch[part].sum(axis=0)
        weight[part] = 0.0
        if not weight.any():
            break
        part.append(int(rng.choice(m, p=weight / weight.sum())))
    return part


def part_pairs(
    instance: Instance, site_of: Ints, part: list[int], closed: Ints
) -> tuple[np.ndarray, Flags]:
    """Pairs of a part that are worth trying, and its units."""
    problem = instance.problem
    units: Flags = np.isin(site_of, part)
    sites = np.array([*part, *closed.tolist()], dtype=np.int64)
    pairs = np.zeros((problem.n, problem.m), dtype=bool)
    now = instance.cost[np.arange(problem.n), site_of]
    most = now + _STRETCH * np.maximum(now, np.median(now[units]))
    if len(part) <= _FEW:  # small enough to look also at what closing a site would ask of its units
        saved = np.where(problem.forced, 0.0, problem.open_cost)
        most = most + (saved / np.maximum(np.bincount(site_of, minlength=problem.m), 1))[site_of]
    block = instance.cost[np.ix_(units, sites)]
    pairs[np.ix_(units, sites)] = np.isfinite(block) & (block <= most[units][:, None])
    pairs[np.flatnonzero(units), site_of[units]] = True
    pairs[problem.site_unit[closed], closed] = np.isfinite(
        instance.cost[problem.site_unit[closed], closed]
    )
    return pairs, units


def improve_part(
    instance: Instance, site_of: Ints, params: PartParams, rng: np.random.Generator, clock: Clock
) -> tuple[Ints, int]:
    """Solve a random part anew.

    Returns
    -------
    (site_of, nodes)
        A valid answer, perhaps the same.
    """
    problem = instance.problem
    part = adjoining(instance, site_of, params, rng)
    open_now = np.bincount(site_of, minlength=problem.m) > 0
    closed = np.flatnonzero(~open_now & np.isin(site_of[problem.site_unit], part))
    closed = rng.permutation(closed)[: params.closed]
    pairs, units = part_pairs(instance, site_of, part, closed.astype(np.int32))
    forced = problem.forced & open_now
    most = None
    if problem.max_open is not None:
        most = len(part) + problem.max_open - int(open_now.sum())
    model = AreaModel(instance, pairs, forced & np.isin(np.arange(problem.m), part), most)
    left, began = clock.left_s, clock.seconds
    seconds = None if left is None else min(params.seconds, max(left, 0.05))
    options = MilpOptions(time_limit_s=seconds, node_limit=params.nodes, gap_rel=1e-5)
    solved = solve_rounds(model, site_of, options, clock, params.rounds)
    if seconds is not None and clock.seconds - began >= seconds:
        clock.limited = True  # the guard may have cut in, not the nodes
    if solved.site_of is None:
        return site_of, solved.nodes
    new = site_of.copy()
    new[units] = solved.site_of[units]
    return new, solved.nodes
