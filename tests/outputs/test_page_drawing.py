"""What the hearing page draws, and where it puts it, in a real Chromium."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from outputs_browser import Opened, open_page
from outputs_town import Made

from commplan.outputs.geometry import make_packer
from commplan.outputs.hearing_map import write_hearing_page
from commplan.outputs.page_layers import isochrone_record

#: Whether each community's canvas is painted where its label lies, seen from the whole and from near.
PAINTED = """(zoom) => commplan.data.proposed.map((record) => {
    commplan.map.setView(commplan.latLng(record.at), zoom, { animate: false });
    const canvas = document.querySelector(".leaflet-communities-pane canvas");
    const corner = commplan.main.renderers.communities._bounds.min;
    const at = commplan.map.latLngToLayerPoint(commplan.latLng(record.at)).subtract(corner);
    const sharp = canvas.width / parseFloat(canvas.style.width);
    return canvas.getContext("2d").getImageData(at.x * sharp, at.y * sharp, 1, 1).data[3];
})"""


@pytest.fixture(scope="module")
def page_path(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page once."""
    path = tmp_path_factory.mktemp("drawing") / "hearing.html"
    write_hearing_page(path, made.plan, made.scorecard, made.circles, made.profile, made.info)
    return path


@pytest.fixture
def laptop(browser: Any, page_path: Path) -> Iterator[Opened]:
    """Open the page on a laptop."""
    opened = open_page(browser, page_path, 1366, 768)
    yield opened
    assert opened.errors == []
    opened.page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("zoom", [12, 15, 18, 19])
def test_every_community_is_painted_where_it_lies(laptop: Opened, zoom: int) -> None:
    """From far and from so near that all its corners are out of view."""
    assert all(alpha > 100 for alpha in laptop.page.evaluate(PAINTED, zoom))


@pytest.mark.browser
@pytest.mark.parametrize("seed", range(3))
def test_rings_are_filled_as_leaflet_fills_them(laptop: Opened, seed: int) -> None:
    """Half outside the view, with corners beyond all of its sides, the same pixels are painted."""
    differing = laptop.page.evaluate(
        """(seed) => {
            const { main, map, data } = commplan;
            const random = () => ((seed = (seed * 48271 + 11) % 2147483647) / 2147483647);
            seed += 7;
            for (const group of Object.values(main.groups)) group.remove();
            const ring = [];
            let [x, y] = [0, 0];
            for (let i = 0; i < 40; i++) {
                const [nextX, nextY] = [0, 0].map(() => Math.round(random() * 60000 - 15000));
                ring.push(nextX - x, nextY - y);
                [x, y] = [nextX, nextY];
            }
            map.setView(commplan.latLng([15000, 15000]), 15, { animate: false });
            const renderer = main.renderers.units;
            const look = { renderer, pane: "units", stroke: false, fill: true, fillOpacity: 1 };
            const painted = (layer) => {
                layer.addTo(map);
                renderer.drawNow();
                const { width, height } = renderer._container;
                const bytes = renderer._ctx.getImageData(0, 0, width, height).data;
                layer.remove();
                return bytes.filter((_, i) => i % 4 === 3);
            };
            const ours = painted(new commplan.Shapes([ring], look, { closed: true }));
            const exact = { ...look, noClip: true, smoothFactor: 0 };
            const theirs = painted(L.polygon([commplan.unpack(ring)], exact));
            let [differing, full] = [0, 0];
            ours.forEach((alpha, i) => {
                full += theirs[i] > 200;
                differing += Math.abs(alpha - theirs[i]) > 200;
            });
            return full ? differing / full : 1;
        }""",
        seed,
    )
    assert differing < 0.002


@pytest.mark.browser
def test_marks_and_names_carry_no_transform(laptop: Opened) -> None:
    """Some hundred transforms on the map would make every frame of a drag slow."""
    page = laptop.page
    assert page.locator(".leaflet-rooms-pane .room").count() > 0
    assert page.locator(".labels .label").count() > 0
    transforms = page.evaluate(
        """() => [...document.querySelectorAll(".room, .room span, .label")]
            .map((node) => getComputedStyle(node).transform)"""
    )
    assert set(transforms) == {"none"}


