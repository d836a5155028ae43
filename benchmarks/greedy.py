"""Mend a partition that breaks bounds by moving single units greedily: a plain repair for METIS."""

import time
from dataclasses import dataclass

import numpy as np

from benchmarks.instances import Ints
from commplan.problem.communities import CommunityProblem


@dataclass
class _Mending:
    """A partition in the making."""

    problem: CommunityProblem
    labels: Ints
    sizes: list[int]
    beside: list[list[tuple[int, float]]]

    def lack(self, size: int) -> int:
        """Households outside the bounds."""
        return max(self.problem.min_households - size, size - self.problem.max_households, 0)

    def stays_whole(self, unit: int) -> bool:
        """Whether the district of ``unit`` is in one piece without it."""
        mine = self.labels[unit]
        near = [v for v, _ in self.beside[unit] if self.labels[v] == mine]
        if not near:
            return False
        seen, stack = {unit, near[0]}, [near[0]]
        while stack:
            for v, _ in self.beside[stack.pop()]:
                if self.labels[v] == mine and v not in seen:
                    seen.add(v)
                    stack.append(v)
        return all(v in seen for v in near)

    def gain(self, unit: int, to: int) -> tuple[float, float]:
        """How much less lies outside the bounds after a move, and how much border it saves."""
        a, h = int(self.labels[unit]), int(self.problem.households[unit])
        before = self.lack(self.sizes[a]) + self.lack(self.sizes[to])
        after = self.lack(self.sizes[a] - h) + self.lack(self.sizes[to] + h)
        border = sum(
            km * ((self.labels[v] == to) - float(self.labels[v] == a))
            for v, km in self.beside[unit]
        )
        return before - after, border

    def move(self, unit: int, to: int) -> None:
        """Give a unit to another district."""
        h = int(self.problem.households[unit])
        self.sizes[self.labels[unit]] -= h
        self.sizes[to] += h
        self.labels[unit] = to


def mended(problem: CommunityProblem, labels: Ints, ends: float) -> Ints | None:
    """Move units, the best first, until every district lies within the bounds.

    Returns
    -------
    int32 array or None
        None where no single move helps any more, or the time is up (``ends``, perf_counter).
    """
    beside: list[list[tuple[int, float]]] = [[] for _ in range(problem.n)]
    e = problem.edges
    for a, b, km in zip(e.tail.tolist(), e.head.tolist(), e.border_km.tolist(), strict=True):
        beside[a].append((b, km))
        beside[b].append((a, km))
    sizes = np.bincount(labels, problem.households).astype(np.int64).tolist()
    work = _Mending(problem, labels.copy(), sizes, beside)
    while time.perf_counter() < ends:
        wrong = {c for c, size in enumerate(work.sizes) if work.lack(size)}
        if not wrong:
            return work.labels
        move = _best_move(work, wrong)
        if move is None:
            return None
        work.move(*move)
    return None


def _best_move(work: _Mending, wrong: set[int]) -> tuple[int, int] | None:
    """Find the move into or out of a district out of bounds that helps most."""
    moves = []
    for unit in range(work.problem.n):
        mine = int(work.labels[unit])
        for to in {int(work.labels[v]) for v, _ in work.beside[unit]} - {mine}:
            if mine in wrong or to in wrong:
                less, border = work.gain(unit, to)
                if less > 0:
                    moves.append((less, border, unit, to))
    for _, _, unit, to in sorted(moves, key=lambda m: (-m[0], -m[1], m[2], m[3])):
        if work.stays_whole(unit):
            return unit, to
    return None
