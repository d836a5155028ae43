"""The ground of a coverage plan: places of other layers as units, and who gets the parks between."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from commplan.graph.adjacency import UnitGraph
from commplan.plan.places import blocks_of
from commplan.territory.territory import Territory

#: A place given as a point is drawn as a disc of this radius.
POINT_M = 70.0


def with_places(
    territory: Territory, places: Sequence[Any]
) -> tuple[Territory, tuple[tuple[int, ...], ...]]:
    """Add places of other layers to the units, as units of their own.

    Returns
    -------
    territory : Territory
    rows : tuple of tuple of int
        Per place its rows in the units.
    """
    units = territory.units
    if units is None:
        raise ValueError("a territory without units")
    loose = [number for number, place in enumerate(places) if not place.units]
    taken = set(units["unit_id"].astype(str))
    shapes = [_area(places[number].geometry) for number in loose]
    ids = [_free_id(places[number], taken) for number in loose]
    more = pd.DataFrame(
        {
            "unit_id": pd.Series(ids, dtype=object),
            "name": pd.Series([places[n].name for n in loose], dtype=object),
            "kind": pd.Series([places[n].kind for n in loose], dtype=object),
            "households": np.array([places[n].households for n in loose], dtype=np.int64),
            "population": np.array([places[n].people for n in loose], dtype=np.float64),
        }
    ).reindex(columns=[c for c in units.columns if c != "geometry"])
    more["locked"] = False
    kinds = {c: units[c].dtype for c in more.columns if units[c].dtype.kind in "fib"}
    more = more.astype(kinds)
    added = gpd.GeoDataFrame(more, geometry=shapes, crs=units.crs)
    frame = pd.concat([units, added], ignore_index=True) if loose else units
    rows = {number: len(units) + at for at, number in enumerate(loose)}
    held = tuple(place.units or (rows[number],) for number, place in enumerate(places))
    old = blocks_of(territory)
    blocks = gpd.GeoSeries([*old, *shapes], crs=old.crs)
    # A community that a place of people only joins counts the households reckoned from them.
    frame = frame.copy()
    for number, place in enumerate(places):
        if place.layer == "units":
            frame.loc[held[number][0], "households"] = place.households
    return territory.replace(units=frame, blocks=blocks), held


def _area(shape: Any) -> Any:
    """Return a polygon to draw and to measure: a disc for what is given as a point."""
    drawn = shapely.buffer(shape, POINT_M, quad_segs=6) if shapely.area(shape) == 0 else shape
    return shapely.MultiPolygon(list(shapely.get_parts(drawn)))


def _free_id(place: Any, taken: set[str]) -> str:
    wanted = place.place_id if place.place_id not in taken else f"{place.layer}:{place.place_id}"
    taken.add(wanted)
    return str(wanted)


def with_open_units(
    units: gpd.GeoDataFrame, graph: UnitGraph, chosen: Sequence[str | None]
) -> list[str | None]:
    """Put units in which nobody lives and that are in no community with a neighbour that is in one.

    The neighbour with most border decides, of equals the first; then the neighbours of those.

    Parameters
    ----------
    units : GeoDataFrame
    graph : UnitGraph
        Of the first units; places of other layers come behind them.
    chosen : sequence of str or None
        Community of each unit.
    """
    found = list(chosen)
    people = units["households"].to_numpy() + np.nan_to_num(
        units["population"].to_numpy(dtype=np.float64, na_value=np.nan)
    )
    waiting = {u for u in range(graph.n) if found[u] is None and people[u] == 0}
    while waiting:
        border: dict[int, dict[str, float]] = {}
        for tail, head, metres in zip(
            graph.tail.tolist(), graph.head.tolist(), graph.border_m.tolist(), strict=True
        ):
            for one, other in ((tail, head), (head, tail)):
                name = found[other]
                if one in waiting and name is not None:
                    own = border.setdefault(one, {})
                    own[name] = own.get(name, 0.0) + metres
        if not border:
            return found
        for unit, own in border.items():
            found[unit] = max(own, key=lambda name: (own[name], [-ord(c) for c in name]))
        waiting -= border.keys()
    return found
