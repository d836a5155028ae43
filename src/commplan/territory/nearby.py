"""What lies near the study area: streets come in files of a province, and walks are short."""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import ProjError

from commplan.territory.crs import Bounds, total_bounds

if TYPE_CHECKING:
    from commplan.territory.read import ReadLayer
    from commplan.territory.vector import Rows

NEAR_KM = 10.0  # house choice: two hours' walk
_LON_LAT = pyproj.CRS("OGC:CRS84")
_KM_PER_DEGREE = 111.0


def near_box(layers: Iterable["ReadLayer"]) -> Bounds | None:
    """Return the extent of some layers, `NEAR_KM` wider on every side, in degrees.

    Returns
    -------
    (lon min, lat min, lon max, lat max), or None
        None where no layer has a place, or its CRS says nothing.
    """
    found = []
    for layer in layers:
        if layer.shapes is None or layer.crs is None or not len(layer.shapes):
            continue
        bounds = total_bounds(shapely.bounds(layer.shapes))
        box = None if bounds is None else _moved(bounds, layer.crs, _LON_LAT)
        if box is not None:
            found.append(box)
    extent = total_bounds(np.array(found).reshape(-1, 4))
    if extent is None:
        return None
    north = NEAR_KM / _KM_PER_DEGREE
    east = north / max(math.cos(math.radians(max(map(abs, extent[1::2])))), 0.1)
    return extent[0] - east, extent[1] - north, extent[2] + east, extent[3] + north


def box_in(box: Bounds | None, crs: pyproj.CRS | None) -> Bounds | None:
    """Return a box of degrees in another CRS; None where that cannot be said."""
    if box is None or crs is None or crs.is_engineering:
        return None
    return _moved(box, _LON_LAT, crs)


def within(rows: "Rows", box: Bounds | None) -> "Rows":
    """Leave out the rows of a file that lie outside a box in the file's CRS.

    A row without a place stays, and so does a file all of which lies outside: its CRS may be wrong,
    which is to be told as such.
    """
    if box is None or rows.geometry is None or not len(rows.numbers):
        return rows
    low, high = np.hsplit(shapely.bounds(rows.geometry), 2)
    outside = ((high < box[:2]) | (low > box[2:])).any(axis=1)
    if outside.all():
        return rows
    kept = np.asarray(~outside, dtype=np.bool_)
    return replace(
        rows,
        table=rows.table[kept].reset_index(drop=True),
        geometry=rows.geometry[kept],
        numbers=rows.numbers[kept],
        clipped=bool(((low < box[:2]) | (high > box[2:])).any()),
    )


def _moved(box: Bounds, here: pyproj.CRS, there: pyproj.CRS) -> Bounds | None:
    try:
        change = pyproj.Transformer.from_crs(here, there, always_xy=True)
        moved = change.transform_bounds(*box)
    except ProjError:
        return None
    return moved if np.isfinite(moved).all() and moved[0] <= moved[2] else None
