"""``commplan documents``: the papers of a hearing from a finished run, and ``commplan templates``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commplan import __version__
from commplan.errors import Fault
from commplan.policy.norms import choice
from commplan.scenario.assignment import judge_run
from commplan.scenario.console import ConsoleWatch, stdout_console
from commplan.scenario.inputs import household_range
from commplan.scenario.pipeline import Judged, survey
from commplan.scenario.store import MANIFEST, check_target, file_sha256, run_folder
from commplan.scenario.verify import changed_inputs, open_run
from commplan.scenario.watch import Watch
from commplan.texts import LANGUAGES, Texts, input_error

if TYPE_CHECKING:
    from commplan.outputs.documents_dossier import Dossier

DONE = 0
PAPERS = {"A3": ("A3",), "A4": ("A4",), "both": ("A3", "A4")}


@dataclass(frozen=True)
class Papers:
    """What is asked for.

    Parameters
    ----------
    maps : str or None
        ``A3``, ``A4`` or ``both``: an overview and a sheet per community; None for no sheets.
    only : tuple of str
        Communities that get a sheet; empty for all.
    languages : tuple of str
        Empty for those of the scenario.
    comments : Path or None
        CSV of the comments that came in.
    templates : Path or None
        Folder with templates of one's own.
    """

    maps: str | None = None
    only: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    comments: Path | None = None
    templates: Path | None = None


def documents(folder: Path, out: Path | None, papers: Papers, texts: Texts, *, quiet: bool) -> int:
    """``commplan documents RUN``: write the papers beside the run.

    Raises
    ------
    InputError
        Where the folder is no finished run, its inputs have changed since, or a template, the
        comments or a community that is named cannot be used.
    """
    from commplan.outputs.documents_templates import read_fields
    from commplan.outputs.documents_write import DocumentOptions, can_draw, write_documents
    from commplan.outputs.map_sheets import SheetOptions

    watch = ConsoleWatch(texts, quiet)
    folder = folder if folder.name not in ("", "..") else folder.resolve()
    target = out or folder.with_name(f"{folder.name}-documents")
    check_target(target)
    if papers.templates is not None and not papers.templates.is_dir():
        raise input_error([Fault("fault.missing_file", file=str(papers.templates))])
    fields = read_fields(papers.templates)
    judged, written = read_run(folder, watch)
    dossier, lost = make_run_dossier(judged, written, papers.comments, fields)
    _check_only(papers.only, dossier)
    languages = papers.languages or judged.situation.scenario.outputs.languages
    if papers.maps and not can_draw(dossier, languages):
        raise input_error(
            [Fault("documents.fault_no_font", {"what": texts("documents.what_maps")})]
        )
    sheets = tuple(SheetOptions(paper, papers.only) for paper in PAPERS.get(papers.maps or "", ()))
    options = DocumentOptions(languages, papers.templates, sheets)

    def tell(done: int, count: int) -> None:
        if done % 10 == 0 or done == count:
            watch.say(texts("documents.progress", done=done, count=count))

    with run_folder(target) as partial, watch.stage("documents"):
        whole = write_documents(partial, dossier, options, tell)
        _write_manifest(partial, folder, judged)
    say = stdout_console().print
    if lost:
        say(texts("documents.comments_lost", count=lost), markup=False, soft_wrap=True)
    if not whole:
        what = texts("documents.what_pdf")
        say(texts("documents.fault_no_font", what=what), markup=False, soft_wrap=True)
    say(texts("documents.done", folder=target), markup=False, soft_wrap=True)
    return DONE


def read_run(folder: Path, watch: Watch) -> tuple[Judged, date]:
    """Read a finished run's plan back, as ``verify`` does, and the day on which it was written.

    Raises
    ------
    InputError
        Where the folder is no finished run with a plan, or its inputs are gone or have changed:
        papers that say something else than the run would be worse than none.
    """
    manifest, scenario = open_run(folder)
    situation = survey(scenario, watch)
    changed = changed_inputs(manifest, situation.scenario)
    if changed:
        names = ", ".join(str(finding.params["file"]) for finding in changed)
        raise input_error([Fault("documents.fault_changed", {"files": names}, str(folder))])
    return judge_run(situation, folder, watch), _written(manifest, folder)


def _written(manifest: Mapping[str, Any], folder: Path) -> date:
    try:
        return date.fromisoformat(str(manifest.get("written")))
    except ValueError as error:
        place = str(folder / MANIFEST)
        reason = {"reason": str(error)}
        raise input_error([Fault("scenario.broken_run_file", reason, place)]) from None


def make_run_dossier(
    judged: Judged, written: date, comments: Path | None, fields: Any
) -> tuple["Dossier", int]:
    """Work out everything that the papers of a run say; with the number of comments in no unit."""
    from commplan.outputs.documents_dossier import make_dossier
    from commplan.outputs.info import all_findings
    from commplan.outputs.workbook import Report
    from commplan.scenario.documents_comments import read_comments
    from commplan.scenario.write import page_info

    situation = judged.situation
    came, lost = ((), 0) if comments is None else read_comments(comments, situation.territory)
    bounds = household_range(situation.scenario, situation.profile)
    info = replace(
        page_info(situation.scenario, judged.findings, bounds),
        limit_min=choice(situation.profile, "room_min"),
        date=written,
    )
    findings = all_findings(info, situation.territory, judged.scorecard, judged.circles)
    report = Report(
        judged.plan, judged.scorecard, judged.circles, situation.profile, info, findings
    )
    return make_dossier(report, came, fields), lost


def _check_only(only: Sequence[str], dossier: "Dossier") -> None:
    known = set(dossier.plan.communities["community_id"])
    faults = [
        Fault("documents.fault_no_community", {"community": identifier})
        for identifier in only
        if identifier not in known
    ]
    if faults:
        raise input_error(faults)


def _write_manifest(folder: Path, run: Path, judged: Judged) -> None:
    """Name the run and what is here, so that a later call may replace it."""
    from commplan.outputs.tables import write_json

    files = {
        path.relative_to(folder).as_posix(): file_sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    languages = {path.name: "" for path in folder.iterdir() if path.is_dir()}
    document = {
        "commplan": __version__,
        "documents_of": judged.situation.scenario.scenario.name,
        "assignment": file_sha256(run / "assignment.csv"),
        "files": files | languages,
    }
    write_json(folder / MANIFEST, document)


def templates(folder: Path, texts: Texts) -> int:
    """``commplan templates DIR``: copy the shipped templates, to be changed."""
    from commplan.outputs.documents_templates import copy_templates

    copy_templates(folder)
    line = texts("documents.done_templates", folder=folder)
    stdout_console().print(line, markup=False, soft_wrap=True)
    return DONE


def papers_of(
    maps: str | None,
    community: Sequence[str],
    language: Sequence[str],
    comments: Path | None,
    templates: Path | None,
) -> Papers:
    """Read the options of the command line."""
    languages = tuple(known for known in LANGUAGES if known in language)
    return Papers(maps, tuple(community), languages, comments, templates)
