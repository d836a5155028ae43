"""Small random counties, and every possible merging of their villages by plain enumeration.

The enumeration shares no code with the optimiser: it goes through all sets of villages, keeps those
that may be a group by the rules as they are written, and finds the best division of the county into
groups and villages that stay. Where all weights are on terms that dividing a group never raises, the
rule that a group may not be divisible is left out: the optimiser, which keeps to it, must still find
the best of all plans.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from commplan.problem.villages import DIVISIBLE, VillageLimits, VillageProblem, VillageWeights

VILLAGES = 12
NEAR_KM = 2.2
MIN_PER_KM = 12.5


def random_county(seed: int) -> VillageProblem:
    """Draw 12 villages with neighbours, traits, limits and weights.

    Two of three also have two townships, votes, and villages that must and must not join.
    """
    rng = np.random.default_rng(seed)
    n, bound = VILLAGES, seed % 3 > 0
    xy = rng.random((n, 2)) * 5
    away_km = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    ends = np.argwhere(np.triu(away_km <= NEAR_KM, 1)).astype(np.int32)
    population = rng.choice([60, 120, 180, 250, 300, 420, 700], n)
    drawn, chosen = rng.random(7), rng.random(7) < 0.6
    if seed % 2:  # only terms that dividing a group never raises
        chosen &= np.array([name in DIVISIBLE for name in VillageWeights.__annotations__])
    join = np.where(rng.random(n) < 0.1, 0, -1)
    join[rng.choice(n, 2, replace=False)] = rng.choice([-1, 1])
    apart = rng.choice(n, (2, 2), replace=False)
    return VillageProblem(
        population=population.astype(np.int64),
        households=(population // 3).astype(np.int64),
        area_km2=np.ones(n),
        xy_km=xy,
        tail=np.ascontiguousarray(ends[:, 0]),
        head=np.ascontiguousarray(ends[:, 1]),
        border_km=(rng.random(len(ends)) + 0.1).round(2),
        township=(bound & (rng.random(n) < 0.15)).astype(np.int32),
        locked=bound & (rng.random(n) < 0.05),
        join=np.where(bound, join, -1).astype(np.int32),
        apart=apart[: 2 * bound].astype(np.int32),
        minutes=MIN_PER_KM * away_km,
        traits=rng.integers(-1, 3, (2, n)).astype(np.int32),
        collective_yuan=np.where(rng.random(n) < 0.3, np.nan, rng.random(n) * 500),
        limits=VillageLimits(
            max_people=_one_of(rng, None, 900, 1500),
            max_households=_one_of(rng, None, None, 400),
            max_area_km2=_one_of(rng, None, 4.0, 5.0),
            max_minutes=_one_of(rng, None, 25.0, 35.0),
            max_villages=int(rng.integers(4, 8)),
            target_people=float(rng.choice([400, 800])),
        ),
        weights=VillageWeights(*np.where(chosen, drawn * 5, 0.0).round(2).tolist()),
    )


def _one_of(rng: np.random.Generator, *values: Any) -> Any:
    return values[int(rng.integers(len(values)))]


@dataclass(frozen=True)
class Enumeration:
    """Every plan of a small county."""

    problem: VillageProblem

    @cached_property
    def near(self) -> list[int]:
        """Neighbours of each village within its township, as a bit mask."""
        p = self.problem
        masks = [0] * p.n
        for a, b in zip(p.tail.tolist(), p.head.tolist(), strict=True):
            if p.township[a] == p.township[b]:
                masks[a] |= 1 << b
                masks[b] |= 1 << a
        return masks

    @cached_property
    def tied(self) -> list[int]:
        """Sets of villages that must be together, as bit masks; who voted no is not of them."""
        p = self.problem
        sets: dict[int, int] = {}
        for v, number in enumerate(p.join.tolist()):
            if number >= 0 and not p.locked[v]:
                sets[number] = sets.get(number, 0) | 1 << v
        return [mask for mask in sets.values() if mask.bit_count() > 1]

    @cached_property
    def divisible_may_be(self) -> bool:
        """Whether groups that could be divided are enumerated as well."""
        weights = vars(self.problem.weights)
        return all(weight == 0 for term, weight in weights.items() if term not in DIVISIBLE)

    def people(self, group: int) -> int:
        """People of a group."""
        return int(sum(self.problem.population[v] for v in members(group)))

    def in_one_piece(self, group: int) -> bool:
        """Whether a group is connected."""
        reached = group & -group
        while True:
            more = reached
            for v in members(reached):
                more |= self.near[v] & group
            if more == reached:
                return reached == group
            reached = more

    def ways(self, group: int) -> list[float]:
        """Person-minutes to each seat that all of a group reach in time."""
        p, limit = self.problem, self.problem.limits.max_minutes
        held = members(group)
        return [
            float(sum(p.population[v] * p.minutes[v, seat] for v in held))
            for seat in held
            if limit is None or all(p.minutes[v, seat] <= limit for v in held)
        ]

    def stands(self, group: int) -> bool:
        """Whether a set of villages is large enough, connected, and reaches some seat in time."""
        enough = self.people(group) > self.problem.limits.small_people
        return enough and self.in_one_piece(group) and bool(self.ways(group))

    def divisible(self, group: int) -> bool:
        """Whether a group falls into two that stand, none of the tied sets cut."""
        part = (group - 1) & group
        while part:
            other = group & ~part
            whole = all(not (tie & part and tie & other) for tie in self.tied)
            if whole and self.stands(part) and self.stands(other):
                return True
            part = (part - 1) & group
        return False

    def is_group(self, group: int) -> bool:
        """Whether two and more villages may be one group."""
        p, limits, held = self.problem, self.problem.limits, members(group)
        sums = (
            (self.people(group), limits.max_people),
            (int(sum(p.households[v] for v in held)), limits.max_households),
            (float(sum(p.area_km2[v] for v in held)), limits.max_area_km2),
            (len(held), limits.max_villages),
        )
        if any(most is not None and value > most for value, most in sums):
            return False
        if any(p.locked[v] for v in held) or any(0 < tie & group < tie for tie in self.tied):
            return False
        if any(group >> a & 1 and group >> b & 1 for a, b in p.apart.tolist()):
            return False
        return self.stands(group) and (self.divisible_may_be or not self.divisible(group))

    def cost(self, group: int) -> float:
        """Weighted cost of a group."""
        p, w, held = self.problem, self.problem.weights, members(group)
        people = {v: int(p.population[v]) for v in held}
        total = sum(people.values())
        mixed = 0
        for trait in p.traits:
            known = {int(trait[v]) for v in held} - {-1}
            shares = [sum(people[v] for v in held if trait[v] == value) for value in known]
            mixed += sum(shares) - max(shares, default=0)
        heads = [p.collective_yuan[v] / people[v] for v in held if p.collective_yuan[v] >= 0]
        pairs = zip(p.tail.tolist(), p.head.tolist(), p.border_km.tolist(), strict=True)
        outer = sum(km for a, b, km in pairs if (group >> a & 1) != (group >> b & 1))
        return float(
            w.touched_villages * len(held)
            + w.renamed_people * (total - max(people.values()))
            + w.person_minutes * min(self.ways(group))
            + w.people_above_target * max(0.0, total - p.limits.target_people)
            + w.mixed_people * mixed
            + w.collective_gap_yuan * total * (max(heads, default=0) - min(heads, default=0))
            + w.outer_border_km * outer
        )

    def best(self) -> tuple[int, float]:
        """Return the fewest villages left, and the least cost of a plan that leaves as few."""
        p = self.problem
        loose = set(range(p.n)) - {v for tie in self.tied for v in members(tie)}
        parts = [(tie, tie.bit_count(), 0.0) for tie in self.tied]
        parts += [(1 << v, int(p.population[v] <= p.limits.small_people), 0.0) for v in loose]
        for size in range(2, p.limits.max_villages + 1):
            for chosen in combinations(range(p.n), size):
                group = sum(1 << v for v in chosen)
                if self.is_group(group):
                    parts.append((group, 0, self.cost(group)))
        by_first: list[list[tuple[int, int, float]]] = [[] for _ in range(p.n)]
        for part in parts:
            by_first[(part[0] & -part[0]).bit_length() - 1].append(part)
        done = {0: (0, 0.0)}
        whole = (1 << p.n) - 1
        for mask in range(whole):
            if mask not in done:
                continue
            first = (~mask & -~mask).bit_length() - 1
            for group, left, cost in by_first[first]:
                if not group & mask:
                    plan = (done[mask][0] + left, done[mask][1] + cost)
                    done[mask | group] = min(plan, done.get(mask | group, (p.n + 1, 0.0)))
        return done[whole]


def members(group: int) -> list[int]:
    """Villages of a bit mask."""
    return [v for v in range(group.bit_length()) if group >> v & 1]
