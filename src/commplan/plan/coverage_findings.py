"""What has to be said about places outside every community, and the villages with many outsiders."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd
import shapely

from commplan.findings import Finding, Severity
from commplan.plan.coverage import CoveragePlan
from commplan.plan.naming import HAN
from commplan.policy.profile import Profile
from commplan.problem.coverage import CoverageProblem
from commplan.problem.result import Status
from commplan.territory.territory import Territory

COVER, PLATFORM = "cover.everyone", "platform.floating"
#: Kind of community -> the rule that wants it converted.
CONVERT = {"residential_area": "convert.jumin_qu", "village": "convert.village"}
PLATFORM_COLUMNS = [
    "place_id", "layer", "name", "above", "people", "outsiders", "away_m", "listed",
]  # fmt: skip


def coverage_findings(
    coverage: CoveragePlan,
    problem: CoverageProblem,
    nearest: Sequence[tuple[str, float]],
    profile: Profile,
) -> list[Finding]:
    """Say of every place what is proposed, or why nothing is.

    Parameters
    ----------
    coverage : CoveragePlan
    problem : CoverageProblem
    nearest : sequence of (str, float)
        Per place the name of the nearest community, and how many metres off.
    profile : Profile
    """
    found = [*_proposed(coverage, profile), *_staying(coverage, problem, nearest, profile)]
    found += _left(coverage, profile)
    if coverage.result.status is not Status.OPTIMAL:
        gap: dict[str, object] = {"gap": f"{100 * coverage.result.gap:.1f}"}
        found.append(Finding("coverage.not_proven", Severity.NOTE, gap))
    return found


def _joined(names: Iterable[str]) -> str:
    """Write names after each other, with the comma of the language in which they are written."""
    listed = list(names)
    return ("、" if any(HAN.search(name) for name in listed) else ", ").join(listed)


def _clause(profile: Profile, layer: str, kind: str) -> str | None:
    return profile.clause(CONVERT.get(kind, COVER) if layer == "communities" else COVER)


def _proposed(coverage: CoveragePlan, profile: Profile) -> Iterator[Finding]:
    """One finding for each set of places that do the same."""
    moved = coverage.places[coverage.places["what"] != "stays"]
    for _, held in moved.groupby("proposal", sort=True):
        first = held.iloc[0]
        whats = set(held["what"])
        what = "joins" if "joins" in whats else "becomes" if "becomes" in whats else "makes"
        params: dict[str, object] = {
            "names": _joined(held["name"]),
            "places": len(held),
            "households": int(held["households"].sum()),
            "community": first["community_name"],
            "after": int(first["households_after"]),
        }
        ids = tuple(held["place_id"].astype(str))
        clause = _clause(profile, first["layer"], first["kind"])
        yield Finding(f"coverage.{what}", Severity.NOTE, params, ids, first["layer"], None, clause)


def _staying(
    coverage: CoveragePlan,
    problem: CoverageProblem,
    nearest: Sequence[tuple[str, float]],
    profile: Profile,
) -> Iterator[Finding]:
    """Places for which nothing can be proposed, each with its reason."""
    for number, reason in sorted(coverage.result.reasons.items()):
        place = coverage.places.iloc[number]
        community, away_m = nearest[number]
        params: dict[str, object] = {
            "name": place["name"],
            "households": int(place["households"]),
            "min": problem.min_households,
            "max": problem.max_households,
            "community": community or "–",
            "km": f"{away_m / 1000:.1f}" if np.isfinite(away_m) else "–",
        }
        clause = _clause(profile, place["layer"], place["kind"])
        ids = (str(place["place_id"]),)
        yield Finding(reason, Severity.WARNING, params, ids, place["layer"], None, clause)


def _left(coverage: CoveragePlan, profile: Profile) -> Iterator[Finding]:
    """Tell of residential areas and villages that stay what they are, with the profile's date."""
    places = coverage.places
    ours = (places["layer"] == "communities") | (places["kind"] == "residential_area")
    staying = places[ours & (places["what"] == "stays")]
    for kind, held in staying.groupby("kind", sort=True):
        rule = profile.get(CONVERT[str(kind)])
        deadline = None if rule is None else rule.deadline
        params: dict[str, object] = {"names": _joined(held["name"])}
        if deadline is not None:
            params["deadline"] = deadline.isoformat()
        code = "coverage.left_dated" if deadline is not None else "coverage.left"
        ids = tuple(held["place_id"].astype(str))
        clause = None if rule is None else str(rule.clause)
        yield Finding(code, Severity.WARNING, params, ids, "communities", None, clause)


