"""Grids as tables: CSV for programs, columns with titles for people, layers for maps."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from commplan.outputs.sheets import Column
from commplan.outputs.topic import Figure
from commplan.plan.grids import GridPlan
from commplan.texts import Texts


def unit_table(grids: GridPlan) -> pd.DataFrame:
    """Return ``unit_id``, ``community_id``, ``grid_id``, sorted by unit; empty where there is none."""
    plan = grids.plan
    units = plan.territory.units
    if units is None:
        raise ValueError("a territory without units")
    of_community = [*plan.communities["community_id"], ""]  # -1 picks the last
    of_grid = [*grids.grids["grid_id"], ""]
    return pd.DataFrame(
        {
            "unit_id": units["unit_id"].astype(str).to_numpy(dtype=object),
            "community_id": [of_community[row] for row in plan.community_of.tolist()],
            "grid_id": [of_grid[row] for row in grids.grid_of.tolist()],
        }
    )


def grid_table(grids: GridPlan) -> pd.DataFrame:
    """Return one row per grid."""
    return pd.DataFrame(grids.grids.drop(columns="geometry"))


def csv_tables(grids: GridPlan) -> dict[str, pd.DataFrame]:
    """Return the tables of a run by file name; `commplan verify` makes them anew and compares."""
    return {
        "grids.csv": unit_table(grids),
        "grid_list.csv": grid_table(grids),
        "communities.csv": grids.communities,
    }


def write_grid_layers(path: Path, grids: GridPlan) -> None:
    """Write the GeoPackage layers ``grids`` and ``units`` in the territory's CRS."""
    grids.grids.to_file(path, layer="grids", driver="GPKG", engine="pyogrio")
    units = grids.plan.territory.units
    if units is None:
        raise ValueError("a territory without units")
    kept = ["unit_id", "name", "households", "population", "geometry"]
    table = gpd.GeoDataFrame(units[[c for c in kept if c in units]].copy(), crs=units.crs)
    given = unit_table(grids)
    for column in ("community_id", "grid_id"):
        table[column] = [name or None for name in given[column]]
    table.to_file(path, layer="units", driver="GPKG", engine="pyogrio")


def grid_sheets(grids: GridPlan, texts: Texts) -> dict[str, list[Column]]:
    """Return the tables of the workbook by the key of their name."""
    return {
        "communities": community_columns(grids, texts),
        "grids": grid_columns(grids, texts),
        "units": unit_columns(grids, texts),
    }


def community_columns(grids: GridPlan, texts: Texts) -> list[Column]:
    """How each community is divided, and what is proven."""
    table = grids.communities.assign(
        status=[texts(f"grids.status_{s.replace(' ', '_')}") for s in grids.communities["status"]]
    )
    given = [
        ("community_id", "text", 11), ("name", "text", 18), ("households", "int", 10),
        ("grids", "int", 8), ("in_bounds", "int", 9), ("smallest", "int", 9),
        ("largest", "int", 9), ("status", "text", 24), ("gap", "share", 9),
    ]  # fmt: skip
    sums = {"households", "grids", "in_bounds"}
    return [
        Column(texts(f"grids.col_{name}"), list(table[name]), kind, name in sums, width)
        for name, kind, width in given
    ]


def grid_columns(grids: GridPlan, texts: Texts) -> list[Column]:
    """Every grid."""
    table = grid_table(grids)
    table["area_km2"] = table["area_m2"] / 1e6
    table["kind"] = [texts(f"grids.kind_{kind}") for kind in table["kind"]]
    table["ok"] = [texts(f"grids.ok_{('in', 'above', 'below')[ok]}") for ok in table["ok"]]
    given = [
        ("grid_id", "text", 13), ("community_name", "text", 18), ("units", "int", 8),
        ("households", "int", 10), ("population", "int", 10), ("area_km2", "decimal", 10),
        ("ok", "text", 12), ("kind", "text", 26),
    ]  # fmt: skip
    sums = {"units", "households", "population", "area_km2"}
    return [
        Column(texts(f"grids.col_{name}"), list(table[name]), kind, name in sums, width)
        for name, kind, width in given
    ]


def unit_columns(grids: GridPlan, texts: Texts) -> list[Column]:
    """Every unit and its grid."""
    units = grids.plan.territory.units
    if units is None:
        raise ValueError("a territory without units")
    table = unit_table(grids)
    table["name"] = units["name"].to_numpy(dtype=object)
    table["households"] = units["households"].to_numpy(dtype=np.int64)
    given = [
        ("unit_id", "text", 12), ("name", "text", 22), ("households", "int", 10),
        ("community_id", "text", 12), ("grid_id", "text", 13),
    ]  # fmt: skip
    titles = {"name": "unit_name"}
    return [
        Column(
            texts(f"grids.col_{titles.get(name, name)}"),
            list(table[name]),
            kind,
            name == "households",
            width,
        )
        for name, kind, width in given
    ]


def grid_figures(grids: GridPlan) -> tuple[Figure, ...]:
    """Key figures of a division."""
    table, communities = grids.grids, grids.communities
    households = table["households"].to_numpy(dtype=np.float64)
    inside = table["ok"] == 0
    own = table.loc[table["kind"] == "divided", "households"].to_numpy(dtype=np.float64)

    def figure(code: str, value: float, unit: str = "") -> Figure:
        return Figure(code, unit, None, float(value))

    return (
        figure("grids", len(table)),
        figure("inside", int(inside.sum())),
        figure("large", int((table["kind"] == "large").sum())),
        figure("short", int(((table["kind"] == "short") & ~inside).sum())),
        figure("communities", len(communities)),
        figure("optimal", int((communities["status"] == "optimal").sum())),
        figure("in_grids", households.sum()),
        figure("share", households[inside].sum() / max(1.0, households.sum()), "share"),
        figure("mean", float(own.mean()) if len(own) else 0.0),
        figure("least", float(households.min()) if len(households) else 0.0),
        figure("most", float(households.max()) if len(households) else 0.0),
    )
