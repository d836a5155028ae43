"""Layers to GeoPackages that come out the same, byte for byte, from the same seed."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

STAMP = "2024-01-01T00:00:00.000Z"  # GeoPackage wants a date of change; ours never changes


def rounded(frame: gpd.GeoDataFrame, decimals: int = 2) -> gpd.GeoDataFrame:
    """Round coordinates to ``decimals``; every shape stays valid."""
    shapes = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.round(xy, decimals))
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.buffer(shapes[broken], 0)
    return frame.set_geometry(gpd.GeoSeries(list(shapes), index=frame.index, crs=frame.crs))


def write_layer(frame: gpd.GeoDataFrame, path: Path, decimals: int = 2) -> None:
    """Write one layer, named like its file, without a spatial index."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": STAMP})
    path.unlink(missing_ok=True)
    pyogrio.write_dataframe(
        rounded(frame, decimals),
        path,
        layer=path.stem,
        driver="GPKG",
        layer_options={"SPATIAL_INDEX": "NO", "IDENTIFIER": path.stem},
    )
