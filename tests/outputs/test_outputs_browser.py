"""The hearing page in a real Chromium, the network off."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from outputs_browser import Opened, open_page
from outputs_town import EVIL, Made

from commplan.outputs.hearing_map import write_hearing_page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_path(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page once."""
    path = tmp_path_factory.mktemp("browser") / "hearing.html"
    write_hearing_page(path, made.plan, made.scorecard, made.circles, made.profile, made.info)
    return path


@pytest.fixture
def laptop(browser: object, page_path: Path) -> Iterator[Opened]:
    """Open the page on a laptop."""
    opened = open_page(browser, page_path, 1366, 768)
    yield opened
    opened.page.context.close()


def painted_share(page: object) -> float:
    """Return the share of the communities' canvas that has colour."""
    return page.evaluate(
        """() => {
            const canvas = document.querySelector(".leaflet-communities-pane canvas");
            const bytes = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            let painted = 0;
            for (let i = 3; i < bytes.length; i += 4) painted += bytes[i] > 0;
            return painted / (bytes.length / 4);
        }"""
    )


def test_no_request_leaves_and_nothing_fails(laptop: Opened) -> None:
    """The page asks for itself alone, and reports no error."""
    laptop.page.click("#views label:first-child")
    for value in ("side", "swipe", "proposed"):
        laptop.page.check(f"#views input[value={value}]", force=True)
    laptop.page.click("#language")
    laptop.page.wait_for_timeout(200)
    assert [url for url in laptop.requests if not url.startswith("file:")] == []
    assert len(laptop.requests) == 1
    assert laptop.errors == []


def test_map_legend_and_tables_are_to_be_seen(laptop: Opened, made: Made) -> None:
    """Map, legend, scale, north, figures and the table of communities are visible and full."""
    page = laptop.page
    for part in ("#map", "#legend", "#north", "#figures", ".leaflet-control-scale", "#views"):
        assert page.is_visible(part), part
    assert painted_share(page) > 0.1
    assert page.locator("#communities tbody tr").count() == len(made.plan.communities)
    assert page.locator(".leaflet-rooms-pane .room").count() == 5
    assert "征求意见稿" in page.inner_text("#basis")
    assert made.info.attribution in page.inner_text("#foot")
    assert "审图号" in page.inner_text("#foot")


@pytest.mark.parametrize("width", [390, 768, 800, 1000, 1024, 1366])
def test_views_keep_clear_of_the_buttons(browser: object, page_path: Path, width: int) -> None:
    """At no width does the switch between views touch zoom, north arrow or the edge of the map.

    Where the map is narrow, the legend is closed so that it does not cover the half of it.
    """
    opened = open_page(browser, page_path, width, 800)
    page = opened.page
    assert page.evaluate("() => document.getElementById('legend').open") == (width > 1000)
    for _ in range(2):
        views = page.locator("#views").bounding_box()
        frame = page.locator("#frame").bounding_box()
        assert frame["x"] + 4 <= views["x"]
        assert views["x"] + views["width"] + 4 <= frame["x"] + frame["width"]
        for other in (".leaflet-control-zoom", ".fit", "#north"):
            box = page.locator(other).bounding_box()
            beside = box["x"] - views["x"] - views["width"]
            below = box["y"] - views["y"] - views["height"]
            assert max(beside, below) >= 4, other
        assert page.locator("#north").bounding_box()["y"] >= (
            page.locator(".fit").bounding_box()["y"] + page.locator(".fit").bounding_box()["height"]
        )
        page.click("#language")
    opened.page.context.close()


def test_no_figure_is_a_negative_zero(laptop: Opened) -> None:
    """What is rounded to nothing has no sign."""
    said = laptop.page.evaluate(
        "() => [[-0.004, 2], [-0.4, 0], [-0, 1], [-0.06, 1]].map(([x, n]) => commplan.format(x, n))"
        ".concat([-0.0004, -0.006].map((x) => commplan.percent(x, 0)))"
    )
    assert said == ["0", "0", "0", "-0.1", "0%", "-1%"]


