"""Read the plans of several run folders, to stand beside each other."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commplan.errors import Fault
from commplan.policy.library import load_profile
from commplan.scenario.file import parse_scenario
from commplan.scenario.inputs import attribution, household_range
from commplan.scenario.store import MANIFEST, read_json
from commplan.texts import input_error

if TYPE_CHECKING:
    from commplan.evaluate.scorecard import Scorecard
    from commplan.outputs.compare_page import PlanCard


def read_plans(folders: Sequence[Path]) -> "list[PlanCard]":
    """Read plan, figures and title of each run.

    Raises
    ------
    InputError
        Where a folder holds no plan of communities, or its today is not that of the first.
    """
    from commplan.evaluate.compare import compare_plans

    plans = [_read_plan(folder, _named(folders, number)) for number, folder in enumerate(folders)]
    for folder, plan in zip(folders[1:], plans[1:], strict=True):
        try:
            compare_plans({"a": plans[0].scorecard, "b": plan.scorecard})
        except ValueError:
            raise input_error([Fault("scenario.compare_other", file=str(folder))]) from None
    return plans


def _named(folders: Sequence[Path], number: int) -> str:
    """Return the folder's name; with its parent's where two folders bear the same."""
    folder = folders[number].resolve()
    same = [other for other in folders if other.resolve().name == folder.name]
    return folder.name if len(same) == 1 else f"{folder.parent.name}/{folder.name}"


def _read_plan(folder: Path, name: str) -> "PlanCard":
    import geopandas as gpd

    from commplan.outputs.compare_page import PlanCard

    # The inputs may be gone: what the run wrote is enough.
    manifest = read_json(folder / MANIFEST)
    scenario = parse_scenario(manifest.get("scenario", {}), str(folder / MANIFEST))
    if not (folder / "assignment.csv").is_file() or not (folder / "plan.gpkg").is_file():
        raise input_error([Fault("scenario.page_villages", file=str(folder))])
    head = scenario.scenario
    languages = scenario.outputs.languages
    return PlanCard(
        name=name,
        title={k: head.title.in_language(k) or head.name for k in languages},
        date=str(manifest.get("written", "")),
        bounds=household_range(scenario, load_profile(head.profile)),
        communities=gpd.read_file(folder / "plan.gpkg", layer="communities"),
        scorecard=_scorecard(read_json(folder / "scorecard.json")),
        languages=languages,
        attribution=attribution(scenario),
        map_approval=scenario.outputs.map_approval,
    )


def _scorecard(document: dict[str, Any]) -> "Scorecard":
    """Read the figures of ``scorecard.json``; without findings."""
    import pandas as pd

    from commplan.evaluate.scorecard import Measure, Scorecard

    keys = ("code", "value", "today", "unit", "clause")
    measures = tuple(Measure(**{key: m[key] for key in keys}) for m in document["measures"])
    rows = pd.DataFrame(document["communities"])
    return Scorecard(bool(document["valid"]), dict(document["terms"]), measures, rows)
