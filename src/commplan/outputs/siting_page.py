"""The data of a siting's page: units coloured by their walk, joined by the room that they go to."""

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from commplan.outputs.geometry import Packer, label_points
from commplan.outputs.page_data import number, text
from commplan.outputs.topic import legend_row
from commplan.plan.siting import SitingPlan, people_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

#: A third of the limit each, near to far; then nothing within it, something that serves others or
#: nobody, and nobody asked about.
BANDS = ("#2E7F8C", "#8CBFA8", "#E9D59A")
LEFT, PASSED, QUIET = "#C8553D", "#8A6BA1", "#EDEBE4"
COLOURS = (*BANDS, LEFT, PASSED)


def band_of(minutes: Floats, limit_min: float) -> NDArray[np.int64]:
    """Third of the limit that each walk falls into, 0 to 2; any for a walk that is not known."""
    known = np.nan_to_num(minutes, nan=0.0, posinf=limit_min)
    third = np.ceil(known * len(BANDS) / limit_min - 1e-9) - 1
    return np.asarray(np.clip(third, 0, len(BANDS) - 1), dtype=np.int64)


def walks_of(plan: SitingPlan, view: str) -> tuple[Ints, Floats]:
    """Room of each unit asked about in a view (-1 for none), and the minutes (nan for none).

    Today that is the nearest room that stands, in the plan (``"proposed"``) the one it goes to.
    """
    if view == "today":
        return plan.posed.today_of, plan.posed.today_min
    return plan.result.site_of, plan.units["minutes"].to_numpy(dtype=np.float64)


def colour_of(plan: SitingPlan, view: str) -> NDArray[np.int64]:
    """Position in `COLOURS` of each unit asked about."""
    site_of, minutes = walks_of(plan, view)
    without = np.where(_passed(plan, view), len(BANDS) + 1, len(BANDS))
    return np.where(site_of >= 0, band_of(minutes, plan.posed.options.limit_min), without)


def _passed(plan: SitingPlan, view: str) -> NDArray[np.bool_]:
    """Units that the plan gives no room although one, or a site for one, lies within the limit."""
    near = np.diff(plan.posed.problem.minutes.indptr) > 0
    return np.asarray((view != "today") & near & (plan.result.site_of < 0))


def legend_keys(plan: SitingPlan, view: str) -> list[tuple[str, str]]:
    """Colours of a view (``"today"`` or ``"proposed"``) and what they mean."""
    known = list(zip(COLOURS, _meanings(view), strict=True))
    return known if _passed(plan, view).any() else known[:-1]


def _meanings(view: str) -> tuple[str, ...]:
    """Return what each of `COLOURS` means in a view."""
    bands = tuple(f"legend_band_{band}" for band in range(len(BANDS)))
    return (*bands, "legend_left" if view == "today" else "legend_no_site", "legend_passed")


def limit_words(limit_min: float) -> dict[str, str]:
    """Minutes of the limit and of its thirds, as the legend says them."""
    near, middle = (f"{round(limit_min * part / len(BANDS), 1):g}" for part in (1, 2))
    return {"limit": f"{limit_min:g}", "near": near, "middle": middle}


def page_part(plan: SitingPlan, shapes: NDArray[Any], packer: Packer) -> dict[str, Any]:
    """Return the part of the page's data that a siting brings."""
    units, posed = plan.territory.units, plan.posed
    if units is None:
        raise ValueError("a territory without units")
    minutes = walks_of(plan, "proposed")[1]
    today, today_of = _areas(plan, "today", shapes, packer)
    proposed, now_of = _areas(plan, "proposed", shapes, packer)
    _add_facts(plan, proposed)
    walks: list[float | int | None] = [None] * len(units)
    for row, value in zip(posed.unit_rows.tolist(), minutes.tolist(), strict=True):
        walks[row] = number(value)
    return {
        "palette": list(COLOURS),
        "nobody": QUIET,
        "bounds": None,
        "still": True,
        "limit_min": posed.options.limit_min,
        "today": today,
        "proposed": proposed,
        "rooms": _rooms(plan, proposed, packer),
        "legend": {view: _legend(plan, legend_keys(plan, view)) for view in ("today", "proposed")},
        "units": {
            "id": units["unit_id"].astype(str).tolist(),
            "name": [text(name) for name in units["name"]] if "name" in units else [],
            "hh": [int(n) for n in units["households"]],
            "today": today_of,
            "now": now_of,
            "moved": [],
            "min": walks,
            "rings": packer.areas(shapes),
        },
    }


def _legend(plan: SitingPlan, keys: list[tuple[str, str]]) -> list[dict[str, Any]]:
    params = limit_words(plan.posed.options.limit_min)
    return [legend_row("siting", colour, key, **params) for colour, key in keys]


