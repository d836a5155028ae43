"""``commplan grids``, and ``verify`` of its folder; each returns its exit code."""

from pathlib import Path

from commplan.scenario.console import ConsoleWatch, say
from commplan.scenario.file import read_scenario
from commplan.scenario.grids import GridRun, grids_section, run_grids
from commplan.scenario.topics import (
    DONE,
    carry_out,
    findings_lines,
    verdict,
    with_plan,
    written_lines,
)
from commplan.texts import Texts


def grids(path: Path, out: Path | None, plan: Path | None, texts: Texts, *, quiet: bool) -> int:
    """``commplan grids``: from the scenario to the run folder, and say what came of it."""
    watch = ConsoleWatch(texts, quiet)
    scenario = read_scenario(path)
    if plan is not None:
        scenario = with_plan(scenario, "grids", grids_section(scenario), plan)
    run, target = carry_out("grids", scenario, path, out, lambda to: run_grids(scenario, to, watch))
    say([*result_lines(run, texts), *written_lines(target, texts)])
    return DONE


def result_lines(run: GridRun, texts: Texts) -> list[str]:
    """Say how many grids there are, how many keep the bounds, and what is proven."""
    grids = run.grids
    table, communities = grids.grids, grids.communities
    met = communities[communities["gap"].notna()]
    cost, bound = met["objective"].sum(), met["bound"].sum()
    lines = [
        texts(
            "grids.result",
            communities=f"{len(communities):,}",
            grids=f"{len(table):,}",
            inside=f"{int((table['ok'] == 0).sum()):,}",
            large=f"{int((table['kind'] == 'large').sum()):,}",
            min=f"{grids.problem.min_households:,}",
            max=f"{grids.problem.max_households:,}",
        ),
        texts(
            "grids.result_proof",
            optimal=f"{int((communities['status'] == 'optimal').sum()):,}",
            communities=f"{len(communities):,}",
            gap=f"{100 * max(0.0, cost - bound) / cost:.2f}" if cost else "0",
        ),
    ]
    return [*lines, *findings_lines(run.findings, texts)]


def verify_grids(folder: Path, texts: Texts, *, quiet: bool) -> int:
    """``commplan verify`` of a division into grids; 1 where something does not come out again."""
    from commplan.scenario.grids_verify import verify_grid_run

    findings, cells, count = verify_grid_run(folder, ConsoleWatch(texts, quiet))
    good = texts("grids.verify_ok", grids=f"{count:,}", cells=f"{cells:,}")
    return verdict(findings, good, texts)
