"""``commplan rollout``, and ``verify`` of its folder; each returns its exit code."""

from pathlib import Path

from commplan.scenario.console import ConsoleWatch, say
from commplan.scenario.file import read_scenario
from commplan.scenario.rollout import RolloutRun, rollout_section, run_rollout
from commplan.scenario.topics import (
    DONE,
    carry_out,
    findings_lines,
    verdict,
    with_plan,
    written_lines,
)
from commplan.texts import Texts


def rollout(path: Path, out: Path | None, plan: Path | None, texts: Texts, *, quiet: bool) -> int:
    """``commplan rollout``: from the scenario to the run folder, and say what came of it."""
    watch = ConsoleWatch(texts, quiet)
    scenario = read_scenario(path)
    if plan is not None:
        scenario = with_plan(scenario, "rollout", rollout_section(scenario), plan)
    run, target = carry_out(
        "rollout", scenario, path, out, lambda to: run_rollout(scenario, to, watch)
    )
    say([*result_lines(run, texts), *written_lines(target, texts)])
    return DONE


def result_lines(run: RolloutRun, texts: Texts) -> list[str]:
    """Say how many communities change in which year, and what is proven."""
    made = run.rollout
    counts = made.table["year"].value_counts().sort_index()
    years = ", ".join(f"{year}: {count}" for year, count in counts.items() if year)
    line = texts(
        "rollout.result",
        communities=f"{len(made.table):,}",
        groups=f"{made.problem.groups:,}",
        years=years or "–",
        left=int((made.table["year"] == 0).sum()),
        gap=f"{100 * made.answer.gap:.2f}",
    )
    return [line, *findings_lines(run.findings, texts)]


def verify_rollout(folder: Path, texts: Texts, *, quiet: bool) -> int:
    """``commplan verify`` of a rollout; 1 where something does not come out again."""
    from commplan.scenario.rollout_verify import verify_rollout_run

    findings, cells, count = verify_rollout_run(folder, ConsoleWatch(texts, quiet))
    good = texts("rollout.verify_ok", communities=f"{count:,}", cells=f"{cells:,}")
    return verdict(findings, good, texts)
