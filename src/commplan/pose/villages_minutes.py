"""Minutes between the seats of villages: along the streets, or straight where there are none."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commplan.findings import Finding, Severity
from commplan.graph.walking import WalkNetwork
from commplan.graph.walking_minutes import walk_minutes
from commplan.graph.walking_threads import Progress
from commplan.pose.villages_neighbours import HOUSE, Neighbours

Floats = NDArray[np.float64]
#: Ways are looked for up to so many minutes on foot, or as far as the limit asks.
FARTHEST_MIN = 240.0


@dataclass(frozen=True)
class Pace:
    """How fast people go, and how far at most.

    Parameters
    ----------
    km_per_h : float
        Ways are those of people on foot; a faster speed shortens their time alike.
    max_minutes : float or None
    """

    km_per_h: float
    max_minutes: float | None = None


def seat_minutes(
    network: WalkNetwork,
    xy_m: Floats,
    near: Neighbours,
    pace: Pace,
    progress: Progress | None = None,
) -> tuple[Floats, list[Finding]]:
    """Find the minutes between all seats.

    Where the streets know no way, the straight line counts if minutes are not limited; if they
    are, there is none.

    Parameters
    ----------
    network : WalkNetwork
    xy_m : float64 array, shape (n, 2)
    near : Neighbours
        Between how many of them there is no way is said.
    pace : Pace
    progress : callable, optional
        Told from how many seats the ways are found, of how many.

    Returns
    -------
    minutes : float64 array, shape (n, n)
        From row to column; infinite without a way.
    findings : list of Finding
    """
    options = network.options
    slower = options.speed_m_per_min * 60.0 / 1000.0 / pace.km_per_h
    apart_m = np.hypot(*(xy_m[:, None, :] - xy_m[None, :, :]).transpose(2, 0, 1))
    straight = apart_m * (options.detour / options.speed_m_per_min)
    if network.is_fallback:
        params: dict[str, object] = {"detour": options.detour, "km_per_h": f"{pace.km_per_h:g}"}
        code = "villages.straight_lines"
        said = Finding(code, Severity.NOTE, params, layer="villages", clause=HOUSE)
        return straight * slower, [said]
    farthest = max(FARTHEST_MIN, (pace.max_minutes or 0.0) / slower)
    found = walk_minutes(network, xy_m, xy_m, farthest, progress).tocoo()
    minutes = np.full(straight.shape, np.inf)
    minutes[found.coords] = found.data
    np.fill_diagonal(minutes, 0.0)
    missing = int(np.isinf(minutes[near.tail, near.head]).sum())
    limited = pace.max_minutes is not None
    if not limited:
        minutes = np.where(np.isinf(minutes), straight, minutes)
    if not missing:
        return minutes * slower, []
    code = "villages.no_way_limited" if limited else "villages.no_way"
    return minutes * slower, [Finding(code, Severity.NOTE, {"pairs": missing}, layer="villages")]
