"""``commplan batch``: many scenarios, each done once, whatever happens on the way."""

import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from commplan import __version__
from commplan.errors import Fault, InputError
from commplan.outputs.batch_tables import BatchInfo, Row, totals
from commplan.problem.threads import threads_at_hand
from commplan.scenario.batch_cases import Batch, Case, read_batch
from commplan.scenario.batch_here import Engine, Here
from commplan.scenario.batch_run import Outcome, Task, is_finished
from commplan.scenario.batch_store import RUNS, batch_folder, write_catalogue, write_province
from commplan.scenario.batch_watch import BatchWatch
from commplan.scenario.console import stdout_console
from commplan.scenario.log import Log
from commplan.texts import SHOWN_FAULTS, Texts, input_error

DONE, FAULT, INTERRUPTED = 0, 1, 130
SPLIT_UNITS = 20_000
_POLL_S = 0.2


@dataclass(frozen=True)
class BatchOptions:
    """How a batch is done.

    Parameters
    ----------
    workers : int
        Worker processes on this machine; 0 does everything in this process, without Dask.
    scheduler : str or None
        Address of a Dask scheduler to use instead.
    memory : str or None
        Limit for each worker on this machine.
    split_units : int
        From this many units on, a scenario is solved in parts by several workers.
    resume : bool
        Leave what is finished as it is.
    quiet : bool
    """

    workers: int = 1
    scheduler: str | None = None
    memory: str | None = None
    split_units: int = SPLIT_UNITS
    resume: bool = False
    quiet: bool = False


def options_of(
    workers: int | None,
    scheduler: str | None,
    memory: str | None,
    split: int | None,
    **flags: bool,
) -> BatchOptions:
    """Read the options of the command line.

    Raises
    ------
    InputError
        Where options contradict each other.
    """
    if scheduler is not None and (workers is not None or memory is not None):
        raise input_error([Fault("batch.workers_or_scheduler")])
    here = (os.cpu_count() or 1) if workers is None else workers
    return BatchOptions(here, scheduler, memory, split or SPLIT_UNITS, **flags)


def batch(paths: Sequence[Path], out: Path | None, options: BatchOptions, texts: Texts) -> int:
    """Do every scenario, and leave run folders, catalogue, log, page and workbook.

    Parameters
    ----------
    paths : sequence of Path
        Scenarios and catalogues.
    out : Path or None
        Folder; ``runs/<name of the batch>`` where None.
    options : BatchOptions
    texts : Texts

    Returns
    -------
    int
        0 where every scenario has a valid plan, 1 where one has none, 130 after Ctrl-C.

    Raises
    ------
    InputError
        Where nothing can be begun.
    """
    threads_at_hand()  # a fault in what it reads is said before anything begins
    work = read_batch(paths)
    out = out or Path(RUNS) / work.name
    names = [case.name for case in work.cases]
    with _unless_refused(out), batch_folder(out, work.name, names) as log:
        rows, stopped = _do_all(work, out, options, (texts, log))
        ordered = [rows.get(case.name) or Row(case.name, case.title) for case in work.cases]
        shown = _show(work, out, ordered, (texts, log))
        code = _code(ordered, stopped) if shown else FAULT
        log("finished", exit_code=code, **totals(ordered))
    _say(ordered, out, texts)
    return code


@contextmanager
def _unless_refused(out: Path) -> Iterator[None]:
    """Leave no new folder behind where nothing could be begun, as with an address nobody answers at."""
    new = not out.exists()
    try:
        yield
    except InputError:
        if new and not any((out / RUNS).glob("*")):
            shutil.rmtree(out, ignore_errors=True)
        raise


def _code(rows: Sequence[Row], stopped: bool) -> int:
    if stopped:
        return INTERRUPTED
    return DONE if all(row.is_well for row in rows) else FAULT


def _show(work: Batch, out: Path, rows: Sequence[Row], ways: tuple[Texts, Log]) -> bool:
    """Write what shows the whole; False where it cannot be written: the run folders are there."""
    texts, log = ways
    info = BatchInfo(work.name, _title(work), date.today(), attribution=_attribution(work))  # noqa: DTZ011
    try:
        write_catalogue(out, rows, texts.language)
        write_province(out, rows, info)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        reason = error.strerror or str(error)
        log("not_written", file=error.filename, reason=reason)
        stdout_console().print(texts("cli.os_error", place=place, reason=reason), markup=False)
        stdout_console().print(texts("batch.resume"), markup=False)
        return False
    return True


def _title(work: Batch) -> dict[str, str]:
    return {"zh-CN": work.title.in_language("zh-CN"), "en": work.title.in_language("en")}


