"""The base map of the hearing page: no request before the button, the right tiles after it."""

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from outputs_browser import Opened, open_page, serious_faults
from outputs_town import Made

from commplan.errors import InputError
from commplan.outputs.basemap import make_basemap
from commplan.outputs.hearing_map import write_hearing_page
from commplan.scenario.file import parse_scenario
from commplan.territory.shifted import from_gcj02, to_gcj02

#: One grey pixel, for every tile.
TILE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mOor6//DwAFhAKAfHXb0wAAAABJRU5ErkJggg=="
)
NAMES = ("tianditu", "osm", "amap")
HOSTS = {"tianditu": "t0.tianditu.gov.cn", "osm": "tile.openstreetmap.org",
         "amap": "webrd01.is.autonavi.com"}  # fmt: skip


def policy_of(html: str) -> str:
    """Read the page's content security policy."""
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert found is not None
    return found.group(1)


@pytest.fixture(scope="module")
def write(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str | None], Path]:
    """Write the page with a base map, or with none."""
    folder = tmp_path_factory.mktemp("basemap")

    def page(name: str | None) -> Path:
        path = folder / f"{name}.html"
        if not path.exists():
            info = replace(made.info, basemap=make_basemap(name, "KEY1"))
            write_hearing_page(path, made.plan, made.scorecard, made.circles, made.profile, info)
        return path

    return page


@pytest.fixture
def opened(browser: object, write: Callable[[str | None], Path]) -> Iterator[Callable[..., Opened]]:
    """Open a page whose host is played by us: it answers every tile with a grey pixel."""
    pages = []

    def start(name: str | None, width: int = 1366, height: int = 768, **more: object) -> Opened:
        page = open_page(browser, write(name), width, height, **more)
        page.page.route(
            re.compile("^https:"), lambda r: r.fulfill(body=TILE, content_type="image/png")
        )
        page.page.context.set_offline(False)  # offline not even a played host answers
        pages.append(page)
        return page

    yield start
    for page in pages:
        page.page.context.close()


def outside(page: Opened) -> list[str]:
    """Return what was asked of other hosts."""
    return [url for url in page.requests if not url.startswith(("file:", "data:"))]


def wait_for(page: Opened, condition: str) -> None:
    """Wait until it holds; the page's policy forbids Playwright's own way, which evaluates text."""
    for _ in range(600):
        if page.page.evaluate(condition):
            return
        page.page.wait_for_timeout(50)
    pytest.fail(f"never came true: {condition}")


def show(page: Opened) -> None:
    """Press the button and wait until every tile is there."""
    page.page.click("#basemap")
    wait_for(page, "commplan.basemapIsWhole()")


def tile_of(name: str, url: str) -> tuple[int, int, int]:
    """Return x, y, z of a tile's address."""
    if name == "osm":
        z, x, y = urlsplit(url).path.removesuffix(".png").strip("/").split("/")
        return int(x), int(y), int(z)
    asked = {key.lower(): value[0] for key, value in parse_qs(urlsplit(url).query).items()}
    keys = ("tilecol", "tilerow", "tilematrix") if name == "tianditu" else ("x", "y", "z")
    x, y, z = (int(asked[key]) for key in keys)
    return x, y, z


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Return the Web Mercator tile that holds a place."""
    n = 2**zoom
    y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2
    return int((lon + 180) / 360 * n), int(y * n)


def test_policy_names_one_host_or_none(write: Callable[[str | None], Path]) -> None:
    """Without the key the policy is as strict as ever and no host is in the page; with it, one is."""
    plain = write(None).read_text(encoding="utf-8")
    assert policy_of(plain).endswith("img-src data:")
    assert not any(host in plain for host in HOSTS.values())
    assert "basemap.js" not in plain
    assert "toGcj02" not in plain
    for name, host in HOSTS.items():
        html = write(name).read_text(encoding="utf-8")
        assert policy_of(html) == f"{policy_of(plain)} https://{host}"
        assert not any(other in html for other in HOSTS.values() if other != host)


@pytest.mark.browser
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_asked_before_the_button(name: str, opened: Callable[..., Opened]) -> None:
    """Views, zooming and languages ask no host; the button names the one that it will ask."""
    page = opened(name)
    for value in ("side", "swipe", "proposed"):
        page.page.check(f"#views input[value={value}]", force=True)
    page.page.click(".leaflet-control-zoom-in")
    page.page.click("#language")
    page.page.wait_for_timeout(200)
    assert outside(page) == []
    assert HOSTS[name] in page.page.inner_text("#basemap")
    assert not page.page.is_visible("#basemap-credit")


@pytest.mark.browser
@pytest.mark.parametrize("name", NAMES)
def test_the_right_tiles_are_asked_for(name: str, opened: Callable[..., Opened]) -> None:
    """The tile under the middle of the map is among them, all are of the one host, none is far."""
    page = opened(name)
    show(page)
    asked = outside(page)
    assert {urlsplit(url).netloc for url in asked} == {HOSTS[name]}
    centre = page.page.evaluate("[commplan.map.getCenter().lng, commplan.map.getCenter().lat]")
    place = to_gcj02(np.array([centre]))[0] if name == "amap" else centre
    tiles = [tile_of(name, url) for url in asked]
    (zoom,) = {z for *_, z in tiles}
    middle = tile_at(place[0], place[1], zoom)
    assert (*middle, zoom) in tiles
    assert max(max(abs(x - middle[0]), abs(y - middle[1])) for x, y, _ in tiles) <= 5
    if name == "tianditu":
        assert {parse_qs(urlsplit(url).query)["LAYER"][0] for url in asked} == {"vec", "cva"}
        assert all("tk=KEY1" in url for url in asked)
    assert page.page.is_visible("#basemap-credit")
    assert page.errors == []


@pytest.mark.browser
@pytest.mark.parametrize("name", NAMES)
def test_tiles_lie_where_their_ground_is(name: str, opened: Callable[..., Opened]) -> None:
    """The middle of every tile is shown at its own place, Amap's after its shift, to two pixels."""
    page = opened(name)
    show(page)
    found = page.page.evaluate(
        """() => [...document.querySelectorAll("#map .leaflet-tile")].map((tile) => {
            const box = tile.getBoundingClientRect();
            const map = document.getElementById("map").getBoundingClientRect();
            const at = commplan.map.containerPointToLatLng(
                [box.x + box.width / 2 - map.x, box.y + box.height / 2 - map.y]);
            return [tile.src, at.lng, at.lat, box.width];
        })"""
    )
    assert len(found) >= 6
    for url, lon, lat, width in found:
        x, y, z = tile_of(name, url)
        across = (x + 0.5) / 2**z * 360 - 180
        along = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (y + 0.5) / 2**z))))
        place = np.array([[across, along]])
        true = from_gcj02(place)[0] if name == "amap" else place[0]
        pixel = 360 / 2**z / width
        assert abs(lon - true[0]) < 2 * pixel
        assert abs(lat - true[1]) < 2 * pixel


