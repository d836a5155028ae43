"""A place that is in no community, and residential areas and villages that are to become one."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.findings import Finding, Severity
from commplan.plan.places import blocks_of
from commplan.territory.territory import Territory


@dataclass(frozen=True)
class Place:
    """A populated place that is in no community, or is to become one.

    Parameters
    ----------
    layer : str
        ``units``, ``places``, ``developments``, or ``communities`` for a residential area or a
        village that is to become a community.
    place_id, name, kind : str
    households, people : int
    guessed : bool
        Whether the households were reckoned from the people.
    units : tuple of int
        Its positions in the units, where it consists of units.
    geometry : shapely geometry
    completes : str
        When a development is finished; empty for what stands.
    """

    layer: str
    place_id: str
    name: str
    kind: str
    households: int
    people: int
    guessed: bool
    units: tuple[int, ...]
    geometry: Any
    completes: str = ""


def text_of(value: object) -> str:
    """Return a text without blanks around it; empty for what is no text."""
    return value.strip() if isinstance(value, str) else ""


def to_convert(
    territory: Territory,
    convert: tuple[str, ...],
    counts: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> tuple[list[Place], list[Finding]]:
    """Residential areas (居民区) and villages among today's communities, each with its units."""
    layer, units = territory.communities, territory.units
    if layer is None or units is None or not convert:
        return [], []
    if layer["kind"].isna().all():
        return [], [Finding("coverage.no_kinds", Severity.NOTE, layer="communities")]
    blocks = np.asarray(blocks_of(territory).array, dtype=object)
    places, empty = [], []
    for row in np.flatnonzero(layer["kind"].isin(convert).to_numpy()).tolist():
        given = layer.iloc[row]
        members = np.flatnonzero((units["community_id"] == given["community_id"]).to_numpy())
        place = Place(
            layer="communities",
            place_id=str(given["community_id"]),
            name=text_of(given["name"]) or str(given["community_id"]),
            kind=str(given["kind"]),
            households=int(counts[0][members].sum()),
            people=int(counts[1][members].sum()),
            guessed=False,
            units=tuple(members.tolist()),
            geometry=shapely.union_all(blocks[members]),
        )
        if place.households:
            places.append(place)
        else:
            empty.append(place.place_id)
    if not empty:
        return places, []
    found = Finding("coverage.convert_empty", Severity.WARNING, {}, tuple(empty), "communities")
    return places, [found]
