"""Run ours, spopt or a plain PuLP model on the same instance, each in a process of its own.

``python -m benchmarks.siting_rivals WHO FAMILY FILE... --seconds S``, WHO being ``commplan``,
``spopt-highs``, ``spopt-cbc``, ``pulp-highs`` or ``pulp-cbc``; the family ``city`` takes sizes such
as ``1000x200`` with ``--aim`` and ``--p``. Everyone starts from the same full matrix of distances.
One JSON line each: seconds to build the model and to solve it, peak memory (CBC's own process too),
how much of it came after the libraries and the matrix were loaded, and the value of the open sites,
counted anew for all in the same way.
"""

import argparse
import gc
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import forget_peak, resident_mb
from benchmarks.siting import gap_of, parser_of, sites_of, value_of, warm_up
from benchmarks.siting_files import Site, full
from commplan.problem.location import Aim, LocationProblem, LocationResult, nearest_open
from commplan.problem.result import Status

WHO = ("commplan", "spopt-highs", "spopt-cbc", "pulp-highs", "pulp-cbc")
FOUND = (1, 2)  # PuLP's numbers for an optimal answer and for a whole one
FAR = 1e9  # stands for a pair beyond the limit in a full matrix

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Answer:
    """What one method found, how long it took, and the memory that was held before it began."""

    result: LocationResult | None
    build_s: float
    solve_s: float
    before_mb: float


def commplan(site: Site, dense: Floats, seconds: float) -> Answer:
    """Ours: pairs within the limit, the model, the answer."""
    from commplan.optimise.rooms.columns import columns_of
    from commplan.optimise.rooms.covering import CoverModel
    from commplan.optimise.rooms.locate import LocateParams, locate

    warm_up(site.aim)
    before_mb = held_mb()
    began = time.perf_counter()
    problem = site.problem.replace(minutes=full(dense, dense < FAR))
    pairs_s = time.perf_counter() - began
    began = time.perf_counter()
    if site.aim is Aim.MEDIAN:  # what `locate` will write, once more to see how long that takes
        columns_of(problem)
    else:
        model = CoverModel(problem)
        if site.aim is Aim.MAX_COVER:
            model.miss_least()
        else:
            model.cover_least(np.diff(problem.minutes.indptr) > 0)
        model.arrays()
        del model  # `locate` writes its own
    model_s = time.perf_counter() - began
    began = time.perf_counter()
    result = locate(problem, site.aim, LocateParams(seconds))
    solve_s = time.perf_counter() - began - model_s
    return Answer(result, pairs_s + model_s, solve_s, before_mb)


def spopt(site: Site, dense: Floats, seconds: float, solver: str) -> Answer | None:
    """Spopt's model of the aim; None where it has none."""
    from spopt import locate as models

    problem, p = site.problem, site.problem.max_open
    if problem.capacity is not None or problem.open_cost.any():
        return None
    weights = problem.weight
    before_mb = held_mb()
    began = time.perf_counter()
    if site.aim is Aim.COVER:
        model = models.LSCP.from_cost_matrix(dense, FAR / 2)
    elif site.aim is Aim.MAX_COVER:
        model = models.MCLP.from_cost_matrix(dense, weights, FAR / 2, p_facilities=p)
    elif site.aim is Aim.MEDIAN:
        model = models.PMedian.from_cost_matrix(dense, weights, p_facilities=p)
    else:
        model = models.PCenter.from_cost_matrix(dense, p_facilities=p)
    build_s = time.perf_counter() - began
    began = time.perf_counter()
    model.problem.solve(_solver(solver, seconds))  # as its ``solve`` does, without tables after it
    solve_s = time.perf_counter() - began
    return Answer(_result(problem, model.problem, model.fac_vars), build_s, solve_s, before_mb)


def plain_pulp(site: Site, dense: Floats, seconds: float, solver: str) -> Answer | None:
    """Solve the textbook model in PuLP, pairs within the limit only; None where it has none."""
    import pulp

    problem = site.problem
    if site.aim in {Aim.CENTRE, Aim.ELDERLY}:
        return None
    before_mb = held_mb()
    began = time.perf_counter()
    model, sites, pairs = _textbook(problem.replace(minutes=full(dense, dense < FAR)), site.aim)
    build_s = time.perf_counter() - began
    began = time.perf_counter()
    model.solve(_solver(solver, seconds))
    solve_s = time.perf_counter() - began
    result = _result(problem, model, sites)
    if result is not None and problem.capacity is not None:
        site_of = np.full(problem.n, -1, dtype=np.int32)
        for (i, j), x in pairs.items():
            if (pulp.value(x) or 0.0) > 0.5:
                site_of[i] = j
        result = LocationResult(result.status, result.is_open, site_of, 0.0, result.bound)
    return Answer(result, build_s, solve_s, before_mb)


