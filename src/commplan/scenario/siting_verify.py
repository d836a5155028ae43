"""Recompute a siting from the input layers, ``siting.csv`` and ``units.csv``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from commplan.errors import Fault, InputError
from commplan.findings import Finding
from commplan.problem.location import LocationResult, Uncovered
from commplan.scenario.siting import LAYERS, about_siting, pose, siting_section, told
from commplan.scenario.store import as_number, read_json
from commplan.scenario.topics import (
    compare_tables,
    differences,
    open_topic_run,
    read_rows,
    stated_number,
    stated_status,
    stated_table,
    surveyed,
)
from commplan.scenario.verify import against
from commplan.scenario.watch import Watch
from commplan.texts import input_error

if TYPE_CHECKING:
    import pandas as pd

SITES, UNITS = "siting.csv", "units.csv"


def verify_siting_run(folder: Path, watch: Watch) -> tuple[list[Finding], int, int]:
    """Verify the folder of a siting.

    Open sites, years, and who goes where are taken from the tables; walks, limits, money of the
    years, the aim's figure, findings' units and all other cells are worked out anew.

    Returns
    -------
    findings : list of Finding
        Errors, and changed files from which no figure is read.
    cells, units : int
        How many cells of tables were compared, and how many units were asked about.

    Raises
    ------
    InputError
        Where the folder is not a finished run, or its inputs are gone.
    """
    from commplan.evaluate.siting import Money, check_siting, check_years
    from commplan.outputs.siting_tables import csv_tables
    from commplan.outputs.tables import plain

    scenario, found = open_topic_run(folder)
    file = folder / "certificate.json"
    stated = read_json(file)
    situation = surveyed(scenario, LAYERS, watch)
    with watch.stage("walk"):
        posed, _ = pose(situation)
    site_ids = _ids(situation.territory.sites, "site_id", posed.site_rows)
    unit_ids = _ids(situation.territory.units, "unit_id", posed.unit_rows)
    recorded = _recorded_sites(folder / SITES, site_ids)
    objective = stated_number(stated, "objective", file)
    result = LocationResult(
        stated_status(stated, file),
        recorded.is_open,
        _recorded_units(folder / UNITS, unit_ids, site_ids),
        None if np.isnan(objective) else objective,
        stated_number(stated, "bound", file),
        _recorded_causes(stated, unit_ids, file),
        extended_m2=recorded.extended_m2,
    )
    found += check_siting(posed, result)
    section = siting_section(scenario)
    money = Money(section.first_year, section.yearly_yuan)
    found += check_years(posed, result, recorded.year_of, money)
    plan, _ = told(situation, posed, result, recorded.year_of)
    tables, cells = compare_tables(folder, csv_tables(plan))
    again = plain(about_siting(plan))
    found += tables
    found += differences(stated, again, tuple(again))
    return against(found), cells, posed.problem.n


def _ids(layer: "pd.DataFrame | None", name: str, rows: NDArray[np.int64]) -> list[str]:
    return [] if layer is None else [str(one) for one in layer[name].to_numpy()[rows]]


def _bad_row(file: Path, name: str) -> InputError:
    return input_error([Fault("siting.bad_row", {"name": name}, str(file))])


@dataclass(frozen=True)
class _Sites:
    """What ``siting.csv`` says: open sites, the year of each that has one, what is added to each."""

    is_open: NDArray[np.bool_]
    year_of: dict[int, int]
    extended_m2: NDArray[np.float64]


def _recorded_sites(file: Path, site_ids: list[str]) -> _Sites:
    """Read which sites are open, in which year, and by how much they are extended."""
    at = {name: place for place, name in enumerate(site_ids)}
    found = _Sites(np.zeros(len(at), dtype=bool), {}, np.zeros(len(at)))
    for row in read_rows(file):
        name, year = row.get("site_id", ""), row.get("year", "")
        extended = as_number(row.get("extend_m2") or "0")
        if name not in at or (year and not year.isdecimal()) or not np.isfinite(extended):
            raise _bad_row(file, name)
        found.is_open[at[name]] = row.get("action") != "close"
        found.extended_m2[at[name]] = extended
        if year:
            found.year_of[at[name]] = int(year)
    return found


def _recorded_units(file: Path, unit_ids: list[str], site_ids: list[str]) -> NDArray[np.int32]:
    """Read the site of each unit."""
    at = {name: place for place, name in enumerate(site_ids)}
    rows = {row.get("unit_id", ""): row.get("site_id", "") for row in read_rows(file)}
    site_of = np.full(len(unit_ids), -1, dtype=np.int32)
    for unit, name in enumerate(unit_ids):
        site = rows.get(name)
        if site is None or (site and site not in at):
            raise _bad_row(file, name)
        site_of[unit] = at[site] if site else -1
    return site_of


def _recorded_causes(
    stated: Mapping[str, Any], unit_ids: list[str], file: Path
) -> tuple[Uncovered, ...]:
    """Read why units are left out, as the run says."""
    at = {name: place for place, name in enumerate(unit_ids)}
    causes = []
    uncovered = stated_table(stated, "uncovered", file)
    for code in uncovered:
        held = stated_table(uncovered, code, file)
        named, remedy = held.get("units", []), stated_table(held, "remedy", file)
        if not isinstance(named, list) or any(name not in at for name in named):
            raise _bad_row(file, code)
        helps = {name: stated_number(remedy, name, file) for name in remedy}
        causes.append(Uncovered(code, tuple(at[name] for name in named), helps))
    return tuple(causes)
