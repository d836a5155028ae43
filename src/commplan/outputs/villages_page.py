"""hearing.html of a merging of villages: the page of a plan, with villages for units.

The page counts one figure for every area. Here it is people, so that what the page calls ``hh``
(households in a plan of communities) holds people, and ``pop`` holds households; its words are
replaced to match (keys ``villages.page_*``).
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from commplan.outputs.colours import PALETTE, colour_neighbours
from commplan.outputs.geometry import (
    Packer,
    label_points,
    make_packer,
    near_pairs,
    simplify_areas,
)
from commplan.outputs.hearing_map import add_words, common_document, write_page
from commplan.outputs.page_data import NEAR_M, number, text
from commplan.outputs.villages_tables import VillageReport, figure_name, key_figures
from commplan.outputs.words import PAGE_WORDS, PLACEHOLDERS
from commplan.plan.villages import VillagePlan
from commplan.texts import Texts, load_texts

#: After the palette of the groups: villages that stay, small ones that stay, first and second.
STAYS, LEFT, FIRST, SMALL = "#E9E7E1", "#C9A2A2", "#C8553D", "#EDAE67"
COLOURS = (*PALETTE, STAYS, LEFT, FIRST, SMALL)
#: A village given as a point is drawn as a disc of this radius, its group as a star to the seat.
POINT_M, RAY_M = 220.0, 60.0
FACTS = ("seat", "stage", "year", "longest_min")
MEASURES = {
    "small": "communities_in_bounds",
    "villages": "communities",
    "renamed_people": "moved_households",
    "renamed_share": "moved_share",
}


def write_village_page(path: Path, report: VillageReport) -> None:
    """Write the page.

    Raises
    ------
    MissingAssetError
        Where set-up has not fetched Leaflet.
    """
    plan = report.plan
    shapes = village_shapes(plan)
    packer = make_packer(plan.territory.crs, shapes)
    info = replace(report.info, findings=tuple(report.findings))
    document = common_document(plan.territory, packer, report.profile, info)
    document |= village_document(plan, shapes, packer)
    add_words(document, tuple(report.findings), info)
    for language in info.languages:
        texts = load_texts(language)
        document["words"][language] |= _words(plan, texts)
        document["names"][language]["measure"] = _measure_names(plan, texts)
    write_page(path, document, info)


def village_document(plan: VillagePlan, shapes: NDArray[Any], packer: Packer) -> dict[str, Any]:
    """Return the part of the page's data that a merging brings."""
    rings = packer.areas(shapes)
    today = _today(plan, shapes, rings, packer)
    proposed, now = _proposed(plan, shapes, (today, rings), packer)
    renamed = plan.villages["renamed"].to_numpy(dtype=bool)
    reasons = {
        str(plan.villages["village_id"].iloc[row]): {
            language: finding.words(load_texts(language)) for language in ("zh-CN", "en")
        }
        for row, finding in plan.left.items()
    }
    return {
        "palette": list(COLOURS),
        "villages": [],
        "today": today,
        "proposed": proposed,
        "exceptions": reasons,
        "legend": legend(plan),
        "measures": _measures(plan),
        "units": {
            "id": plan.villages["village_id"].astype(str).tolist(),
            "name": plan.villages["village_name"].astype(str).tolist(),
            "hh": plan.villages["people"].astype(int).tolist(),
            "today": list(range(len(plan.villages))),
            "now": now,
            "moved": np.flatnonzero(renamed).tolist(),
            "rings": rings,
        },
    }


def village_shapes(plan: VillagePlan) -> NDArray[Any]:
    """Areas to draw: the villages' own, simplified together; discs where they are points."""
    layer = plan.territory.villages
    given = np.asarray(None if layer is None else layer.geometry.array, dtype=object)
    areal = shapely.get_dimensions(given) == 2
    if areal.all():
        return simplify_areas(given)
    return np.where(areal, given, shapely.buffer(shapely.centroid(given), POINT_M, quad_segs=6))


def group_shapes(plan: VillagePlan, shapes: NDArray[Any]) -> list[Any]:
    """Area of each group; of points, a star from its seat to its villages."""
    ids = plan.villages["village_id"].astype(str).tolist()
    found = []
    for row, seat in enumerate(plan.groups["seat_village_id"].astype(str)):
        parts = list(shapes[plan.group_of == row])
        union = shapely.union_all(parts)
        layer = plan.territory.villages
        if layer is not None and not (layer.geometry.area > 0).all():
            middle = shapely.centroid(shapes[ids.index(seat)])
            rays = [shapely.shortest_line(middle, shapely.centroid(part)) for part in parts]
            union = shapely.union_all([union, *shapely.buffer(rays, RAY_M, quad_segs=2)])
        found.append(union)
    return found


def today_colours(plan: VillagePlan) -> NDArray[np.int32]:
    """Colour of each village today: at or under the first limit, the general one, or above."""
    people = plan.villages["people"].to_numpy()
    small = np.where(people <= plan.first_people, FIRST, SMALL)
    colour = np.where(people > plan.small_people, STAYS, small)
    return np.array([COLOURS.index(c) for c in colour.tolist()], dtype=np.int32)


