"""The page of a siting in a real Chromium: who is served, who is not, and why, in both languages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from outputs_browser import Opened, open_page, serious_faults

from commplan.cli import run_command
from commplan.texts import load_texts

pytestmark = pytest.mark.browser

SCENARIO = """
[scenario]
name = "row"
profile = "zhejiang-2017"
crs = "EPSG:4549"
[layers.units]
path = "units.gpkg"
[layers.sites]
path = "sites.gpkg"
[siting]
aim = "max_cover"
budget_yuan = 500_000
"""
WEST, SOUTH = 540_000.0, 3_210_000.0


@pytest.fixture(scope="module")
def page_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four compounds 2 km apart: one has a room, one gets one, one is too dear, one has no site."""
    folder = tmp_path_factory.mktemp("siting")
    middles = [(WEST + 2000.0 * i, SOUTH) for i in range(4)]
    units = gpd.GeoDataFrame(
        {
            "unit_id": [f"U{i}" for i in range(4)],
            "name": [f"小区{i}" for i in range(4)],
            "households": [100, 300, 200, 50],
        },
        geometry=[shapely.box(x - 100, y - 100, x + 100, y + 100) for x, y in middles],
        crs="EPSG:4549",
    )
    units.to_file(folder / "units.gpkg", driver="GPKG", engine="pyogrio")
    sites = gpd.GeoDataFrame(
        {
            "site_id": ["R", "A", "B"],
            "name": ["老用房", "新用房", "贵用房"],
            "status": ["existing", "candidate", "candidate"],
            "floor_m2": 400.0,
            "cost_yuan": [None, 400_000.0, 900_000.0],
        },
        geometry=[shapely.Point(at) for at in middles[:3]],
        crs="EPSG:4549",
    )
    sites.to_file(folder / "sites.gpkg", driver="GPKG", engine="pyogrio")
    (folder / "row.toml").write_text(SCENARIO, encoding="utf-8")
    out = folder / "out"
    assert run_command(
        ["siting", str(folder / "row.toml"), "-o", str(out), "--quiet"], load_texts("en")
    ) in {0, 1}
    return out / "hearing.html"


@pytest.fixture
def opened(browser: Any, page_path: Path) -> Iterator[Opened]:
    """Open the page on a laptop."""
    opened = open_page(browser, page_path, 1366, 768)
    yield opened
    assert opened.errors == []
    opened.page.context.close()


def names(page: Any, view: str) -> list[str]:
    """Return the names of the areas of a view, as the page shows them."""
    found = page.evaluate(f"() => commplan.data.{view}.map((r) => r.name)")
    assert isinstance(found, list)
    return found


def test_who_is_left_out_is_told_from_who_has_nothing_near(opened: Opened) -> None:
    """The dear site could serve the third compound; nothing could serve the fourth."""
    page = opened.page
    assert names(page, "proposed") == [
        "时限内没有用房或备选点",
        "附近有用房或备选点，因预算、处数或面积未安排",
        "新用房",
        "老用房",
    ]
    assert names(page, "today") == ["时限内没有用房", "老用房"]
    page.click("#language")
    assert names(page, "proposed")[0] == "No room or site within the limit"
    legend = page.inner_text("#legend")
    assert "Room or site near, but not for them" in legend
    assert "3.33333" not in legend


def test_a_siting_moves_nobody_and_says_nothing_of_it(opened: Opened) -> None:
    """The part about compounds that change community is left out; nothing else is at fault."""
    assert opened.page.inner_text("#moves") == ""
    assert serious_faults(opened.page) == []
