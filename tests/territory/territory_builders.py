"""Small layers made by hand, and ways of writing them."""

from pathlib import Path

import geopandas as gpd
import shapely

from commplan.territory.schema import LayerSource

ZONE = "EPSG:4547"  # CGCS2000 / 3-degree Gauss-Krüger, central meridian 114° E
EAST_M, NORTH_M = 500_000.0, 3_800_000.0


def squares(count: int, side_m: float = 100.0) -> list[shapely.Polygon]:
    """Return a row of squares, each beside the one before."""
    return [
        shapely.box(EAST_M + i * side_m, NORTH_M, EAST_M + (i + 1) * side_m, NORTH_M + side_m)
        for i in range(count)
    ]


def units(count: int = 3, **columns: object) -> gpd.GeoDataFrame:
    """Return ``count`` square units A1, A2, … of 100, 200, … households."""
    table = {
        "unit_id": [f"A{i + 1}" for i in range(count)],
        "households": [100 * (i + 1) for i in range(count)],
    }
    return gpd.GeoDataFrame({**table, **columns}, geometry=squares(count), crs=ZONE)


def write(
    frame: gpd.GeoDataFrame, folder: Path, layer: str = "units", **how: object
) -> LayerSource:
    """Write a layer as GeoPackage and return where it lies."""
    path = folder / f"{layer}.gpkg"
    frame.to_file(path, layer=layer, engine="pyogrio")
    return LayerSource(layer, path, **how)


def point(dx_m: float, dy_m: float) -> shapely.Point:
    """Return a point so many metres from the lower left corner of the first square."""
    return shapely.Point(EAST_M + dx_m, NORTH_M + dy_m)