def _attribution(work: Batch) -> str:
    """Name everybody whose data it is, each once."""
    from commplan.scenario.inputs import attribution

    said = [attribution(c.scenario) for c in work.cases if c.scenario is not None]
    return " ".join(dict.fromkeys(words for words in said if words))


def _do_all(
    work: Batch, out: Path, options: BatchOptions, ways: tuple[Texts, Log]
) -> tuple[dict[str, Row], bool]:
    """Do what is not finished; the rows by name, and whether somebody stopped it."""
    texts, log = ways
    rows = _kept(work.cases, out) if options.resume else {}
    left = [case for case in work.cases if case.name not in rows]
    token = secrets.token_hex(8)
    place = options.scheduler or options.workers
    log("begun", commplan=__version__, scenarios=len(work.cases), to_do=len(left), engine=place)
    if rows:
        log("kept", scenarios=sorted(rows))
    watch = BatchWatch(texts, len(left), options.quiet)
    if rows:
        watch.say(texts("batch.kept", count=len(rows)))
    if not left:
        return rows, False
    tasks = [_task(case, out, token, options) for case in left]
    with _engine(options, len(left), log) as engine, watch.working():
        for task, outcome in _outcomes(engine, tasks, watch, log):
            if outcome is None:
                log("not_begun", scenario=task.case.name)
                continue
            _note(log, outcome)
            rows[task.case.name] = outcome.row
            watch.finished(outcome.row)
            if outcome.disk_full:
                watch.say(texts("batch.disk_full", folder=out))
    return rows, watch.stopped


def _task(case: Case, out: Path, token: str, options: BatchOptions) -> Task:
    split = options.split_units if options.scheduler or options.workers else None
    return Task(case, str((out / RUNS / case.name).resolve()), token, split)


def _kept(cases: Sequence[Case], out: Path) -> dict[str, Row]:
    """Rows of scenarios that are finished and have not changed since."""
    hashes: dict[Path, str] = {}
    found = {case.name: is_finished(case, out / RUNS / case.name, hashes) for case in cases}
    return {name: row for name, row in found.items() if row is not None}


def _engine(options: BatchOptions, count: int, log: Log) -> AbstractContextManager[Engine]:
    if options.scheduler is None and options.workers == 0:
        return nullcontext(Here())
    from commplan.scenario.batch_cluster import ClusterSettings, open_cluster

    workers = max(1, min(options.workers, count))
    settings = ClusterSettings(workers, options.scheduler, options.memory)
    return open_cluster(settings, log)


def _outcomes(
    engine: Engine, tasks: Sequence[Task], watch: BatchWatch, log: Log
) -> Iterator[tuple[Task, Outcome | None]]:
    """Yield what comes of each task; after Ctrl-C, or on a full disk, nothing more is begun."""
    engine.submit(tasks)
    left = len(tasks)
    dropped = False
    while left:
        full = False
        try:
            over = engine.next(_POLL_S)
        except KeyboardInterrupt:
            over = None
            if dropped:
                break  # asked twice: what is running is given up
            watch.stopped = True
        if over is not None:
            left -= 1
            full = over[1] is not None and over[1].disk_full
            yield over
        watch.tick()
        if (watch.stopped or full) and not dropped:
            dropped = True
            log("interrupted" if watch.stopped else "disk_full", left=left)
            engine.drop_waiting()


def _note(log: Log, outcome: Outcome) -> None:
    row = outcome.row
    facts: dict[str, object] = {
        "scenario": row.name,
        "status": row.status,
        "exit_code": row.exit_code,
    }
    facts |= {"seconds": row.seconds, "peak_mb": row.peak_mb, "worker": row.worker}
    if row.faults:
        facts["faults"] = list(row.faults.get("en", ()))
    if outcome.trace:
        facts["trace"] = outcome.trace
    log("done", **facts)


def _say(rows: Sequence[Row], out: Path, texts: Texts) -> None:
    """Say the sums, who has no plan and why, and where everything lies."""
    sums = {key: f"{value:,}" for key, value in totals(rows).items()}
    lines = [texts("batch.result", **sums)]
    wrong = [row for row in rows if not row.is_well]
    for row in wrong[:SHOWN_FAULTS]:
        from commplan.outputs.batch_tables import status_word

        why = " ".join(row.faults.get(texts.language, ())[:1])
        status = status_word(row.status, texts)
        lines.append(texts("batch.without", name=row.name, status=status, why=why).rstrip())
    if len(wrong) > SHOWN_FAULTS:
        lines.append(texts("batch.more", count=len(wrong) - SHOWN_FAULTS))
    if any(row.status == "not begun" for row in rows):
        lines.append(texts("batch.resume"))
    lines += [texts("cli.written", folder=out), texts("cli.page", page=out / "province.html")]
    console = stdout_console()
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
