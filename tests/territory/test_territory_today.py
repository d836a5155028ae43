"""Today's community of each unit."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from territory_builders import EAST_M, NORTH_M, ZONE, units, write

from commplan.territory.load import load_territory
from commplan.territory.territory import Territory
from commplan.territory.today import cover_most


def _communities(
    *spans: tuple[float, float], ids: tuple[str, ...] = ("C1", "C2", "C3")
) -> gpd.GeoDataFrame:
    shapes = [shapely.box(EAST_M + a, NORTH_M, EAST_M + b, NORTH_M + 100) for a, b in spans]
    return gpd.GeoDataFrame({"community_id": ids[: len(spans)]}, geometry=shapes, crs=ZONE)


def _load(folder: Path, communities: gpd.GeoDataFrame, **columns: object) -> Territory:
    sources = {"units": write(units(3, **columns), folder),
               "communities": write(communities, folder, "communities")}  # fmt: skip
    return load_territory(sources, None)


def _todays(territory: Territory) -> list[str | None]:
    assert territory.units is not None
    return territory.units["community_id"].tolist()


def test_most_of_the_area_decides(tmp_path: Path) -> None:
    """A border through a unit gives it to the larger part, and the share is told."""
    territory = _load(tmp_path, _communities((0, 170), (170, 300)))
    assert _todays(territory) == ["C1", "C1", "C2"]
    (split,) = [f for f in territory.findings if f.code == "territory.split_unit"]
    assert split.ids == ("A2",)
    assert split.params["worst_percent"] == pytest.approx(70.0, abs=0.1)


def test_five_percent_over_the_border_is_not_worth_a_word(tmp_path: Path) -> None:
    """At 95 % and above nothing is said."""
    territory = _load(tmp_path, _communities((0, 196), (196, 300)))
    assert _todays(territory) == ["C1", "C1", "C2"]
    assert not [f for f in territory.findings if f.code == "territory.split_unit"]


def test_a_unit_in_no_community_stays_in_none(tmp_path: Path) -> None:
    """Where no polygon reaches, there is no community today."""
    territory = _load(tmp_path, _communities((0, 100), (100, 200)))
    assert _todays(territory) == ["C1", "C2", None]
    (none,) = [f for f in territory.findings if f.code == "territory.in_no_community"]
    assert none.ids == ("A3",)


def test_what_the_unit_says_goes_first(tmp_path: Path) -> None:
    """A column of today's communities is believed; an empty cell means none, with a warning."""
    territory = _load(tmp_path, _communities((0, 300)), community_id=["C1", "C9", None])
    assert _todays(territory) == ["C1", "C9", None]
    (empty,) = [f for f in territory.findings if f.code == "territory.empty_but_covered"]
    assert empty.ids == ("A3",)


def test_ties_and_doubles_go_to_the_smaller_id(tmp_path: Path) -> None:
    """Two communities on the same ground, or half each: the first by id."""
    both = _communities((0, 300), (0, 300), ids=("C2", "C1"))
    assert _todays(_load(tmp_path, both)) == ["C1"] * 3
    half = _communities((0, 150), (150, 300), ids=("C2", "C1"))
    assert _todays(_load(tmp_path, half)) == ["C2", "C1", "C1"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15), st.integers(1, 8)),
                min_size=1, max_size=6))  # fmt: skip
def test_covers_are_those_of_brute_force(boxes: list[tuple[int, int, int]]) -> None:
    """The tree finds the same cover and share as trying every pair."""
    covers = np.array([shapely.box(x, y, x + s, y + s) for x, y, s in boxes], dtype=object)
    cells = np.array([shapely.box(x, y, x + 4, y + 4) for x in range(0, 16, 4)
                      for y in range(0, 16, 4)], dtype=object)  # fmt: skip
    cover = cover_most(cells, covers)
    share = shapely.area(shapely.intersection(cells[:, None], covers[None, :])) / 16.0
    best = share.argmax(axis=1)
    assert cover.share.tolist() == pytest.approx(share.max(axis=1).tolist())
    assert cover.position.tolist() == np.where(share.max(axis=1) > 0, best, -1).tolist()
