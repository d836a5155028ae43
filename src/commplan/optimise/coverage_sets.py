"""Connected sets of places: all of a small cluster, good ones of a large one."""

from collections import deque
from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array
from scipy.sparse.csgraph import connected_components

from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.redraw import redraw
from commplan.problem.communities import CommunityProblem, Edges, Weights
from commplan.problem.coverage import CoverageProblem

#: Of a cluster with more connected sets than this not all are listed; the answer is not proven then.
MOST_SETS = 20_000

Sets = list[tuple[int, ...]]


def connected_sets(problem: CoverageProblem) -> tuple[Sets, Sets, bool]:
    """List connected sets of places that are not too large.

    Of a cluster with more than `MOST_SETS` the smallest ones are listed, those that grow from each
    place to its nearest neighbours, and the communities that redrawing divides the cluster into.

    Returns
    -------
    sets : list of tuple of int
        Each once.
    redrawn : list of tuple of int
        Those that redrawing gave: no two hold the same place.
    complete : bool
        Whether these are all.
    """
    n = problem.n
    links = csc_array((np.ones(len(problem.tail)), (problem.tail, problem.head)), shape=(n, n))
    cluster = connected_components(links, directed=False)[1]
    near = [0] * n
    for a, b in zip(problem.tail.tolist(), problem.head.tolist(), strict=True):
        near[a] |= 1 << b
        near[b] |= 1 << a
    found: Sets = []
    redrawn: Sets = []
    complete = True
    for number in range(int(cluster.max()) + 1):
        members = np.flatnonzero(cluster == number)
        listed = list(islice(_sets_of(members.tolist(), near, problem), MOST_SETS + 1))
        if len(listed) > MOST_SETS:
            complete = False
            drawn = _redrawn(members, problem)
            listed += _grown(members.tolist(), near, problem) + drawn
            redrawn += drawn
        found += dict.fromkeys(listed)
    return found, redrawn, complete


def _sets_of(
    members: list[int], near: list[int], problem: CoverageProblem
) -> Iterator[tuple[int, ...]]:
    """Give each connected set of a cluster once: single places first, then what grows from them.

    A set grows by one place of its border at a time, which is taken in or left out for good.
    """
    weight = problem.households.tolist()
    waiting: deque[tuple[tuple[int, ...], int, int, int]] = deque()
    barred = 0
    for root in members:
        barred |= 1 << root
        waiting.append(((root,), near[root] & ~barred, barred, weight[root]))
        yield (root,)
    while waiting:
        places, border, out, total = waiting.popleft()
        while border:
            bit = border & -border
            border ^= bit
            out |= bit
            place = bit.bit_length() - 1
            if total + weight[place] > problem.max_households:
                continue
            grown = (*places, place)
            yield tuple(sorted(grown))
            waiting.append((grown, border | (near[place] & ~out), out, total + weight[place]))


def _grown(members: list[int], near: list[int], problem: CoverageProblem) -> Sets:
    """Let a set grow from each place by the nearest of its border, and keep every step."""
    weight, xy = problem.households, problem.xy_km
    found: Sets = []
    for root in members:
        places, border, total = [root], near[root], int(weight[root])
        held = 1 << root
        while border:
            there = [i for i in _bits(border) if total + weight[i] <= problem.max_households]
            if not there:
                break
            away = np.hypot(*(xy[there] - xy[root]).T)
            place = there[int(np.argmin(away))]
            places.append(place)
            total += int(weight[place])
            held |= 1 << place
            border = (border | near[place]) & ~held
            found.append(tuple(sorted(places)))
    return found


def _bits(number: int) -> list[int]:
    """Give the positions of the ones of a number, the smallest first."""
    found = []
    while number:
        low = number & -number
        found.append(low.bit_length() - 1)
        number ^= low
    return found


def _redrawn(members: NDArray[np.intp], problem: CoverageProblem) -> Sets:
    """Divide a large cluster into new communities, as a town is redrawn; none where that fails."""
    place = np.full(problem.n, -1, dtype=np.int32)
    place[members] = np.arange(len(members), dtype=np.int32)
    inside = place[problem.tail] >= 0
    m, n = int(inside.sum()), len(members)
    part = problem.part[members]
    question = CommunityProblem(
        households=problem.households[members],
        area_km2=np.zeros(n),
        xy_km=problem.xy_km[members],
        edges=Edges(
            place[problem.tail[inside]],
            place[problem.head[inside]],
            np.zeros(m),
            np.zeros(m),
            np.ones(m, dtype=np.bool_),
        ),
        part=np.where(part < 0, int(part.max()), part).astype(np.int32),
        group=np.full(n, -1, dtype=np.int32),
        today=np.full(n, -1, dtype=np.int32),
        locked=np.zeros(n, dtype=np.bool_),
        exempt=np.zeros(n, dtype=np.bool_),
        min_households=problem.min_households,
        max_households=problem.max_households,
        target_households=(problem.min_households + problem.max_households) / 2,
        weights=Weights(distance_household_km=1.0),
    )
    result = redraw(question, RedrawParams(effort="quick", explain=False, bound=False))
    if result.interrupted:
        raise KeyboardInterrupt
    if result.labels is None:
        return []
    return [tuple(members[result.labels == label].tolist()) for label in np.unique(result.labels)]