@pytest.mark.browser
def test_the_scripts_formula_is_the_modules(opened: Callable[..., Opened]) -> None:
    """GCJ-02 in the page and in Python are the same to a millimetre, both ways."""
    page = opened("amap")
    places = np.array([(120.1, 30.2), (116.4, 39.9), (104.0, 30.6), (87.6, 43.8), (2.3, 48.9)])
    for script, change in (("toGcj02", to_gcj02), ("fromGcj02", from_gcj02)):
        shown = page.page.evaluate(
            f"places => places.map(([x, y]) => commplan.{script}(L.latLng(y, x)))"
            ".map((p) => [p.lng, p.lat])",
            places.tolist(),
        )
        assert np.abs(np.array(shown) - change(places)).max() < 1e-8


@pytest.mark.browser
def test_it_goes_away_again_and_lies_under_both_maps(opened: Callable[..., Opened]) -> None:
    """Side by side both maps have it; switched off no tile is left."""
    page = opened("osm")
    show(page)
    page.page.check("#views input[value=side]", force=True)
    page.page.wait_for_selector("#map-other .leaflet-tile-loaded")
    page.page.click("#legend summary")
    page.page.click("#basemap")
    assert page.page.locator(".leaflet-tile").count() == 0
    assert not page.page.is_visible("#basemap-credit")
    assert page.page.get_attribute("#basemap", "aria-pressed") == "false"


@pytest.mark.browser
def test_a_host_that_does_not_answer_is_told(opened: Callable[..., Opened]) -> None:
    """Without internet the page says so and goes on as before."""
    page = opened("osm")
    page.page.route(re.compile("^https:"), lambda route: route.abort())
    page.page.click("#basemap")
    wait_for(page, "document.getElementById('basemap-credit').innerText.includes('没有返回')")
    assert page.page.is_visible("#communities")


@pytest.mark.browser
def test_print_has_the_base_map_only_if_it_is_shown(opened: Callable[..., Opened]) -> None:
    """Shown, the sheet lies over the tiles; hidden, it is white and asks for nothing."""
    page = opened("osm")
    page.page.evaluate("window.print = () => { window.asked = true; }")
    corner = """() => {
        const sheet = document.getElementById("print-sheet");
        return sheet.getContext("2d").getImageData(1, 1, 1, 1).data[3];
    }"""
    page.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.page.evaluate(corner) == 255
    assert outside(page) == []
    page.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    show(page)
    page.page.evaluate("commplan.print()")
    wait_for(page, "Boolean(window.asked)")
    assert page.page.evaluate(corner) < 255
    assert page.page.is_visible("#basemap-credit")
    page.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.page.locator("#print-sheet").count() == 0


@pytest.mark.browser
def test_a_phone_can_switch_it_on(opened: Callable[..., Opened]) -> None:
    """At 390 × 844 the button is reached from the legend; no serious fault of accessibility."""
    page = opened("amap", 390, 844, has_touch=True)
    page.page.click("#legend summary")
    show(page)
    box = page.page.locator("#basemap").bounding_box()
    assert box["height"] >= 24
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert serious_faults(page.page) == []


def _scenario(outputs: dict[str, object]) -> object:
    values = {"scenario": {"name": "x"}, "layers": {"units": {"path": "u.gpkg"}}}
    return parse_scenario(values | {"outputs": outputs}, "x.toml")


@pytest.mark.parametrize(
    ("outputs", "code"),
    [
        ({"basemap": "tianditu"}, "scenario.no_tianditu_key"),
        ({"basemap": "google"}, "scenario.expect_literal_error"),
        ({"tianditu_key": "a&b"}, "scenario.expect_string_pattern_mismatch"),
    ],
)
def test_what_the_scenario_may_say(outputs: dict[str, object], code: str) -> None:
    """Tianditu needs a key, of letters and digits; other maps are not known."""
    with pytest.raises(InputError) as caught:
        _scenario(outputs)
    assert caught.value.faults[0].code == code


def test_off_unless_asked_for() -> None:
    """A scenario that says nothing has no base map; one may be left without a key."""
    assert _scenario({}).outputs.basemap is None
    assert _scenario({"basemap": "osm"}).outputs.basemap == "osm"
    assert make_basemap(None) is None
    with pytest.raises(ValueError, match="tianditu"):
        make_basemap("tianditu")
