"""Annealing runs for sites that can be full: temperatures, the charge for what does not fit."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.rooms.anneal import ANEW, EXCESS, NOTHING, SIDES, anneal, refresh
from commplan.optimise.rooms.columns import Columns
from commplan.optimise.rooms.fill import value_of
from commplan.optimise.stop import Clock

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
State = tuple[Ints, Floats, Ints, Ints, Ints, Ints]  # place, load, count, slots, spot, close

NEAR = 16  # cheapest sites of a unit that may be opened for it
MET = 0.25  # share of a run after which answers are told of
QUENCH = 0.1  # share of a run, at its end, without heat


@dataclass(frozen=True)
class Run:
    """How one run goes.

    Parameters
    ----------
    hot, cold : float
        Temperatures at start and end, of the mean cost of a unit.
    slices : int
        Between which the temperature and the charge for what does not fit change.
    unit_steps, most_steps : int
        Steps of a slice: so many per unit, at most so many.
    """

    hot: float = 0.3
    cold: float = 0.02
    slices: int = 80
    unit_steps: int = 200
    most_steps: int = 300_000


class Annealer:
    """Runs on one problem.

    Parameters
    ----------
    columns : Columns
    costs : float64 array, shape (n, m)
        As `fill.table` returns it.
    seed : int
    """

    def __init__(self, columns: Columns, costs: Floats, seed: int) -> None:
        self.columns, self.costs = columns, costs
        self.rng = np.array([seed], dtype=np.uint64)
        count = min(NEAR, columns.m)
        near = np.argpartition(costs, count - 1, axis=1)[:, :count].astype(np.int32)
        room = columns.capacity + 1e-9 * np.maximum(1.0, np.abs(columns.capacity))
        fee, forced = columns.open_cost, columns.forced
        order = np.argsort(near.ravel(), kind="stable")
        start = np.concatenate([[0], np.cumsum(np.bincount(near.ravel(), minlength=columns.m))])
        units = (start.astype(np.int64), (order // count).astype(np.int32))
        self.world = (costs, columns.demand, room, fee, forced, near, columns.most, units)

    def run(
        self, place: Ints, run: Run, clock: Clock, met: Callable[[Ints], None]
    ) -> tuple[float, Ints]:
        """Anneal from an answer, whether all fits in it or not.

        Parameters
        ----------
        place : int32 array, shape (n,)
        run : Run
        clock : Clock
            Guard.
        met : callable
            Told of answers on the way, where not all may fit, but for the hottest part.

        Returns
        -------
        (cost, site of each unit)
            Of the best answer; infinite where nothing fitted.
        """
        columns, n = self.columns, self.columns.n
        steps = min(run.most_steps, run.unit_steps * n)
        best, journal = place.astype(np.int32), np.zeros((3 * n + 1, 2), dtype=np.int32)
        work = (steps, max(64, n // 4), best, journal)
        unit_cost = self._unit_cost(place)
        charge = unit_cost / max(float(columns.demand.mean()), 1e-12)
        state, tally = self._state(place)
        heated = max(1, round(run.slices * (1.0 - QUENCH)))
        for turn in range(run.slices):
            if clock.over():
                break
            share = turn / max(heated - 1, 1)
            heat = unit_cost * run.hot * (run.cold / run.hot) ** share if turn < heated else 1e-9
            anneal(self.world, state, (heat, charge), tally, self.rng, work)
            fits = tally[EXCESS] < 1e-6
            charge *= 1.0 / 1.1 if fits else 1.2
            if turn > MET * run.slices:
                met(state[0])
            tally[:3] = self._tally(state)
        return value_of(columns, self.costs, best), best

    def _unit_cost(self, place: Ints) -> float:
        own = self.costs[np.arange(self.columns.n), place]
        served = own[own < self.columns.missing]
        return float(served.mean()) + 1e-9 if len(served) else 1.0

    def _state(self, place: Ints) -> tuple[State, Floats]:
        """Lay out which units are where."""
        columns, n, m = self.columns, self.columns.n, self.columns.m
        order = np.argsort(place, kind="stable").astype(np.int32)
        count = np.bincount(place, minlength=m).astype(np.int32)
        spot = np.empty(n, dtype=np.int32)
        spot[order] = np.arange(n) - (np.cumsum(count) - count)[place[order]]
        slots = np.empty((m, n), dtype=np.int32)
        slots[place, spot] = np.arange(n)
        load = np.bincount(place, weights=columns.demand, minlength=m).astype(np.float64)
        close = np.zeros((n, SIDES), dtype=np.int32)
        refresh(self.costs, columns.forced, count, close, ANEW)
        state = (place.astype(np.int32), load, count, slots, spot, close)
        tally = np.array([*self._tally(state), NOTHING], dtype=np.float64)
        return state, tally

    def _tally(self, state: State) -> tuple[float, float, float]:
        """Add up value, excess and open sites anew, so that rounding does not gather."""
        place, columns, room = state[0], self.columns, self.world[2]
        opened = columns.forced | (state[2] > 0)
        value = self.costs[np.arange(columns.n), place].sum() + columns.open_cost[opened].sum()
        load = np.bincount(place, weights=columns.demand, minlength=columns.m)
        return float(value), float(np.maximum(load - room, 0.0).sum()), float(opened.sum())
