"""Annealing runs of one search, several at once.

A run goes in slices of compiled work that let other threads go on, so that the clock is looked at
several times a second. Every run has random numbers of its own and its outcome is taken in the
order of the jobs: the threads change how long a batch takes and nothing else. A run starts hot
enough for borders to flow and pays for households outside the bounds; its last part is strict, so
that what is valid stays valid (Kirkpatrick, Gelatt & Vecchi 1983).
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.counts import numbered
from commplan.optimise.communities.instance import Instance, Ints
from commplan.optimise.communities.kernel import anneal
from commplan.optimise.communities.recombine import recombine
from commplan.optimise.communities.repair import Guard, Heat, repair
from commplan.optimise.communities.restructure import restructure
from commplan.optimise.communities.start import connected_labels
from commplan.optimise.communities.state import State, cost, make_state, refresh

ROAM_HEAT = 0.85
ROAM_PAIRS = 1_000  # pairs, and single nodes, tried in a row
ROAM_SLICE = 25_000  # moves that this counts for
_SLICE = 2_000_000  # moves between two looks at the clock
_SHORT = 1_000_000  # moves, up to which medians are found anew less often
_MENDING = (0.05, 0.1, 0.1, 0.2, 0.2, 0.2)  # temperatures, of the hottest
_POLL_S = 0.1
_OPENINGS = 4  # openings and closings tried per community and slice


@dataclass(frozen=True)
class Job:
    """One run.

    Parameters
    ----------
    labels : int32 array, shape (nodes,)
        Where it begins.
    moves : int
    warmth : float
        Of the first temperature, 1 for a run from scratch.
    """

    labels: Ints
    moves: int
    warmth: float


@dataclass(frozen=True)
class Setup:
    """What the runs of a batch share.

    Parameters
    ----------
    instance : Instance
    heat : Heat
    pull : float
        How much dearer than usual households outside the bounds are.
    is_tight : bool
        Bounds leave single nodes no room: pairs of communities are recombined as well.
    guard : Guard
    """

    instance: Instance
    heat: Heat
    pull: float
    is_tight: bool
    guard: Guard


Tick = Callable[[int], None]


def run_jobs(
    setup: Setup,
    jobs: Sequence[Job],
    rngs: Sequence[NDArray[np.uint64]],
    threads: int,
    tick: Tick,
) -> list[list[State]]:
    """Run every job; what each of them found worth keeping, in the order of the jobs.

    Parameters
    ----------
    setup : Setup
    jobs : sequence of Job
    rngs : sequence of uint64 arrays, shape (1,)
        Random numbers of each.
    threads : int
    tick : callable
        Told of moves done, from the calling thread.
    """
    run = _roamed if setup.is_tight else _cooled
    if threads < 2 or len(jobs) < 2:
        return [run(setup, job, rng, tick) for job, rng in zip(jobs, rngs, strict=True)]
    done: deque[int] = deque()
    with ThreadPoolExecutor(threads) as pool:
        futures = [
            pool.submit(run, setup, job, rng, done.append)
            for job, rng in zip(jobs, rngs, strict=True)
        ]
        try:
            _watch(futures, done, tick)
        except BaseException:
            setup.guard.clock.interrupted = True  # lets the runs end soon
            raise
    return [future.result() for future in futures]


def _watch(futures: list[Future[list[State]]], done: deque[int], tick: Tick) -> None:
    left: set[Future[list[State]]] = set(futures)
    while left:
        left = wait(left, _POLL_S, FIRST_COMPLETED).not_done
        while done:
            tick(done.popleft())


def repaired(setup: Setup, labels: Ints, rng: NDArray[np.uint64], rounds: int) -> State:
    """Bring labels within the bounds and the number of communities, as far as possible."""
    guard = Guard(setup.guard.clock, rounds, setup.guard.deadline_s)
    state = repair(setup.instance, labels, setup.heat, rng, guard)
    return numbered(setup.instance, state, rng)


def locks_clash(instance: Instance, labels: Ints) -> bool:
    """Whether a community holds locked nodes of two old ones."""
    locked = labels[instance.lock >= 0]
    return len(np.unique(locked)) < len(locked)


def _roomy(instance: Instance, labels: Ints) -> State:
    """Lay labels (0..k-1) out with places for communities to be opened."""
    return make_state(instance, labels, 2 + int(labels.max()) // 10)


def _compact(labels: Ints) -> Ints:
    return np.unique(labels, return_inverse=True)[1].astype(np.int32)


def _cooled(setup: Setup, job: Job, rng: NDArray[np.uint64], tick: Tick) -> list[State]:
    """Anneal from hot to cold."""
    instance, heat = setup.instance, setup.heat
    state = make_state(instance, _compact(job.labels))
    if locks_clash(instance, state.labels) or not _is_connected(instance, state.labels):
        state = repaired(setup, job.labels, rng, 1)
    state = _roomy(instance, state.labels)
    far = instance.params[6] > 0
    slices = max(24 if far and job.moves > _SHORT else 12, job.moves // _SLICE)
    hot, cold = heat.hot * job.warmth, heat.hot * 0.02
    temps = hot * (cold / hot) ** np.linspace(0, 1, slices + 1)
    dearer = 1.0 / job.warmth if far else 1.0  # a cold run hardly comes back into the bounds
    for i in range(slices):
        late = i >= 0.8 * slices
        breach = state.breach(instance)
        strict = 1.0 if late and breach == 0 else 0.0
        # What a household outside the bounds must cost is not known where units lie far apart.
        if far and i >= 0.4 * slices and breach > 0:
            dearer *= 1.25
        price = heat.price * setup.pull * dearer * (5.0 if late else 1.0)
        control = (job.moves / slices, temps[i], temps[i + 1], price, strict)
        anneal(instance, state, control, rng)
        restructure(instance, state, _OPENINGS * len(state.home), temps[i + 1], rng)
        refresh(instance, state)
        tick(job.moves // slices)
        if setup.guard.over():
            break
    if far and state.breach(instance) > 0:
        _mend(setup, state, (job.moves // slices, 5.0 * heat.price * setup.pull * dearer), rng)
    if state.breach(instance) > 0 and not setup.guard.over():
        state = repaired(setup, state.labels, rng, 1)
    return [state]


def _mend(setup: Setup, state: State, effort: tuple[int, float], rng: NDArray[np.uint64]) -> None:
    """Heat up a little, a few times, where a cut anew of what is out of bounds would cost much."""
    moves, price = effort
    heat = setup.heat.hot
    for warmth in _MENDING:
        if state.breach(setup.instance) == 0 or setup.guard.over():
            break
        price *= 2.0
        control = (moves, warmth * heat, 0.02 * heat, price, 0.0)
        anneal(setup.instance, state, control, rng)
        refresh(setup.instance, state)


def _roamed(setup: Setup, job: Job, rng: NDArray[np.uint64], tick: Tick) -> list[State]:
    """Recombine pairs at an even temperature from valid labels, then in the cold from the best.

    Where bounds are tight, good plans lie far apart: what is passed on the way counts.
    """
    instance, hot = setup.instance, ROAM_HEAT * setup.heat.hot * job.warmth
    state = _roomy(instance, _compact(job.labels))
    found: list[State] = []
    value, slices = float("inf"), max(10, job.moves // ROAM_SLICE)
    for i in range(slices):
        cold = i / slices - 0.85
        if 0 <= cold < 1 / slices and found:
            state = _roomy(instance, _compact(found[-1].labels))
        heat = hot * (0.02 ** (cold / 0.15) if cold > 0 else 1.0)
        strict = 1.0 if state.breach(instance) == 0 else 0.0
        price = setup.heat.price * setup.pull
        anneal(instance, state, (ROAM_PAIRS, heat, heat, price, strict), rng)
        recombine(instance, state, ROAM_PAIRS, heat, rng)
        restructure(instance, state, _OPENINGS * len(state.home), heat, rng)
        refresh(instance, state)
        if state.breach(instance) == 0 and cost(instance, state) < value - 1e-9:
            value = cost(instance, state)
            found.append(make_state(instance, _compact(state.labels)))
        tick(ROAM_SLICE)
        if setup.guard.over():
            break
    return found


def _is_connected(instance: Instance, labels: Ints) -> bool:
    """Whether every community is in one piece."""
    return int(connected_labels(instance, labels).max()) == int(labels.max())
