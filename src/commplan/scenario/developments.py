"""``commplan developments``: a file of new housing developments, each with its answer."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commplan import __version__
from commplan.errors import InputError
from commplan.findings import Finding
from commplan.outputs.developments_page import write_index
from commplan.outputs.developments_report import DevelopmentInfo
from commplan.outputs.developments_tables import (
    TABLES,
    bare_row,
    fault_rows,
    finding_rows,
    write_joined,
)
from commplan.outputs.tables import write_json
from commplan.scenario.console import ConsoleWatch, stdout_console
from commplan.scenario.developments_pool import Again, Shop, shared_out
from commplan.scenario.developments_read import DevelopmentFile, Refused, read_developments
from commplan.scenario.developments_store import (
    PARTS,
    drop_others,
    folder_names,
    open_folder,
    read_part,
    write_part,
)
from commplan.scenario.developments_work import DevelopmentWork, failed, key_of
from commplan.scenario.file import faults_of, read_scenario
from commplan.scenario.inputs import attribution, input_files
from commplan.scenario.log import LOG, Log
from commplan.scenario.pipeline import survey
from commplan.scenario.schema import Scenario
from commplan.scenario.store import MANIFEST, check_target, file_sha256
from commplan.texts import SHOWN_FAULTS, Texts

if TYPE_CHECKING:
    from commplan.scenario.developments_prepare import Prepared
    from commplan.scenario.pipeline import Situation

DONE, FAULT, INTERRUPTED = 0, 1, 130
TOLD_S = 10.0  # between two lines about progress


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for."""

    file: Path
    scenario: Path
    out: Path
    workers: int = 1
    resume: bool = False


@dataclass(frozen=True)
class Came:
    """What came of a run: results by id, and how many were there already."""

    results: tuple[dict[str, Any], ...]
    kept: int
    refused: int
    failed: int
    seconds: float


def developments(wanted: Wanted, texts: Texts, *, quiet: bool) -> int:
    """Run ``commplan developments``; 1 where a row was refused or a development failed."""
    watch = ConsoleWatch(texts, quiet)
    scenario = read_scenario(wanted.scenario)
    check_target(wanted.out)
    try:
        came = run_developments(wanted, scenario, watch, texts)
    except (KeyboardInterrupt, OSError) as error:
        begun = (wanted.out / PARTS).is_dir() and not isinstance(error, InputError)
        if begun:
            reason = getattr(error, "strerror", None) or type(error).__name__
            Log(wanted.out / LOG)("stopped", reason=reason)
            watch.say(texts("developments.stopped"))
        if isinstance(error, KeyboardInterrupt) and begun:
            return INTERRUPTED
        raise
    console = stdout_console()
    for line in _lines(came, wanted.out, texts):
        console.print(line, markup=False, soft_wrap=True)
    return FAULT if came.refused or came.failed else DONE


def run_developments(wanted: Wanted, scenario: Scenario, watch: ConsoleWatch, texts: Texts) -> Came:
    """Read, prepare, share out, join.

    Raises
    ------
    InputError
        Where file, scenario or target as a whole cannot be used.
    """
    from commplan.scenario.developments_prepare import prepare

    section = scenario.layers.developments
    layers = scenario.layers.model_copy(update={"developments": None})
    alone = scenario.model_copy(update={"layers": layers})
    with faults_of(wanted.scenario):
        situation = survey(alone, watch)
    with watch.stage("read"):
        given = read_developments(
            wanted.file, section[0] if section else None, situation.territory.crs
        )
    with watch.stage("walk"), faults_of(wanted.scenario):
        prepared = prepare(situation, given.developments)
    open_folder(wanted.out, resume=wanted.resume)
    work = _work(wanted, situation, prepared)
    began = time.perf_counter()
    log = Log(wanted.out / LOG)
    kept = _do_all(work, wanted, log, (watch, texts))
    seconds = time.perf_counter() - began
    with watch.stage("write"):
        came = _join(work, given, situation, (kept, seconds))
    log("finished", kept=kept, refused=came.refused, failed=came.failed)
    return came


def _work(wanted: Wanted, situation: "Situation", prepared: "Prepared") -> DevelopmentWork:
    cases = prepared.cases
    whole = _fingerprint(situation.scenario)
    names = folder_names([case.development.development_id for case in cases])
    keys = tuple(key_of(case, whole) for case in cases)
    return DevelopmentWork(prepared, _info(situation), wanted.out.resolve(), names, keys)


def _info(situation: "Situation") -> DevelopmentInfo:
    scenario = situation.scenario
    languages = scenario.outputs.languages
    head, note = scenario.scenario, scenario.outputs.note
    return DevelopmentInfo(
        title={language: head.title.in_language(language) or head.name for language in languages},
        crs=situation.territory.crs,
        languages=languages,
        attribution=attribution(scenario),
        note={language: note.in_language(language) for language in languages},
    )


