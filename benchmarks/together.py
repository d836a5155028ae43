"""Run commands that print JSON lines, as many at once as there are processors."""

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.measure import ROOT
from commplan.problem.threads import threads_at_hand

Line = dict[str, Any]


def lines_of(commands: Sequence[Sequence[str]], at_once: int | None = None) -> list[Line]:
    """Run ``python -m`` with each command's words; the last JSON line of each, in their order.

    Parameters
    ----------
    commands : sequence of sequences of str
    at_once : int, optional
        Left out: one per processor, for what is measured runs on one thread. 1 where the clock of
        each counts to the second.

    Returns
    -------
    list of dict
        With ``objective`` None and ``error`` where a command printed nothing.
    """
    with ThreadPoolExecutor(threads_at_hand() if at_once is None else at_once) as pool:
        return list(pool.map(_line, commands))


def _line(words: Sequence[str]) -> Line:
    command = [sys.executable, "-m", *words]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = [text for text in run.stdout.splitlines() if text.startswith("{")]
    said = run.stderr.strip().splitlines()
    none: Line = {"objective": None, "bound": None, "error": said[-1] if said else "no answer"}
    line: Line = json.loads(found[-1]) if found else none
    print(" ".join(words[:2]), {k: v for k, v in line.items() if k != "solution"}, flush=True)
    return line


def number(value: float | None, digits: int = 2) -> str:
    """Word a figure; a dash where there is none."""
    return "–" if value is None else f"{value:,.{digits}f}"


def percent(share: float | None, digits: int = 3) -> str:
    """Word a share in percent; a dash where there is none."""
    if share is None:
        return "–"
    return f"{round(100 * share, digits) + 0.0:.{digits}f} %"  # + 0.0: never "-0.000"
