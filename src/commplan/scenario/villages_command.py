"""``commplan villages``, and ``verify`` of its folder; each returns its exit code."""

from pathlib import Path

from commplan.findings import Severity
from commplan.scenario.console import ConsoleWatch, stdout_console
from commplan.scenario.file import faults_of, read_scenario
from commplan.scenario.store import check_target
from commplan.scenario.villages import VillageRun, merge, write_villages
from commplan.texts import SHOWN_FAULTS, Texts

DONE, FAULT = 0, 1


def villages(path: Path, out: Path | None, texts: Texts, *, quiet: bool) -> int:
    """``commplan villages``: from the scenario to the run folder, and say what came of it."""
    watch = ConsoleWatch(texts, quiet)
    scenario = read_scenario(path)
    target = out or Path("runs") / f"{scenario.scenario.name}-villages"
    check_target(target)
    with faults_of(path):
        run = merge(scenario, watch)
    write_villages(run, target, watch)
    console = stdout_console()
    for line in result_lines(run, texts):
        console.print(line, markup=False, soft_wrap=True)
    for key, value in (
        ("written", {"folder": target}),
        ("page", {"page": target / "hearing.html"}),
    ):
        console.print(texts(f"cli.{key}", **value), markup=False, soft_wrap=True)
    return DONE


def result_lines(run: VillageRun, texts: Texts) -> list[str]:
    """Say how many villages there were and are, who is renamed, and who is left and why."""
    plan, result = run.plan, run.result
    groups, before = plan.groups, len(plan.villages)
    merged = int((plan.group_of >= 0).sum())
    lines = [
        texts(
            "villages.result",
            before=f"{before:,}",
            after=f"{before - merged + len(groups):,}",
            groups=f"{len(groups):,}",
            merged=f"{merged:,}",
            renamed=f"{int(groups['renamed_people'].sum()):,}",
            people=f"{int(plan.villages['people'].sum()):,}",
        ),
        texts(
            "villages.result_proof",
            cost=f"{result.objective:,.0f}",
            bound=f"{result.bound:,.0f}",
            gap=f"{100 * result.gap:.2f}",
            status=texts(f"cli.status_{result.status}"),
            seconds=f"{result.runtime_s:.1f}",
        ),
    ]
    left = list(plan.left.values())
    key = "villages.result_left" if left else "villages.nobody_left"
    lines.append(texts(key, left=len(left), least=result.least_left, small=plan.small_people))
    lines += [f"- {finding.words(texts)}" for finding in left[:SHOWN_FAULTS]]
    if len(left) > SHOWN_FAULTS:
        lines.append(texts("cli.more_causes", count=len(left) - SHOWN_FAULTS))
    counts = {s: sum(f.severity is s for f in run.findings) for s in Severity}
    lines.append(
        texts(
            "cli.findings",
            errors=counts[Severity.ERROR],
            warnings=counts[Severity.WARNING],
            notes=counts[Severity.NOTE],
        )
    )
    return lines


def verify_villages(folder: Path, texts: Texts, *, quiet: bool) -> int:
    """``commplan verify`` of a merging of villages; 1 where something does not come out again."""
    from commplan.scenario.villages_verify import verify_village_run

    errors, count, groups = verify_village_run(folder, ConsoleWatch(texts, quiet))
    lines = [f"[{texts('cli.severity_error')}] {error.words(texts)}" for error in errors[:20]]
    lines.append(
        texts("cli.verify_bad", count=len(errors))
        if errors
        else texts("villages.verify_ok", villages=f"{count:,}", groups=groups)
    )
    for line in lines:
        stdout_console().print(line, markup=False, soft_wrap=True)
    return FAULT if errors else DONE
