"""The commands that write a page of runs that are finished: page, compare."""

from collections.abc import Sequence
from pathlib import Path

from commplan.errors import Fault
from commplan.scenario.console import ConsoleWatch, stdout_console
from commplan.scenario.edited import with_edit
from commplan.texts import Texts, input_error

DONE = 0


def page(target: Path, out: Path | None, texts: Texts, *, edit: bool, quiet: bool) -> int:
    """``commplan page``: write the hearing page of a finished run again, to be edited if wished."""
    from commplan.outputs.hearing_map import write_hearing_page
    from commplan.scenario.assignment import judge_run
    from commplan.scenario.pipeline import survey
    from commplan.scenario.verify import open_run
    from commplan.scenario.write import plan_info

    _, scenario = open_run(target)
    watch = ConsoleWatch(texts, quiet)
    situation = survey(with_edit(scenario, edit=edit), watch)
    judged = judge_run(situation, target, watch)
    path = out or target / "page.html"
    _make_room(path)
    write_hearing_page(
        path, judged.plan, judged.scorecard, judged.circles, situation.profile, plan_info(judged)
    )
    stdout_console().print(texts("cli.page_written", page=path), markup=False, soft_wrap=True)
    return DONE


def compare(runs: Sequence[Path], out: Path, texts: Texts) -> int:
    """``commplan compare``: several plans on one page, with the same scales."""
    from commplan.outputs.compare_page import write_compare_page
    from commplan.scenario.compare import read_plans

    if len(runs) < 2:
        raise input_error([Fault("scenario.compare_few")])
    plans = read_plans(runs)
    _make_room(out)
    write_compare_page(out, plans)
    stdout_console().print(texts("cli.page_written", page=out), markup=False, soft_wrap=True)
    return DONE


def _make_room(path: Path) -> None:
    """Make the folder of a page; a place that cannot be written is told before any work."""
    if path.is_dir():
        raise input_error([Fault("scenario.out_is_folder", file=str(path))])
    path.parent.mkdir(parents=True, exist_ok=True)
