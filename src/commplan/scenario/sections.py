"""What `commplan run` does beside the plan: coverage, grids, rollout and siting, by its sections."""

from pathlib import Path

from commplan.scenario.console import say
from commplan.scenario.pipeline import Situation
from commplan.scenario.schema import Scenario
from commplan.scenario.store import check_target
from commplan.scenario.topics import with_plan, written_lines
from commplan.scenario.watch import Watch
from commplan.texts import Texts

TOPICS = ("coverage", "grids", "rollout", "siting")


def folders(scenario: Scenario, target: Path) -> dict[str, Path]:
    """Return the run folder of each section that the scenario holds, beside that of the plan."""
    return {
        name: target.with_name(f"{target.name}-{name}")
        for name in TOPICS
        if getattr(scenario, name) is not None
    }


def check_folders(scenario: Scenario, target: Path) -> None:
    """Refuse folders that the sections must not replace, before the plan is made.

    Raises
    ------
    InputError
        As `check_target` does.
    """
    for folder in folders(scenario, target).values():
        check_target(folder)


def run_sections(situation: Situation, target: Path, watch: Watch, texts: Texts) -> None:
    """Do what the sections of a scenario ask, each into a run folder beside that of the plan.

    Coverage tells of today; grids divide the communities of the plan just made and a rollout brings
    it about, unless the section names another one.

    Parameters
    ----------
    situation : Situation
    target : Path
        The run folder of the plan.
    watch : Watch
    texts : Texts

    Raises
    ------
    InputError
        Where the options of a section do not fit the data, or a folder cannot be written.
    """
    scenario = situation.scenario
    beside = folders(scenario, target)
    if scenario.coverage is not None:
        from commplan.scenario.coverage import run_coverage
        from commplan.scenario.coverage_command import result_lines as covered

        run = run_coverage(scenario, beside["coverage"], watch, situation)
        say([*covered(run, texts), *written_lines(beside["coverage"], texts)])
    if scenario.grids is not None:
        from commplan.scenario.grids import run_grids
        from commplan.scenario.grids_command import result_lines as divided

        scenario = with_plan(scenario, "grids", scenario.grids, scenario.grids.plan or target)
        grids = run_grids(scenario, beside["grids"], watch, situation)
        say([*divided(grids, texts), *written_lines(beside["grids"], texts)])
    if scenario.rollout is not None:
        from commplan.scenario.rollout import run_rollout
        from commplan.scenario.rollout_command import result_lines as scheduled

        steps = scenario.rollout
        scenario = with_plan(scenario, "rollout", steps, steps.plan or target)
        rollout = run_rollout(scenario, beside["rollout"], watch, situation)
        say([*scheduled(rollout, texts), *written_lines(beside["rollout"], texts)])
    if scenario.siting is not None:
        from commplan.scenario.siting import run_siting
        from commplan.scenario.siting_command import result_lines as sited

        siting = run_siting(scenario, beside["siting"], watch, situation)
        say([*sited(siting, texts), *written_lines(beside["siting"], texts)])
