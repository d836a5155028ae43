"""Packing, simplifying and colouring for the page."""

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from hypothesis import given
from hypothesis import strategies as st

from commplan.outputs.colours import PALETTE, colour_neighbours, plan_colours
from commplan.outputs.geometry import (
    Packer,
    label_points,
    make_packer,
    near_pairs,
    simplify_areas,
)

CRS = pyproj.CRS("EPSG:4549")


def unpack(ring: list[int], origin: tuple[int, int]) -> np.ndarray:
    """Turn a packed ring back into degrees, as the page's script does."""
    steps = np.asarray(ring).reshape(-1, 2).cumsum(axis=0)
    return (steps + origin) / 1e6


def test_packed_ring_comes_out_again_within_a_tenth_of_a_metre() -> None:
    """A square packed and unpacked lies where it lay."""
    square = shapely.box(462_000, 3_310_000, 462_100, 3_310_080)
    packer = make_packer(CRS, [square])
    [[ring]] = packer.areas([square])
    back = gpd.GeoSeries([shapely.Polygon(unpack(ring, packer.origin))], crs=4326).to_crs(CRS)
    assert back.iloc[0].symmetric_difference(square).area < 40.0
    assert len(ring) == 8  # four corners, not closed


def test_hole_and_parts_are_rings_of_one_area() -> None:
    """A polygon with a hole and a second part give three rings."""
    holed = shapely.box(0, 0, 90, 90).difference(shapely.box(30, 30, 60, 60))
    both = shapely.multipolygons([holed, shapely.box(200, 0, 260, 60)])
    moved = shapely.transform(both, lambda xy: np.add(xy, [462_000, 3_310_000]))
    assert len(make_packer(CRS, [moved]).areas([moved])[0]) == 3


def test_missing_geometry_packs_to_nothing() -> None:
    """A community without any unit has no ring and no label."""
    packer = Packer(CRS, (0, 0))
    assert packer.areas([None]) == [[]]
    assert packer.points([None, shapely.Point()]) == [None, None]
    assert simplify_areas([None])[0] is None
    assert label_points([None])[0] is None


def test_shared_borders_stay_shared() -> None:
    """Two areas with a wavy common border have no gap after they were simplified."""
    wave = [(100 + 3 * np.sin(t), 5.0 * t) for t in range(21)]
    left = shapely.Polygon([(0, 0), *wave, (0, 100)])
    right = shapely.Polygon([(200, 0), *wave, (200, 100)])
    simple = simplify_areas([left, right], 6.0)
    assert shapely.get_num_coordinates(simple).sum() < 30
    assert shapely.coverage_is_valid(simple)


def test_label_lies_well_inside() -> None:
    """The label of a U-shaped area is in the area, not between its legs."""
    u_shape = shapely.box(0, 0, 90, 100).difference(shapely.box(20, 30, 70, 100))
    [point] = label_points([u_shape])
    assert u_shape.contains(point)
    assert point.distance(u_shape.boundary) > 8


def test_neighbours_across_a_river_count_as_near() -> None:
    """Areas 40 m apart are near each other, those 100 m apart are not."""
    areas = [shapely.box(0, 0, 10, 10), shapely.box(50, 0, 60, 10), shapely.box(160, 0, 170, 10)]
    assert near_pairs(areas, 60.0).tolist() == [[0, 1]]


@given(st.integers(2, 40), st.data())
def test_neighbours_differ(n: int, data: st.DataObject) -> None:
    """Wherever no area has more neighbours than there are colours, no two neighbours are alike."""
    pair = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] != p[1])
    degree = np.zeros(n, dtype=int)
    pairs = []
    for a, b in data.draw(st.lists(pair, max_size=80)):
        if max(degree[a], degree[b]) < len(PALETTE) - 1:
            degree[[a, b]] += 1
            pairs.append((a, b))
    colour = colour_neighbours(n, pairs)
    assert all(colour[a] != colour[b] for a, b in pairs)


def test_successor_keeps_its_colour() -> None:
    """A community has the colour of the one it succeeds, on both maps."""
    proposed, today = plan_colours(np.array([1, -1, 0]), 3, [[0, 1], [1, 2]], [[0, 1], [1, 2]])
    assert proposed[0] == today[1]
    assert proposed[2] == today[0]
    assert today[2] != today[1]


# Machado, Oliveira and Fernandes 2009 (IEEE TVCG 15(6)): severity 1.0, on linear RGB.
BLINDNESS = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


def seen_lab(colours: tuple[str, ...], matrix: np.ndarray) -> np.ndarray:
    """CIE Lab (D65) of colours as somebody sees them."""
    srgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in colours])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ matrix.T, 0, 1)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = linear @ to_xyz.T / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.column_stack(
        [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])]
    )


def test_five_first_colours_differ_for_colour_blind_eyes() -> None:
    """The five tints that nearly every map needs are at least 12 apart (CIE76) for everybody."""
    for matrix in [np.eye(3), *(np.array(m) for m in BLINDNESS.values())]:
        lab = seen_lab(PALETTE[:5], matrix)
        apart = np.linalg.norm(lab[:, None] - lab[None], axis=2)[np.triu_indices(5, 1)]
        assert apart.min() > 12.0
