"""Merging villages: hand-made cases, and small counties against every possible plan."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from commplan.optimise.villages.groups import list_groups
from commplan.optimise.villages.merge import merge_villages
from commplan.problem.result import Status
from commplan.problem.villages import VillageLimits, VillageProblem, VillageWeights


def county(
    population: list[int], pairs: list[tuple[int, int]], **changes: object
) -> VillageProblem:
    """Make a county of villages 1 km apart on a line, with the neighbours that are given."""
    n = len(population)
    ends = np.array(sorted((min(p), max(p)) for p in pairs), dtype=np.int32).reshape(-1, 2)
    xy = np.c_[np.arange(n), np.zeros(n)].astype(float)
    plain = VillageProblem(
        population=np.array(population, dtype=np.int64),
        households=np.array(population, dtype=np.int64) // 3,
        area_km2=np.ones(n),
        xy_km=xy,
        tail=np.ascontiguousarray(ends[:, 0]),
        head=np.ascontiguousarray(ends[:, 1]),
        border_km=np.ones(len(ends)),
        township=np.zeros(n, dtype=np.int32),
        locked=np.zeros(n, dtype=np.bool_),
        join=np.full(n, -1, dtype=np.int32),
        apart=np.zeros((0, 2), dtype=np.int32),
        minutes=12.5 * np.abs(xy[:, None, 0] - xy[None, :, 0]),
        traits=np.zeros((0, n), dtype=np.int32),
        collective_yuan=np.full(n, np.nan),
    )
    return plain.replace(**changes)


CHAIN = [(0, 1), (1, 2), (2, 3), (3, 4)]


def test_a_small_village_joins_the_neighbour_that_costs_least() -> None:
    """Of 800 - 200 - 500 the middle one joins either: 200 are renamed, and nobody else."""
    result = merge_villages(county([800, 200, 500], CHAIN[:2]))
    assert result.status is Status.OPTIMAL
    assert result.objective == result.bound == 200
    assert result.left == ()
    assert sorted(np.bincount(result.labels).tolist()) == [1, 2]


def test_two_small_villages_join_each_other() -> None:
    """Of 900 - 250 - 280 - 900 the two small ones make one of 530: 250 are renamed, not 530."""
    result = merge_villages(county([900, 250, 280, 900], CHAIN[:3]))
    assert result.labels.tolist() == [0, 1, 1, 2]
    assert result.terms["renamed_people"] == 250
    assert result.seats.tolist() == [0, 2, 3]


def test_the_limit_is_inclusive() -> None:
    """A village of 300 is merged, one of 301 is not; a group of 300 is not enough."""
    result = merge_villages(county([301, 300, 301], CHAIN[:2]))
    assert result.terms["touched_villages"] == 2
    assert merge_villages(county([150, 150], CHAIN[:1])).left != ()
    assert merge_villages(county([150, 151], CHAIN[:1])).left == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"locked": np.array([False, True, False])}, "villages.left_locked"),
        ({"locked": np.array([True, False, True])}, "villages.left_neighbours_locked"),
        ({"township": np.array([0, 1, 0], dtype=np.int32)}, "villages.left_island"),
        ({"limits": VillageLimits(max_people=900)}, "villages.left_limits"),
        ({"limits": VillageLimits(max_minutes=12.0)}, "villages.left_limits"),
        ({"limits": VillageLimits(small_people=3_000)}, "villages.left_too_few"),
    ],
)
def test_who_stays_and_why(changes: dict[str, object], code: str) -> None:
    """Each rule that can keep a small village small is named as the reason."""
    result = merge_villages(county([800, 200, 750], CHAIN[:2], **changes))
    assert code in {unmerged.code for unmerged in result.left}
    assert len(result.left) == result.least_left


def test_neighbours_that_were_needed_elsewhere() -> None:
    """Two islands of 200 beside one village that may take one of them only."""
    problem = county([200, 101, 200], CHAIN[:2], limits=VillageLimits(max_people=310))
    result = merge_villages(problem)
    assert [unmerged.code for unmerged in result.left] == ["villages.left_others"]


def test_pairs_that_must_and_must_not_join() -> None:
    """Joined villages end together though nobody is small; a pair apart is never together."""
    join = np.array([0, -1, 0, -1], dtype=np.int32)
    result = merge_villages(county([900, 800, 700, 200], CHAIN[:3], join=join))
    assert result.labels[0] == result.labels[1] == result.labels[2]
    apart = np.array([[2, 3]], dtype=np.int32)
    result = merge_villages(county([900, 800, 700, 200], CHAIN[:3], apart=apart))
    assert [unmerged.village for unmerged in result.left] == [3]


def test_needless_groups_are_not_listed() -> None:
    """Of a chain of 200s three neighbours are a group, four would be two groups."""
    groups = list_groups(county([200, 200, 200, 200, 200], CHAIN))
    sizes = np.diff(groups.ptr)
    assert sorted(sizes.tolist()) == [2] * 4 + [3] * 3


def random_county(seed: int) -> VillageProblem:
    """Draw 12 villages with neighbours, two townships, locks, pairs, traits and weights."""
    rng = np.random.default_rng(seed)
    n = 12
    xy = rng.random((n, 2)) * 5
    graph = nx.random_geometric_graph(n, 2.0, pos=dict(enumerate(xy)))
    weights = VillageWeights(*np.where(rng.random(7) < 0.6, rng.random(7) * 5, 0.0).round(2))
    limits = VillageLimits(
        small_people=300,
        max_people=rng.choice([None, 900, 1500]),
        max_households=rng.choice([None, 400]),
        max_minutes=rng.choice([None, 30.0]),
        max_villages=int(rng.integers(3, 6)),
        target_people=float(rng.choice([400, 800])),
    )
    away = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    return county(
        rng.choice([60, 120, 180, 250, 300, 420, 700], n).tolist(),
        list(graph.edges),
        border_km=rng.random(graph.number_of_edges()).round(2) + 0.1,
        township=(rng.random(n) < 0.2).astype(np.int32),
        locked=rng.random(n) < 0.1,
        join=np.where(rng.random(n) < 0.15, 0, -1).astype(np.int32),
        apart=rng.choice(n, (2, 2), replace=False).astype(np.int32),
        minutes=12.5 * away,
        traits=rng.integers(-1, 3, (2, n)).astype(np.int32),
        collective_yuan=np.where(rng.random(n) < 0.3, np.nan, rng.random(n) * 500),
        weights=weights,
        limits=limits,
        xy_km=xy,
    )


class Enumerated:
    """Every plan of a county, by its own plain reckoning."""

    def __init__(self, problem: VillageProblem) -> None:
        self.p = problem
        self.near: list[set[int]] = [set() for _ in range(problem.n)]
        self.border: dict[tuple[int, int], float] = {}
        ends = zip(problem.tail, problem.head, problem.border_km, strict=True)
        for a, b, km in ends:
            self.border[int(a), int(b)] = float(km)
            if problem.township[a] == problem.township[b]:
                self.near[a].add(int(b))
                self.near[b].add(int(a))
        self.tied = {v for v in range(problem.n) if problem.join[v] >= 0 and not problem.locked[v]}

    def people(self, group: frozenset[int]) -> int:
        """People of a group."""
        return int(sum(self.p.population[v] for v in group))

    def whole(self, group: frozenset[int]) -> bool:
        """Whether a group is connected."""
        seen, stack = {min(group)}, [min(group)]
        while stack:
            for u in self.near[stack.pop()] & group - seen:
                seen.add(u)
                stack.append(u)
        return len(seen) == len(group)

    def needless(self, group: frozenset[int]) -> bool:
        """Whether a group splits into two that are large enough, joined villages kept together."""
        atoms = [frozenset([v]) for v in group - self.tied]
        if self.tied & group:
            atoms.append(frozenset(self.tied))
        for size in range(1, len(atoms)):
            for chosen in combinations(atoms, size):
                one = frozenset().union(*chosen)
                both = (one, group - one)
                if all(self.people(g) > 300 and self.whole(g) for g in both):
                    return True
        return False

    def cost(self, group: frozenset[int]) -> float | None:
        """Cost of a group of two and more; None where it may not be."""
        p, limits = self.p, self.p.limits
        pop = {v: int(p.population[v]) for v in group}
        total = sum(pop.values())
        tops = (limits.max_people, limits.max_households)
        sums = (total, int(sum(p.households[v] for v in group)))
        if any(top is not None and s > top for s, top in zip(sums, tops, strict=True)):
            return None
        if len(group) > limits.max_villages or total <= 300 or not self.whole(group):
            return None
        if any(p.locked[v] for v in group) or 0 < len(self.tied & group) < len(self.tied):
            return None
        if any(a in group and b in group for a, b in p.apart.tolist()) or self.needless(group):
            return None
        slowest = np.inf if limits.max_minutes is None else limits.max_minutes
        walks = [
            sum(pop[v] * p.minutes[v, s] for v in group)
            for s in group
            if all(p.minutes[v, s] <= slowest for v in group)
        ]
        return None if not walks else self.terms(group, pop, min(walks))

    def terms(self, group: frozenset[int], pop: dict[int, int], walk: float) -> float:
        """Weighted cost of a group."""
        p, w = self.p, self.p.weights
        total = sum(pop.values())
        mixed = 0.0
        for trait in p.traits:
            values = [int(trait[v]) for v in group if trait[v] >= 0]
            shares = [sum(pop[v] for v in group if trait[v] == x) for x in set(values)]
            mixed += sum(shares) - max(shares, default=0)
        head = [p.collective_yuan[v] / pop[v] for v in group if not np.isnan(p.collective_yuan[v])]
        outer = sum(km for (a, b), km in self.border.items() if (a in group) != (b in group))
        return float(
            w.touched_villages * len(group)
            + w.renamed_people * (total - max(pop.values()))
            + w.person_minutes * walk
            + w.people_above_target * max(0.0, total - p.limits.target_people)
            + w.mixed_people * mixed
            + w.collective_gap_yuan * total * (max(head, default=0) - min(head, default=0))
            + w.outer_border_km * outer
        )

    def best(self) -> tuple[int, float]:
        """Fewest villages left, and the least cost of such a plan, over all plans."""
        n = self.p.n
        groups = []
        for size in range(2, self.p.limits.max_villages + 1):
            for chosen in combinations(range(n), size):
                group = frozenset(chosen)
                value = self.cost(group)
                if value is not None:
                    groups.append((sum(1 << v for v in group), 0, value))
        alone = [v for v in range(n) if v not in self.tied or len(self.tied) == 1]
        if len(self.tied) > 1:
            groups.append((sum(1 << v for v in self.tied), len(self.tied), 0.0))
        groups += [(1 << v, int(self.p.population[v] <= 300), 0.0) for v in alone]
        done = {0: (0, 0.0)}
        for mask in range(1 << n):
            if mask not in done:
                continue
            lowest = next((v for v in range(n) if not mask >> v & 1), None)
            for bits, left, value in groups:
                if lowest is not None and bits >> lowest & 1 and not bits & mask:
                    new = (done[mask][0] + left, done[mask][1] + value)
                    done[mask | bits] = min(new, done.get(mask | bits, (n + 1, 0.0)))
        return done.get((1 << n) - 1, (n + 1, 0.0))


@pytest.mark.parametrize("seed", range(100))
def test_a_small_county_equals_full_enumeration(seed: int) -> None:
    """Fewest villages left and least cost are those of the best of all plans."""
    problem = random_county(seed)
    left, cost = Enumerated(problem).best()
    result = merge_villages(problem)
    assert result.status is Status.OPTIMAL
    assert (len(result.left), result.objective) == (left, pytest.approx(cost, abs=1e-6))