def platform_table(territory: Territory, least: int, suburb_m: float) -> pd.DataFrame:
    """List villages with so many outsiders or more: each needs its platform (和谐促进会).

    Villages in the city are units of kind ``urban_village``. A village counts as suburban where it
    lies at most ``suburb_m`` from a populated unit; whether one farther out lies beside a town, the
    data do not say.

    Returns
    -------
    DataFrame
        ``place_id``, ``layer``, ``name``, ``above`` (township or subdistrict), ``people``,
        ``outsiders``, ``away_m``, ``listed`` (``city``, ``suburb`` or ``far``); most outsiders
        first.
    """
    table = pd.DataFrame(
        [*_in_city(territory, least), *_around(territory, least, suburb_m)],
        columns=PLATFORM_COLUMNS,
    )
    for column in ("people", "outsiders"):
        table[column] = table[column].astype("Float64").round().astype("Int64")
    order = ["outsiders", "place_id"]
    return table.sort_values(order, ascending=[False, True], ignore_index=True)


def _in_city(territory: Territory, least: int) -> Iterator[tuple[object, ...]]:
    """Villages in the city with many outsiders, from the units."""
    units = territory.units
    if units is None:
        return
    many = (units["kind"] == "urban_village") & (units["floating_population"] >= least)
    for _, row in units[many].iterrows():
        key = str(row["unit_id"])
        figures = (row["population"], row["floating_population"], 0.0, "city")
        yield key, "units", row["name"] or key, row["subdistrict_id"], *figures


def _around(territory: Territory, least: int, suburb_m: float) -> Iterator[tuple[object, ...]]:
    """Villages around the town with many outsiders."""
    units, villages = territory.units, territory.villages
    if villages is None or "floating_population" not in villages:
        return
    populated = np.empty(0, dtype=object)
    if units is not None:
        populated = np.asarray(units.geometry.array, dtype=object)[units["households"] > 0]
    tree = shapely.STRtree(populated)
    for _, row in villages[villages["floating_population"] >= least].iterrows():
        near = tree.query_nearest(row.geometry, return_distance=True)[1]
        away_m = float(near[0]) if len(near) else np.inf
        key = str(row["village_id"])
        listed = "suburb" if away_m <= suburb_m else "far"
        figures = (row["population"], row["floating_population"], round(away_m, 1), listed)
        yield key, "villages", row["name"] or key, row["township_id"], *figures


def platform_findings(
    territory: Territory, platforms: pd.DataFrame, profile: Profile, least: int
) -> list[Finding]:
    """Say which villages need their platform, and of how many nothing is known."""
    clause = profile.clause(PLATFORM)
    found = []
    for code, listed, severity in (
        ("coverage.platforms", ("city", "suburb"), Severity.WARNING),
        ("coverage.platforms_far", ("far",), Severity.NOTE),
    ):
        ids = tuple(platforms.loc[platforms["listed"].isin(listed), "place_id"])
        params: dict[str, object] = {"least": least}
        if ids:
            found.append(Finding(code, severity, params, ids, clause=clause))
    villages = territory.villages
    if villages is not None:
        given = villages.get("floating_population", pd.Series(np.nan, index=villages.index))
        silent = tuple(villages["village_id"].astype(str)[given.isna()])
        if silent:
            code = "coverage.platforms_unknown"
            found.append(Finding(code, Severity.NOTE, {}, silent, "villages", clause=clause))
    return found
