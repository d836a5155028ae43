"""Comments that came in, from a CSV file: as the page exports them, or as an office notes them down."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyproj
import shapely

from commplan.errors import Fault
from commplan.outputs.documents_dossier import Comment
from commplan.territory.encoding import csv_encoding
from commplan.territory.names import normal
from commplan.territory.territory import Territory
from commplan.texts import input_error

#: Column -> other names for it. x and y are longitude and latitude (WGS 84 or CGCS2000), as the page
#: exports them.
NAMES: Mapping[str, tuple[str, ...]] = {
    "unit": ("unit_id", "小区编号", "单元编号", "编号"),
    "x": ("lon", "lng", "longitude", "经度"),
    "y": ("lat", "latitude", "纬度"),
    "name": ("姓名", "意见人", "提出人"),
    "comment": ("意见", "意见内容", "内容", "建议", "text"),
    "place": ("小区", "小区名称", "所在小区", "地址", "位置"),
    "answer": ("答复", "回复", "答复内容"),
    "taken": ("采纳", "是否采纳", "采纳情况"),
}
#: The page puts an apostrophe before words that a spreadsheet would take for a formula.
GUARD = re.compile(r"^'(?=[=+\-@])")
DEGREES = pyproj.CRS.from_epsg(4326)


def read_comments(path: Path, territory: Territory) -> tuple[tuple[Comment, ...], int]:
    """Read comments and find the unit that each is about.

    A comment names its unit by id; else its point tells it, else the name of its place where one unit
    alone is called so. Rows without a comment are left out.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 or GB18030 with a head: ``comment`` and, where there are any, ``unit``, ``x``
        and ``y`` (degrees), ``name`` (of the person), ``place``, ``answer``, ``taken``.
    territory : Territory

    Returns
    -------
    comments : tuple of Comment
        In the order of the file.
    lost : int
        How many have a point that lies in no unit.

    Raises
    ------
    InputError
        Where the file cannot be read, has no column of comments or names a unit that is not there.
    """
    rows = _with_our_names(_rows(path), path)
    units = territory.units
    ids = [] if units is None else units["unit_id"].astype(str).tolist()
    position = {identifier: row for row, identifier in enumerate(ids)}
    faults = [
        Fault(
            "documents.fault_comment_unit", {"unit": row["unit"]}, str(path), None, "unit", number
        )
        for number, row in enumerate(rows, 1)
        if row.get("unit") and row["unit"] not in position
    ]
    if faults:
        raise input_error(faults)
    rows = [row for row in rows if row.get("comment")]
    found = [position.get(row.get("unit", ""), -1) for row in rows]
    _by_point(rows, found, territory)
    lost = sum(unit < 0 and bool(row.get("x")) for unit, row in zip(found, rows, strict=True))
    _by_name(rows, found, territory)
    return tuple(_comment(row, unit) for row, unit in zip(rows, found, strict=True)), lost


def _comment(row: Mapping[str, str], unit: int) -> Comment:
    keys = ("place", "answer", "taken")
    return Comment(
        row.get("name", ""), row["comment"], unit, **{key: row.get(key, "") for key in keys}
    )


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        encoding = csv_encoding(path)
        raw = path.read_bytes()
    except FileNotFoundError:
        raise input_error([Fault("fault.missing_file", file=str(path))]) from None
    except OSError as error:
        reason = {"reason": error.strerror or str(error)}
        raise input_error([Fault("documents.fault_comments_file", reason, str(path))]) from None
    if encoding is None or (b"\0" in raw and encoding != "utf-16"):
        raise input_error([Fault("scenario.not_csv", file=str(path))])
    text = raw.decode(encoding).lstrip("\ufeff")
    return [
        {key: GUARD.sub("", (value or "").strip()) for key, value in row.items() if key}
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]


def _with_our_names(rows: Sequence[dict[str, str]], path: Path) -> list[dict[str, str]]:
    """Bring the names of the columns to ours; a fault where none holds the comments."""
    ours: dict[str, str] = {}
    for name in rows[0] if rows else ():
        for column, others in NAMES.items():
            words = {normal(word) for word in (column, *others)}
            if normal(name) in words and column not in ours.values():
                ours[name] = column
                break
    if rows and "comment" not in ours.values():
        raise input_error([Fault("documents.fault_comment_columns", file=str(path))])
    return [{ours[key]: value for key, value in row.items() if key in ours} for row in rows]


def _by_point(rows: Sequence[Mapping[str, str]], found: list[int], territory: Territory) -> None:
    """Give comments without a unit the one in which their point lies: its ground, else its block."""
    if territory.units is None:
        return
    open_rows, xy = [], []
    for number, row in enumerate(rows):
        if found[number] >= 0:
            continue
        try:
            xy.append((float(row.get("x", "")), float(row.get("y", ""))))
        except ValueError:
            continue
        open_rows.append(number)
    if not open_rows:
        return
    change = pyproj.Transformer.from_crs(DEGREES, territory.crs, always_xy=True)
    east, north = change.transform(*np.asarray(xy).T)
    points = shapely.points(east, north)
    layers = [territory.units.geometry.to_numpy()]
    if territory.blocks is not None:
        layers.append(territory.blocks.to_numpy())
    for areas in layers:
        at, unit = shapely.STRtree(areas).query(points, predicate="intersects")
        for k, row in sorted(zip(at.tolist(), unit.tolist(), strict=True)):
            if found[open_rows[k]] < 0:
                found[open_rows[k]] = row


def _by_name(rows: Sequence[Mapping[str, str]], found: list[int], territory: Territory) -> None:
    """Give comments that only name a place the unit of that name, where there is just one."""
    units = territory.units
    if units is None or "name" not in units:
        return
    called: dict[str, list[int]] = {}
    for unit, name in enumerate(units["name"].fillna("").astype(str)):
        called.setdefault(name.strip(), []).append(unit)
    for number, row in enumerate(rows):
        same = called.get(row.get("place", ""), [])
        if found[number] < 0 and len(same) == 1 and row.get("place"):
            found[number] = same[0]