def group_colours(shapes: Sequence[Any]) -> NDArray[np.int32]:
    """Colours of the groups, so that neighbours differ."""
    return colour_neighbours(len(shapes), near_pairs(shapes, NEAR_M))


def legend(plan: VillagePlan) -> dict[str, list[dict[str, Any]]]:
    """Say what the colours of each view mean."""

    def row(key: str, colour: str) -> dict[str, Any]:
        limits = {"small": plan.small_people, "first": plan.first_people}
        words = {k: load_texts(k)(f"villages.legend_{key}", **limits) for k in ("zh-CN", "en")}
        return {"colour": colour, "words": words}

    today = [row("first", FIRST), row("small", SMALL), row("large", STAYS)]
    if plan.first_people >= plan.small_people:
        today.pop(1)
    proposed = [row("group", PALETTE[0]), row("stays", STAYS)]
    return {"today": today, "proposed": [*proposed, row("left", LEFT)] if plan.left else proposed}


def _today(
    plan: VillagePlan, shapes: NDArray[Any], rings: list[Any], packer: Packer
) -> list[dict[str, Any]]:
    at = packer.points(label_points(shapes))
    colours = today_colours(plan).tolist()
    layer = plan.territory.villages
    area = np.asarray(None if layer is None else layer.geometry.area)
    rows = plan.villages.itertuples(index=False)
    return [
        {
            "id": text(row.village_id),
            "name": text(row.village_name),
            "sub": text(row.township_id),
            "units": 1,
            "hh": number(row.people),
            "pop": number(row.households),
            "area": number(area[i], 0) if area[i] > 0 else None,
            "c": colours[i],
            "at": at[i],
            "rings": rings[i],
            "ok": -1 if row.people <= plan.small_people else 0,  # type: ignore[operator, arg-type]
        }
        for i, row in enumerate(rows)
    ]


def _proposed(
    plan: VillagePlan,
    shapes: NDArray[Any],
    given: tuple[list[dict[str, Any]], list[Any]],
    packer: Packer,
) -> tuple[list[dict[str, Any]], list[int]]:
    """Give records of the groups, then of the villages that stay, and the row of each village."""
    today, _ = given
    areas = group_shapes(plan, shapes)
    rings, at = packer.areas(areas), packer.points(label_points(np.asarray(areas, dtype=object)))
    colours = group_colours(areas).tolist()
    records = []
    ids = plan.villages["village_id"].tolist()
    # of the ground: what is drawn for points has no area
    area_m2 = [number(1e6 * value, 0) for value in plan.groups["area_km2"].astype(float)]
    for i, row in enumerate(plan.groups.itertuples(index=False)):
        records.append(
            {
                "id": text(row.group_id),
                "name": text(row.name),
                "sub": text(row.township_id),
                "units": number(row.villages),
                "hh": number(row.people),
                "pop": number(row.households),
                "area": area_m2[i],
                "c": colours[i],
                "at": at[i],
                "rings": rings[i],
                "ok": 0,
                "origin": "kept",
                "old": ids.index(row.name_village_id),
                "facts": _facts(row),
            }
        )
    now = plan.group_of.tolist()
    for village in np.flatnonzero(plan.group_of < 0).tolist():
        colour = COLOURS.index(LEFT if village in plan.left else STAYS)
        now[village] = len(records)
        records.append(today[village] | {"c": colour, "origin": "kept", "old": village})
    return records, now


def _facts(row: Any) -> list[tuple[str, Any]]:
    """Further rows of a group's table: the word's key, the value."""
    facts = [("seat", text(row.seat)), ("stage", number(row.stage))]
    if not pd.isna(row.year):
        facts.append(("year", str(row.year)))
    if not pd.isna(row.longest_min):
        facts.append(("longest_min", number(row.longest_min, 0)))
    return [(f"fact_{key}", value) for key, value in facts]


def _measures(plan: VillagePlan) -> list[dict[str, Any]]:
    """Key figures under the codes that the page makes cards of."""
    found = []
    count = len(plan.villages)
    for code, unit, today, value in key_figures(plan):
        shown = (today, value)
        if code == "small":  # the card counts those above the limit
            after = count - int((plan.group_of >= 0).sum()) + len(plan.groups)
            shown = (count - (today or 0), after - value)
        found.append(
            {
                "code": MEASURES.get(code, code),
                "unit": unit,
                "digits": 0,
                "today": number(shown[0], 6),
                "value": number(shown[1], 6),
                "clause": "",
            }
        )
    return found


def _measure_names(plan: VillagePlan, texts: Texts) -> dict[str, str]:
    codes = [code for code, *_ in key_figures(plan)]
    names = {MEASURES.get(code, code): figure_name(plan, code, texts) for code in codes}
    return names | {
        "communities_in_bounds": texts("villages.page_key_in_bounds", small=plan.small_people)
    }


def _words(plan: VillagePlan, texts: Texts) -> dict[str, str]:
    """Words of the page that differ from those of a plan of communities."""
    blanks = {name: "{" + name + "}" for name in PLACEHOLDERS}
    blanks["small"] = f"{plan.small_people:,}"
    words = {
        key: texts(f"villages.page_{key}", **blanks)
        for key in PAGE_WORDS
        if texts.has(f"villages.page_{key}")
    }
    return words | {f"fact_{key}": texts(f"villages.col_{key}") for key in FACTS}
