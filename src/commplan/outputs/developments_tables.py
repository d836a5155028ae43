"""developments.csv, rooms.csv and findings.csv: rows of one development, and all of them joined."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from commplan.errors import Fault
from commplan.findings import Finding
from commplan.outputs.developments_report import DevelopmentReport, degrees, known
from commplan.outputs.tables import plain, write_csv
from commplan.policy.norms import choice, circle_kinds
from commplan.texts import load_texts, render_fault

DEVELOPMENTS = (
    "development_id", "name", "status", "households", "population", "floor_area_m2", "phases",
    "completes", "unit_id", "community_id", "community_name", "community_households", "answer",
    "to_community_id", "to_community_name", "from_phase", "with", "to_households", "proven",
    "moved_units", "moved_households", "duty", "room_m2", "room_from_phase", "levy_m2",
    "levy_yuan", "room_cost_yuan", "rules", "entrance_lon", "entrance_lat", "room_until_then",
    "room_min", "workers_added", "workers_yuan_per_year", "money_yuan_per_year",
    "amenities_within", "amenities_asked", "amenities_far", "amenities_unknown", "findings",
    "folder",
)  # fmt: skip
ROOMS = (
    "development_id", "phase", "due", "households_let", "community_id", "community_name",
    "community_households", "size", "need_m2", "stands_m2", "due_m2", "place", "site_id",
    "site_name", "room_min", "workers_least",
)  # fmt: skip
FINDINGS = ("development_id", "severity", "code", "clause", "words_en", "words_zh")
TABLES = {"developments.csv": DEVELOPMENTS, "rooms.csv": ROOMS, "findings.csv": FINDINGS}
WHOLE = frozenset((
    "households", "population", "phases", "community_households", "from_phase", "to_households",
    "moved_units", "moved_households", "room_from_phase", "amenities_within", "amenities_asked",
    "findings", "phase", "households_let",
))  # fmt: skip

Row = dict[str, Any]


def development_row(report: DevelopmentReport, folder: str) -> Row:
    """Return the row of a development: where it lies, what is proposed, what it owes."""
    case, answer, duty = report.case, report.answer, report.duty
    one, ground = case.development, report.setting.ground
    lon, lat = degrees(report.info.crs, case.entrance)
    row: Row = {
        "development_id": one.development_id,
        "name": one.name,
        "status": "done",
        "households": one.households,
        "population": known(one.population, 0),
        "floor_area_m2": known(one.floor_area_m2),
        "phases": len(one.phases),
        "completes": one.phases[-1].due,
        "unit_id": ground.unit_id[case.unit] if case.unit >= 0 else None,
        "community_id": report.community_id(case.community),
        "community_name": ground.names[case.community] if case.community >= 0 else None,
        "community_households": int(ground.size[case.community]) if case.community >= 0 else None,
        "answer": "none" if answer.way is None else answer.way.kind,
        "duty": duty.kind,
        "room_m2": known(duty.room_m2),
        "room_from_phase": duty.from_phase or None,
        "levy_m2": known(duty.levy_m2),
        "levy_yuan": known(duty.levy_yuan, 2),
        "room_cost_yuan": known(duty.cost_yuan, 2),
        "rules": " ".join(duty.rules),
        "entrance_lon": lon,
        "entrance_lat": lat,
        "workers_added": known(duty.workers),
        "workers_yuan_per_year": known(duty.workers_yuan, 2),
        "money_yuan_per_year": known(duty.money_yuan, 2),
        "findings": len(report.findings),
        "folder": folder,
    }
    return row | _way_cells(report) | _meanwhile_cells(report) | _amenity_cells(report)


def _way_cells(report: DevelopmentReport) -> Row:
    way, redrawn, case = report.answer.way, report.answer.redrawn, report.case
    if way is None:
        return {}
    redraw = way.kind == "redraw" and redrawn is not None
    others = [m.development_id for m in case.together] if way.kind == "together" else []
    own = case.development.development_id
    return {
        "to_community_id": report.community_id(way.community),
        "to_community_name": (
            report.setting.ground.names[way.community] if way.community >= 0 else None
        ),
        "from_phase": way.phase,
        "with": " ".join(other for other in others if other != own),
        "to_households": way.households,
        "proven": (redrawn.status == "optimal") if redraw and redrawn is not None else None,
        "moved_units": len(redrawn.moves) if redraw and redrawn is not None else 0,
        "moved_households": report.moved_households,
    }


def _meanwhile_cells(report: DevelopmentReport) -> Row:
    """Return the room that the first phase uses."""
    first = report.phases[0]
    if first.place == "own":
        return {"room_until_then": "own", "room_min": 0.0}
    if first.place == "none":
        return {"room_until_then": None, "room_min": None}
    site = str(report.setting.ground.rooms.site_id[first.room])
    return {"room_until_then": site, "room_min": known(first.minutes)}


def _amenity_cells(report: DevelopmentReport) -> Row:
    profile, reached = report.setting.profile, report.case.amenities
    kinds, limit = circle_kinds(profile), choice(profile, "circle_min")
    return {
        "amenities_within": sum(reached[kind] <= limit for kind in kinds if kind in reached),
        "amenities_asked": len(kinds),
        "amenities_far": " ".join(k for k in kinds if reached.get(k, 0.0) > limit),
        "amenities_unknown": " ".join(k for k in kinds if k not in reached),
    }


def room_rows(report: DevelopmentReport) -> list[Row]:
    """Return a row per phase: who holds the development then, which rooms are due, where one goes."""
    setting, rooms = report.setting, report.setting.ground.rooms
    rows = []
    for one in report.phases:
        holder, there = one.holder, one.place == "room"
        size = "within" if holder.households <= setting.high else "above"
        size = "below" if holder.households < setting.low else size
        rows.append({
            "development_id": report.case.development.development_id,
            "phase": one.phase.number,
            "due": one.phase.due,
            "households_let": one.phase.total,
            "community_id": report.community_id(holder.community),
            "community_name": (
                setting.ground.names[holder.community] if holder.community >= 0 else None
            ),
            "community_households": holder.households,
            "size": size,
            "need_m2": known(one.need_m2),
            "stands_m2": known(one.stands_m2),
            "due_m2": known(one.due_m2),
            "place": one.place,
            "site_id": rooms.site_id[one.room] if there else None,
            "site_name": rooms.name[one.room] if there else None,
            "room_min": known(one.minutes),
            "workers_least": known(one.workers),
        })  # fmt: skip
    return rows


def finding_rows(development_id: str, findings: Iterable[Finding]) -> list[Row]:
    """Return a row per finding, worded in both languages."""
    return [
        {
            "development_id": development_id,
            "severity": str(finding.severity),
            "code": finding.code,
            "clause": finding.clause,
            "words_en": finding.words(load_texts("en")),
            "words_zh": finding.words(load_texts("zh-CN")),
        }
        for finding in findings
    ]


def fault_rows(development_id: str, faults: Iterable[Fault]) -> list[Row]:
    """Return a row per fault of a row of the file that cannot be used."""
    return [
        {
            "development_id": development_id,
            "severity": "error",
            "code": fault.code,
            "clause": None,
            "words_en": render_fault(fault, load_texts("en")),
            "words_zh": render_fault(fault, load_texts("zh-CN")),
        }
        for fault in faults
    ]


def bare_row(development_id: str, status: str, findings: int, name: str | None = None) -> Row:
    """Return the row of a development without a result: its row refused, or the work failed."""
    return {
        "development_id": development_id, "name": name, "status": status, "findings": findings,
    }  # fmt: skip


def table_of(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Make a table of rows, blank where a row says nothing; counts stay whole numbers."""
    cells = {name: [plain(row.get(name)) for row in rows] for name in columns}
    return pd.DataFrame(
        {
            name: pd.Series(values, dtype="Int64" if name in WHOLE else object)
            for name, values in cells.items()
        },
        columns=list(columns),
    )


def write_joined(folder: Path, results: Sequence[Mapping[str, Any]]) -> None:
    """Write the three tables of all developments, which come sorted by id."""
    rows: dict[str, list[Mapping[str, Any]]] = {
        "developments.csv": [r["development"] for r in results if r["development"] is not None],
        "rooms.csv": [row for result in results for row in result["rooms"]],
        "findings.csv": [row for result in results for row in result["findings"]],
    }
    for name, columns in TABLES.items():
        partial = folder / f".{name}.partial"
        write_csv(partial, table_of(rows[name], columns))
        partial.replace(folder / name)
