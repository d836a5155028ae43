"""Places outside every community as tables: CSV for programs, columns with titles for people."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from commplan.outputs.sheets import Column
from commplan.outputs.topic import Figure
from commplan.plan.coverage import CoveragePlan
from commplan.texts import Texts


@dataclass(frozen=True)
class CoverageReport:
    """What the outputs of a coverage run are written from.

    Parameters
    ----------
    coverage : CoveragePlan
    platforms : DataFrame
    looked_at, covered : int
        Populated places, and those that are in a community today.
    bounds : (int, int)
        Households of a community.
    """

    coverage: CoveragePlan
    platforms: pd.DataFrame
    looked_at: int
    covered: int
    bounds: tuple[int, int]


def csv_tables(coverage: CoveragePlan, platforms: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the tables of a run by file name; `commplan verify` makes them anew and compares."""
    return {
        "coverage.csv": coverage.places,
        "communities.csv": coverage.communities,
        "platforms.csv": platforms,
    }


def write_coverage_layers(path: Path, coverage: CoveragePlan) -> None:
    """Write the GeoPackage layers ``places`` and ``communities`` in the territory's CRS."""
    plan = coverage.plan
    units = plan.territory.units
    if units is None:
        raise ValueError("a territory without units")
    shapes = units.geometry.to_numpy()
    areas = [shapely.union_all(shapes[list(rows)]) for rows in coverage.rows]
    crs = units.crs
    places = gpd.GeoDataFrame(coverage.places, geometry=gpd.GeoSeries(areas, crs=crs), crs=crs)
    places.to_file(
        path, layer="places", driver="GPKG", engine="pyogrio", geometry_type="MultiPolygon",
        promote_to_multi=True,
    )  # fmt: skip
    by_id = plan.communities.set_index("community_id").geometry
    own = [by_id[name] for name in coverage.communities["community_id"]]
    communities = gpd.GeoDataFrame(
        coverage.communities, geometry=gpd.GeoSeries(own, crs=crs), crs=crs
    )
    communities.to_file(
        path, layer="communities", driver="GPKG", engine="pyogrio", geometry_type="MultiPolygon",
        promote_to_multi=True,
    )  # fmt: skip


def coverage_sheets(report: CoverageReport, texts: Texts) -> dict[str, list[Column]]:
    """Return the tables of the workbook by the key of their name."""
    places = report.coverage.places
    turned = places["layer"] == "communities"
    return {
        "places": place_columns(places[~turned], texts),
        "convert": place_columns(places[turned], texts),
        "communities": community_columns(report.coverage.communities, texts),
        "platforms": platform_columns(report.platforms, texts),
    }


def place_columns(places: pd.DataFrame, texts: Texts) -> list[Column]:
    """Places and what becomes of them."""
    table = places.assign(
        what=[texts(f"coverage.what_{what}") for what in places["what"]],
        kind=[kind_word(kind, texts) for kind in places["kind"]],
        layer=[texts(f"layer.{layer}") for layer in places["layer"]],
    )
    given = [
        ("place_id", "text", 12), ("name", "text", 22), ("kind", "text", 16), ("layer", "text", 14),
        ("households", "int", 9), ("people", "int", 9), ("completes", "text", 10),
        ("what", "text", 18), ("proposal", "text", 8), ("community_name", "text", 18),
        ("households_after", "int", 10),
    ]  # fmt: skip
    sums = {"households", "people"}
    return [
        Column(texts(f"coverage.col_{name}"), list(table[name]), kind, name in sums, width)
        for name, kind, width in given
    ]


def kind_word(kind: str, texts: Texts) -> str:
    """Name a kind of place; a user's own shows as it is."""
    key = f"coverage.kind_{kind}"
    return texts(key) if kind and texts.has(key) else kind


def community_columns(communities: pd.DataFrame, texts: Texts) -> list[Column]:
    """Communities that grow, are new or are converted."""
    table = communities.assign(
        what=[texts(f"coverage.community_{what}") for what in communities["what"]],
        in_bounds=[texts(f"tables.{'yes' if ok else 'no'}") for ok in communities["in_bounds"]],
    )
    given = [
        ("community_id", "text", 11), ("name", "text", 20), ("what", "text", 16),
        ("households_today", "int", 11), ("households_added", "int", 11), ("households", "int", 11),
        ("in_bounds", "text", 10),
    ]  # fmt: skip
    titles = {"name": "community_name", "what": "community_what", "households": "households_after"}
    sums = {"households_today", "households_added", "households"}
    return [
        Column(
            texts(f"coverage.col_{titles.get(name, name)}"), list(table[name]), kind, name in sums,
            width,
        )
        for name, kind, width in given
    ]  # fmt: skip


def platform_columns(platforms: pd.DataFrame, texts: Texts) -> list[Column]:
    """Villages with many outsiders."""
    table = platforms.assign(
        listed=[texts(f"coverage.listed_{listed}") for listed in platforms["listed"]]
    )
    given = [
        ("place_id", "text", 11), ("name", "text", 18), ("above", "text", 14), ("people", "int", 9),
        ("outsiders", "int", 9), ("away_m", "int", 10), ("listed", "text", 30),
    ]  # fmt: skip
    titles = {"name": "village"}
    sums = {"people", "outsiders"}
    return [
        Column(
            texts(f"coverage.col_{titles.get(name, name)}"), list(table[name]), kind, name in sums,
            width,
        )
        for name, kind, width in given
    ]  # fmt: skip


def coverage_figures(report: CoverageReport) -> tuple[Figure, ...]:
    """Key figures, today and proposed."""
    places, platforms = report.coverage.places, report.platforms
    gaps = places[places["layer"] != "communities"]
    turned = places[places["layer"] == "communities"]
    moved, left = gaps[gaps["what"] != "stays"], turned[turned["what"] == "stays"]
    communities = report.coverage.communities
    everyone = report.coverage.plan.communities["households"].sum() + int(
        gaps.loc[gaps["what"] == "stays", "households"].sum()
    )
    looked_at = float(report.looked_at)
    return (
        Figure("in_community", "", float(report.covered), float(report.covered + len(moved))),
        Figure("places", "", looked_at, looked_at),
        Figure("newly", "", None, float(moved["households"].sum())),
        Figure("newly_share", "share", None, float(moved["households"].sum()) / max(1, everyone)),
        Figure("outside", "", float(gaps["households"].sum()),
               float(gaps.loc[gaps["what"] == "stays", "households"].sum())),
        Figure("joins", "", None, float((gaps["what"] == "joins").sum())),
        Figure("makes", "", None, float((moved["what"] != "joins").sum())),
        Figure("new", "", None, float((communities["what"] == "new").sum())),
        Figure("convert", "", float(len(turned)), float(len(left))),
        Figure("platforms", "", None, float((platforms["listed"] != "far").sum())),
    )  # fmt: skip
