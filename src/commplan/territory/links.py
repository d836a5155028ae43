"""What one layer says of another, and words that we do not know."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from commplan.findings import Finding, Severity
from commplan.territory.schema import (
    AMENITY_KINDS,
    BARRIER_KINDS,
    COMMUNITY_KINDS,
    CROSSING_KINDS,
    PLACE_KINDS,
    SITE_STATUSES,
    SITE_WAYS,
    UNIT_KINDS,
)
from commplan.territory.values import object_series, objects

_KNOWN_WORDS = (
    ("units", "kind", UNIT_KINDS, Severity.WARNING),
    ("communities", "kind", COMMUNITY_KINDS, Severity.WARNING),
    ("barriers", "kind", BARRIER_KINDS, Severity.WARNING),
    ("crossings", "kind", CROSSING_KINDS, Severity.NOTE),
    ("sites", "status", SITE_STATUSES, Severity.ERROR),
    ("sites", "way", SITE_WAYS, Severity.WARNING),
    ("amenities", "kind", AMENITY_KINDS, Severity.NOTE),  # a profile may have kinds of its own
    ("places", "kind", PLACE_KINDS, Severity.NOTE),
)
_MUST_SAY = frozenset((("barriers", "kind"), ("sites", "status"), ("amenities", "kind")))
#: Where the rows take no part, which is worth a sentence with their ids.
_LEFT_OUT = {("sites", "status"): "territory.unknown_status"}
_SHOWN_WORDS = 8


def word_findings(layers: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Name kinds and statuses that we do not know, and rows that give none where one is asked."""
    findings = []
    for layer, column, known, severity in _KNOWN_WORDS:
        if layer not in layers:
            continue
        words = layers[layer][column]
        odd = words[words.notna() & ~words.isin(known)]
        if len(odd):
            shown = odd.value_counts(sort=False).sort_index()
            text = ", ".join(f"{word} ({n})" for word, n in shown.head(_SHOWN_WORDS).items())
            params: dict[str, object] = {"column": column, "words": text, "rows": len(odd),
                                         "known": ", ".join(sorted(known))}  # fmt: skip
            code = _LEFT_OUT.get((layer, column), "territory.unknown_word")
            ids = tuple(layers[layer]["site_id"][odd.index]) if layer == "sites" else ()
            findings.append(Finding(code, severity, params, ids, layer))
        if (layer, column) in _MUST_SAY and words.isna().any():
            params = {"column": column, "rows": int(words.isna().sum())}
            findings.append(Finding("territory.no_word", Severity.WARNING, params, layer=layer))
    return findings


def count_findings(units: pd.DataFrame) -> list[Finding]:
    """Name units with more households than people, and a layer without any household."""
    if not units["households"].sum():
        return [Finding("territory.nobody", Severity.ERROR, layer="units")]
    few = (units["population"] < units["households"]).to_numpy()
    if not few.any():
        return []
    ids = tuple(units["unit_id"].to_numpy()[few])
    return [Finding("territory.fewer_people", Severity.NOTE, {}, ids, "units")]


def gate_findings(gates: pd.DataFrame, units: pd.DataFrame) -> list[Finding]:
    """Name gates whose unit does not exist."""
    lost = ~gates["unit_id"].isin(units["unit_id"])
    if not lost.any():
        return []
    ids = tuple(sorted({"—" if v is None else str(v) for v in gates["unit_id"][lost]}))
    params = {"gates": int(lost.sum())}
    return [Finding("territory.gate_without_unit", Severity.WARNING, params, ids, "gates")]


def community_findings(units: pd.DataFrame, communities: pd.DataFrame | None) -> list[Finding]:
    """Hold today's communities of the units against the communities' layer, and both ways."""
    named = units["community_id"]
    findings = []
    if communities is not None:
        lost = sorted(set(named.dropna()) - set(communities["community_id"]))
        if lost:
            findings.append(
                Finding("territory.unknown_community", Severity.WARNING, {}, tuple(lost), "units")
            )
        empty = sorted(set(communities["community_id"]) - set(named.dropna()))
        if empty:
            code = "territory.community_without_units"
            findings.append(Finding(code, Severity.NOTE, {}, tuple(empty), "communities"))
    loose = (units["locked"] & named.isna()).to_numpy()
    if loose.any():
        ids = tuple(units["unit_id"].to_numpy()[loose])
        findings.append(Finding("territory.locked_nowhere", Severity.WARNING, {}, ids, "units"))
    return findings


def by_name(units: gpd.GeoDataFrame, communities: pd.DataFrame) -> tuple[pd.Series, int]:
    """Translate names of communities that units give in place of ids.

    Returns
    -------
    series of object
        ``community_id`` of each unit.
    int
        How many units were translated.
    """
    given = units["community_id"]
    names = communities["name"]
    once = names.notna() & ~names.duplicated(keep=False)
    lookup = dict(zip(names[once], communities["community_id"][once], strict=True))
    known = set(communities["community_id"])
    swap = (given.notna() & ~given.isin(known) & given.isin(lookup)).to_numpy()
    values = objects(given)
    values[swap] = [lookup[v] for v in values[swap]]
    return object_series(values, units.index), int(np.count_nonzero(swap))