def test_click_opens_the_table_of_a_community(laptop: Opened, made: Made) -> None:
    """A click on the map shows households, people, area, rooms and reach of that community."""
    page = laptop.page
    row = max(range(len(made.plan.communities)), key=lambda i: made.plan.communities["area_m2"][i])
    at = page.evaluate(
        "row => commplan.map.latLngToContainerPoint(commplan.latLng(commplan.data.proposed[row].at))",
        row,
    )
    page.mouse.click(page.locator("#map").bounding_box()["x"] + at["x"], at["y"])
    shown = page.inner_text("#detail")
    record = made.plan.communities.iloc[row]
    assert record["name"] in shown
    assert f"{record['households']:,}" in shown
    for word in (
        "人口",
        "面积",
        "服务用房应配面积",
        "服务用房规划面积",
        "15 分钟步行可达",
        "菜市场",
    ):
        assert word in shown
    page.keyboard.press("Escape")
    assert record["name"] not in page.inner_text("#detail")


def test_views_and_languages_switch(laptop: Opened, made: Made) -> None:
    """Today shows today's communities; the button turns every word to English and back."""
    page = laptop.page
    page.click("#views label:first-child")
    assert page.locator("#communities tbody tr").count() == len(made.plan.today)
    page.click("#language")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert made.info.title["en"] in page.inner_text("#title")
    assert "Communities today (15)" in page.inner_text("#communities")
    assert "not law in force" in page.inner_text("#basis")
    page.click("#language")
    assert "现状社区（15 个）" in page.inner_text("#communities")


def test_layers_switch_off_and_on(laptop: Opened) -> None:
    """A layer's box in the legend takes it from the map and brings it back."""
    page = laptop.page
    rooms = page.locator("#legend label", has_text="社区服务用房")
    rooms.click()
    assert page.locator(".leaflet-rooms-pane .room").count() == 0
    page.locator("#legend label", has_text="社区服务用房").click()
    assert page.locator(".leaflet-rooms-pane .room").count() == 5
    page.locator("#legend label", has_text="便民设施").click()
    assert "菜市场" in page.inner_text("#legend")


def test_evil_names_show_as_text(laptop: Opened) -> None:
    """A compound called <script> is found by search, shown as text, and does nothing."""
    page = laptop.page
    page.fill("#query", "<script>")
    assert EVIL in page.inner_text("#results")
    page.locator("#results button").first.click()
    assert EVIL in page.inner_text("#detail")
    assert EVIL in page.inner_text("#findings")
    assert page.locator("#app script").count() == 0
    assert laptop.errors == []


def test_keyboard_alone_reaches_a_community(laptop: Opened, made: Made) -> None:
    """Focus goes to a row of the table, Enter opens it, and the map has a name."""
    page = laptop.page
    page.locator("#communities tbody button").first.focus()
    page.keyboard.press("Enter")
    assert made.plan.communities["name"].iloc[0] in page.inner_text("#detail-title")
    assert page.get_attribute("#map", "aria-label")
    assert page.get_attribute("#views", "role") == "radiogroup"


def test_phone_shows_the_map_first_and_a_sheet(browser: object, page_path: Path) -> None:
    """On a phone the map has most of the screen; the sheet opens, and nothing runs off sideways."""
    opened = open_page(
        browser, page_path, 390, 844, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    page = opened.page
    assert page.locator("#frame").bounding_box()["height"] > 844 * 0.6
    assert not page.is_visible("#communities")
    page.tap("#sheet")
    assert page.is_visible("#figures")
    assert page.get_attribute("#sheet", "aria-expanded") == "true"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert opened.errors == []
    page.context.close()


def test_paper_is_a3_with_the_map_on_it(laptop: Opened, tmp_path: Path) -> None:
    """Printing gives A3 across, the map drawn anew for it, and the screen comes back after."""
    path = tmp_path / "page.pdf"
    laptop.page.pdf(path=str(path), prefer_css_page_size=True, print_background=True)
    box = path.read_bytes().split(b"/MediaBox")[1].split(b"]")[0].split(b"[")[1].split()
    assert [round(float(x)) for x in box[2:]] in ([1191, 842], [1190, 842])
    assert laptop.page.locator("#print-sheet").count() == 0
    assert painted_share(laptop.page) > 0.1
    assert laptop.errors == []
