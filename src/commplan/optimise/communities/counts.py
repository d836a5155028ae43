"""The number of communities: shared out among components, and reached by splits and merges."""

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.instance import Instance, Ints, Positions
from commplan.optimise.communities.repair import attributes_astray, cut_region, quotient
from commplan.optimise.communities.state import State, make_state
from commplan.problem.communities import CommunityProblem

_ROUNDS = 400
_TREES = 4
_LARGEST = 7  # communities cut anew together to make one more or one fewer


def numbered(instance: Instance, state: State, rng: NDArray[np.uint64]) -> State:
    """Split or merge communities until their number fits the instance, as far as that goes.

    Neighbouring communities, first one or two, then more, are cut anew along random spanning
    trees; a cut into more (or fewer) pieces is kept.

    Returns
    -------
    State
        ``state`` itself where its number fits already or it breaks the bounds.
    """
    fewest, most = instance.params[8], instance.params[9]
    k = int((state.sums[2] > 0).sum())
    if fewest <= k <= most or state.breach(instance) > 0:
        return state
    labels = np.unique(state.labels, return_inverse=True)[1].astype(np.int32)
    draw = np.random.default_rng(int(rng[0]))
    for attempt in range(_ROUNDS):
        k = int(labels.max()) + 1
        if fewest <= k <= most:
            break
        size = 1 + attempt * _LARGEST // _ROUNDS
        labels = _recut(instance, labels, (size, 1 if k < fewest else -1), (draw, rng))
    return make_state(instance, labels)


def _recut(
    instance: Instance,
    labels: Ints,
    wish: tuple[int, int],
    chance: tuple[np.random.Generator, NDArray[np.uint64]],
) -> Ints:
    """Cut some communities anew; keep it if their number goes the way that is wished."""
    draw, rng = chance
    size, way = wish
    around = quotient(instance, labels)
    total = np.bincount(labels, instance.households).astype(np.float64)
    region = _region(around, total * way, max(size, 2 if way < 0 else 1), draw)
    nodes = np.flatnonzero(np.isin(labels, region)).astype(np.int32)
    for _ in range(_TREES):
        cut = cut_region(instance, nodes, rng, trees=1)
        if cut is None or attributes_astray(instance, nodes, cut) > 0:
            continue
        if (int(cut.max()) + 1 - len(region)) * way > 0:
            result = labels.copy()
            result[nodes] = int(labels.max()) + 1 + cut
            return np.unique(result, return_inverse=True)[1].astype(np.int32)
    return labels


def _region(
    around: list[dict[int, float]],
    rank: NDArray[np.float64],
    size: int,
    draw: np.random.Generator,
) -> list[int]:
    """Choose a community of high rank and neighbours of high rank around it."""
    noise = draw.gumbel(size=len(rank)) * max(1.0, float(np.ptp(rank)) / 4)
    score = rank + noise
    region = [int(np.argmax(score))]
    while len(region) < size:
        beside = {d for c in region for d in around[c]} - set(region)
        if not beside:
            break
        region.append(max(beside, key=lambda d: (score[d], -d)))
    return region


def shared_out(
    problem: CommunityProblem, pieces: list[Ints], kept: int
) -> list[tuple[int, int | None]]:
    """Share the number of communities out among components, by households.

    Parameters
    ----------
    problem : CommunityProblem
    pieces : list of int32 arrays
        Units of each component.
    kept : int
        Communities that stand already, besides.

    Returns
    -------
    list of (fewest, most)
        (0, None) where counting alone keeps the number within its limits.
    """
    fewest = max(0, problem.min_communities - kept)
    most = None if problem.max_communities is None else max(0, problem.max_communities - kept)
    if len(pieces) == 1:
        return [(fewest, most)]
    total = np.array([float(problem.households[units].sum()) for units in pieces])
    counted = np.array([count_range(problem, units) for units in pieces], dtype=np.float64)
    least, largest = counted[:, 0], counted.max(axis=1)
    if least.sum() >= fewest and (most is None or largest.sum() <= most):
        return [(0, None)] * len(pieces)
    size = max(1.0, problem.target_households)
    wanted = float(np.clip(np.round(total / size), least, largest).sum())
    wanted = min(max(wanted, fewest), wanted if most is None else most)
    share = np.clip(np.round(total * wanted / max(1.0, float(total.sum()))), least, largest)
    while share.sum() != wanted:
        up = share.sum() < wanted
        room = np.flatnonzero(share < largest) if up else np.flatnonzero(share > least)
        if len(room) == 0:
            break
        size_each = total[room] / share[room]
        share[room[np.argmax(size_each) if up else np.argmin(size_each)]] += 1 if up else -1
    return _ranges(share, (least, largest), (fewest, most))


def _ranges(
    share: NDArray[np.float64],
    counted: tuple[NDArray[np.float64], NDArray[np.float64]],
    limits: tuple[int, int | None],
) -> list[tuple[int, int | None]]:
    """Widen fixed shares as far as any sum of them keeps the limits."""
    least, largest = counted
    low, high = share.copy(), share.copy()
    for _ in range(int(share.sum()) + len(share)):
        before = high.sum() - low.sum()
        for i in np.argsort(-share, kind="stable"):
            if high[i] < largest[i] and (limits[1] is None or high.sum() < limits[1]):
                high[i] += 1
            if low[i] > least[i] and low.sum() > limits[0]:
                low[i] -= 1
        if high.sum() - low.sum() == before:
            break
    return [(int(a), int(b)) for a, b in zip(low, high, strict=True)]


def count_range(problem: CommunityProblem, units: Positions) -> tuple[int, int]:
    """Fewest and most communities that ``units`` can make, by counting households and attributes.

    Exceptions apart. Where the first is above the second, no number fits.
    """
    sums = [(problem.households, problem.min_households, problem.max_households)]
    sums += [(a.amount, a.low, a.high) for a in problem.attributes]
    fewest, most = 1, len(units)
    for amount, low, high in sums:
        total = int(amount[units].sum())
        fewest = max(fewest, -(-total // max(1, high)))
        most = min(most, total // low if low > 0 else most)
    return fewest, most
