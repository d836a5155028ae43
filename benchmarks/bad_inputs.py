"""Twenty-odd inputs that cannot be used, each with the line and the exit code it has to give.

``python -m benchmarks.bad_inputs`` prints the table; the tests hold it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.measure import Measured, commplan, table

SCENARIO = """
[scenario]
name = "tiny"
crs = "EPSG:4547"
[layers.units]
path = "units.geojson"
[redraw]
min_households = 100
max_households = 400
"""


@dataclass(frozen=True)
class Case:
    """One bad input.

    Parameters
    ----------
    title : str
    says : tuple of str
        What the first line on standard error has to hold.
    scenario : str
        The scenario file; "" for none.
    change : callable or None
        Spoils the list of GeoJSON features of the units.
    files : dict
        Other files, by name.
    crs : str or None
        CRS that the units file states.
    """

    title: str
    says: tuple[str, ...]
    scenario: str = SCENARIO
    change: Callable[[list[Any]], None] | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    crs: str | None = "EPSG:4547"


def set_field(row: int, name: str, value: object) -> Callable[[list[Any]], None]:
    """Return a change that sets one field of one row (counted from 1)."""

    def change(features: list[Any]) -> None:
        features[row - 1]["properties"][name] = value

    return change


def drop_field(name: str) -> Callable[[list[Any]], None]:
    """Return a change that drops a field from every row."""

    def change(features: list[Any]) -> None:
        for feature in features:
            del feature["properties"][name]

    return change


def in_degrees(features: list[Any]) -> None:
    """Shrink the coordinates to degrees, as if nobody had projected them."""
    for feature in features:
        ring = feature["geometry"]["coordinates"][0]
        feature["geometry"]["coordinates"][0] = [[120 + x / 1e8, 30 + y / 1e8] for x, y in ring]


def as_points(features: list[Any]) -> None:
    """Replace polygons by points."""
    for feature in features:
        corner = feature["geometry"]["coordinates"][0][0]
        feature["geometry"] = {"type": "Point", "coordinates": corner}


def with_line(line: str) -> str:
    """Return the scenario with a line more in its last section."""
    return SCENARIO + line + "\n"


CASES = (
    Case("no such scenario file", ("scenario.toml", "not there"), scenario=""),
    Case(
        "broken TOML",
        ("scenario.toml", "row 3", "TOML"),
        scenario="[scenario]\nname = 'x'\ncrs =\n",
    ),
    Case("unknown key", ("min_housholds", "min_households"), with_line("min_housholds = 5")),
    Case("unknown section", ("redrew",), SCENARIO + "[redrew]\na = 1\n"),
    Case(
        "min above max",
        ("min_households 500", "max_households 400"),
        SCENARIO.replace("= 100", "= 500"),
    ),
    Case(
        "text for a number", ("redraw.min_households", "'many'"), SCENARIO.replace("100", "'many'")
    ),
    Case(
        "unknown cost term",
        ("redraw.weights", "border", "border_km"),
        with_line("weights = { border = 1 }"),
    ),
    Case("unknown preset", ("redraw.weights", "tidy"), with_line("weights = 'tidy'")),
    Case(
        "unknown profile",
        ("zhejiang-2071",),
        SCENARIO.replace("crs", "profile='zhejiang-2071'\ncrs"),
    ),
    Case(
        "variable not set",
        ("COMMPLAN_NOT_SET",),
        SCENARIO.replace("units.g", "${COMMPLAN_NOT_SET}/u.g"),
    ),
    Case(
        "missing layer file",
        ("nowhere.gpkg", "layer units", "not there"),
        SCENARIO.replace("units.geojson", "nowhere.gpkg"),
    ),
    Case(
        "unreadable layer file",
        ("broken.gpkg", "layer units"),
        SCENARIO.replace("units.geojson", "broken.gpkg"),
        files={"broken.gpkg": b"not a geopackage"},
    ),
    Case(
        "missing column",
        ("units.geojson", "layer units", "households"),
        change=drop_field("households"),
    ),
    Case(
        "null household count",
        ("layer units", "field households", "row 3"),
        change=set_field(3, "households", None),
    ),
    Case(
        "negative household count",
        ("layer units", "field households", "row 2"),
        change=set_field(2, "households", -5),
    ),
    Case(
        "household count that is no number",
        ("layer units", "field households", "row 2"),
        change=set_field(2, "households", "many"),
    ),
    Case(
        "unit id twice",
        ("layer units", "field unit_id", "row 4"),
        change=set_field(4, "unit_id", "u1"),
    ),
    Case(
        "unit id missing",
        ("layer units", "field unit_id", "row 1"),
        change=set_field(1, "unit_id", None),
    ),
    Case("degrees taken for metres", ("units.geojson", "layer units"), change=in_degrees),
    Case(
        "no CRS",
        ("units.csv", "layer units", "crs ="),
        SCENARIO.replace("units.geojson", "units.csv"),
        files={"units.csv": b'unit_id,households,WKT\nu1,5,"POLYGON((0 0,9 0,9 9,0 0))"\n'},
    ),
    Case("CRS that does not exist", ("EPSG:999999",), SCENARIO.replace("EPSG:4547", "EPSG:999999")),
    Case("working CRS in degrees", ("EPSG:4490",), SCENARIO.replace("EPSG:4547", "EPSG:4490")),
    Case("points for units", ("units.geojson", "layer units"), change=as_points),
    Case(
        "filter that no feature passes",
        ("layer units",),
        SCENARIO.replace('geojson"', 'geojson"\nwhere = "households > 9999"'),
    ),
    Case(
        "filter on no such field",
        ("layer units", "where"),
        SCENARIO.replace('geojson"', 'geojson"\nwhere = "nothing = 1"'),
    ),
    Case(
        "exception for no such unit",
        ("scenario.toml", "redraw.exceptions", "nobody"),
        with_line("exceptions = [{ units = ['nobody'], reason = 'none' }]"),
    ),
    Case(
        "output folder of somebody else",
        ("out", "not a run"),
        files={"out/thesis.txt": b"years of work"},
    ),
)


def features() -> list[Any]:
    """Return nine squares of 100 m with 60 households each, as GeoJSON features."""
    found = []
    for i in range(9):
        x, y = 500_000 + 100 * (i % 3), 3_300_000 + 100 * (i // 3)
        ring = [[x, y], [x + 100, y], [x + 100, y + 100], [x, y + 100], [x, y]]
        properties = {"unit_id": f"u{i + 1}", "households": 60}
        geometry = {"type": "Polygon", "coordinates": [ring]}
        found.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return found


def prepare(case: Case, folder: Path) -> list[str]:
    """Write the files of a case; return the arguments of the command."""
    spoilt = features()
    if case.change:
        case.change(spoilt)
    crs = {"crs": {"type": "name", "properties": {"name": case.crs}}} if case.crs else {}
    collection = {"type": "FeatureCollection", **crs, "features": spoilt}
    (folder / "units.geojson").write_text(json.dumps(collection), encoding="utf-8")
    for name, content in case.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    path = folder / "scenario.toml"
    if case.scenario:
        path.write_text(case.scenario, encoding="utf-8")
    return ["run", str(path), "-o", str(folder / "out"), "--quiet"]


def try_case(case: Case) -> Measured:
    """Run a case in a folder of its own; its path is cut from what the command said."""
    with TemporaryDirectory() as name:
        measured = commplan(*prepare(case, Path(name)))
        err = measured.err.replace(f"{name}/", "").replace(f"{Path(name).resolve()}/", "")
        return Measured(measured.exit_code, measured.seconds, measured.peak_mb, measured.out, err)


def report() -> str:
    """Run every case and return the table."""
    rows = []
    for case in CASES:
        answer = try_case(case)
        rows.append((case.title, answer.exit_code, "<br>".join(answer.err.strip().splitlines())))
    return table(("input", "exit code", "what it says"), rows)


if __name__ == "__main__":
    print(report())
