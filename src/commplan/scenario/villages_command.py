"""``commplan villages``, and ``verify`` of its folder; each returns its exit code."""

from pathlib import Path

from commplan.scenario.console import ConsoleWatch, findings_total, say
from commplan.scenario.file import read_scenario
from commplan.scenario.topics import DONE, carry_out, verdict, written_lines
from commplan.scenario.villages import VillageRun, merge, write_villages
from commplan.texts import SHOWN_FAULTS, Texts


def villages(path: Path, out: Path | None, texts: Texts, *, quiet: bool) -> int:
    """``commplan villages``: from the scenario to the run folder, and say what came of it."""
    watch = ConsoleWatch(texts, quiet)
    scenario = read_scenario(path)

    def make(target: Path) -> VillageRun:
        run = merge(scenario, watch)
        write_villages(run, target, watch)
        return run

    run, target = carry_out("villages", scenario, path, out, make)
    say([*result_lines(run, texts), *written_lines(target, texts)])
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
            cost=f"{result.objective:z,.0f}",
            bound=f"{result.bound:z,.0f}",
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
    return [*lines, findings_total(run.findings, texts)]


def verify_villages(folder: Path, texts: Texts, *, quiet: bool) -> int:
    """``commplan verify`` of a merging of villages; 1 where something does not come out again."""
    from commplan.scenario.villages_verify import verify_village_run

    findings, count, groups = verify_village_run(folder, ConsoleWatch(texts, quiet))
    good = texts("villages.verify_ok", villages=f"{count:,}", groups=groups)
    return verdict(findings, good, texts)
