"""Run a plain PuLP model of service areas beside ours, in a process of its own.

``python -m benchmarks.area_rivals WHO FAMILY FILE... --seconds S --out DIR``, WHO being ``pulp-cbc`` or
``spopt``, whose models know nothing of connected areas. One JSON line each, with the agreed keys,
``who`` and ``build_s``; solutions are checked like ours.

The model is that of Shirabe (2009, Districting modeling with exact contiguity constraints,
Environment and Planning B 36): every unit takes one of what flows through its area from the site.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.area import area_of, parser_of, written
from benchmarks.area_files import Area
from benchmarks.measure import resident_mb
from benchmarks.siting_rivals import FOUND, children_mb
from benchmarks.usable import UNUSABLE, usable
from commplan.problem.joint import JointProblem, JointResult
from commplan.problem.result import Status

WHO = ("spopt", "pulp-cbc")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    first = argparse.ArgumentParser(prog="python -m benchmarks.area_rivals")
    first.add_argument("who", choices=WHO)
    first.add_argument("family", choices=("sap", "cflsap"))
    named, rest = first.parse_known_args(words)
    options = parser_of(named.family).parse_args(rest)
    options.out.mkdir(parents=True, exist_ok=True)
    done = True
    for path in options.files:
        instance = usable(path, partial(area_of, named.family, path, options.adjacency))
        done &= instance is not None
        if instance is None:
            continue
        if named.who == "spopt":
            line: dict[str, object] = {"instance": path.stem, "who": "spopt", "objective": None}
            line["error"] = "no such model"
        else:
            line = measure(named.who, path, instance, (options.seconds, options.out))
        print(json.dumps(line, ensure_ascii=False), flush=True)
    return 0 if done else UNUSABLE


def measure(
    who: str, path: Path, instance: tuple[Path, Area], asked: tuple[float, Path]
) -> dict[str, object]:
    """Build and solve the model (``asked``: seconds and folder), check what it says, and word it."""
    import pulp

    (neighbours, area), (seconds, out) = instance, asked
    began = time.perf_counter()
    model, pairs = textbook(area.problem)
    build_s = time.perf_counter() - began
    began = time.perf_counter()
    model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=seconds))
    solve_s = time.perf_counter() - began
    result = _result(area.problem, model, pairs)
    named = Area(f"{area.name}-{who}", area.problem, area.units)
    line: dict[str, object] = {
        "instance": area.name,
        "units": area.problem.n,
        "status": str(result.status),
        "objective": None,
        "bound": None,
        "gap": None,
        "seconds": round(solve_s, 3),
        "peak_mb": round(resident_mb(os.getpid()) + children_mb(), 1),
        "solution": None,
        "who": who,
        "build_s": round(build_s, 3),
    }
    return line | written(path, neighbours, named, result, out)


def textbook(problem: JointProblem) -> tuple[Any, dict[tuple[int, int], Any]]:
    """Write the model: who serves whom, which sites open, and a flow through each area."""
    import pulp

    model = pulp.LpProblem("areas", pulp.LpMinimize)
    pairs, m = problem.cost.tocoo(), problem.m
    at = zip(*(axis.tolist() for axis in pairs.coords), strict=True)
    cost = dict(zip(at, pairs.data.tolist(), strict=True))
    own = [(int(unit), j) for j, unit in enumerate(problem.site_unit)]
    for pair, price in zip(own, problem.open_cost.tolist(), strict=True):
        cost[pair] += price  # a site is open where it serves its own unit
    x = {pair: model.add_variable(f"x{pair[0]}_{pair[1]}", cat="Binary") for pair in cost}
    model += pulp.LpAffineExpression([(x[pair], value) for pair, value in cost.items()])
    served: list[list[Any]] = [[] for _ in range(problem.n)]
    held: list[list[tuple[int, Any]]] = [[] for _ in range(m)]
    for (i, j), choice in x.items():
        served[i].append(choice)
        held[j].append((i, choice))
    for choices in served:
        model += pulp.lpSum(choices) == 1
    for j in range(m):
        load = pulp.lpSum(float(problem.amount[i]) * choice for i, choice in held[j])
        model += load <= float(problem.high[j]) * x[own[j]]
        if problem.forced[j]:
            model += x[own[j]] == 1
        _connected(model, problem, j, dict(held[j]))
    return model, x


def _connected(model: Any, problem: JointProblem, j: int, x: dict[int, Any]) -> None:
    """Let every unit of a site's area but its own take one of what flows from there through it."""
    import pulp

    start, n = int(problem.site_unit[j]), problem.n
    into: dict[int, list[Any]] = {}
    out: dict[int, list[Any]] = {}
    for a, b in zip(problem.tail.tolist(), problem.head.tolist(), strict=True):
        for u, v in ((a, b), (b, a)):
            if u in x and v in x and v != start:
                flow = model.add_variable(f"f{j}_{u}_{v}", 0)
                out.setdefault(u, []).append(flow)
                into.setdefault(v, []).append(flow)
    for unit, choice in x.items():
        if unit == start:
            continue
        arriving = pulp.lpSum(into.get(unit, []))
        model += arriving - pulp.lpSum(out.get(unit, [])) == choice
        model += arriving <= (n - 1) * choice


def _result(problem: JointProblem, model: Any, x: dict[tuple[int, int], Any]) -> JointResult:
    """Read the areas; proven only where the solver says so, not where it was stopped."""
    site_of = np.full(problem.n, -1, dtype=np.int32)
    for (i, j), choice in x.items():
        if (choice.varValue or 0.0) > 0.5:
            site_of[i] = j
    if model.sol_status not in FOUND or (site_of < 0).any():
        return JointResult(Status.NOT_FOUND, None, None, -np.inf)
    proven = model.sol_status == 1
    status = Status.OPTIMAL if proven else Status.FEASIBLE
    return JointResult(status, site_of, None, -np.inf)


if __name__ == "__main__":
    sys.exit(main())
