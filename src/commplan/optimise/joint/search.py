"""Search for good answers: annealing from many starts, then parts solved anew, then both by turns.

Work is counted in rounds, so that an answer does not depend on the machine unless a time limit cuts
in. Every answer that is kept is checked by `joint_faults`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commplan.optimise.joint.instance import Flags, Floats, Instance, Ints
from commplan.optimise.joint.kernel import anneal
from commplan.optimise.joint.model import AreaModel
from commplan.optimise.joint.parts import PartParams, improve_part, part_of_turn
from commplan.optimise.joint.pool import Pool
from commplan.optimise.joint.start import start_areas, temperatures
from commplan.optimise.milp import MilpArrays, MilpOptions, solve_arrays
from commplan.optimise.stop import Clock
from commplan.problem.joint import joint_cost, joint_faults

_HEATS = (3.0, 10.0, 30.0)  # first temperatures tried, in those of `temperatures`
_COLD = 0.1
_CHOICE_SHARE = 0.15  # of the time, for the first choice of sites
_NEAR = 12  # sites per unit that the first choice looks at
_CHOICE_GAP = 1e-3
_CHOICE_NODES = 40


@dataclass(frozen=True)
class SearchParams:
    """How much to look.

    Parameters
    ----------
    starts : int
        Annealing runs from scratch.
    steps : int
        Of each of them.
    rounds : int
        Parts solved anew.
    join_every : int
        Rounds between two tries to put the best areas met together.
    part : PartParams
    """

    starts: int = 12
    steps: int = 2_000_000
    rounds: int = 400
    join_every: int = 40
    part: PartParams = field(default_factory=PartParams)


@dataclass
class Search:
    """The best answer so far, and the way there.

    Parameters
    ----------
    instance : Instance
    params : SearchParams
    rng : numpy.random.Generator
    clock : Clock
    report : callable or None
        Told of each better answer.
    """

    instance: Instance
    params: SearchParams
    rng: np.random.Generator
    clock: Clock
    report: Callable[[float, float], None] | None = None
    value: float = np.inf
    site_of: Ints | None = None
    moves: int = 0
    nodes: int = 0
    trajectory: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the pool and the temperatures."""
        self.pool = Pool(self.instance)
        self.hot, self.charge = temperatures(self.instance)

    def keep(self, site_of: Ints, done: float = 0.0) -> bool:
        """Take an answer if it is valid and better; its areas go into the pool either way."""
        value = joint_cost(self.instance.problem, site_of)
        if not np.isfinite(value) or joint_faults(self.instance.problem, site_of):
            return False
        self.pool.add(site_of)
        if value >= self.value - 1e-9 * max(1.0, abs(value)):
            return False
        self.value, self.site_of = value, site_of.astype(np.int32)
        self.trajectory.append((self.clock.seconds, value))
        if self.report is not None:
            self.report(done, value)
        return True

    def run(self, deadline_s: float | None = None) -> None:
        """Search until the work is done or the time is over."""
        is_open, price = open_sites(self.instance, self.clock)
        self.starts(is_open, price, deadline_s)
        for turn in range(self.params.rounds):
            if self.site_of is None or self.clock.over(deadline_s):
                return
            part = part_of_turn(self.params.part, turn)
            new, nodes = improve_part(self.instance, self.site_of, part, self.rng, self.clock)
            self.nodes += nodes
            self.keep(new, turn / self.params.rounds)
            if turn % self.params.join_every == self.params.join_every - 1:
                self.join()

    def starts(self, is_open: Flags, price: Floats, deadline_s: float | None) -> None:
        """Anneal from areas grown with and without prices of households."""
        steered = replace(
            self.instance,
            cost=self.instance.cost + self.instance.problem.amount[:, None] * price[None, :],
        )
        nothing = np.zeros_like(price)
        for turn in range(self.params.starts):
            if self.clock.over(deadline_s) and self.site_of is not None:
                return
            by_price = turn % 2 == 1
            areas = start_areas(steered if by_price else self.instance, is_open)
            if areas is None:
                continue
            heat = self.hot * _HEATS[(turn // 2) % len(_HEATS)]
            control = (float(self.params.steps), heat, self.hot * _COLD, self.charge)
            self.annealed(areas, control, price if by_price else nothing)
        self.join()

    def annealed(
        self, areas: Ints, control: tuple[float, float, float, float], price: Floats
    ) -> bool:
        """Anneal and keep what comes out."""
        rng = np.array([self.rng.integers(0, 2**63)], dtype=np.uint64)
        _, _, best = anneal(self.instance, areas, control, np.inf, price, rng)
        self.moves += int(control[0])
        return best is not None and self.keep(best)

    def join(self) -> None:
        """Put the best areas met together."""
        if self.site_of is None or self.clock.over():
            return
        left = self.clock.left_s
        options = MilpOptions(time_limit_s=3.0 if left is None else min(3.0, left), node_limit=200)
        new = self.pool.best(self.site_of, options)
        if new is not None:
            self.keep(new)


def open_sites(instance: Instance, clock: Clock) -> tuple[Flags, Floats]:
    """Choose sites as if units could be split, and what a household in each is worth there."""
    problem = instance.problem
    is_open = problem.forced.copy()
    if not problem.forced.all():
        model = AreaModel(instance, near_pairs(instance, _NEAR), problem.forced, problem.max_open)
        model.cuts.clear()
        arrays = model.arrays()
        whole = np.arange(len(arrays.cost)) < len(model.sites)
        left = clock.left_s
        options = MilpOptions(
            time_limit_s=None if left is None else _CHOICE_SHARE * left,
            gap_rel=_CHOICE_GAP,
            node_limit=_CHOICE_NODES,
        )
        answer = solve_arrays(replace(arrays, integral=whole), options)
        share = np.zeros(problem.m)
        if answer.values is not None:
            share[model.sites] = answer.values[: len(model.sites)]
        is_open = enough(instance, share)
    return is_open, prices_of(instance, is_open)


def near_pairs(instance: Instance, count: int) -> NDArray[np.bool_]:
    """Pairs of each unit with the sites that serve it at least cost, and of each site's own."""
    problem = instance.problem
    kth = min(count, problem.m) - 1
    most = np.partition(instance.cost, kth, axis=1)[:, kth]
    own = problem.site_unit, np.arange(problem.m)
    pairs = np.isfinite(instance.cost) & (instance.cost <= most[:, None])
    pairs[own] = np.isfinite(instance.cost[own])
    return pairs


def enough(instance: Instance, share: Floats) -> Flags:
    """Open what is more open than not, then the next, until there is place for all."""
    problem = instance.problem
    is_open = problem.forced.copy()
    taken = set(problem.site_unit[is_open].tolist())
    need = float(problem.amount.sum())
    for j in np.argsort(-share, kind="stable").tolist():
        full = float(problem.high[is_open].sum()) >= 1.03 * need
        if is_open[j] or problem.site_unit[j] in taken or (share[j] < 0.5 and full):
            continue
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
