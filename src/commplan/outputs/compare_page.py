"""One page with several plans side by side: maps at one scale, one range of colours, one table."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from commplan.evaluate.compare import compare_plans
from commplan.evaluate.scorecard import Scorecard
from commplan.outputs.geometry import simplify_areas
from commplan.outputs.info import in_language
from commplan.outputs.offline import embed_json, read_template
from commplan.outputs.page_data import number, text
from commplan.outputs.words import clause_words, decimals, measure_word, unit_word
from commplan.texts import load_texts

#: Words of the page's script, of the topic "compare".
WORDS = (
    "title", "today", "valid", "invalid", "map", "below",
    "above", "within", "households", "measure", "clause", "sizes", "sizes_about",
    "approval", "disclaimer", "data", "size_of", "print", "figures",
)  # fmt: skip
BLANKS = {name: "{" + name + "}" for name in ("name", "households", "min", "max", "count", "km")}
#: Width of the maps in the units of their coordinates.
WIDTH = 4000


@dataclass(frozen=True)
class PlanCard:
    """One plan to compare, as its run folder tells it.

    Parameters
    ----------
    name : str
    title : mapping of str to str
        By language.
    date : str
    bounds : (int, int) or None
        Of the households, inclusive.
    communities : GeoDataFrame
        ``community_id``, ``name``, ``households``, areas.
    scorecard : Scorecard
    languages : tuple of str
    attribution, map_approval : str
    """

    name: str
    title: Mapping[str, str]
    date: str
    bounds: tuple[int, int] | None
    communities: gpd.GeoDataFrame
    scorecard: Scorecard
    languages: tuple[str, ...] = ("zh-CN", "en")
    attribution: str = ""
    map_approval: str = ""


def write_compare_page(path: Path, plans: Sequence[PlanCard]) -> None:
    """Write the page.

    Parameters
    ----------
    path : Path
    plans : sequence of PlanCard
        Of the same ground.

    Raises
    ------
    ValueError
        Where the plans do not share today's figures, or their communities have no CRS.
    """
    document = compare_document(plans)
    language = plans[0].languages[0]
    title = in_language(plans[0].title, language)
    parts = {
        "LANGUAGE": escape(language),
        "TITLE": escape(title),
        "HEAD": read_template("head.html"),
        "STYLE": read_template("compare.css"),
        "SCRIPT": read_template("compare.js"),
        "DATA": embed_json(document),
    }
    # In one go, so that nothing in a part is taken for a mark.
    html = re.sub(r"\[\[([A-Z]+)\]\]", lambda m: parts[m[1]], read_template("compare.html"))
    path.write_text(html, encoding="utf-8", newline="\n")


def compare_document(plans: Sequence[PlanCard]) -> dict[str, Any]:
    """Return the page's data: maps in one frame, measures in one table."""
    languages = plans[0].languages
    crs = plans[0].communities.crs
    if crs is None:
        raise ValueError("communities without a CRS cannot be put on one map")
    shapes = [p.communities.to_crs(crs).geometry.to_numpy() for p in plans]
    west, south, east, north = shapely.total_bounds(np.concatenate(shapes))
    per_m = WIDTH / max(east - west, 1e-9)
    frame = (west, north, per_m)
    return {
        "languages": list(languages),
        "words": {language: _words(language) for language in languages},
        "title": {k: in_language(plans[0].title, k) for k in languages},
        "size": [WIDTH, int(np.ceil((north - south) * per_m)) + 1],
        "per_km": per_m * 1000 * _true_scale(crs, (west + east) / 2, (south + north) / 2),
        "bounds": plans[0].bounds,
        "plans": [_plan(p, s, frame) for p, s in zip(plans, shapes, strict=True)],
        "measures": _measures(plans, languages),
        "approval": plans[0].map_approval,
        "attribution": "; ".join(dict.fromkeys(p.attribution for p in plans if p.attribution)),
    }


def _words(language: str) -> dict[str, str]:
    texts = load_texts(language)
    switch = {key: texts(f"page.{key}") for key in ("language_other", "language_label")}
    return switch | {key: texts(f"compare.{key}", **BLANKS) for key in WORDS}


def _true_scale(crs: Any, x: float, y: float) -> float:
    """How many units of the map one true metre is, at a place; 1 for a metric CRS that is exact."""
    geod = pyproj.Geod(ellps="WGS84")
    back = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
    lon, lat = back.transform([x, x + 1000.0], [y, y])
    metres = float(geod.inv(lon[0], lat[0], lon[1], lat[1])[2])
    return 1000.0 / metres if metres else 1.0


def _plan(plan: PlanCard, shapes: Any, frame: tuple[float, float, float]) -> dict[str, Any]:
    west, north, per_m = frame
    simple = simplify_areas(shapes, 1.0 / per_m)
    rows = plan.communities[["community_id", "name", "households"]].itertuples(index=False)
    return {
        "name": plan.name,
        "title": dict(plan.title),
        "date": plan.date,
        "valid": plan.scorecard.valid,
        "communities": [
            {
                "name": text(row.name) or text(row.community_id),
                "hh": number(row.households) or 0,
                "rings": _rings(shape, west, north, per_m),
            }
            for row, shape in zip(rows, simple, strict=True)
        ],
    }


def _rings(shape: Any, west: float, north: float, per_m: float) -> list[list[int]]:
    """Return the rings of an area as x, y, x, y in the frame of the map, y downwards."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    found = []
    for ring in rings:
        xy = shapely.get_coordinates(ring)[:-1]
        whole = np.rint(np.column_stack([xy[:, 0] - west, north - xy[:, 1]]) * per_m)
        found.append(whole.astype(int).ravel().tolist())
    return found


def _measures(plans: Sequence[PlanCard], languages: Sequence[str]) -> list[dict[str, Any]]:
    """Return a row per measure with today's value and every plan's; rows without any are left out."""
    table = compare_plans({str(i): plan.scorecard for i, plan in enumerate(plans)})
    clauses = {m.code: m.clause for m in plans[0].scorecard.measures}
    rows = []
    for code, row in table.iterrows():
        values = [number(row[str(i)], 6) for i in range(len(plans))]
        if code == "valid" or all(value is None for value in values):
            continue
        unit = str(row["unit"])
        rows.append(
            {
                "code": code,
                "unit": unit,
                "digits": decimals(unit),
                "today": number(row["today"], 6),
                "values": values,
                "words": {k: measure_word(load_texts(k), str(code)) for k in languages},
                "units": {k: unit_word(load_texts(k), unit) for k in languages},
                "clause": {
                    k: clause_words(load_texts(k), clauses.get(str(code))) for k in languages
                },
            }
        )
    return rows
