"""``commplan siting``, and ``verify`` of its folder; each returns its exit code."""

from pathlib import Path

from commplan.problem.location import Aim
from commplan.problem.result import Status
from commplan.scenario.console import ConsoleWatch, say
from commplan.scenario.file import read_scenario
from commplan.scenario.siting import SitingRun, run_siting
from commplan.scenario.topics import DONE, carry_out, findings_lines, verdict, written_lines
from commplan.texts import Texts

CODES = {Status.INFEASIBLE: 3, Status.NOT_FOUND: 4}


def siting(path: Path, out: Path | None, texts: Texts, *, quiet: bool) -> int:
    """``commplan siting``: from the scenario to the run folder, and say what came of it.

    Returns
    -------
    int
        3 where the aim is proven out of reach; the folder then holds what serves most households.
    """
    watch = ConsoleWatch(texts, quiet)
    scenario = read_scenario(path)
    run, target = carry_out(
        "siting", scenario, path, out, lambda to: run_siting(scenario, to, watch)
    )
    say([*result_lines(run, texts), *written_lines(target, texts)])
    return CODES.get(run.plan.result.status, DONE)


def result_lines(run: SitingRun, texts: Texts) -> list[str]:
    """Say how many rooms stay, are new or close, who is within the limit, and what is proven."""
    plan = run.plan
    result, households, options = plan.result, plan.households, plan.posed.options
    actions = plan.sites["action"].value_counts()
    extended = float(plan.sites["extend_m2"].sum())
    lines = [
        texts(
            "siting.result_extended" if extended else "siting.result",
            keep=int(actions.get("keep", 0)),
            new=int(actions.get("new", 0)),
            extend=int(actions.get("extend", 0)),
            m2=f"{extended:,.0f}",
            close=int(actions.get("close", 0)),
            yuan=f"{plan.cost_yuan:,.0f}",
            within=f"{households[result.site_of >= 0].sum():,.0f}",
            households=f"{households.sum():,.0f}",
            minutes=f"{options.limit_min:g}",
        )
    ]
    value = result.objective
    digits = 0 if options.aim in {Aim.COVER, Aim.MAX_COVER} else 1
    fewest = options.aim is Aim.COVER and not plan.posed.problem.is_priced
    if value is None:
        lines.append(texts("siting.none_" + str(result.status).replace(" ", "_")))
    else:
        lines.append(
            texts(
                f"siting.proof_{'fewest' if fewest else options.aim}",
                value=f"{value:,.{digits}f}",
                bound=f"{result.bound:,.{digits}f}",
                status=texts(f"cli.status_{result.status}"),
            )
        )
    return [*lines, *findings_lines(run.findings, texts)]


def verify_siting(folder: Path, texts: Texts, *, quiet: bool) -> int:
    """``commplan verify`` of a siting; 1 where something does not come out again."""
    from commplan.scenario.siting_verify import verify_siting_run

    findings, cells, count = verify_siting_run(folder, ConsoleWatch(texts, quiet))
    good = texts("siting.verify_ok", units=f"{count:,}", cells=f"{cells:,}")
    return verdict(findings, good, texts)
