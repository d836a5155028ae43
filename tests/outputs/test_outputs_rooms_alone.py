"""A plan with rooms in a place whose amenities nobody knows: isochrones, but no circles."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
from outputs_town import Made

from commplan.evaluate.circles import Circles, Ground
from commplan.evaluate.rules import rule_results
from commplan.outputs.page_data import add_scores
from commplan.outputs.sheets import plan_sheets
from commplan.outputs.tables import community_table, scorecard_json, write_isochrones
from commplan.policy.library import load_profile
from commplan.texts import load_texts


@pytest.fixture
def circles(made: Made) -> Circles:
    """Return what is drawn of the rooms, with nothing measured."""
    rooms = made.circles.ground.rooms
    return replace(
        made.circles,
        kinds=(),
        minutes=np.empty((len(made.plan.community_of), 0)),
        shares=made.circles.shares[["community_id"]],
        household_share={},
        draw=lambda: Ground(rooms, None),
    )


def test_the_rooms_isochrones_are_written(made: Made, circles: Circles, tmp_path: Path) -> None:
    """plan.gpkg has the bands of each room and nothing else."""
    write_isochrones(tmp_path / "plan.gpkg", circles)
    assert pyogrio.list_layers(tmp_path / "plan.gpkg")[:, 0].tolist() == ["isochrones"]
    drawn = gpd.read_file(tmp_path / "plan.gpkg", layer="isochrones")
    assert set(drawn["kind"]) == {"room"}
    rooms = made.circles.ground.rooms
    assert rooms is not None
    assert len(drawn) == len(rooms)


def test_no_circle_is_claimed(made: Made, circles: Circles) -> None:
    """Scorecard, workbook, page and tables are those of a plan without amenities."""
    assert scorecard_json(made.scorecard, circles)["circles"] is None
    sheets = plan_sheets(made.plan, made.scorecard, circles, (), load_texts("en"))
    assert "circles" not in sheets
    alone, without = (community_table(made.plan, made.scorecard, c) for c in (circles, None))
    assert alone.equals(without)
    records = [{"id": value} for value in made.plan.communities["community_id"]]
    add_scores(records, made.scorecard, circles)
    assert not any("kinds" in record for record in records)


def test_no_rule_is_met_by_it(made: Made, circles: Circles) -> None:
    """The guide's rule on the walk alone stays unmeasured: nothing was measured with it."""
    guide = load_profile("mofcom-2021")
    results = rule_results(guide, made.plan, circles, {})
    assert {r.rule_id: r.outcome for r in results}["circle.radius"] == "unmeasured"
