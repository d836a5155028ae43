"""What has to be said about living circles: kinds nobody reaches, kinds without data."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from commplan.findings import Finding, Severity

EPSILON = 1e-9


def circle_findings(
    shares: pd.DataFrame,
    household_share: Mapping[str, float],
    absent: tuple[str, ...],
    limit_min: float,
    clause: str | None,
) -> tuple[Finding, ...]:
    """Name the communities that lack a kind, one finding per kind, and the kinds without data.

    Parameters
    ----------
    shares : DataFrame
        ``community_id`` and a column per kind, as in `Circles`.
    household_share : mapping of str to float
    absent : tuple of str
        Kinds that the amenities layer does not hold.
    limit_min : float
    clause : str or None

    Returns
    -------
    tuple of Finding
    """
    return (
        *_lacking(shares, household_share, limit_min, clause),
        *(
            Finding(
                "circles.needs_data",
                Severity.NOTE,
                {"kind": kind},
                layer="amenities",
                clause=clause,
            )
            for kind in absent
        ),
    )


def _lacking(
    shares: pd.DataFrame, household_share: Mapping[str, float], limit_min: float, clause: str | None
) -> Iterator[Finding]:
    ids = shares["community_id"].to_numpy(dtype=object)
    for kind, overall in household_share.items():
        share = shares[kind].to_numpy(dtype=np.float64)
        nobody, some = share <= EPSILON, (share > EPSILON) & (share < 1 - EPSILON)  # NaN is neither
        params: dict[str, object] = {
            "kind": kind,
            "minutes": limit_min,
            "percent": round(100 * overall, 1),
        }
        if nobody.any():
            yield Finding(
                "circles.lacking",
                Severity.WARNING,
                {**params, "communities": int(nobody.sum()), "partly": int(some.sum())},
                tuple(ids[nobody].tolist()),
                "communities",
                clause=clause,
            )
        elif some.any():
            yield Finding(
                "circles.partly",
                Severity.NOTE,
                {**params, "communities": int(some.sum())},
                tuple(ids[some].tolist()),
                "communities",
                clause=clause,
            )
