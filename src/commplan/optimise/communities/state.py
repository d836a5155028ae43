"""A plan in the making: labels of an instance's nodes with the sums that moves keep up to date."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commplan.optimise.communities.instance import Floats, Instance, Ints
from commplan.problem.successors import match_successors
from commplan.problem.terms import successors, sum_by


@dataclass
class State:
    """Mutable; owned by one search.

    Parameters
    ----------
    labels : int32 array, shape (nodes,)
    sums : float64 array, shape (4 + attributes, k)
        Households, area (km²), nodes and exempt nodes of each community, then its attributes.
    home : int32 array, shape (k,)
        The old community that each one is taken for; -2 for none.
    centre_km : float64 array, shape (k, 2)
        Its median unit.
    work : pair of arrays
        Scratch of the connectivity test.
    """

    labels: Ints
    sums: Floats
    home: Ints
    centre_km: Floats
    work: tuple[NDArray[np.int64], Ints]

    def breach(self, instance: Instance) -> float:
        """Households outside the bounds, and those that attributes outside theirs stand for.

        Exempt communities apart.
        """
        return float(bad_communities(instance, self)[1].sum())


def make_state(instance: Instance, labels: Ints, spare: int = 0) -> State:
    """Sum up ``labels`` (0..k-1, all used); ``spare`` communities are empty and may be opened."""
    k = int(labels.max()) + 1 + spare
    sums = np.stack(
        [
            np.bincount(labels, values, k).astype(np.float64)
            for values in (
                instance.households,
                instance.area_km2,
                np.ones(instance.n),
                instance.exempt,
                *instance.amounts,
            )
        ]
    )
    state = State(
        np.ascontiguousarray(labels, dtype=np.int32).copy(),
        sums,
        np.full(k, -2, dtype=np.int32),
        np.zeros((k, 2)),
        (np.zeros(instance.n + 1, dtype=np.int64), np.zeros(instance.n + 1, dtype=np.int32)),
    )
    refresh(instance, state)
    return state


def refresh(instance: Instance, state: State) -> None:
    """Match homes and find medians anew."""
    if instance.params[6] != 0.0:
        m = instance.members
        members = (m.ptr, m.x_km, m.y_km, m.households)
        _recentre(state.labels, members, state.centre_km, instance.params[10])
    rematch(instance, state)


def rematch(instance: Instance, state: State) -> None:
    """Give each community the old one it shares most with, one to one."""
    m = instance.members
    if not m.moved_cost.any():
        return
    k = len(state.home)
    labels = np.repeat(state.labels, np.diff(m.ptr))
    forced = {
        int(state.labels[v]): int(instance.lock[v]) for v in np.flatnonzero(instance.lock >= 0)
    }
    found = successors(m.today, m.households.astype(np.int64), labels, forced)
    state.home[:] = -2
    state.home[: len(found)] = np.where(found >= 0, found, -2)
    assert len(found) <= k  # noqa: S101


def locks_hold(instance: Instance, state: State) -> bool:
    """Whether the largest matching alone gives every locked node the successor it must join."""
    locked = np.flatnonzero(instance.lock >= 0)
    if len(locked) == 0:
        return True
    m = instance.members
    labels = np.repeat(state.labels, np.diff(m.ptr))
    pinned = np.repeat(instance.lock, np.diff(m.ptr))
    was = m.today.astype(np.int64)
    kept = (pinned >= 0) & (pinned == was)
    found = match_successors(was, labels.astype(np.int64), m.households.astype(np.int64), kept)
    return bool((found[state.labels[locked]] == instance.lock[locked]).all())


def bad_communities(instance: Instance, state: State) -> tuple[NDArray[np.int64], Floats]:
    """Communities out of bounds that may not be, and by how many households."""
    total, count, exempts = state.sums[0], state.sums[2], state.sums[3]
    wrong = np.maximum(instance.low - total, total - instance.high)
    wrong = np.maximum(wrong, 0.0)
    if len(instance.amounts):
        wrong = wrong + outside_attributes(instance, state.sums[4:])
    wrong[(count == 0) | (exempts > 0)] = 0.0
    bad = np.flatnonzero(wrong > 0)
    return bad, wrong[bad]


def outside_attributes(instance: Instance, amounts: Floats) -> Floats:
    """Households that the attributes outside their bounds stand for; ``amounts`` (attributes, k)."""
    low, high, worth = (row[:, None] for row in instance.limits)
    beyond = np.maximum(np.maximum(low - amounts, amounts - high), 0.0)
    return np.asarray((beyond * worth).sum(axis=0))


def cost(instance: Instance, state: State) -> float:
    """Weighted cost of the instance's own terms (homes and medians as they stand)."""
    return float(community_costs(instance, state).sum())


def community_costs(instance: Instance, state: State) -> Floats:
    """Cost of each community by itself, float64 of shape (k,); borders count half.

    Given the homes, every term is a sum over communities.
    """
    p, m, labels = instance.params, instance.members, state.labels
    rows, k = instance.rows, len(state.home)
    tail = labels[np.repeat(np.arange(instance.n), np.diff(rows.ptr))]
    cut = tail != labels[rows.nbr]
    value = 0.5 * sum_by(tail[cut], rows.cost[cut], k)
    used = state.sums[2] > 0
    value += p[4] * np.where(used, np.abs(state.sums[0] - p[2]), 0.0)
    value += p[5] * np.where(used, np.abs(state.sums[1] - p[3]), 0.0)
    value += p[7] * used
    unit_labels = np.repeat(labels, np.diff(m.ptr))
    moved = m.today != state.home[unit_labels]
    value += sum_by(unit_labels[moved], m.moved_cost[moved], k)
    if p[6] != 0.0:
        centre = state.centre_km[unit_labels]
        away = np.hypot(m.x_km - centre[:, 0], m.y_km - centre[:, 1])
        away = away**2 if p[10] != 0.0 else away
        value += p[6] * sum_by(unit_labels, m.households * away, k)
    return value


@njit(cache=True, nogil=True)
def _recentre(lab, members, centre, squared):  # type: ignore[no-untyped-def]
    """Move each centre to the community's median unit."""
    ptr, x, y, hh = members
    k = len(centre)
    n = len(lab)
    start = np.zeros(k + 1, dtype=np.int64)
    for v in range(n):
        start[lab[v] + 1] += ptr[v + 1] - ptr[v]
    for c in range(k):
        start[c + 1] += start[c]
    place = start[:-1].copy()
    units = np.empty(len(x), dtype=np.int64)
    for v in range(n):
        for i in range(ptr[v], ptr[v + 1]):
            units[place[lab[v]]] = i
            place[lab[v]] += 1
    for c in range(k):
        best = np.inf
        for i in units[start[c] : start[c + 1]]:
            value = 0.0
            for j in units[start[c] : start[c + 1]]:
                square = (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2
                value += hh[j] * (square if squared != 0.0 else np.sqrt(square))
                if value >= best:
                    break
            if value < best:
                best = value
                centre[c, 0] = x[i]
                centre[c, 1] = y[i]
