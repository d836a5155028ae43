"""hearing.html: today and proposed on one map, in one file that works with the network off."""

from pathlib import Path
from typing import Any

import numpy as np
import shapely

from commplan.evaluate.circles import Circles
from commplan.evaluate.scorecard import Scorecard
from commplan.findings import Finding
from commplan.outputs.basemap import basemap_record
from commplan.outputs.colours import NOBODY, PALETTE
from commplan.outputs.edit import edit_record, edit_texts
from commplan.outputs.geometry import Packer, make_packer
from commplan.outputs.info import PageInfo, all_findings
from commplan.outputs.offline import OfflineMap, PageLayer, read_template, render_page
from commplan.outputs.page_data import (
    add_scores,
    community_records,
    household_bounds,
    mark_bounds,
    number,
    room_records,
    standing_rooms,
    unit_record,
)
from commplan.outputs.page_layers import (
    amenity_record,
    barrier_record,
    isochrone_record,
    street_lines,
    village_records,
)
from commplan.outputs.reasons import community_reasons
from commplan.outputs.words import (
    clause_words,
    decimals,
    edit_words,
    measure_word,
    page_words,
    profile_lines,
    unit_word,
    words_of,
)
from commplan.plan.plan import Plan
from commplan.policy.profile import Profile
from commplan.territory.territory import Territory
from commplan.texts import load_texts

SCRIPTS = ["leaflet.js", "core.js", "sheet.js", "place.js", "shapes.js", "draw.js", "pointer.js"]
SCRIPTS += ["map.js", "split.js", "panel.js", "search.js", "start.js"]
#: Those of a page that can be edited, before the last of the others.
EDIT_SCRIPTS = ["successors.js", "edit_rules.js", "edit_shapes.js", "edit.js"]
EDIT_SCRIPTS += ["edit_comments.js", "edit_panel.js"]
#: Bottom first; each is drawn by the page's script and shown or hidden from its legend.
LAYERS = {
    "streets": True,
    "isochrones": False,
    "villages": True,
    "communities": True,
    "barriers": True,
    "units": True,
    "moves": True,
    "borders": True,
    "edits": True,
    "amenities": False,
    "rooms": True,
    "labels": True,
}
#: A page holds at most this many findings in words; the rest are in findings.json.
MAX_FINDINGS = 300


def write_hearing_page(
    path: Path,
    plan: Plan,
    scorecard: Scorecard,
    circles: Circles | None,
    profile: Profile,
    info: PageInfo,
) -> None:
    """Write the page of a plan.

    Raises
    ------
    MissingAssetError
        Where set-up has not fetched Leaflet.
    """
    packer = make_packer(plan.territory.crs, plan.communities.geometry.to_numpy())
    document = common_document(plan.territory, packer, profile, info)
    document |= plan_document(plan, scorecard, circles, packer)
    bounds = household_bounds(info.bounds_households, profile)
    mark_bounds(document["today"], bounds, set())
    mark_bounds(document["proposed"], bounds, _excepted(plan))
    reasons = community_reasons(plan, bounds, info.alternatives)
    for record, why in zip(document["proposed"], reasons, strict=True):
        record["why"] = {k: why.words(load_texts(k)) for k in info.languages}
    if info.edit is not None:
        document["edit"] = edit_record(plan, info.edit, profile, packer, document["units"]["rings"])
        document["edit"]["words"] = {
            language: edit_texts(plan, info.edit, profile, language) for language in info.languages
        }
    add_words(document, all_findings(info, plan.territory, scorecard, circles), info)
    write_page(path, document, info)


def write_territory_page(
    path: Path, territory: Territory, profile: Profile, info: PageInfo
) -> None:
    """Write a page of a study area without a plan: villages, units, barriers, findings.

    Raises
    ------
    MissingAssetError
        Where set-up has not fetched Leaflet.
    """
    layers = (territory.units, territory.villages, territory.communities)
    shown = [x.geometry.to_numpy() for x in layers if x is not None and "geometry" in x]
    packer = make_packer(territory.crs, np.concatenate([g[~shapely.is_missing(g)] for g in shown]))
    document = common_document(territory, packer, profile, info)
    if territory.units is not None:
        names = territory.units["name"].fillna("").astype(str)
        count = len(names)
        document["units"] = {
            "id": territory.units["unit_id"].astype(str).tolist(),
            "name": names.tolist() if names.any() else [],
            "hh": territory.units["households"].fillna(0).astype(int).tolist(),
            "today": [-1] * count,
            "now": [-1] * count,
            "moved": [],
            "rings": packer.areas(territory.units.geometry.to_numpy()),
        }
    add_words(document, all_findings(info, territory), info)
    write_page(path, document, info)