@pytest.mark.browser
def test_two_keys_lead_to_the_map(laptop: Opened) -> None:
    """The second link of the page jumps over all tables to the map, which the arrow keys move."""
    page = laptop.page
    for key in ("Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.id") == "map"
    before = page.evaluate("commplan.map.getCenter().lng")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(before) => commplan.map.getCenter().lng > before", arg=before)


@pytest.mark.browser
def test_signs_of_amenities_differ(laptop: Opened) -> None:
    """In both languages no two kinds bear one sign."""
    page = laptop.page
    for _ in range(2):
        signs = page.evaluate("commplan.signs()")
        assert len(signs) > 1
        assert len(set(signs)) == len(signs)
        page.click("#language")


@pytest.mark.browser
def test_who_saw_everything_sees_everything_side_by_side(laptop: Opened) -> None:
    """Two half maps show the whole ground as the one did, and so does the one after them."""
    page = laptop.page
    for value in ("side", "swipe", "proposed", "side"):
        page.check(f"#views input[value={value}]", force=True)
        assert page.evaluate("commplan.isHome()"), value
    one, other = page.evaluate(
        "commplan.charts().map((c) => [c.map.getZoom(), c.map.getCenter().lng])"
    )
    assert one == pytest.approx(other, abs=2e-5)


@pytest.mark.browser
def test_view_switch_leaves_the_sheet_of_a_phone_closed(browser: Any, page_path: Path) -> None:
    """Choosing two maps with a community chosen does not cover them with its table."""
    opened = open_page(browser, page_path, 390, 844, has_touch=True, is_mobile=True)
    page = opened.page
    page.evaluate("commplan.change({ selected: 0, unit: null })")
    assert page.get_attribute("#sheet", "aria-expanded") == "true"
    page.tap("#sheet")
    page.check("#views input[value=swipe]", force=True)
    assert page.get_attribute("#sheet", "aria-expanded") == "false"
    assert opened.errors == []
    page.context.close()


@pytest.mark.browser
def test_name_typed_whole_is_not_taken_for_an_address(laptop: Opened) -> None:
    """An address finds the names in it; a name finds no shorter name that happens to lie in it."""
    found = laptop.page.evaluate(
        """() => {
            const { units } = commplan.data;
            units.name = units.id.map((_, unit) => ["幸福里", "新幸福里"][unit] || "x" + unit);
            return ["新幸福里", "解放路新幸福里3号"].map((query) => commplan.findUnits(query));
        }"""
    )
    assert found == [[1], [1, 0]]


@pytest.mark.browser
def test_approval_number_is_on_the_first_sheet(laptop: Opened) -> None:
    """In both languages, and with a note twice as long, it stays beside the map."""
    page = laptop.page
    for _ in range(2):
        page.evaluate("document.querySelector('#basis').append('注意 note '.repeat(60))")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        foot, head = (page.locator(name).bounding_box() for name in ("#foot", "#head"))
        assert foot["y"] + foot["height"] <= head["y"] + head["height"]
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert page.evaluate("document.getElementById('figures').style.zoom") == ""
        page.click("#language")


def test_ground_in_reach_is_drawn_without_specks() -> None:
    """A hole of less than a hectare is closed, a larger one stays."""
    square = shapely.box(0, 0, 1000, 1000)
    ground = square.difference(shapely.box(100, 100, 150, 150)).difference(
        shapely.box(400, 400, 700, 700)
    )
    bands = gpd.GeoDataFrame({"minutes": [15]}, geometry=[ground], crs="EPSG:4549")
    (record,) = isochrone_record(bands, make_packer(bands.crs, [square]))
    assert record["minutes"] == 15
    assert len(record["rings"]) == 2
