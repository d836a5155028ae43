"""The metric CRS and the mix-ups around it."""

import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commplan.territory.crs import choose_crs, crs_fault, fits, is_metric, parse_crs

WGS84 = pyproj.CRS("EPSG:4326")


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [(114.3, 34.8, 4547), (120.1, 30.3, 4549), (102.7, 25.0, 4543), (76.0, 39.5, 4534),
     (121.5, 25.05, 32651), (2.3, 48.9, 32631), (-43.2, -22.9, 32723)],
)  # fmt: skip
def test_degrees_get_the_zone_of_their_middle(lon: float, lat: float, code: int) -> None:
    """China gets a CGCS2000 3-degree zone, other places UTM."""
    chosen = choose_crs(WGS84, (lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1))
    assert chosen.to_epsg() == code
    assert is_metric(chosen)


def test_a_good_metric_crs_of_the_data_is_kept() -> None:
    """Data in a 6-degree zone with its number before the easting stay as they are."""
    own = pyproj.CRS("EPSG:4497")
    assert choose_crs(own, (19_664_564.0, 3_838_000.0, 19_680_000.0, 3_850_000.0)) == own


def test_web_mercator_is_left() -> None:
    """Web Mercator stretches lengths by a fifth at 34° N and is never worked in."""
    mercator = pyproj.CRS("EPSG:3857")
    chosen = choose_crs(mercator, (12_600_000.0, 4_100_000.0, 12_610_000.0, 4_110_000.0))
    assert chosen.to_epsg() == 4547


@pytest.mark.parametrize(
    ("code", "bounds", "fault"),
    [
        (4547, (113.0, 34.0, 114.0, 35.0), "degrees_as_metres"),
        (4326, (500_000.0, 3_800_000.0, 510_000.0, 3_810_000.0), "metres_as_degrees"),
        (4326, (34.0, 113.0, 35.0, 114.0), "axes_swapped"),
        (4547, (3_800_000.0, 500_000.0, 3_810_000.0, 510_000.0), "axes_swapped"),
        (4547, (38_500_000.0, 3_800_000.0, 38_510_000.0, 3_810_000.0), "zone_prefix"),
        (4526, (500_000.0, 3_800_000.0, 510_000.0, 3_810_000.0), "no_zone_prefix"),
        (3826, (300_000.0, 6_000_000.0, 310_000.0, 6_010_000.0), "outside_crs"),
    ],
)
def test_mix_ups_are_told_apart(
    code: int, bounds: tuple[float, float, float, float], fault: str
) -> None:
    """Each usual mistake has its own sentence, so that the reader knows what to mend."""
    found = crs_fault(pyproj.CRS.from_epsg(code), bounds)
    assert found is not None
    assert found[0] == f"territory.{fault}"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 20), st.floats(-60_000, 60_000), st.floats(2_400_000, 4_900_000))
def test_right_coordinates_are_never_blamed(zone: int, dx: float, y: float) -> None:
    """No point near the middle of a 3-degree zone within China's latitudes is a fault there."""
    crs = pyproj.CRS.from_epsg(4534 + zone)
    area = crs.area_of_use
    assert area is not None
    south, north = (area.south - 1) * 111_000, (area.north + 1) * 111_000
    if south < y < north:
        x = 500_000 + dx
        assert crs_fault(crs, (x, y, x + 100, y + 100)) is None


@pytest.mark.parametrize("text", ["EPSG:999999", "nonsense", "GCJ-02", ""])
def test_unknown_names_are_not_a_crs(text: str) -> None:
    """What pyproj does not know is None, never a guess."""
    assert parse_crs(text) is None


def test_feet_and_degrees_are_not_metric() -> None:
    """Only metres on both axes will do."""
    assert not is_metric(pyproj.CRS("EPSG:2263"))  # New York, US survey feet
    assert not is_metric(WGS84)


def test_a_working_crs_of_another_place_does_not_fit() -> None:
    """Taiwan's grid is not for Henan."""
    henan = (113.0, 34.5, 113.2, 34.7)
    assert not fits(pyproj.CRS("EPSG:3826"), WGS84, henan)
    assert fits(pyproj.CRS("EPSG:4547"), WGS84, henan)
