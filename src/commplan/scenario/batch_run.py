"""One scenario of a batch, done in whatever process: the run folder, its layers, and its row."""

import errno
import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commplan import __version__
from commplan.errors import CommplanError, InputError
from commplan.findings import Finding, Severity
from commplan.outputs.batch_tables import Row
from commplan.problem.result import Status
from commplan.scenario.batch_cases import Case
from commplan.scenario.file import faults_of
from commplan.scenario.schema import Scenario
from commplan.scenario.store import MANIFEST, read_json
from commplan.scenario.watch import Watch
from commplan.texts import LANGUAGES, fault_lines, load_texts

if TYPE_CHECKING:
    from commplan.optimise.communities.divide import Solver
    from commplan.scenario.pipeline import Solution

ROW = "row.json"
_CODES = {Status.INFEASIBLE: 3, Status.NOT_FOUND: 4}
_SHOWN_CAUSES = 5


@dataclass(frozen=True)
class Task:
    """What a worker is given.

    Parameters
    ----------
    case : Case
    target : str
        Run folder, as the worker reaches it.
    token : str
        Of this start of the batch: a folder written under it is not written again.
    split_units : int or None
        From this many units on, a scenario is solved in parts on other workers.
    """

    case: Case
    target: str
    token: str
    split_units: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What a worker gives back.

    Parameters
    ----------
    row : Row
    disk_full : bool
    trace : str
        Of an error that nobody foresaw, for the log.
    """

    row: Row
    disk_full: bool = False
    trace: str = ""


def run_task(task: Task, solver: "Solver | None" = None) -> Outcome:
    """Do one scenario: survey, solve, write, and say what came of it.

    An error costs this scenario only: it becomes a row. Only Ctrl-C passes.

    Parameters
    ----------
    task : Task
    solver : callable, optional
        Solves the parts of a scenario of ``task.split_units`` units or more.
    """
    case = task.case
    blank = Row(case.name, case.title, worker=f"{platform.node()}:{os.getpid()}")
    before = written_row(Path(task.target), task.token)
    if before is not None:  # a worker was lost after it had written everything
        return Outcome(before)
    if case.scenario is None:
        faults = {x: fault_lines(case.faults, load_texts(x)) for x in LANGUAGES}
        return Outcome(replace(blank, status="unusable", exit_code=2, faults=faults))
    blank = replace(blank, profile=Path(case.scenario.scenario.profile).stem)
    begin = time.perf_counter()
    forget_peak()
    try:
        return Outcome(_run(task, case.scenario, blank, solver))
    except Exception as error:
        row, disk_full, trace = _failed(blank, error)
        seconds = round(time.perf_counter() - begin, 3)
        return Outcome(replace(row, seconds=seconds, peak_mb=peak_mb()), disk_full, trace)


def _failed(blank: Row, error: Exception) -> tuple[Row, bool, str]:
    """Say what went wrong: input that cannot be used, a file that cannot be written, a fault."""
    if isinstance(error, InputError):
        faults = {x: fault_lines(error.faults, load_texts(x)) or [str(error)] for x in LANGUAGES}
        return replace(blank, status="unusable", exit_code=2, faults=faults), False, ""
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        reason = error.strerror or str(error)
        faults = {x: [load_texts(x)("cli.os_error", place=place, reason=reason)] for x in LANGUAGES}
        disk_full = error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
        return replace(blank, status="failed", exit_code=2, faults=faults), disk_full, ""
    words = str(error) if isinstance(error, CommplanError) else f"{type(error).__name__}: {error}"
    faults = {x: [load_texts(x)("batch.error", reason=words)] for x in LANGUAGES}
    trace = "" if isinstance(error, CommplanError) else "".join(traceback.format_exception(error))
    return replace(blank, status="failed", exit_code=1, faults=faults), False, trace


def _run(task: Task, scenario: Scenario, blank: Row, solver: "Solver | None") -> Row:
    from commplan.scenario.pipeline import solve, survey
    from commplan.scenario.write import write_solution

    begin = time.perf_counter()
    watch = Watch()
    with faults_of(Path(task.case.file)):
        situation = survey(scenario, watch)
        count = 0 if situation.graph is None else situation.graph.n
        split = task.split_units is not None and count >= task.split_units
        solution = solve(situation, watch, solver if split else None)
    if solution.result.interrupted:
        raise KeyboardInterrupt
    row = _row_of(blank, solution)

    def more(folder: Path) -> None:
        nonlocal row
        _write_layers(folder, solution, task.case.name)
        seconds = round(time.perf_counter() - begin, 3)
        row = replace(row, seconds=seconds, peak_mb=peak_mb())
        note = {"token": task.token, "row": row.to_dict()}
        text = json.dumps(note, ensure_ascii=False, indent=1)
        (folder / ROW).write_text(text + "\n", encoding="utf-8", newline="\n")

    write_solution(solution, Path(task.target), watch, more)
    return row


def _write_layers(folder: Path, solution: "Solution", name: str) -> None:
    from commplan.outputs.batch_layers import write_communities, write_outline

    write_outline(folder, solution.situation.territory, name)
    if solution.judged is not None:
        write_communities(folder, solution.judged.plan, solution.judged.scorecard)


def _row_of(blank: Row, solution: "Solution") -> Row:
    """Put a solution in a row."""
    result, problem = solution.result, solution.problem
    row = replace(
        blank,
        status=str(result.status),
        exit_code=_CODES.get(result.status, 0),
        units=problem.n,
        households=int(problem.households.sum()),
        reproducible=result.reproducible,
    )
    if solution.judged is None:
        return replace(row, faults=_causes(solution.findings))
    plan = solution.judged.plan
    low, high = problem.min_households, problem.max_households
    inside = [
        int(frame["households"].between(low, high).sum())
        for frame in (plan.today, plan.communities)
    ]
    return replace(
        row,
        cost=result.objective,
        bound=result.bound,
        gap=result.gap,
        communities_today=len(plan.today),
        communities=len(plan.communities),
        in_bounds_today=inside[0],
        in_bounds=inside[1],
        moved_households=int(plan.moves["households"].sum()),
    )


def _causes(findings: Sequence[Finding]) -> dict[str, list[str]]:
    """Word why there is no plan, in every language."""
    causes = [f for f in findings if f.code.startswith("causes.") and f.severity is Severity.ERROR]
    found: dict[str, list[str]] = {}
    for language in LANGUAGES:
        texts = load_texts(language)
        lines = [f.words(texts) for f in causes[:_SHOWN_CAUSES]] or [texts("cli.not_found")]
        rest = len(causes) - _SHOWN_CAUSES
        found[language] = [*lines, texts("cli.more_causes", count=rest)] if rest > 0 else lines
    return found


def written_row(target: Path, token: str | None = None) -> Row | None:
    """Return the row of a run folder that is whole; None where there is none.

    Parameters
    ----------
    target : Path
    token : str, optional
        Only a folder written under this token counts.
    """
    try:
        read_json(target / MANIFEST)
        note = read_json(target / ROW)
        row = Row.from_dict(note["row"])
    except (InputError, KeyError, TypeError):
        return None
    return row if token is None or note.get("token") == token else None


def is_finished(case: Case, target: Path, hashes: dict[Path, str]) -> Row | None:
    """Return the row of a case that need not be done again; None for one that must.

    The folder has to be whole and made by this version from the same scenario and the same input.

    Parameters
    ----------
    case : Case
    target : Path
    hashes : dict
        SHA-256 of files looked at so far; added to.
    """
    from commplan.scenario.inputs import input_files
    from commplan.scenario.store import file_sha256

    row = written_row(target)
    if row is None or case.scenario is None:
        return None
    manifest: dict[str, Any] = read_json(target / MANIFEST)
    told = case.scenario.model_dump(mode="json", exclude_none=True)
    if manifest.get("commplan") != __version__ or manifest.get("scenario") != told:
        return None
    for name, path in input_files(case.scenario).items():
        if path not in hashes:
            try:
                hashes[path] = file_sha256(path)
            except OSError:
                return None
        if manifest.get("inputs", {}).get(name) != hashes[path]:
            return None
    return row


def forget_peak() -> None:
    """Begin to measure the peak of this process's memory anew, where the system can."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_mb() -> float | None:
    """Most memory that this process held since `forget_peak` (MB), as far as the system tells."""
    with suppress(OSError, ValueError):
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        lines = (line.split() for line in status.splitlines())
        return round(next(int(w[1]) for w in lines if w[:1] == ["VmHWM:"]) / 1024, 1)
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024**2 if sys.platform == "darwin" else 1024), 1)
