"""Invalid polygons made valid; done twice it changes nothing more."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
_AREAL = (3, 6)  # shapely's type ids of Polygon and MultiPolygon
_COLLECTION = 7


@dataclass(frozen=True)
class Repaired:
    """Polygons after repair.

    Parameters
    ----------
    shapes : object array
        Valid polygons and multipolygons; None where nothing areal was left.
    invalid : int array
        Positions that were not valid.
    reasons : tuple of str
        GEOS's words for each of them.
    """

    shapes: Shapes
    invalid: NDArray[np.intp]
    reasons: tuple[str, ...]


def repair_polygons(shapes: Shapes) -> Repaired:
    """Make polygons valid, keeping their areal parts.

    ``make_valid`` with the structure method rebuilds rings as an editor would see them: a bow tie
    becomes two triangles, a hole outside its shell is dropped, doubled spikes vanish.

    Parameters
    ----------
    shapes : object array of shapely geometries
        Polygons, multipolygons, collections that hold some, or None.
    """
    fixed = np.array(shapes, dtype=object)
    mixed = shapely.get_type_id(fixed) == _COLLECTION
    fixed[mixed] = [_areal(shape) for shape in fixed[mixed]]
    invalid = np.flatnonzero(~shapely.is_valid(fixed) & ~shapely.is_missing(fixed))
    if not len(invalid):
        return Repaired(fixed, invalid, ())
    broken = fixed[invalid]
    reasons = tuple(str(r).split("[")[0] for r in shapely.is_valid_reason(broken))
    whole = shapely.make_valid(broken, method="structure", keep_collapsed=False)
    fixed[invalid] = [_areal(shape) for shape in whole]
    # On rings that fold back on themselves that method may leave a fault; the other one does not.
    still = invalid[~shapely.is_valid(fixed[invalid]) & ~shapely.is_missing(fixed[invalid])]
    fixed[still] = [_areal(shape) for shape in shapely.make_valid(fixed[still])]
    return Repaired(fixed, invalid, reasons)


def _areal(shape: shapely.Geometry | None) -> shapely.Geometry | None:
    """Return the polygons of a geometry in one, or None where it has none."""
    if shape is None or shapely.is_empty(shape):
        return None
    if shapely.get_type_id(shape) in _AREAL:
        return shape
    parts = shapely.get_parts(shape)
    polygons = [p for part in parts for p in shapely.get_parts(part)]
    areal = [p for p in polygons if shapely.get_type_id(p) == _AREAL[0] and not shapely.is_empty(p)]
    return shapely.union_all(areal) if areal else None