def _textbook(problem: LocationProblem, aim: Aim) -> tuple[Any, list[Any], dict[Any, Any]]:
    import pulp

    model = pulp.LpProblem("plain", pulp.LpMinimize)
    sites = [model.add_variable(f"y{j}", cat="Binary") for j in range(problem.n_sites)]
    minutes = problem.minutes
    near = [minutes.indices[a:b].tolist() for a, b in _spans(minutes.indptr)]
    pairs: dict[Any, Any] = {}
    if problem.max_open is not None:
        model += pulp.lpSum(sites) <= problem.max_open
    if aim is Aim.COVER:
        model += pulp.lpSum(sites)
        for row in near:
            model += pulp.lpSum(sites[j] for j in row) >= 1
    elif aim is Aim.MAX_COVER:
        missed = [model.add_variable(f"z{i}", 0, 1) for i in range(problem.n)]
        model += pulp.lpSum(w * z for w, z in zip(problem.weight.tolist(), missed, strict=True))
        for row, z in zip(near, missed, strict=True):
            model += pulp.lpSum(sites[j] for j in row) + z >= 1
    else:
        cat = "Continuous" if problem.capacity is None else "Binary"
        pairs = {
            (i, j): model.add_variable(f"x{i}_{j}", 0, 1, cat=cat)
            for i, row in enumerate(near)
            for j in row
        }
        cost = np.repeat(problem.weight, np.diff(minutes.indptr)) * minutes.data
        terms = [*zip(pairs.values(), cost.tolist(), strict=True)]
        terms += zip(sites, problem.open_cost.tolist(), strict=True)
        model += pulp.LpAffineExpression(terms)
        for i, row in enumerate(near):
            model += pulp.lpSum(pairs[i, j] for j in row) == 1
        _linked(model, problem, sites, pairs)
    return model, sites, pairs


def _linked(model: Any, problem: LocationProblem, sites: list[Any], pairs: dict[Any, Any]) -> None:
    """Only an open site serves, and only what it holds."""
    import pulp

    served: dict[int, list[int]] = {}
    for (i, j), x in pairs.items():
        model += x <= sites[j]
        served.setdefault(j, []).append(i)
    if problem.capacity is not None:
        taken = problem.taken.tolist()
        for j, units in served.items():
            load = pulp.lpSum(taken[i] * pairs[i, j] for i in units)
            model += load <= float(problem.capacity[j]) * sites[j]


def _spans(pointer: NDArray[np.integer[Any]]) -> list[tuple[int, int]]:
    return list(zip(pointer[:-1].tolist(), pointer[1:].tolist(), strict=True))


def _solver(name: str, seconds: float) -> Any:
    import pulp

    if name == "highs":
        return pulp.HiGHS(msg=False, timeLimit=seconds)
    return pulp.PULP_CBC_CMD(msg=False, timeLimit=seconds)


def _result(problem: LocationProblem, model: Any, sites: Sequence[Any]) -> LocationResult | None:
    """Read the open sites; proven only where the solver itself says so, not as PuLP words it."""
    opened = np.array([(v.varValue or 0.0) > 0.5 for v in sites])
    if model.sol_status not in FOUND or not opened.any():
        return None
    bound, proven = -np.inf, model.sol_status == 1
    if hasattr(model, "solverModel") and hasattr(model.solverModel, "getInfo"):
        info = model.solverModel.getInfo()
        bound = float(info.mip_dual_bound)
        proven = str(model.solverModel.getModelStatus()).endswith("kOptimal")
    status = Status.OPTIMAL if proven else Status.FEASIBLE
    return LocationResult(status, opened, nearest_open(problem, opened), 0.0, bound)


def measure(who: str, site: Site, seconds: float) -> dict[str, object]:
    """Run one and word the line."""
    if who not in WHO:
        raise ValueError(f"{who} is not one of {', '.join(WHO)}")
    dense = np.full(site.problem.minutes.shape, FAR)
    rows = np.repeat(np.arange(site.problem.n), np.diff(site.problem.minutes.indptr))
    dense[rows, site.problem.minutes.indices] = site.problem.minutes.data
    name, _, solver = who.partition("-")
    theirs = name != "commplan"  # a model of what is missed has a bound of what is missed
    if name == "commplan":
        answer: Answer | None = commplan(site, dense, seconds)
    elif name == "spopt":
        answer = spopt(site, dense, seconds, solver)
    else:
        answer = plain_pulp(site, dense, seconds, solver)
    if answer is None:
        return {"instance": site.name, "who": who, "objective": None, "error": "no such model"}
    value = None if answer.result is None else value_of(site, answer.result)
    status = Status.NOT_FOUND
    if value is not None and answer.result is not None:
        status = answer.result.status
    peak_mb = resident_mb(os.getpid()) + children_mb()
    bound = None if theirs and site.aim is Aim.MAX_COVER else _bound_of(answer.result)
    return {
        "instance": site.name,
        "units": site.problem.n,
        "status": str(status),
        "objective": value,
        "bound": bound,
        "gap": gap_of(site, value, bound),
        "seconds": round(answer.solve_s, 3),
        "peak_mb": round(peak_mb, 1),
        "solution": None,
        "who": who,
        "build_s": round(answer.build_s, 3),
        "solve_s": round(answer.solve_s, 3),
        "question_mb": round(peak_mb - answer.before_mb, 1),
    }


def held_mb() -> float:
    """Memory that is held now; the peak begins anew from here."""
    gc.collect()
    forget_peak()
    return resident_mb(os.getpid())


def _bound_of(result: LocationResult | None) -> float | None:
    """Return a finite bound, where the solver tells one."""
    return None if result is None or not np.isfinite(result.bound) else result.bound


def children_mb() -> float:
    """Largest memory of a process that was started and has ended: CBC runs in one."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    first = argparse.ArgumentParser(prog="python -m benchmarks.siting_rivals")
    first.add_argument("who", choices=WHO)
    first.add_argument("family")
    named, rest = first.parse_known_args(words)
    if "--out" not in rest:
        rest += ["--out", "."]  # nothing is written
    options = parser_of(named.family).parse_args(rest)
    for _, site in sites_of(named.family, options):
        if site is None:
            continue
        try:
            line = measure(named.who, site, options.seconds)
        except ImportError:
            line = {"instance": site.name, "who": named.who, "objective": None}
            line["error"] = "not installed"
        print(json.dumps(line, ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