def _areas(
    plan: SitingPlan, view: str, shapes: NDArray[Any], packer: Packer
) -> tuple[list[dict[str, Any]], list[int]]:
    """Join units that go to the same room and are in the same third of the limit.

    Returns
    -------
    records : list of dict
        As the page's script reads communities.
    record_of : list of int, length of the territory's units
        -1 for a unit that is not asked about.
    """
    posed, site_of = plan.posed, walks_of(plan, view)[0]
    colours = colour_of(plan, view).tolist()
    keys = pd.Series(list(zip(site_of.tolist(), colours, strict=True)))
    codes, distinct = pd.factorize(keys, sort=True)
    record_of = np.full(len(shapes), -1, dtype=np.int64)
    record_of[posed.unit_rows] = codes
    joined = np.array(
        [shapely.union_all(shapes[record_of == at]) for at in range(len(distinct))], dtype=object
    )
    rings, points = packer.areas(joined), packer.points(label_points(joined))
    people = people_of(plan.territory, posed)
    records = []
    sites = [site for site, _ in distinct]
    legend = _legend(plan, list(zip(COLOURS, _meanings(view), strict=True)))
    for at, (site, colour) in enumerate(distinct):
        weight = posed.problem.weight[codes == at]
        records.append(
            {
                "id": f"{_site(plan, site)[0]}-{colour}",
                "name": _site(plan, site)[1],
                "words": {
                    language: {"sub": said} | ({"name": said} if site < 0 else {})
                    for language, said in legend[colour]["words"].items()
                },
                "units": len(weight),
                "hh": int(weight.sum()),
                "pop": number(people[codes == at].sum(), 0),
                "area": number(shapely.area(joined[at]), 0),
                "c": int(colour),
                # One name on the map for each room, in the ground nearest to it.
                "at": points[at] if site < 0 or at == sites.index(site) else None,
                "rings": rings[at],
                "site": int(site),
            }
        )
    return records, record_of.tolist()


def _site(plan: SitingPlan, site: int) -> tuple[str, str]:
    """Id and name of a site; a dash for none."""
    sites = plan.territory.sites
    if sites is None or site < 0:
        return "–", "–"
    row = sites.iloc[plan.posed.site_rows[site]]
    ident = str(row["site_id"])
    return ident, text(row.get("name")) or ident


def _add_facts(plan: SitingPlan, records: list[dict[str, Any]]) -> None:
    """Add what is known of the whole room to each area that goes to it."""
    rows = plan.sites.to_dict("records")
    table: dict[str, dict[str, Any]] = {str(row["site_id"]): dict(row) for row in rows}  # type: ignore[arg-type]
    for record in records:
        row = table.get(_site(plan, record["site"])[0])
        if row is None:
            continue
        facts: list[list[Any]] = [["fact_site", row["households"]]]
        if row["extend_m2"] > 0:
            facts.append(["fact_extend", number(row["extend_m2"], 0)])
        if row["cost_yuan"]:
            facts.append(["fact_cost", number(row["cost_yuan"], 0)])
        if not pd.isna(row["year"]):
            facts.append(["fact_year", str(row["year"])])
        lacks = row["need_m2"] - row["floor_m2"]
        short = None if pd.isna(lacks) else number(max(0.0, lacks), 0)
        record |= {
            "need": number(row["need_m2"], 0),
            "floor": number(row["floor_m2"], 0),
            "short": short,
            "facts": facts,
        }


def _rooms(plan: SitingPlan, records: list[dict[str, Any]], packer: Packer) -> list[dict[str, Any]]:
    """List open rooms, once for each area that goes to them: the page looks rooms up by area."""
    sites = plan.territory.sites
    if sites is None:
        raise ValueError("a territory without sites")
    areas: dict[int, list[int | None]] = {}
    for at, record in enumerate(records):
        areas.setdefault(record["site"], []).append(at)
    opened = np.flatnonzero(plan.result.is_open)
    layer = sites.iloc[plan.posed.site_rows[opened]]
    points = packer.points(shapely.centroid(layer.geometry.to_numpy()))
    table = plan.sites.set_index("site_id")
    found = []
    for site, row, point in zip(
        opened.tolist(), layer.itertuples(index=False), points, strict=True
    ):
        known = table.loc[str(row.site_id)]
        found += [
            {
                "of": of,
                "site": str(row.site_id),
                "name": _site(plan, site)[1],
                "action": str(known["action"]),
                "way": text(getattr(row, "way", "")),
                "floor": number(known["floor_m2"], 0),
                "need": number(known["need_m2"], 0),
                "cost": number(known["cost_yuan"], 0),
                "at": point,
            }
            for of in areas.get(site, [None])
        ]
    return found
