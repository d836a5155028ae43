"""Walking times from many places to everything near, beside the libraries that planners use.

``python -m benchmarks.walk [FILE...] [--sources 1000,10000] [--minutes 15] [--rivals]``; a FILE holds
lines with the columns u and v, such as a neatnet or osmnx graph, or any streets that commplan reads,
such as an OpenStreetMap extract. Everyone gets the same graph (every node and edge, minutes at 80 m a
minute) and the same random sources, in a process of its own, and searches from as many of them as
``--seconds`` allow. One JSON line each, with the keys of the other families first: units are the
nodes, and the objective is the number of pairs within the limit, exact for ours. Then sources per
second of the clock and of the processor (which is what one core does), seconds to build, and the
pairs found from the first sources, by which one sees that all answer the same question. Compiled code
is cached. ``--out DIR`` keeps the walks of the first sources: source, node, minutes. Exit code 2 where
a file cannot be used.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import REAL_DATA, ROOT, resident_mb
from benchmarks.usable import UNUSABLE, usable
from benchmarks.walking_files import Ints, Roads, read_roads

WUHAN = REAL_DATA / "walking" / "wuhan" / "wuhan_8989_original.parquet"
CHECKED = 100  # sources by which one sees how many the time allows

#: Searches from some sources and says how many pairs were found.
Search = Callable[[Ints], int]


def commplan(roads: Roads, threads: int | None = 1) -> Search:
    """Search with our own compiled search; a sparse matrix of minutes."""
    from commplan.graph.walking_given import network_of_edges
    from commplan.graph.walking_minutes import street_minutes

    network, nodes = network_of_edges(roads.node_xy, roads.tail, roads.head, roads.minutes)

    def search(sources: Ints) -> int:
        limit = roads.limit_min
        return int(street_minutes(network, nodes.take(sources), nodes, limit, threads=threads).nnz)

    return search


def commplan_all(roads: Roads) -> Search:
    """Search with ours on every processor."""
    return commplan(roads, None)


def scipy(roads: Roads) -> Search:
    """Search with ``scipy.sparse.csgraph.dijkstra`` and its limit; dense rows, 100 at a time."""
    from scipy.sparse.csgraph import dijkstra

    matrix = _matrix(roads)

    def search(sources: Ints) -> int:
        found = 0
        for at in range(0, len(sources), 100):
            rows = dijkstra(matrix, indices=sources[at : at + 100], limit=roads.limit_min)
            found += int(np.isfinite(rows).sum())
        return found

    return search


def pandana(roads: Roads) -> Search:
    """Search with pandana's contraction hierarchy, ``nodes_in_range``."""
    import pandana as pdna
    import pandas as pd

    weights = pd.DataFrame({"minutes": roads.minutes})
    ends = pd.Series(roads.tail), pd.Series(roads.head)
    x, y = pd.Series(roads.node_xy[:, 0]), pd.Series(roads.node_xy[:, 1])
    network = pdna.Network(x, y, *ends, weights, twoway=True)
    return lambda sources: len(network.nodes_in_range(sources.tolist(), roads.limit_min))


def networkit(roads: Roads) -> Search:
    """Search with NetworKit's Dijkstra, which knows no limit."""
    import networkit as nk

    matrix = _matrix(roads).tocoo()
    upper = matrix.row < matrix.col
    graph = nk.Graph(roads.n, weighted=True)
    for a, b, w in zip(matrix.row[upper], matrix.col[upper], matrix.data[upper], strict=True):
        graph.addEdge(int(a), int(b), float(w))

    def search(sources: Ints) -> int:
        found = 0
        for source in sources.tolist():
            run = nk.distance.Dijkstra(graph, source, storePaths=False)
            run.run()
            found += int((np.asarray(run.getDistances()) <= roads.limit_min).sum())
        return found

    return search


def igraph(roads: Roads) -> Search:
    """Search with igraph's ``distances``, which knows no limit."""
    import igraph as ig

    matrix = _matrix(roads).tocoo()
    upper = matrix.row < matrix.col
    graph = ig.Graph(roads.n, np.stack([matrix.row[upper], matrix.col[upper]], axis=1).tolist())
    weights = matrix.data[upper].tolist()

    def search(sources: Ints) -> int:
        rows = graph.distances(source=sources.tolist(), weights=weights)
        return int((np.asarray(rows) <= roads.limit_min).sum())

    return search


def networkx(roads: Roads) -> Search:
    """Search with networkx's Dijkstra and its cutoff."""
    import networkx as nx  # type: ignore[import-untyped]

    graph = nx.from_scipy_sparse_array(_matrix(roads), edge_attribute="minutes")
    reach = nx.single_source_dijkstra_path_length

    def search(sources: Ints) -> int:
        return sum(
            len(reach(graph, source, cutoff=roads.limit_min, weight="minutes"))
            for source in sources.tolist()
        )

    return search


