"""province.html: every scenario of a batch on one map and in one table, in one offline file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from commplan.outputs.batch_layers import OUTLINE
from commplan.outputs.batch_tables import STATUSES, BatchInfo, Row, status_word, totals
from commplan.outputs.geometry import label_points, make_packer, simplify_areas
from commplan.outputs.offline import OfflineMap, read_template, render_page
from commplan.outputs.page_data import number
from commplan.texts import load_texts

SCRIPTS = ["leaflet.js", "core.js", "batch.js"]
#: The map is drawn as finely as this many steps across show.
_STEPS_ACROSS = 4000

#: Words of the hearing page that this page uses too.
SHARED_WORDS = (
    "language_other", "language_label", "skip", "panel_open", "panel_close", "view_label",
    "today", "colon", "date", "legend", "north", "north_short", "zoom_in", "zoom_out", "fit",
    "map_label", "figures", "close", "households", "units", "attribution",
)  # fmt: skip
OWN_WORDS = (
    "view_today", "view_proposed", "view_moved", "view_gap", "batch", "key_scenarios",
    "key_communities", "key_in_bounds", "key_moved", "of", "table", "column_name",
    "column_in_bounds", "column_moved", "column_gap", "status", "profile", "communities",
    "in_bounds", "moved", "cost", "bound", "gap", "seconds", "peak", "open", "detail", "detail_hint",
    "without", "without_none", "no_plan", "no_figure", "foot", "all", "proven", "up_to",
    "above", "from_to", "legend_today", "legend_proposed", "legend_moved", "legend_gap",
)  # fmt: skip
#: What the page's script fills in itself.
BLANKS = ("count", "all", "from", "to", "name", "value")


def read_outlines(runs: Path, rows: Sequence[Row]) -> gpd.GeoDataFrame:
    """Read the outlines that the scenarios left, in degrees; those without one are left out.

    Parameters
    ----------
    runs : Path
        Folder of the run folders.
    rows : sequence of Row

    Returns
    -------
    GeoDataFrame
        ``name`` and geometry, in the order of the rows.
    """
    paths = [runs / row.name / OUTLINE for row in rows if row.exit_code in {0, 3, 4}]
    found = [gpd.read_parquet(path) for path in paths if path.is_file()]
    if not found:
        return gpd.GeoDataFrame({"name": pd.Series([], dtype=object)}, geometry=[], crs=4326)
    return gpd.GeoDataFrame(pd.concat(found, ignore_index=True), crs=4326)


def write_batch_page(
    path: Path, rows: Sequence[Row], outlines: gpd.GeoDataFrame, info: BatchInfo
) -> None:
    """Write the page.

    Parameters
    ----------
    path : Path
    rows : sequence of Row
    outlines : GeoDataFrame
        As `read_outlines` gives them.
    info : BatchInfo

    Raises
    ------
    MissingAssetError
        Where set-up has not fetched Leaflet.
    """
    page = OfflineMap(info.title_in(info.languages[0]), info.languages[0])
    document = batch_document(rows, outlines, info)
    html = render_page(page, read_template("batch.html"), SCRIPTS, document)
    path.write_text(html, encoding="utf-8", newline="\n")


def batch_document(
    rows: Sequence[Row], outlines: gpd.GeoDataFrame, info: BatchInfo
) -> dict[str, Any]:
    """Return the page's data."""
    origin, shapes = _packed(outlines)
    document: dict[str, Any] = {
        "languages": list(info.languages),
        "title": {language: info.title_in(language) for language in info.languages},
        "batch": info.name,
        "date": info.date.isoformat(),
        "attribution": info.attribution,
        "origin": origin,
        "proposed": [],
        "sums": totals(rows),
        "rows": [_record(row, shapes.get(row.name)) for row in rows],
        "words": {},
        "names": {},
    }
    blanks = {name: "{" + name + "}" for name in BLANKS}
    for language in info.languages:
        texts = load_texts(language)
        words = {key: texts(f"page.{key}", **blanks) for key in SHARED_WORDS}
        words |= {key: texts(f"batch.page_{key}", **blanks) for key in OWN_WORDS}
        document["words"][language] = words
        document["names"][language] = {
            "status": {status: status_word(status, texts) for status in STATUSES}
        }
    return document


def _packed(outlines: gpd.GeoDataFrame) -> tuple[list[int], dict[str, tuple[Any, Any]]]:
    """Pack the outlines, simplified as one coverage: the origin, and rings and label by name."""
    if not len(outlines):
        return [0, 0], {}
    metric = outlines.to_crs(outlines.estimate_utm_crs())
    geometry = metric.geometry.to_numpy()
    west, south, east, north = shapely.total_bounds(geometry)
    simple = simplify_areas(geometry, max(1.5, max(east - west, north - south) / _STEPS_ACROSS))
    packer = make_packer(pyproj.CRS(metric.crs), simple)
    parts = zip(
        outlines["name"].tolist(),
        packer.areas(simple),
        packer.points(label_points(np.asarray(simple, dtype=object))),
        strict=True,
    )
    return list(packer.origin), {name: (rings, at) for name, rings, at in parts}


def _record(row: Row, shape: tuple[Any, Any] | None) -> dict[str, Any]:
    rings, at = shape or ([], None)
    digits = {"cost": 0, "bound": 0, "gap": 6, "seconds": 1, "peak_mb": 0}
    figures = {name: number(getattr(row, name), places) for name, places in digits.items()}
    counted = (
        "units", "households", "communities_today", "communities", "in_bounds_today", "in_bounds",
        "moved_households",
    )  # fmt: skip
    return {
        "name": row.name,
        "title": dict(row.title) or {"en": row.name},
        "status": row.status,
        "well": row.is_well,
        "profile": row.profile,
        "faults": {language: list(lines) for language, lines in row.faults.items()},
        "page": f"runs/{row.name}/hearing.html" if row.is_well else "",
        "rings": rings,
        "at": at,
        **figures,
        **{name: getattr(row, name) for name in counted},
    }
