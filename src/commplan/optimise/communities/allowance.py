"""A limit on the households that may move, in a search.

Who succeeds whom is decided by the whole plan, so the limit is no local rule: moves are judged
with a price on households that move (a Lagrangian multiplier, adapted to what comes out), plans
are kept only within the limit, and the choice among communities of many plans has a row for it.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.instance import Instance
from commplan.optimise.communities.kernel import anneal
from commplan.optimise.communities.repair import Heat
from commplan.optimise.communities.runs import Job, run_jobs
from commplan.optimise.communities.start import today_labels
from commplan.optimise.communities.state import State, make_state, rematch
from commplan.optimise.communities.treecut import seed_state

if TYPE_CHECKING:
    from commplan.optimise.communities.search import Search

_UP, _DOWN = 1.6, 1.3  # how fast the price follows what comes out
_NEAR = 0.9  # of the limit: a plan that uses so much of it needs no lower price
_LEAST, _FIRST, _MOST = 0.01, 0.5, 1e4  # prices, as multiples of that of the bounds
_TRIES_PER_NODE = 100
_ROUNDS = 5
ABOVE_ALL = 50.0  # price of a moved household where nothing else counts, as that of the bounds
_LEAST_CHANGE_PER_NODE = 1_500  # moves
_PROBES = 9
_PROBE_PER_NODE = 400  # moves
_WARMTHS = (0.5, 0.3, 1.0, 0.1)


@dataclass
class Allowance:
    """What one search may move.

    Parameters
    ----------
    limit : float
        Households; plans that move more are kept only while there is none that moves less.
    price : float
        Of one moved household, for judging moves, on top of its weight.
    """

    limit: float
    price: float

    def adapt(self, moved: float, heat: Heat) -> None:
        """Let the price follow what a run with it came to."""
        if moved > self.limit:
            self.price = max(self.price * _UP, _LEAST * heat.price)
        elif moved < _NEAR * self.limit:
            self.price /= _DOWN
            if self.price < _LEAST * heat.price:
                self.price = 0.0
        self.price = min(self.price, _MOST * heat.price)


def first_allowance(heat: Heat) -> Allowance:
    """Nothing may move, and moves are dear: so the first plan changes little."""
    return Allowance(0.0, _FIRST * heat.price)


def priced(instance: Instance, price: float) -> Instance:
    """Charge ``price`` more for every household that moves."""
    if price <= 0:
        return instance
    m = instance.members
    dearer = m.moved_cost + np.where(m.today >= 0, price * m.households, 0.0)
    return replace(instance, members=replace(m, moved_cost=dearer))


def moved_by(instance: Instance, state: State) -> NDArray[np.float64]:
    """Households of each community that move, given the homes of ``state``; shape (k,)."""
    m = instance.members
    labels = np.repeat(state.labels, np.diff(m.ptr))
    moves = (m.today >= 0) & (m.today != state.home[labels])
    return np.bincount(labels[moves], m.households[moves], len(state.home)).astype(np.float64)


def sent_home(
    instance: Instance, state: State, heat: Heat, allowance: Allowance, rng: NDArray[np.uint64]
) -> int:
    """Send households of ``state`` home, in place, until no more than allowed move.

    Returns
    -------
    int
        Moves tried; whether it worked is for the caller to see.
    """
    price = max(allowance.price, heat.price)
    tries = _TRIES_PER_NODE * instance.n
    for number in range(_ROUNDS):
        if state.breach(instance) > 0 or moved_by(instance, state).sum() <= allowance.limit:
            return number * tries
        price *= 2.0
        cold = 0.02 * heat.hot
        anneal(priced(instance, price), state, (tries, 5 * cold, cold, 2 * price, 1.0), rng)
        rematch(instance, state)
    return _ROUNDS * tries


def share_out(searches: list["Search"], limit: float, done: int) -> None:
    """Share the households that may move out among searches that all have a plan.

    Where the plans move too many, the searches look for others, until they do not. What is left
    goes to the searches from number ``done`` on, by their nodes.
    """
    if done == 0:
        for search in sorted(searches, key=lambda s: -_moved(s)):
            beyond = sum(_moved(s) for s in searches) - limit
            if beyond > 0:
                move_fewer(search, max(0.0, _moved(search) - beyond))
    slack = max(0.0, limit - sum(_moved(s) for s in searches))
    nodes = sum(s.truth.n for s in searches[done:])
    for search in searches[done:]:
        allow(search, _moved(search) + slack * search.truth.n / nodes)


def _moved(search: "Search") -> float:
    return 0.0 if search.best is None else search.best.moved


def allow(search: "Search", limit: float) -> None:
    """Let at most ``limit`` households move in ``search``."""
    if search.allowance is not None and search.best is not None:
        search.allowance.limit = limit
        best = search.best
        search.best = search.as_found(best.labels, best.cost, best.moved)


def move_fewer(search: "Search", limit: float) -> None:
    """Look for a plan that moves at most ``limit`` households, whatever else it costs."""
    allow(search, limit)
    price = ABOVE_ALL * search.heat.price
    heat = Heat(price * max(1.0, float(search.truth.households.mean())), 2.0 * price)
    setup = search.setup()
    setup = replace(setup, instance=priced(search.truth, price), heat=heat, pull=1.0)
    for warmth in _WARMTHS:
        if search.best is None or search.best.excess == 0 or search.is_over():
            break
        moves = _LEAST_CHANGE_PER_NODE * search.truth.n
        starts = [today_labels(search.truth), search.best.labels]
        jobs = [Job(labels, moves, warmth) for labels in starts]
        rngs = [seed_state(search.seeds) for _ in jobs]
        for states in run_jobs(setup, jobs, rngs, search.threads, search.tick):
            for state in states:
                search.take(state)
        search.combine()


def calibrate(search: "Search", budget: float) -> None:
    """Find by short runs the price at which about as many households move as may."""
    allowance = search.allowance
    if allowance is None or search.best is None:
        return
    moves = int(min(_PROBE_PER_NODE * search.truth.n, budget / 100))
    cheap = dear = allowance.price = 0.0
    for _ in range(_PROBES):
        search.judge_anew()
        job = Job(search.best.labels, moves, 0.5)
        rng = seed_state(search.seeds)
        states = run_jobs(search.setup(), [job], [rng], 1, search.tick)[0]
        moved = float("inf")
        for state in states[-1:]:
            moved = _moved_in(search, state)
            search.take(state)
        if moved <= allowance.limit:
            dear = allowance.price
            if dear == 0.0:
                break
        else:
            cheap = allowance.price
        allowance.price = (cheap + dear) / 2 if dear else max(4 * cheap, 0.05 * search.heat.price)
        if search.is_over():
            break
    search.judge_anew()


def _moved_in(search: "Search", state: State) -> float:
    labels = np.unique(state.labels, return_inverse=True)[1].astype(np.int32)
    return float(moved_by(search.truth, make_state(search.truth, labels)).sum())


def follow(search: "Search", state: State) -> float:
    """Let the price follow what a run came to; send home what must not move. The cost then."""
    allowance = search.allowance
    if allowance is None or state.breach(search.instance) > 0:
        return float("inf")
    labels = np.unique(state.labels, return_inverse=True)[1].astype(np.int32)
    settled = make_state(search.truth, labels)
    moved = float(moved_by(search.truth, settled).sum())
    allowance.adapt(moved, search.heat)
    search.judge_anew()
    if moved <= allowance.limit:
        return float("inf")
    rng = seed_state(search.seeds)
    search.tick(sent_home(search.truth, settled, search.heat, allowance, rng))
    return search.take(settled)