def _fingerprint(scenario: Scenario) -> str:
    """Hash what all results are made from: the program, the scenario's values and its files."""
    values = scenario.model_dump(mode="json", exclude_none=True, exclude={"layers"})
    inputs = {name: file_sha256(path) for name, path in input_files(scenario).items()}
    document = {"commplan": __version__, "scenario": values, "inputs": inputs}
    return sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _do_all(
    work: DevelopmentWork, wanted: Wanted, log: Log, ways: tuple[ConsoleWatch, Texts]
) -> int:
    """Do what is not done yet; return how many were."""
    watch, texts = ways
    cases = range(len(work.names))
    ids = [case.development.development_id for case in work.prepared.cases]
    left = [n for n in cases if not (wanted.resume and _is_done(work, n))]
    todo, kept = set(left), len(work.names) - len(left)
    if wanted.resume:
        log("kept", developments=[ids[n] for n in cases if n not in todo])
        watch.say(texts("developments.resumed", kept=f"{kept:,}", left=f"{len(left):,}"))
    shop = Shop(DevelopmentWork, (work.prepared, work.info, work.target, work.names, work.keys))
    began = told = time.perf_counter()
    count, workers = 0, min(wanted.workers, max(len(left), 1))
    log("begun", commplan=__version__, developments=len(ids), to_do=len(left), workers=workers)
    for done in shared_out(left, shop, workers):
        if isinstance(done, Again):
            log("process_lost", again=[ids[task] for task in done.tasks])
            watch.say(texts("developments.again", count=len(done.tasks)))
            continue
        count += 1
        if done.lost:
            _give_up(work, done.task)
            watch.say(texts("developments.lost", development=ids[done.task]))
        log("done" if _is_done(work, done.task) else "failed", development=ids[done.task])
        now = time.perf_counter()
        if now - told > TOLD_S:
            told = now
            watch.say(_progress(texts, count, len(left), now - began))
    return kept


def _is_done(work: DevelopmentWork, number: int) -> bool:
    part = read_part(work.target, work.names[number])
    return part is not None and part.get("key") == work.keys[number] and "failed" not in part


def _give_up(work: DevelopmentWork, number: int) -> None:
    """Write that the work on a development ended its process, so that it has a result all the same."""
    result = failed(work.prepared.cases[number], work.keys[number], "process lost")
    write_part(work.target, work.names[number], lambda _: result)


def _progress(texts: Texts, done: int, of: int, seconds: float) -> str:
    rate = 60.0 * done / seconds
    left_s = (of - done) * seconds / done
    return texts(
        "developments.progress",
        done=f"{done:,}",
        of=f"{of:,}",
        rate=f"{rate:,.0f}",
        left=f"{left_s:,.0f}",
    )


def _join(
    work: DevelopmentWork, given: DevelopmentFile, situation: "Situation", told: tuple[int, float]
) -> Came:
    """Write the tables of all developments, the index and the manifest."""
    parts = [read_part(work.target, name) for name in work.names]
    results = [part for part in parts if part is not None]
    refused = [_refused(row) for row in given.refused]
    everything = sorted([*results, *refused], key=lambda r: str(r["development"]["development_id"]))
    about = _about(situation.findings, given.findings)
    write_joined(work.target, [*about, *everything])
    write_index(work.target / "index.html", [r["development"] for r in everything], work.info)
    drop_others(work.target, work.names)
    names = [*TABLES, "index.html"]
    write_json(
        work.target / MANIFEST,
        {
            "commplan": __version__,
            "scenario": situation.scenario.model_dump(mode="json", exclude_none=True),
            "files": {name: file_sha256(work.target / name) for name in names},
        },
    )
    bad = sum("failed" in part for part in results)
    return Came(tuple(everything), told[0], len(refused), bad, told[1])


def _refused(row: Refused) -> dict[str, Any]:
    findings = fault_rows(row.development_id, row.faults)
    development = bare_row(row.development_id, "refused", len(findings))
    return {"development": development, "rooms": [], "findings": findings}


def _about(*findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return what was noticed about the data as a whole, under no development's id."""
    rows = [row for some in findings for row in finding_rows("", some)]
    return [{"development": None, "rooms": [], "findings": rows}]


def _lines(came: Came, out: Path, texts: Texts) -> list[str]:
    rows = [result["development"] for result in came.results]
    answers = [row.get("answer") for row in rows if row["status"] == "done"]
    kinds = ("stay", "new", "move", "together", "redraw", "none")
    counts = {kind: f"{answers.count(kind):,}" for kind in kinds}
    done = len(rows) - came.refused - came.kept
    rate = 60.0 * done / came.seconds if came.seconds else 0.0
    lines = [
        texts("developments.result", count=f"{len(rows):,}", **counts),
        texts("developments.rate", seconds=f"{came.seconds:.1f}", rate=f"{rate:,.0f}"),
    ]
    bad = [result for result in came.results if result["development"]["status"] != "done"]
    words = "words_zh" if texts.language == "zh-CN" else "words_en"
    for result in bad[:SHOWN_FAULTS]:
        one = result["development"]["development_id"]
        said = [str(finding[words]) for finding in result["findings"]]
        lines.append(texts("developments.bad_row", development=one, words=" ".join(said)))
    if len(bad) > SHOWN_FAULTS:
        lines.append(texts("developments.more_bad", count=len(bad) - SHOWN_FAULTS))
    lines.append(texts("cli.written", folder=out))
    return [*lines, texts("cli.page", page=out / "index.html")]
