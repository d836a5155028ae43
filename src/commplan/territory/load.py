"""From files to a checked `Territory`: read all, mend what can be mended, say what was seen."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from commplan.errors import Fault, InputError
from commplan.findings import Finding, Severity
from commplan.territory import check, links
from commplan.territory.crs import choose_crs, crs_name, fits, is_metric, parse_crs, total_bounds
from commplan.territory.files import fault_at
from commplan.territory.nearby import near_box
from commplan.territory.place import place_layers
from commplan.territory.read import ReadLayer, read_layer
from commplan.territory.schema import LAYERS, LayerSource
from commplan.territory.territory import Territory
from commplan.territory.today import todays_communities
from commplan.texts import input_error

Report = Callable[[str], None]
Sources = Mapping[str, LayerSource | Sequence[LayerSource]]

_POINTS = (("sites", "site_id"), ("gates", None), ("amenities", None))


def load_territory(
    sources: Sources, crs: str | None, gap_m: float = 60.0, report: Report | None = None
) -> Territory:
    """Read the layers of a scenario and check them.

    Parameters
    ----------
    sources : mapping
        Layer name (a key of ``schema.LAYERS``) -> where it comes from; several sources are
        read as one layer.
    crs : str or None
        Metric CRS to work in; None for the one that fits the units (`crs.choose_crs`).
    gap_m : float
        Gaps between units up to this width are closed.
    report : callable, optional
        Called with a key of ``texts`` as each stage begins.

    Returns
    -------
    Territory
        With a finding for everything that somebody should know.

    Raises
    ------
    InputError
        With every fault of every layer. MissingFileError where files are all that is missing.
    """
    tell = report or _silent
    tell("territory.stage_read")
    layers = _read_all(sources)
    target = _working_crs(layers, crs)
    tell("territory.stage_check")
    placed = place_layers(layers, target)
    frames = {name: layer.frame for name, layer in placed.items()}
    findings = [Finding("territory.crs", Severity.NOTE, {"crs": crs_name(target)})]
    findings += [f for parts in layers.values() for layer in parts for f in layer.findings]
    findings += [f for layer in placed.values() for f in layer.findings]
    findings += _place_findings(frames) + links.word_findings(frames)
    named: dict[str, Any] = {**frames}
    territory = Territory(crs=target, **named)
    if territory.units is not None:
        tell("territory.stage_blocks")
        territory, more = _with_units(territory, territory.units, gap_m)
        findings += more
    return territory.replace(findings=tuple(findings))


def _silent(key: str) -> None:
    """Tell nobody."""


def _read_all(sources: Sources) -> dict[str, list[ReadLayer]]:
    """Read every layer, in the schema's order, before any fault is raised."""
    faults: list[Fault] = []
    layers: dict[str, list[ReadLayer]] = {}
    for name in [*LAYERS, *(n for n in sources if n not in LAYERS)]:
        given = sources.get(name, ())
        for source in (given,) if isinstance(given, LayerSource) else given:
            if name not in LAYERS:
                known = ", ".join(LAYERS)
                faults.append(fault_at(source, "territory.unknown_layer", known=known))
                continue
            study = [*layers.get("units", ()), *layers.get("villages", ())]
            try:
                layer = read_layer(source, near_box(study) if name == "streets" else None)
            except InputError as error:
                faults += error.faults
            else:
                faults += layer.faults
                layers.setdefault(name, []).append(layer)
    if not sources.get("units") and not sources.get("villages"):
        faults.append(Fault("territory.nothing_to_plan"))
    if faults:
        raise input_error(faults)
    return layers


def _working_crs(layers: Mapping[str, Sequence[ReadLayer]], crs: str | None) -> pyproj.CRS:
    """Take the scenario's CRS, else the one that fits the units, else the villages."""
    leaders = layers["units"] if "units" in layers else layers["villages"]
    leader = next((part for part in leaders if part.crs is not None), leaders[0])
    shapes = np.empty(0) if leader.shapes is None else leader.shapes
    bounds = total_bounds(shapely.bounds(shapes)) if len(shapes) else None
    if leader.crs is None or bounds is None:
        raise input_error([fault_at(leader.source, "territory.no_places")])
    if crs is None:
        return choose_crs(leader.crs, bounds)
    chosen = parse_crs(crs)
    if chosen is None:
        raise input_error([Fault("territory.bad_crs", {"crs": crs}, field_name="crs")])
    if not is_metric(chosen) or not fits(chosen, leader.crs, bounds):
        code = f"territory.crs_{'elsewhere' if is_metric(chosen) else 'not_metric'}"
        raise input_error([Fault(code, {"crs": crs_name(chosen)}, field_name="crs")])
    return chosen


def _place_findings(frames: Mapping[str, gpd.GeoDataFrame]) -> list[Finding]:
    findings = check.apart_findings(frames)
    for name in ("units", "villages"):
        if name in frames:
            id_column = LAYERS[name].sort_by or ""
            dimensions = shapely.get_dimensions(np.asarray(frames[name].geometry.array))
            areal = frames[name][dimensions == 2]
            findings += check.overlap_findings(areal, name, id_column)
            findings += check.tiny_findings(areal, name, id_column)
    if "units" in frames and "villages" in frames:
        findings += check.village_findings(frames["villages"], frames["units"])
    return findings


def _with_units(
    territory: Territory, units: gpd.GeoDataFrame, gap_m: float
) -> tuple[Territory, Sequence[Finding]]:
    """Settle today's communities, close the gaps, and check what refers to units."""
    from commplan.territory.blocks import close_gaps

    todays, findings = todays_communities(units, territory.communities)
    units = units.assign(community_id=todays)
    blocks, closed = close_gaps(units, territory.barriers, gap_m=gap_m)
    findings += closed
    findings += links.count_findings(units)
    findings += links.community_findings(units, territory.communities)
    if territory.gates is not None:
        findings += links.gate_findings(territory.gates, units)
    for name, id_column in _POINTS:
        points = getattr(territory, name)
        if points is not None and len(points):
            findings += check.outside_findings(points, blocks, name, id_column)
    return territory.replace(units=units, blocks=blocks), findings
