"""Search for good answers: annealing, answers put together, and parts solved anew, by turns.

Work is counted in rounds, so that an answer does not depend on the machine unless a time limit cuts
in. Every answer that is kept is checked by `joint_faults`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np

from commplan.optimise.joint.choice import enough, prices_of, shares
from commplan.optimise.joint.instance import Flags, Floats, Instance, Ints
from commplan.optimise.joint.kernel import Annealing, anneal
from commplan.optimise.joint.merge import Merging
from commplan.optimise.joint.parts import PartParams, improve_part, part_of_turn
from commplan.optimise.joint.pool import Pool
from commplan.optimise.joint.pricing import Pricing
from commplan.optimise.joint.start import mended, start_areas, temperatures
from commplan.optimise.milp import MilpOptions, solve_arrays
from commplan.optimise.stop import Clock
from commplan.problem.joint import joint_cost, joint_faults

_HEATS = (3.0, 6.0)  # first temperatures from scratch, in those of `temperatures`
_HOTTER = (3.0, 6.0, 12.0, 25.0)
_WARMTH = (0.3, 0.6, 1.0, 1.5)  # and from the best answer
_COLD = 0.05
# Charges of a household out of bounds, in those of `temperatures`: at first, least, most, and the
# rate at which it follows.
_CHARGES = ((10.0, 10.0, 10.0, 1.0), (6.0, 6.0, 6.0, 1.0), (1.0, 0.1, 30.0, 1.1))
_LEAST_STARTS = 2
_BURSTS = len(_WARMTH)  # annealing runs between two tries to put areas together
_PARTS = (1, 16)  # parts solved anew before annealing again, at least and at most
_MERGE_ROUNDS, _MERGE_NODES, _MERGE_S = 8, 500, 2.5  # of separators; work and guard of a round
_GIVE_UP, _PATIENCE = 0.2, 60  # of the rounds, and rounds at least, without any valid answer
_DOUBT = 0.15  # how far shares are shaken for other sites
_MARGINS = (1.0, 1.03, 1.1)  # place beyond what is needed, tried in turn
_JOIN_S, _JOIN_NODES = 3.0, 500  # guard, where the whole has a time limit; work
_JOIN_PAUSE = 8  # turns at most without joining, after joining in vain
_MERGE_GAP = 1e-5
_VAIN = 5  # turns of merging in vain, after which other answers are merged


@dataclass(frozen=True)
class SearchParams:
    """How much to look.

    Parameters
    ----------
    starts, steps : int
        Annealing runs from scratch at first, and the steps of each.
    rounds : int
        Parts solved anew and annealing runs after that.
    part : PartParams
    """

    starts: int = 12
    steps: int = 2_000_000
    rounds: int = 400
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
    done: float = 0.0
    trajectory: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the pool and the temperatures."""
        self.pool = Pool(self.instance)
        self.merging = Merging(self.instance)
        self.hot, self.charge = temperatures(self.instance)

    def keep(self, site_of: Ints) -> bool:
        """Take an answer if it is valid and better; its areas go into the pool either way."""
        value = joint_cost(self.instance.problem, site_of)
        if not np.isfinite(value) or joint_faults(self.instance.problem, site_of):
            return False
        self.pool.add(site_of)
        self.merging.take(value, site_of)
        if value >= self.value - 1e-9 * max(1.0, abs(value)):
            return False
        self.value, self.site_of = value, site_of.astype(np.int32)
        self.trajectory.append((self.clock.seconds, value))
        if self.report is not None:
            self.report(self.done, value)
        return True

    def run(self, deadline_s: float | None = None, share: Floats | None = None) -> None:
        """Search until the work is done or the time is over.

        Parameters
        ----------
        deadline_s : float, optional
        share : float64 array, shape (m,), optional
            How much is to be said for opening each site; by the relaxation if left out.
        """
        self.by_turns(self.begin(deadline_s, share), deadline_s)

    def begin(self, deadline_s: float | None = None, share: Floats | None = None) -> Floats:
        """Anneal from scratch; how much is to be said for opening each site."""
        share = shares(self.instance, self.clock) if share is None else share
        tried: Flags | None = None
        for margin in _MARGINS:
            is_open = enough(self.instance, share, margin)
            if tried is not None and (is_open == tried).all():
                continue
            self.starts(is_open, prices_of(self.instance, is_open), deadline_s)
            tried = is_open
            if self.site_of is not None or self.clock.over(deadline_s):
                break
        return share

    def by_turns(self, share: Floats, deadline_s: float | None) -> None:
        """Anneal, put areas together, solve parts anew: more of these as long as they help."""
        done, parts = 0, 4
        for group in count():
            rounds = self.params.rounds
            if done >= (max(_PATIENCE, _GIVE_UP * rounds) if self.site_of is None else rounds):
                return
            self.done, before = min(1.0, done / max(1, self.params.rounds)), self.value
            for turn in range(parts):
                if self.site_of is None or self.clock.over(deadline_s):
                    break
                self.solve_part(done + turn)
            done += parts + _BURSTS
            helped = self.value < before
            parts = min(2 * parts, _PARTS[1]) if helped else max(parts // 2, _PARTS[0])
            for turn in range(_BURSTS):
                if self.clock.over(deadline_s):
                    return
                self.burst(group, turn, share)
            self.join()
            self.merge(deadline_s)

    def by_merging(self, deadline_s: float | None, pricing: Pricing | None) -> None:
        """Anneal from scratch and from good answers, and put areas and answers together."""
        rounds, pause, wait, vain = self.params.rounds, 1, 0, 0
        for done in range(0, rounds, 2 * _BURSTS):
            self.done, before = done / rounds, self.merging.best
            for turn in range(2 * _BURSTS):
                if self.clock.over(deadline_s):
                    return
                charges = _CHARGES[turn // 2 % 2]
                if turn < _BURSTS or not self.merging.answers:
                    areas = start_areas(self.instance, self.instance.problem.forced.copy())
                    if areas is not None:
                        self.annealed(areas, _HOTTER[turn % _BURSTS], charges)
                    continue
                which = int(self.rng.integers(len(self.merging.answers)))
                areas = self.merging.answers[which][1].copy()
                self.annealed(areas, _WARMTH[turn % _BURSTS], charges)
            if pricing is not None and self.merging.answers:
                guide = pricing.guide(self.merging.best, self.clock)
                self.merging.guide = guide or self.merging.guide
            if wait > 0:
                wait -= 1
            else:
                pause = 1 if self.join() else min(2 * pause, _JOIN_PAUSE)
                wait = pause - 1
            self.merge(deadline_s)
            vain = 0 if self.merging.best < before else vain + 1
            if vain < _VAIN:
                continue
            if pricing is None:
                return  # a proof looks further
            self.merging.change()
            vain = 0

    def merge(self, deadline_s: float | None) -> None:
        """Solve the model of the pairs that the best answers use, and anneal what falls apart."""
        if not self.merging.answers:
            return
        model = self.merging.model()
        ended = True
        for _ in range(_MERGE_ROUNDS):
            if self.clock.over(deadline_s) or not ended:
                break
            left = self.clock.left_s
            seconds = None if left is None else min(_MERGE_S, max(left, 0.05))
            better = self.merging.best - _MERGE_GAP * abs(self.merging.best)
            options = MilpOptions(seconds, _MERGE_NODES, _MERGE_GAP, cutoff=better, keep_all=True)
            answer = solve_arrays(model.arrays(), options)
            self.nodes += answer.nodes
            if seconds is not None and answer.runtime_s >= seconds:
                self.clock.limited = True
                ended = False
            ended &= answer.nodes < _MERGE_NODES
            apart = False
            for values in answer.every:
                areas = model.labels_of(values)
                apart |= self.merging.learn(model, areas)
                self.mended(areas)
            if not apart:
                break
        self.merging.adapt(ended)

    def mended(self, areas: Ints) -> Ints | None:
        """Put areas that may fall apart right and anneal them; the best answer known so far."""
        whole = mended(self.instance, areas)
        if whole is not None and not self.keep(whole):
            self.annealed(whole, _WARMTH[0], _CHARGES[0])
        return self.site_of

    def solve_part(self, turn: int) -> None:
        """Solve a few adjoining areas anew."""
        if self.site_of is None:
            return
        part = part_of_turn(self.params.part, turn)
        new, nodes = improve_part(self.instance, self.site_of, part, self.rng, self.clock)
        self.nodes += nodes
        self.keep(new)

    def burst(self, group: int, turn: int, share: Floats) -> None:
        """Anneal from the best answer, or by turns from scratch with much the same sites."""
        charges = _CHARGES[2 * (turn // 2 % 2)]
        if group % 2 == 0 and self.site_of is not None:
            answers = self.merging.answers
            which = 0 if turn % 2 == 0 else int(self.rng.integers(len(answers)))
            self.annealed(answers[which][1].copy(), _WARMTH[turn], charges)
            return
        share = share + _DOUBT * self.rng.standard_normal(len(share))
        is_open = enough(self.instance, share, _MARGINS[turn % len(_MARGINS)])
        areas = start_areas(self.instance, is_open)
        if areas is not None:
            self.annealed(areas, _HEATS[turn % len(_HEATS)], charges)

    def starts(self, is_open: Flags, price: Floats, deadline_s: float | None) -> None:
        """Anneal from areas grown with and without prices of households."""
        steered = replace(
            self.instance,
            cost=self.instance.cost + self.instance.problem.amount[:, None] * price[None, :],
        )
        for turn in range(self.params.starts):
            # Choosing sites may have used up the time; without a start it was for nothing.
            if self.clock.over(deadline_s if turn >= _LEAST_STARTS else None):
                break
            areas = start_areas(steered if turn % 4 == 3 else self.instance, is_open)
            if areas is not None:
                heat = _HEATS[turn % len(_HEATS)]
                self.annealed(areas, heat, _CHARGES[2 * (turn // 2 % 2)])
            if turn % _BURSTS == _BURSTS - 1:
                self.join()
        if not self.clock.over(deadline_s):
            self.join()

    def annealed(self, areas: Ints, heat: float, charges: tuple[float, ...]) -> None:
        """Anneal and keep what comes out; areas met on the way go into the pool."""
        charge, least, most = (self.charge * x for x in charges[:3])
        hot, cold = heat * self.hot, _COLD * self.hot
        run = Annealing(self.params.steps, hot, cold, charge, least, most, charges[3])
        rng = np.array([self.rng.integers(0, 2**63)], dtype=np.uint64)
        best, met = anneal(self.instance, areas, run, rng)
        self.moves += self.params.steps
        for site_of in met:
            self.pool.add(site_of)
        if best is not None:
            self.keep(best)

    def join(self) -> bool:
        """Put the best areas met together; whether that helped."""
        if self.clock.over():
            return False
        left, began = self.clock.left_s, self.clock.seconds
        seconds = None if left is None else min(_JOIN_S, left)
        options = MilpOptions(time_limit_s=seconds, node_limit=_JOIN_NODES)
        new = self.pool.best(self.value, self.site_of, options)
        if seconds is not None and self.clock.seconds - began >= seconds:
            self.clock.limited = True
        return new is not None and self.keep(new)
