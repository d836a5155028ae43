"""``commplan coverage``, and ``verify`` of its folder; each returns its exit code."""

from pathlib import Path

from commplan.scenario.console import ConsoleWatch, say
from commplan.scenario.coverage import CoverageRun, run_coverage
from commplan.scenario.file import read_scenario
from commplan.scenario.topics import DONE, carry_out, findings_lines, verdict, written_lines
from commplan.texts import Texts


def coverage(path: Path, out: Path | None, texts: Texts, *, quiet: bool) -> int:
    """``commplan coverage``: from the scenario to the run folder, and say what came of it."""
    watch = ConsoleWatch(texts, quiet)
    scenario = read_scenario(path)
    run, target = carry_out(
        "coverage", scenario, path, out, lambda to: run_coverage(scenario, to, watch)
    )
    say([*result_lines(run, texts), *written_lines(target, texts)])
    return DONE


def result_lines(run: CoverageRun, texts: Texts) -> list[str]:
    """Say how many places are left out, what is proposed for them, and who needs a platform."""
    places, result = run.coverage.places, run.coverage.result
    gaps = places[places["layer"] != "communities"]
    turned = places[places["layer"] == "communities"]
    listed = run.platforms["listed"]

    def count(table: object, *whats: str) -> str:
        return f"{int(table['what'].isin(whats).sum()):,}"  # type: ignore[index]

    lines = [
        texts(
            "coverage.result",
            looked_at=f"{run.posed.looked_at:,}",
            gaps=f"{len(gaps):,}",
            households=f"{int(gaps['households'].sum()):,}",
            joins=count(gaps, "joins"),
            makes=count(gaps, "makes", "becomes"),
            stays=count(gaps, "stays"),
        ),
        texts(
            "coverage.result_convert",
            all=f"{len(turned):,}",
            becomes=count(turned, "becomes", "makes"),
            joins=count(turned, "joins"),
            stays=count(turned, "stays"),
        ),
        texts("coverage.result_platforms", count=f"{int((listed != 'far').sum()):,}"),
        texts(
            "coverage.result_proof",
            cost=f"{result.objective:z,.0f}",
            bound=f"{result.bound:z,.0f}",
            gap=f"{100 * result.gap:.2f}",
            status=texts(f"cli.status_{result.status}"),
        ),
    ]
    return [*lines, *findings_lines(run.findings, texts)]


def verify_coverage(folder: Path, texts: Texts, *, quiet: bool) -> int:
    """``commplan verify`` of a coverage run; 1 where something does not come out again."""
    from commplan.scenario.coverage_verify import verify_coverage_run

    findings, cells, count = verify_coverage_run(folder, ConsoleWatch(texts, quiet))
    good = texts("coverage.verify_ok", places=f"{count:,}", cells=f"{cells:,}")
    return verdict(findings, good, texts)
