"""What has to be said about a walking network: what it leaves out, and whom it does not serve."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.findings import Finding, Severity
from commplan.graph.walking_places import gate_points
from commplan.graph.walking_ways import left_out_km

if TYPE_CHECKING:
    import geopandas as gpd

    from commplan.graph.walking import WalkNetwork
    from commplan.territory.territory import Territory

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

HOUSE = "house choice"


def street_finding(code: str, severity: Severity = Severity.WARNING, **params: object) -> Finding:
    """Make a finding about the streets layer."""
    return Finding(code, severity, params, layer="streets", clause=HOUSE)


def closed_ways(streets: "gpd.GeoDataFrame", usable: Mask) -> Iterator[Finding]:
    """Say which ways are not for walking, where tags tell."""
    if usable.all() or "highway" not in streets or streets["highway"].isna().all():
        return
    closed_km = float(streets.geometry.length[~usable].sum()) / 1000
    yield street_finding(
        "walking.closed_ways",
        Severity.NOTE,
        ways=int((~usable).sum()),
        km=round(closed_km, 1),
        kinds=left_out_km(streets, usable),
    )


def piece_findings(length_m: Floats, kept: Mask) -> Iterator[Finding]:
    """Say what is cut off, and that what stays falls apart.

    Parameters
    ----------
    length_m : float64 array, shape (pieces,)
    kept : bool array, shape (pieces,)
    """
    if not kept.all():
        lost_m = float(length_m[~kept].sum())
        yield street_finding(
            "walking.pieces",
            Severity.NOTE,
            pieces=int((~kept).sum()),
            km=round(lost_m / 1000, 1),
            share=round(100 * lost_m / float(length_m.sum()), 1),
        )
    if kept.sum() > 1:
        km = sorted((round(float(m) / 1000, 1) for m in length_m[kept]), reverse=True)
        yield street_finding("walking.apart", pieces=len(km), km=", ".join(map(str, km)))


def unit_findings(
    territory: "Territory", network: "WalkNetwork", lost_xy: Floats
) -> Iterator[Finding]:
    """Name the units that the network serves badly, with their households.

    Parameters
    ----------
    territory : Territory
    network : WalkNetwork
    lost_xy : float64 array, shape (s, 2, 2)
        Segments of the pieces that were left out.
    """
    options, units = network.options, network.units
    how: dict[str, Any] = {"detour": options.detour, "speed": options.speed_m_per_min}
    if network.is_fallback:
        if territory.streets is None:
            yield street_finding("walking.no_streets", Severity.NOTE, **how)
        else:  # somebody gave streets and believes that walks follow them
            yield street_finding("walking.no_usable_street", Severity.WARNING, **how)
        return
    if territory.units is None or not units.n:
        return
    snap: dict[str, Any] = {"snap_m": options.snap_m}
    yield from _about(territory, "walking.off_network", ~units.on_network, how | snap)
    yield from _about(
        territory, "walking.cut_off_units", _at_lost(territory, network, lost_xy), snap
    )
    yield from _about(territory, "walking.apart_units", _off_main_piece(network), {})


def _about(
    territory: "Territory", code: str, which: Mask, params: dict[str, object]
) -> Iterator[Finding]:
    """Name some units, if there are any."""
    units = territory.units
    if units is None or not which.any():
        return
    counted = {
        "units": int(which.sum()),
        "of": len(which),
        "households": int(units["households"].to_numpy()[which].sum()),
    }
    ids = tuple(units["unit_id"].to_numpy()[which].tolist())
    yield Finding(code, Severity.WARNING, params | counted, ids, "units", clause=HOUSE)


def _off_main_piece(network: "WalkNetwork") -> Mask:
    """Find the units that join the network, but not its largest piece."""
    graph, units = network.graph, network.units
    of_edge = network.component[graph.tail]
    length_m = np.bincount(of_edge[graph.segment_edge], weights=graph.segment_m)
    main = of_edge[units.edge] == int(length_m.argmax())
    joined = np.bincount(units.owner[main], minlength=units.n) > 0
    return units.on_network & ~joined


def _at_lost(territory: "Territory", network: "WalkNetwork", lost_xy: Floats) -> Mask:
    """Find the units whose nearest street, or that of a gate, is in a piece that was left out."""
    n = network.units.n
    if territory.units is None or not len(lost_xy):
        return np.zeros(n, dtype=bool)
    gate_xy, gate_owner = gate_points(territory.units["unit_id"], territory.gates)
    gated = np.bincount(gate_owner, minlength=n) > 0
    owner = np.concatenate([np.flatnonzero(~gated), gate_owner])
    xy = np.concatenate([network.units.xy[~gated], gate_xy])
    points = np.asarray(shapely.points(xy), dtype=object)
    lost = shapely.STRtree(np.asarray(shapely.linestrings(lost_xy), dtype=object))
    far_m = network.options.snap_m
    nearer = _nearest_m(lost, points, far_m) < _nearest_m(network.tree, points, far_m)
    return np.asarray(np.bincount(owner[nearer], minlength=n) > 0)


def _nearest_m(tree: shapely.STRtree, points: NDArray[np.object_], far_m: float) -> Floats:
    """Distance of each point to what is nearest in the tree, inf beyond ``far_m``."""
    nearest = np.full(len(points), np.inf)
    (who, _), gap = tree.query_nearest(
        points, max_distance=far_m, return_distance=True, all_matches=False
    )
    nearest[who] = gap
    return nearest
