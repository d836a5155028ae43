"""Squares of an OpenStreetMap extract: areas that are ways too, walked along their outline."""

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyogrio
import shapely

from commplan.territory.crs import Bounds
from commplan.territory.files import DataFile
from commplan.territory.vector import Rows

#: GDAL hands closed ways with area=yes over as areas, whose ``highway`` is among the other tags.
_LAYER = "multipolygons"
_WHERE = "other_tags LIKE '%\"highway\"=>%'"


def with_squares(file: DataFile, rows: Rows, fields: Sequence[str], box: Bounds | None) -> Rows:
    """Add the outlines of squares to the streets of an extract.

    Parameters
    ----------
    file : DataFile
        Of OpenStreetMap.
    rows : Rows
        Its lines.
    fields : sequence of str
        Columns of ``rows``.
    box : tuple or None
        As the lines were read with.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pyogrio.read_dataframe(
            file.path,
            layer=_LAYER,
            columns=["name", "other_tags"],
            where=_WHERE,
            bbox=box,
            on_invalid="ignore",
            **file.options,
        )
    if not len(found) or rows.geometry is None:
        return rows
    tags = found["other_tags"].astype(object)
    highway = tags.str.extract(r'"highway"=>"([^"]*)"', expand=False)
    named = {"highway": highway, "name": found["name"], "other_tags": tags}
    nothing = pd.Series(None, index=found.index, dtype=object)
    table = pd.DataFrame({name: named.get(name, nothing).astype(object) for name in fields})
    outlines = shapely.boundary(np.asarray(found.geometry.array, dtype=object))
    first = int(rows.numbers.max(initial=0)) + 1
    return replace(
        rows,
        table=pd.concat([rows.table.astype(object), table], ignore_index=True),
        geometry=np.concatenate([rows.geometry, outlines]),
        numbers=np.concatenate([rows.numbers, np.arange(first, first + len(found))]),
    )
