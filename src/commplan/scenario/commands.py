"""The commands of the command line: run, check, verify, profiles; each returns its exit code."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from commplan.errors import Fault
from commplan.findings import Finding, Severity, worst_first
from commplan.problem.result import Status
from commplan.scenario.asked import Asked
from commplan.scenario.console import ConsoleWatch, findings_total, say, stdout_console
from commplan.scenario.edited import start_from, with_edit
from commplan.scenario.file import faults_of, read_scenario
from commplan.scenario.store import check_target
from commplan.texts import SHOWN_FAULTS, Texts, input_error

if TYPE_CHECKING:
    from commplan.scenario.alternatives import More, Wishes
    from commplan.scenario.pipeline import Solution

DONE, FAULT, INFEASIBLE, NOT_FOUND, INTERRUPTED = 0, 1, 3, 4, 130


def run(
    path: Path,
    out: Path | None,
    texts: Texts,
    *,
    strict: bool,
    quiet: bool,
    asked: Asked,
) -> int:
    """``commplan run``: the whole way of a scenario, and more plans where they are wished for."""
    from commplan.scenario.pipeline import solve, survey
    from commplan.scenario.sections import check_folders, run_sections
    from commplan.scenario.write import write_solution, write_survey

    watch = ConsoleWatch(texts, quiet)
    scenario = with_edit(read_scenario(path), edit=asked.edit)
    target = out or Path("runs") / scenario.scenario.name
    if scenario.layers.units is None and "villages" in scenario.model_fields_set:
        from commplan.scenario.villages_command import villages

        return villages(path, target, texts, quiet=quiet)
    check_target(target)
    check_folders(scenario, target)
    with faults_of(path):
        situation = start_from(survey(scenario, watch), asked)
    if situation.graph is None:
        write_survey(situation, target, watch)
        _say_findings(situation.findings, texts)
        say([texts("cli.villages_only"), texts("cli.page", page=target / "hearing.html")])
        return DONE
    with faults_of(path):
        solution = solve(situation, watch)
    if solution.judged is None and solution.result.interrupted:
        raise KeyboardInterrupt
    if solution.judged is None:
        target = _beside_earlier(target, texts)
    more = _more(solution, asked.wishes, watch)
    write_solution(solution, target, watch, *(() if more is None else more.written))
    code = _report(solution, target, texts, strict=strict)
    if more is not None:
        say(more.lines(texts))
        if watch.interrupted and not solution.result.interrupted:
            say([texts("cli.interrupted_written")])
            return INTERRUPTED
    if solution.judged is not None and not solution.result.interrupted:
        run_sections(situation, target, watch, texts)
    return code


def _beside_earlier(target: Path, texts: Texts) -> Path:
    """Keep the plan of an earlier run: a run without a plan is written beside it."""
    if not (target / "assignment.csv").exists():
        return target
    instead = target.with_name(f"{target.name}-no-plan")
    check_target(instead)
    say([texts("cli.kept", folder=target, instead=instead)])
    return instead


def _more(solution: "Solution", wishes: "Wishes | None", watch: ConsoleWatch) -> "More | None":
    """Look for more plans, where there is one and nobody asked to stop."""
    if wishes is None or solution.judged is None or solution.result.interrupted:
        return None
    from commplan.scenario.alternatives import find_more

    return find_more(solution, wishes, watch)


def _report(solution: "Solution", target: Path, texts: Texts, *, strict: bool) -> int:
    result = solution.result
    if result.status is Status.INFEASIBLE:
        _say_causes(solution.findings, texts)
        return INFEASIBLE
    if solution.judged is None:
        told = [f.words(texts) for f in solution.findings if f.code.startswith("joint.")]
        say(told or [texts("cli.not_found")])
        return NOT_FOUND
    say(_result_lines(solution, texts))
    _say_findings(solution.findings, texts)
    say([texts("cli.written", folder=target), texts("cli.page", page=target / "hearing.html")])
    if result.interrupted:
        say([texts("cli.interrupted_written")])
        return INTERRUPTED
    if not result.reproducible:
        say([texts("cli.cut_short")])
    return _strict_code(solution, texts) if strict else DONE


def _strict_code(solution: "Solution", texts: Texts) -> int:
    from commplan.evaluate.rules import broken_must

    broken = broken_must(solution.findings, solution.situation.profile)
    if broken:
        say([texts("cli.strict_broken", count=len(broken))])
        say(finding.words(texts) for finding in broken)
    return FAULT if broken else DONE


def _result_lines(solution: "Solution", texts: Texts) -> list[str]:
    result, plan, problem = solution.result, solution.plan, solution.problem
    proof = texts("cli.proof_none")
    if result.bound > 0 and result.gap is not None:
        gap = f"{100 * result.gap:.1f}%"
        proof = texts("cli.proof", bound=f"{result.bound:z,.0f}", gap=gap)
    joint = [f.words(texts) for f in solution.findings if f.code == "joint.cost"]
    low, high = problem.min_households, problem.max_households
    inside = [int(p["households"].between(low, high).sum()) for p in (plan.today, plan.communities)]
    return [
        texts(
            "cli.result" if len(plan.today) else "cli.result_new",
            communities=len(plan.communities),
            moved=f"{int(plan.moves['households'].sum()):,}",
            households=f"{int(problem.households.sum()):,}",
            cost=f"{result.objective or 0:z,.0f}",
            proof=proof,
            status=texts(f"cli.status_{result.status}"),
        ),
        texts(
            "cli.before_after",
            low=f"{low:,}",
            high=f"{high:,}",
            before=inside[0],
            before_all=len(plan.today),
            after=inside[1],
            after_all=len(plan.communities),
        ),
        *joint,
    ]


def check(path: Path, texts: Texts, *, quiet: bool) -> int:
    """``commplan check``: look at the data alone; 1 where something in it is wrong."""
    from commplan.scenario.pipeline import pose, survey, walk_network

    watch = ConsoleWatch(texts, quiet)
    situation = survey(read_scenario(path), watch)
    if situation.graph is not None:
        with faults_of(path):
            pose(situation)  # what [redraw] asks must fit the data
    findings = worst_first(situation.findings)
    if situation.territory.streets is not None:  # broken streets are to be known before a run
        with watch.stage("walk"):
            findings = worst_first((*findings, *walk_network(situation).findings))
    _say_each(findings, texts)
    errors = sum(f.severity is Severity.ERROR for f in findings)
    say([texts("cli.check_bad", count=errors) if errors else texts("cli.check_ok")])
    return FAULT if errors else DONE


def verify(
    target: Path, assignment: Path | None, out: Path | None, texts: Texts, *, quiet: bool
) -> int:
    """``commplan verify``: recompute a run, or score a plan drawn by hand."""
    from commplan.scenario.pipeline import survey
    from commplan.scenario.verify import verify_by_hand, verify_run

    watch = ConsoleWatch(texts, quiet)
    by_hand = assignment is not None
    if not by_hand and target.is_file():
        raise input_error([Fault("scenario.verify_needs_assignment", {}, str(target))])
    if by_hand and target.is_dir():
        raise input_error([Fault("scenario.verify_takes_no_assignment", {}, str(target))])
    if out is not None:
        check_target(out)
    if assignment is not None:
        verdict = verify_by_hand(survey(read_scenario(target), watch), assignment, watch)
    else:
        verdict = verify_run(target, watch)
    if out is not None:
        from commplan.scenario.write import write_judged

        write_judged(verdict.judged, out, watch)
    _say_each(worst_first(verdict.told)[:20], texts)
    count = len(verdict.errors)
    if count:
        say([texts("cli.verify_bad", count=count)])
        return FAULT
    ok = (
        texts("cli.verify_by_hand_ok") if by_hand else texts("cli.verify_ok", count=verdict.figures)
    )
    say([ok])
    return DONE


def profiles_list(texts: Texts) -> int:
    """``commplan profiles list``."""
    from commplan.policy.describe import list_rows

    return _print_table(list_rows(texts))


def profiles_show(name: str, texts: Texts) -> int:
    """``commplan profiles show NAME``."""
    from commplan.policy.describe import show_rows
    from commplan.policy.library import load_profile

    return _print_table(show_rows(load_profile(name), texts))


def profiles_diff(a: str, b: str, texts: Texts) -> int:
    """``commplan profiles diff A B``."""
    from commplan.policy.describe import diff_rows
    from commplan.policy.library import load_profile

    return _print_table(diff_rows(load_profile(a), load_profile(b), texts))


def _print_table(rows: Sequence[Sequence[str]]) -> int:
    """Print rows, the first of them the head."""
    from rich.table import Table

    table = Table()
    for head in rows[0]:
        table.add_column(head, overflow="fold")
    for row in rows[1:]:
        table.add_row(*row)
    stdout_console().print(table, markup=False)
    return DONE


def _say_each(findings: Sequence[Finding], texts: Texts) -> None:
    say(f"[{texts(f'cli.severity_{f.severity}')}] {f.words(texts)}" for f in findings)


def _say_findings(findings: Sequence[Finding], texts: Texts) -> None:
    _say_each([f for f in findings if f.severity is Severity.ERROR][:20], texts)
    say([findings_total(findings, texts)])


def _say_causes(findings: Sequence[Finding], texts: Texts) -> None:
    """Say at most five causes, each with its ways out, then a count of the rest."""
    say([texts("cli.infeasible")])
    causes = 0
    for finding in findings:
        if not finding.code.startswith("causes."):
            continue
        is_cause = finding.severity is Severity.ERROR
        causes += is_cause
        if causes <= SHOWN_FAULTS:
            words = finding.words(texts)
            say([f"- {words}" if is_cause else "  " + texts("cli.way_out", what=words)])
    if causes > SHOWN_FAULTS:
        say([texts("cli.more_causes", count=causes - SHOWN_FAULTS)])