def plan_document(
    plan: Plan, scorecard: Scorecard, circles: Circles | None, packer: Packer
) -> dict[str, Any]:
    """Return the part of the page's data that a plan brings."""
    today, proposed = community_records(plan, packer)
    add_scores(proposed, scorecard, circles)
    isochrones = None if circles is None else circles.ground.rooms
    return {
        "today": today,
        "proposed": proposed,
        "units": unit_record(plan, packer),
        "rooms": room_records(plan, packer),
        "isochrones": isochrone_record(isochrones, packer),
        "kinds": [] if circles is None else list(circles.kinds),
        "circle_min": None if circles is None else circles.limit_min,
        "measures": [
            {
                "code": measure.code,
                "unit": measure.unit,
                "digits": decimals(measure.unit),
                "today": number(measure.today, 6),
                "value": number(measure.value, 6),
                "clause": measure.clause or "",
            }
            for measure in scorecard.measures
        ],
        "exceptions": dict(plan.exceptions),
    }


def common_document(
    territory: Territory, packer: Packer, profile: Profile, info: PageInfo
) -> dict[str, Any]:
    """Return the part of the page's data that every page has: title, basis, ground, nothing drawn."""
    rule = "size.households" if territory.units is not None else "village.merge_general"
    return {
        "languages": list(info.languages),
        "title": {language: info.title_in(language) for language in info.languages},
        "scenario": info.scenario,
        "date": info.date.isoformat(),
        "approval": info.map_approval,
        "attribution": info.attribution,
        "note": dict(info.note),
        "profile": {
            language: profile_lines(profile, language, rule) for language in info.languages
        },
        "draft": profile.status.value == "draft",
        "bounds": None
        if territory.units is None
        else household_bounds(info.bounds_households, profile),
        "bounds_are_clause": info.bounds_households in (None, household_bounds(None, profile)),
        "limit_min": info.limit_min,
        "palette": [*PALETTE],
        "nobody": NOBODY,
        "origin": list(packer.origin),
        "barriers": barrier_record(territory, packer),
        "streets": street_lines(territory, packer),
        "villages": village_records(territory, packer),
        "amenities": amenity_record(territory, packer),
        "standing": standing_rooms(territory, packer),
        "today": [],
        "proposed": [],
        "rooms": [],
        "isochrones": [],
        "kinds": [],
        "measures": [],
        "exceptions": {},
        "units": {"id": [], "name": [], "hh": [], "today": [], "now": [], "moved": [], "rings": []},
    }


def _excepted(plan: Plan) -> set[int]:
    units = plan.territory.units
    if units is None:
        return set()
    return set(plan.community_of[units["unit_id"].isin(list(plan.exceptions))].tolist())


def add_words(document: dict[str, Any], findings: tuple[Finding, ...], info: PageInfo) -> None:
    """Put in everything that is worded: the page's own words, findings, vocabularies."""
    rooms = document["rooms"]
    kinds = [*document["barriers"], *document["amenities"], *document["kinds"]]
    document["findings_count"] = len(findings)
    document["words"], document["findings"], document["names"] = {}, {}, {}
    for language in info.languages:
        texts = load_texts(language)
        document["words"][language] = page_words(language)
        if "edit" in document:
            document["words"][language] |= edit_words(language)
        document["findings"][language] = [
            {
                "severity": finding.severity.value,
                "words": finding.words(texts),
                "clause": clause_words(texts, finding.clause),
            }
            for finding in findings[:MAX_FINDINGS]
        ]
        measures = document["measures"]
        document["names"][language] = {
            "kind": words_of(texts, "kind", kinds),
            "way": words_of(texts, "way", (room["way"] for room in rooms if room["way"])),
            "action": words_of(texts, "action", (room["action"] for room in rooms)),
            "severity": words_of(texts, "severity", ("error", "warning", "note")),
            "measure": {m["code"]: measure_word(texts, m["code"]) for m in measures},
            "measure_unit": {m["unit"]: unit_word(texts, m["unit"]) for m in measures},
        }


def write_page(path: Path, document: dict[str, Any], info: PageInfo) -> None:
    """Write the page's one file around its data."""
    page = OfflineMap(info.title_in(info.languages[0]), info.languages[0])
    is_edited = "edit" in document
    for part, show in LAYERS.items():
        if part != "edits" or is_edited:
            PageLayer(part, show=show).add_to(page)
    scripts = [*SCRIPTS[:-1], *(EDIT_SCRIPTS if is_edited else ()), SCRIPTS[-1]]
    if "years" in document:
        scripts.insert(-1, "years.js")
    if info.basemap is not None:
        document["basemap"] = basemap_record(info.basemap, info.languages)
        scripts.insert(-1, "basemap.js")
    html = render_page(page, read_template("body.html"), scripts, document, info.basemap)
    path.write_text(html, encoding="utf-8", newline="\n")