def _matrix(roads: Roads) -> Any:
    """Return the graph both ways as a sparse matrix, the least of parallel edges, without loops."""
    from scipy import sparse

    low, high = np.minimum(roads.tail, roads.head), np.maximum(roads.tail, roads.head)
    order = np.lexsort((roads.minutes, high, low))
    low, high, minutes = low[order], high[order], roads.minutes[order]
    first = (np.diff(low, prepend=-1) != 0) | (np.diff(high, prepend=-1) != 0)
    keep = first & (low != high)
    half = sparse.csr_array((minutes[keep], (low[keep], high[keep])), shape=(roads.n, roads.n))
    return sparse.csr_array(half + half.T)


OURS: dict[str, Callable[[Roads], Search]] = {
    "commplan": commplan,
    "commplan, all cores": commplan_all,
}
RIVALS: dict[str, Callable[[Roads], Search]] = {
    "pandana": pandana,
    "scipy": scipy,
    "networkx": networkx,
    "networkit": networkit,
    "igraph": igraph,
}


def measure(who: str, roads: Roads, sources: Ints, seconds: float) -> dict[str, object]:
    """Build once, try a few sources, then search from as many in one call as the time allows."""
    before = time.perf_counter()
    search = (OURS | RIVALS)[who](roads)
    build_s = time.perf_counter() - before
    pairs, allowed = search(sources[:1]), 1
    for some in (2, CHECKED, 10 * CHECKED):
        before = time.perf_counter()
        pairs = search(sources[:some])
        allowed = int(some * seconds / (time.perf_counter() - before))
        if allowed < 10 * some:
            break
    chosen = sources[: max(some, allowed)]
    clock, cpu = time.perf_counter(), time.process_time()
    found = search(chosen)
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    return {
        "units": roads.n,
        "status": "optimal" if who in OURS else "feasible",
        "objective": found,
        "bound": found if who in OURS else None,
        "gap": 0.0 if who in OURS else None,
        "seconds": round(clock, 3),
        "peak_mb": round(resident_mb(os.getpid())),
        "solution": None,
        "who": who,
        "sources": len(sources),
        "done": len(chosen),
        "per_second": round(len(chosen) / clock, 1),
        "per_cpu_second": round(len(chosen) / cpu, 1),
        "tried": some,
        "pairs_of_tried": pairs,
        "build_s": round(build_s, 2),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.walk")
    parser.add_argument("files", nargs="*", type=Path, default=[WUHAN], metavar="FILE")
    parser.add_argument("--sources", default="1000,10000")
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rivals", action="store_true")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--who", help="run this one only, in this process")
    options = parser.parse_args(arguments)
    counts = [int(count) for count in options.sources.split(",")]
    good = True
    for file in options.files:
        if options.who:
            lines = usable(file, partial(_lines_of, options, file, counts))
            good &= lines is not None
            continue
        if usable(file, partial(read_roads, file, options.minutes)) is None:
            good = False
            continue
        for count, who in product(counts, [*OURS, *(RIVALS if options.rivals else ())]):
            _in_own_process(options, file, who, count)
    return 0 if good else UNUSABLE


def _lines_of(options: argparse.Namespace, file: Path, counts: Sequence[int]) -> int:
    """Print the lines of one file; what a library prints goes to standard error instead."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)  # for good: what it holds back comes when the process ends
        for count in counts:
            print(json.dumps(_one(options, file, count)), file=answers, flush=True)
    return len(counts)


def _one(options: argparse.Namespace, file: Path, count: int) -> dict[str, object]:
    who = options.who
    if who in RIVALS:
        try:
            importlib.import_module(who)
        except ImportError:
            return {"instance": file.stem, "who": who, "objective": None, "error": "not installed"}
    roads = read_roads(file, options.minutes)
    rng = np.random.default_rng(options.seed)
    sources = rng.choice(roads.n, min(count, roads.n), replace=False).astype(np.int32)
    measured = {"instance": file.stem} | measure(who, roads, sources, options.seconds)
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        target = options.out / f"{file.name.split('.')[0]}_walk.csv"
        write_walks(target, roads, sources[:CHECKED])
        measured["solution"] = str(target)
    return measured


def write_walks(path: Path, roads: Roads, sources: Ints) -> None:
    """Write the walks from some sources, as ours finds them, by the ids of the nodes."""
    import pandas as pd

    from commplan.graph.walking_given import network_of_edges
    from commplan.graph.walking_minutes import street_minutes

    network, nodes = network_of_edges(roads.node_xy, roads.tail, roads.head, roads.minutes)
    found = street_minutes(network, nodes.take(sources), nodes, roads.limit_min).tocoo()
    ids = {"source": roads.ids[sources[found.row]], "node": roads.ids[found.col]}
    walks = pd.DataFrame(ids | {"minutes": found.data}).sort_values(["source", "node"])
    walks.to_csv(path, index=False, lineterminator="\n")


def _in_own_process(options: argparse.Namespace, file: Path, who: str, count: int) -> None:
    """Measure one in a process that holds nothing else, with one thread unless it is ours."""
    command = [sys.executable, "-m", "benchmarks.walking", str(file.resolve()), "--who", who]
    if options.out is not None and who == "commplan":
        command += ["--out", str(options.out.resolve())]
    for name in ("minutes", "seconds", "seed"):
        command += [f"--{name}", str(getattr(options, name))]
    subprocess.run([*command, "--sources", str(count)], cwd=ROOT, check=False)


if __name__ == "__main__":
    sys.exit(main())
