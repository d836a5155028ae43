"""Two plans at once, search and accessibility of the hearing page, in a real Chromium."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from outputs_browser import Opened, open_page, serious_faults
from outputs_town import Made

from commplan.outputs.hearing_map import write_hearing_page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_path(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page once."""
    path = tmp_path_factory.mktemp("views") / "hearing.html"
    write_hearing_page(path, made.plan, made.scorecard, made.circles, made.profile, made.info)
    return path


@pytest.fixture
def laptop(browser: Any, page_path: Path) -> Iterator[Opened]:
    """Open the page on a laptop."""
    opened = open_page(browser, page_path, 1366, 768)
    yield opened
    assert opened.errors == []
    opened.page.context.close()


def places(page: Any) -> list[list[float]]:
    """Return the middle and zoom of both maps."""
    return page.evaluate(
        """() => [commplan.map, commplan.other.map].map((m) => {
            const c = m.getCenter();
            return [c.lat, c.lng, m.getZoom()];
        })"""
    )


def test_side_by_side_shows_two_maps_of_one_place(laptop: Opened) -> None:
    """Both halves show the same place, and a drag of either moves the other."""
    page = laptop.page
    page.check("#views input[value=side]", force=True)
    halves = [page.locator(f"#{name}").bounding_box() for name in ("map-other", "map")]
    assert halves[0]["width"] == pytest.approx(halves[1]["width"], abs=3)
    assert halves[0]["x"] + halves[0]["width"] <= halves[1]["x"] + 3
    for half in halves:
        middle = half["x"] + half["width"] / 2, half["y"] + half["height"] / 2
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0] - 60, middle[1] - 40, steps=5)
        page.mouse.up()
        page.wait_for_timeout(400)
        one, other = places(page)
        assert one == pytest.approx(other, abs=2e-5)
    page.check("#views input[value=proposed]", force=True)
    assert page.locator("#map").bounding_box()["width"] > 900
    assert page.evaluate("commplan.other") is None


def test_swipe_line_moves_with_mouse_and_keys(laptop: Opened) -> None:
    """The line is dragged and moved by arrow keys, and clips the map of today."""
    page = laptop.page
    page.check("#views input[value=swipe]", force=True)
    line = page.locator("#swipe")
    assert line.get_attribute("aria-valuenow") == "50"
    line.focus()
    page.keyboard.press("ArrowRight")
    assert line.get_attribute("aria-valuenow") == "55"
    box = line.bounding_box()
    page.mouse.move(box["x"] + 22, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] - 200, box["y"] + 300, steps=4)
    page.mouse.up()
    assert int(line.get_attribute("aria-valuenow")) < 45
    assert "inset" in page.evaluate("document.getElementById('map-other').style.clipPath")
    assert page.inner_text("#name-other") == "现状"


def test_layers_show_on_both_maps(laptop: Opened) -> None:
    """What the legend hides is hidden on the second map too."""
    page = laptop.page
    page.check("#views input[value=side]", force=True)
    assert page.locator("#map-other .label").count() > 0
    page.click("#legend summary")  # folded, for it would cover half of a map
    page.locator("#legend label", has_text="名称").click()
    assert page.locator("#map-other .label").count() == 0
    assert page.locator("#map .label").count() == 0


def test_search_answers_from_to_room_and_walk(laptop: Opened, made: Made) -> None:
    """A compound that moves is answered with both communities, its room and the minutes."""
    page, plan = laptop.page, made.plan
    row_of = {unit: i for i, unit in enumerate(plan.territory.units["unit_id"])}
    names = plan.territory.units["name"]
    sited = set(plan.rooms.rooms.dropna(subset=["site_id"])["community_id"])
    moves = plan.moves[plan.moves["to_id"].isin(sited) & plan.moves["name"].notna()]
    move = next(m for m in moves.itertuples() if (names == m.name).sum() == 1 and "<" not in m.name)
    page.fill("#query", move.name)
    told = page.locator("#results button").first.inner_text()
    assert move.from_name in told
    assert move.to_name in told
    minutes = int(np.ceil(round(plan.rooms.minutes[row_of[move.unit_id]], 1)))
    assert f"步行约 {minutes} 分钟" in told
    page.keyboard.press("Enter")
    assert move.to_name in page.inner_text("#detail")
    page.click("#language")
    page.fill("#query", move.name)
    assert "minutes' walk" in page.locator("#results button").first.inner_text()


def test_search_takes_an_address_a_number_and_a_community(laptop: Opened, made: Made) -> None:
    """An address that holds the compound's name finds it; so do ids and communities' names."""
    page, units = laptop.page, made.plan.territory.units
    name = next(
        n for n in units["name"].dropna() if (units["name"] == n).sum() == 1 and "<" not in n
    )
    page.fill("#query", f"会稽县 {name} 3幢 2单元 501室")
    assert name in page.locator("#results button").first.inner_text()
    page.fill("#query", str(units["unit_id"].iloc[17]).lower())
    assert page.locator("#results button").count() >= 1
    page.fill("#query", made.plan.communities["name"].iloc[0])
    assert "户" in page.locator("#results").inner_text()
    page.fill("#query", "no such place")
    assert page.inner_text("#search-status") != ""


def test_community_says_why_it_is_drawn_so(laptop: Opened, made: Made) -> None:
    """The table of a community ends with reasons, in both languages."""
    page = laptop.page
    page.locator("#communities tbody button").first.click()
    assert "为什么这样划" in page.inner_text("#detail")
    assert page.locator("#detail .reasons li").count() >= 2
    page.click("#language")
    page.locator("#communities tbody button").first.click()
    assert "Why it is drawn so" in page.inner_text("#detail")


@pytest.mark.parametrize("value", ["proposed", "side", "swipe"])
def test_no_serious_fault_of_accessibility(laptop: Opened, value: str) -> None:
    """axe-core finds nothing serious or critical on the page."""
    page = laptop.page
    page.check(f"#views input[value={value}]", force=True)
    page.fill("#query", "花园")
    page.locator("#communities tbody button").first.click()
    assert serious_faults(page) == []


def test_phone_splits_top_and_bottom(browser: Any, page_path: Path) -> None:
    """On a phone the two maps lie one above the other, and all choices are within reach."""
    opened = open_page(
        browser, page_path, 390, 844, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    page = opened.page
    choices = page.locator("#views").bounding_box()
    assert choices["x"] >= 0
    assert choices["x"] + choices["width"] <= 390
    page.locator("#views label", has_text="并排").tap()
    upper, lower = (page.locator(f"#{name}").bounding_box() for name in ("map-other", "map"))
    assert upper["y"] + upper["height"] <= lower["y"] + 3
    assert upper["width"] == pytest.approx(390, abs=2)
    page.tap("#sheet")
    page.fill("#query", "花园")
    assert page.locator("#results button").count() >= 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert opened.errors == []
    page.context.close()


def test_reach_of_proposed_rooms_is_not_drawn_over_today(laptop: Opened) -> None:
    """The layer is there in the plan, and empty and out of the legend in today's view."""
    page = laptop.page
    page.evaluate("() => commplan.layers.isochrones.addTo(commplan.map)")
    drawn = "() => commplan.layers.isochrones.getLayers().length"
    word = page.evaluate("() => commplan.t('layer_isochrones')")
    page.evaluate("() => commplan.change({ view: 'proposed' })")
    assert page.evaluate(drawn) > 0
    assert word in page.inner_text("#legend")
    page.evaluate("() => commplan.change({ view: 'today' })")
    assert page.evaluate(drawn) == 0
    assert word not in page.inner_text("#legend")
