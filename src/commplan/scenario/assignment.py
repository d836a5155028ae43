"""Read who belongs where, from a run or from a file drawn up by hand, and judge a run again."""

import csv
import io
from pathlib import Path

from commplan.errors import Fault
from commplan.scenario.file import faults_of
from commplan.scenario.pipeline import Judged, Situation, judge_by_hand
from commplan.scenario.store import chosen_room
from commplan.scenario.watch import Watch
from commplan.territory.names import recognise
from commplan.texts import input_error


def read_assignment(path: Path) -> dict[str, str]:
    """Read ``unit_id,community_id``; faults for missing columns, empty cells and doubled units."""
    rows = _with_our_names(table_rows(path))
    missing = [c for c in ("unit_id", "community_id") if rows and c not in rows[0]]
    if missing or not rows:
        names = missing or ["unit_id", "community_id"]
        raise input_error(
            [Fault("scenario.assignment_column", {}, str(path), None, c) for c in names]
        )
    assignment: dict[str, str] = {}
    faults = []
    for number, row in enumerate(rows, start=1):
        unit, community = (row["unit_id"] or "").strip(), (row["community_id"] or "").strip()
        if not unit or not community:
            column = "community_id" if unit else "unit_id"
            faults.append(Fault("scenario.assignment_empty", {}, str(path), None, column, number))
        elif unit in assignment:
            twice = {"unit": unit}
            faults.append(
                Fault("scenario.assignment_twice", twice, str(path), None, "unit_id", number)
            )
        assignment[unit] = community
    if faults:
        raise input_error(faults)
    return assignment


def _with_our_names(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Recognise the usual Chinese names of the two columns, as in a layer of units."""
    fields = [name for name in (rows[0] if rows else ()) if name]
    ours = {}
    for column in ("unit_id", "community_id"):
        found = recognise("units", column, fields)
        if column not in fields and len(found) == 1:
            ours[found[0]] = column
    return [{ours.get(name, name): value for name, value in row.items()} for row in rows]


def table_rows(path: Path) -> list[dict[str, str]]:
    """Read a table in UTF-8 or in the encoding of a Chinese office's Excel."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise input_error([Fault("fault.missing_file", file=str(path))]) from None
    except OSError as error:
        reason = {"reason": error.strerror or str(error)}
        raise input_error([Fault("scenario.unreadable", reason, str(path))]) from None
    for encoding in ("utf-8-sig", "gb18030"):  # a Chinese office's Excel writes the second
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return list(csv.DictReader(io.StringIO(text, newline="")))
    raise input_error([Fault("scenario.not_csv", file=str(path))])


def judge_run(situation: Situation, folder: Path, watch: Watch) -> Judged:
    """Judge the plan of a finished run again, with the rooms it chose.

    Raises
    ------
    InputError
        Where its tables do not fit each other or the situation; the folder is named.
    """
    assignment = read_assignment(folder / "assignment.csv")
    rooms = _chosen_rooms(folder / "rooms.csv")
    with faults_of(folder):
        return judge_by_hand(situation, assignment, watch, rooms)


def _chosen_rooms(path: Path) -> dict[str, tuple[str, float]]:
    """Community -> site, and by how much it is extended, as the run chose them."""
    return {row["community_id"]: chosen_room(row) for row in table_rows(path) if row.get("site_id")}
