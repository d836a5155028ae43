"""The rivals, as their documentation would have them used, each for the time that it is given."""

import random
import time
from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.effort import Effort
from benchmarks.greedy import mended
from benchmarks.instances import Case, Ints, is_valid

TOLERANCES = (1.3, 1.2, 1.1, 1.05, 1.02, 1.005)
BURST = 10
Best = tuple[float, Ints | None]


def metis(case: Case, effort: Effort) -> Ints | None:
    """METIS k-way, contiguous: every k, several tolerances and seeds; best valid or mended.

    What breaks the bounds is mended by moving single units greedily.
    """
    import pymetis

    adjacency, lengths = _rows(case)
    weights = np.maximum(case.problem.households, 1).astype(np.int64)
    best: Best = (float("inf"), None)
    turn = 0
    while not effort.over():
        for k in _numbers(case):
            for tolerance in TOLERANCES:
                if effort.over():
                    return best[1]
                ufactor = round((tolerance - 1) * 1000)
                options = pymetis.Options(ufactor=ufactor, seed=effort.seed + turn, contig=True)
                _, labels = pymetis.part_graph(
                    k,
                    adjacency=adjacency,
                    vweights=weights,
                    eweights=lengths,
                    recursive=False,
                    options=options,
                )
                best = _better(case, best, np.asarray(labels, dtype=np.int32), effort)
        turn += 1
    return best[1]


def _rows(case: Case) -> tuple[object, Ints]:
    """Adjacency in compressed rows with weights of the borders."""
    import pymetis

    e, n = case.problem.edges, case.problem.n
    tail, head = np.r_[e.tail, e.head], np.r_[e.head, e.tail]
    border = np.tile(e.border_km, 2)
    order = np.lexsort((head, tail))
    ptr = np.searchsorted(tail[order], np.arange(n + 1)).astype(np.int32)
    mean = max(float(border.mean()), 1e-9)
    weight = np.clip(np.round(100 * border[order] / mean), 1, 10_000).astype(np.int64)
    return pymetis.CSRAdjacency(ptr, head[order].astype(np.int32)), weight


def _numbers(case: Case) -> list[int]:
    """Every number of districts that the bounds allow, those that leave most room first."""
    problem = case.problem
    if problem.max_communities is not None:
        return [problem.max_communities]
    total = int(problem.households.sum())
    fewest = max(1, -(-total // problem.max_households))
    middle = 2 * total / (problem.min_households + problem.max_households)
    numbers = range(fewest, max(fewest, total // problem.min_households) + 1)
    return sorted(numbers, key=lambda k: abs(k - middle))


def _better(case: Case, best: Best, labels: Ints, effort: Effort) -> Best:
    """Keep the better of the best so far and ``labels``, mended where they are not valid."""
    if not is_valid(case.problem, labels, _quiet):
        fixed = mended(case.problem, labels, effort.ends)
        if fixed is None or not is_valid(case.problem, fixed, _quiet):
            return best
        labels = fixed
    value = case.value(labels)
    if value >= best[0]:
        return best
    effort.keep(labels)
    return value, labels.copy()


def _quiet(_: str) -> None:
    return None


def gerrychain(case: Case, effort: Effort) -> Ints | None:
    """GerryChain: a random start by trees, then its optimiser: tilted runs and short bursts.

    Half of the time that is left goes to each. Where the number of districts is free, several
    are started from and the best start is kept.
    """
    from gerrychain.optimization import SingleMetricOptimizer

    rng = random.Random(effort.seed)
    best: Best = (float("inf"), None)
    start = None
    for k in _few_numbers(case):
        partition = _gerrychain_start(case, k, rng, effort)
        if partition is None:
            continue
        value, labels = _better(case, best, _labels_of(case, partition), effort)
        if value < best[0]:
            best, start = (value, labels), partition
    if start is None:
        return None
    for half, chain in ((0.5, _tilted), (1.0, _bursts)):
        optimiser = SingleMetricOptimizer(
            proposal_fn=_proposal(case, start, rng),
            constraints=[lambda p: _in_bounds(case, p)],
            initial_state=start,
            optimization_metric_fn=lambda p: case.value(_labels_of(case, p)),
            maximize=False,
            rng=rng.randrange(2**31),
        )
        now = time.perf_counter()
        until = now + half * (effort.ends - now)
        for _ in chain(optimiser):
            if optimiser.best_score < best[0]:
                best = _better(case, best, _labels_of(case, optimiser.best_part), effort)
            if time.perf_counter() >= until:
                break
    return best[1]


def _few_numbers(case: Case) -> list[int]:
    numbers = sorted(_numbers(case))
    shares = (0.5, 0.25, 0.1, 0.0)
    return list(dict.fromkeys(numbers[round(x * (len(numbers) - 1))] for x in shares))


def _tilted(optimiser: object) -> Iterator[object]:
    return optimiser.tilted_run(10**9, p=0.125)  # type: ignore[attr-defined, no-any-return]


def _bursts(optimiser: object) -> Iterator[object]:
    return optimiser.short_bursts(BURST, 10**8)  # type: ignore[attr-defined, no-any-return]


def _gerrychain_start(case: Case, k: int, rng: random.Random, effort: Effort) -> object | None:
    """Cut the graph by random trees into k districts of like size, as tight as it must be."""
    import networkx as nx
    from gerrychain import Graph, Partition
    from gerrychain.partition import recursive_seed_part, recursive_tree_part

    problem = case.problem
    graph = nx.Graph()
    for v in range(problem.n):
        graph.add_node(v, households=int(problem.households[v]))
    graph.add_edges_from(zip(problem.edges.tail.tolist(), problem.edges.head.tolist(), strict=True))
    chain_graph = Graph.from_networkx(graph)
    target = float(problem.households.sum()) / k
    if not problem.min_households <= target <= problem.max_households:
        return None
    epsilon = min(problem.max_households / target - 1, 1 - problem.min_households / target)
    for cut in (recursive_tree_part, recursive_seed_part):
        if effort.over():
            return None
        try:
            assignment = cut(
                chain_graph, range(k), target, "households", max(epsilon, 1e-4), rng=rng
            )
        except Exception:
            continue
        return Partition(chain_graph, assignment=assignment)
    return None


def _proposal(case: Case, start: object, rng: random.Random) -> Callable[[object], object]:
    from functools import partial

    from gerrychain.proposals import recom

    k = len(start.parts)  # type: ignore[attr-defined]
    problem = case.problem
    target = float(problem.households.sum()) / k
    epsilon = min(problem.max_households / target - 1, 1 - problem.min_households / target)
    return partial(recom, pop_col="households", pop_target=target, epsilon=epsilon, rng=rng)


def _labels_of(case: Case, partition: object) -> Ints:
    assignment = partition.assignment  # type: ignore[attr-defined]
    numbers: dict[object, int] = {}
    return np.array(
        [numbers.setdefault(assignment[v], len(numbers)) for v in range(case.problem.n)],
        dtype=np.int32,
    )


def _in_bounds(case: Case, partition: object) -> bool:
    sizes = np.bincount(_labels_of(case, partition), case.problem.households)
    return bool(
        (sizes >= case.problem.min_households).all()
        and (sizes <= case.problem.max_households).all()
    )


RIVALS: dict[str, Callable[[Case, Effort], Ints | None]] = {
    "metis": metis,
    "gerrychain": gerrychain,
}
