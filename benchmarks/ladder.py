"""Climb a ladder of synthetic towns: seconds to the first valid plan, and the cost at the end.

One JSON line for each size on standard output::

    python -m benchmarks.ladder --sizes 1000,5000 --seconds 60 --seed 1
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence

from benchmarks.instances import Case, is_valid
from benchmarks.measure import resident_mb
from benchmarks.towns import voronoi_case
from benchmarks.warm import warm_up
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.redraw import redraw

SIZES = (1_000, 5_000, 20_000, 100_000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ladder")
    parser.add_argument("--sizes", type=_sizes, default=SIZES)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    for n in options.sizes:
        case = voronoi_case(n, options.seed)
        line = measure(case, options.seconds, options.seed)
        print(json.dumps(line), flush=True)
    return 0


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def measure(case: Case, seconds: float, seed: int) -> dict[str, object]:
    """Redraw one town; ``first_s`` is when the first valid plan was known."""
    warm_up(case)
    began = time.perf_counter()
    params = RedrawParams(seed=seed, time_limit_s=seconds, use_limit=True)
    result = redraw(case.problem, params)
    spent = time.perf_counter() - began
    labels = result.labels
    valid = labels is not None and is_valid(
        case.problem, labels, lambda text: print(text, file=sys.stderr)
    )
    return {
        "instance": case.name,
        "units": case.problem.n,
        "status": result.status.value if valid else "not found",
        "objective": case.value(labels) if valid and labels is not None else None,
        "communities": int(labels.max()) + 1 if labels is not None else None,
        "first_s": round(result.trajectory[0][0], 3) if result.trajectory else None,
        "first_objective": round(result.trajectory[0][1] / case.scale, 3)
        if result.trajectory
        else None,
        "seconds": round(spent, 3),
        "peak_mb": round(resident_mb(os.getpid()), 1),
    }


if __name__ == "__main__":
    sys.exit(main())
