"""The sample county's planted gaps are found, all of them and nothing else; its grids are valid."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from commplan.scenario.coverage import CoverageRun, cover
from commplan.scenario.file import read_scenario
from commplan.scenario.grids import divide_communities

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "scenarios" / "demo-coverage.toml"


@pytest.fixture(scope="module")
def planted() -> pd.DataFrame:
    """Give the list that the county's script leaves."""
    return pd.read_csv(ROOT / "data" / "boundaries" / "planted_coverage.csv")


@pytest.fixture(scope="module")
def found() -> CoverageRun:
    """Look for the gaps."""
    return cover(read_scenario(SCENARIO))


def keys(table: pd.DataFrame, column: str = "id") -> set[tuple[str, str]]:
    return set(zip(table["layer"], table[column].astype(str), strict=True))


def test_all_gaps_are_found_and_nothing_else(planted: pd.DataFrame, found: CoverageRun) -> None:
    """Every planted gap is found; hamlets, named places and places in compounds are not called gaps."""
    places = found.coverage.places
    gaps = places[places["layer"] != "communities"]
    assert keys(gaps, "place_id") == keys(planted[planted["expected"] == "gap"])
    assert len(gaps) == 20


def test_residential_areas_are_found(planted: pd.DataFrame, found: CoverageRun) -> None:
    """Every residential area and village among today's communities becomes one, joins, or is told."""
    places = found.coverage.places
    turned = places[places["layer"] == "communities"]
    assert keys(turned, "place_id") == keys(planted[planted["expected"] == "convert"])
    staying = set(turned.loc[turned["what"] == "stays", "place_id"])
    told = {i for f in found.findings if f.code == "coverage.left_dated" for i in f.ids}
    assert staying <= told


def test_villages_with_outsiders_are_found(planted: pd.DataFrame, found: CoverageRun) -> None:
    """Villages of 100 outsiders and more are listed, in the city and around it."""
    wanted = keys(planted[planted["expected"] == "platform"])
    assert keys(found.platforms, "place_id") == wanted
    assert set(found.platforms["listed"]) == {"city", "suburb", "far"}


def test_proposals_are_proven(found: CoverageRun) -> None:
    """Each place joins, makes, becomes or stays with a reason; the choice is proven the best."""
    assert found.coverage.result.status == "optimal"
    places = found.coverage.places
    assert {"joins", "makes", "stays"} <= set(places["what"])
    stays = places[places["what"] == "stays"]
    assert len(found.coverage.result.reasons) == len(stays)
    assert found.coverage.communities["in_bounds"][
        found.coverage.communities["what"] == "new"
    ].all()


def test_grids_are_valid(found: CoverageRun) -> None:
    """Every unit of some communities is in a grid, each within the bounds or with its reason."""
    scenario = read_scenario(SCENARIO)
    names = ("DQ02", "LC01", "LC02", "LC03", "WJ05", "BL04")
    section = scenario.grids.model_copy(update={"communities": names})
    scenario = scenario.model_copy(update={"grids": section})
    grids = divide_communities(scenario, situation=found.situation).grids
    ids = grids.plan.communities["community_id"]
    wanted = set(ids.index[ids.isin(names)])
    assert {int(c) for c in grids.plan.community_of[grids.grid_of >= 0]} == wanted
    assert all(
        (grids.grid_of[grids.plan.community_of == community] >= 0).all() for community in wanted
    )
    table = grids.grids
    divided = table[table["kind"] == "divided"]
    assert divided["households"].between(300, 500).all()
    assert len(divided) >= 15
    assert (table.loc[table["kind"] == "large", "households"] > 500).all()
    short = table.loc[table["kind"] == "short", "community_id"]
    assert "WJ05" in set(short)  # an exclave of 239 households


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_counts_the_new_layers(readme: str) -> None:
    """Both descriptions say how many rows the layers of coverage have."""
    folder = ROOT / "data" / "boundaries"
    text = (folder / readme).read_text(encoding="utf-8")
    for name in ("places", "village_outsiders"):
        (line,) = (row for row in text.splitlines() if row.startswith(f"| `{name}.gpkg`"))
        rows = len(gpd.read_file(folder / f"{name}.gpkg"))
        assert line.split("|")[2].strip() == str(rows)
