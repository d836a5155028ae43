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
from commplan.texts import LANGUAGES, load_texts

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

#: A third of the limit each, near to far; then no room within it, and nobody asked about.
BANDS = ("#2E7F8C", "#8CBFA8", "#E9D59A")
LEFT, QUIET = "#C8553D", "#EDEBE4"


def band_of(minutes: Floats, limit_min: float) -> NDArray[np.int64]:
    """Third of the limit that each walk falls into, 0 to 2; any for a walk that is not known."""
    known = np.nan_to_num(minutes, nan=0.0, posinf=limit_min)
    third = np.ceil(known * len(BANDS) / limit_min - 1e-9) - 1
    return np.asarray(np.clip(third, 0, len(BANDS) - 1), dtype=np.int64)


def today_sites(plan: SitingPlan) -> tuple[Ints, Floats]:
    """Nearest room that stands, of each unit asked about, and the minutes; -1 and nan beyond."""
    return plan.posed.today_of, plan.posed.today_min


def page_part(plan: SitingPlan, shapes: NDArray[Any], packer: Packer) -> dict[str, Any]:
    """Return the part of the page's data that a siting brings."""
    units, posed = plan.territory.units, plan.posed
    if units is None:
        raise ValueError("a territory without units")
    site_today, min_today = today_sites(plan)
    minutes = plan.units["minutes"].to_numpy(dtype=np.float64)
    today, today_of = _areas(plan, (site_today, min_today), shapes, packer)
    proposed, now_of = _areas(plan, (plan.result.site_of, minutes), shapes, packer)
    _add_facts(plan, proposed)
    walks: list[float | int | None] = [None] * len(units)
    for row, value in zip(posed.unit_rows.tolist(), minutes.tolist(), strict=True):
        walks[row] = number(value)
    bands = [legend_row_of(plan, band) for band in range(len(BANDS))]
    legend = [*bands, legend_row("siting", LEFT, "legend_left")]
    return {
        "palette": [*BANDS, LEFT],
        "nobody": QUIET,
        "bounds": None,
        "limit_min": posed.options.limit_min,
        "today": today,
        "proposed": proposed,
        "rooms": _rooms(plan, proposed, packer),
        "legend": {"today": legend, "proposed": legend},
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


def legend_row_of(plan: SitingPlan, band: int) -> dict[str, Any]:
    """Say what the colour of a third of the limit means."""
    limit = plan.posed.options.limit_min
    params = {"limit": f"{limit:g}", "near": f"{limit / 3:g}", "middle": f"{limit * 2 / 3:g}"}
    key = f"siting.legend_band_{band}"
    words = {language: load_texts(language)(key, **params) for language in LANGUAGES}
    return {"colour": BANDS[band], "words": words}


def _areas(
    plan: SitingPlan, walk: tuple[Ints, Floats], shapes: NDArray[Any], packer: Packer
) -> tuple[list[dict[str, Any]], list[int]]:
    """Join units that go to the same room and are in the same third of the limit.

    Returns
    -------
    records : list of dict
        As the page's script reads communities.
    record_of : list of int, length of the territory's units
        -1 for a unit that is not asked about.
    """
    (site_of, minutes), posed = walk, plan.posed
    band = np.where(site_of >= 0, band_of(minutes, posed.options.limit_min), len(BANDS))
    keys = pd.Series(list(zip(site_of.tolist(), band.tolist(), strict=True)))
    codes, distinct = pd.factorize(keys, sort=True)
    record_of = np.full(len(shapes), -1, dtype=np.int64)
    record_of[posed.unit_rows] = codes
    joined = np.array(
        [shapely.union_all(shapes[record_of == at]) for at in range(len(distinct))], dtype=object
    )
    rings, points = packer.areas(joined), packer.points(label_points(joined))
    people = people_of(plan.territory, posed)
    records = []
    for at, (site, third) in enumerate(distinct):
        weight = posed.problem.weight[codes == at]
        records.append(
            {
                "id": f"{_site(plan, site)[0]}-{third}",
                "name": _site(plan, site)[1],
                "sub": _band_words(third, posed.options.limit_min),
                "units": len(weight),
                "hh": int(weight.sum()),
                "pop": number(people[codes == at].sum(), 0),
                "area": number(shapely.area(joined[at]), 0),
                "c": int(third),
                "at": points[at],
                "rings": rings[at],
                "site": int(site),
            }
        )
    return records, record_of.tolist()


def _band_words(third: int, limit_min: float) -> str:
    if third == len(BANDS):
        return f"> {limit_min:g} min"
    return f"{limit_min * third / len(BANDS):g}–{limit_min * (third + 1) / len(BANDS):g} min"


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
