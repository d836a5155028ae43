"""`commplan coverage` and `commplan grids` end to end on a small town in files."""

import csv
import json
import shutil
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from commplan.cli import run_command
from commplan.scenario.coverage_command import coverage, verify_coverage
from commplan.scenario.file import read_scenario
from commplan.scenario.grids_command import grids, verify_grids
from commplan.scenario.store import file_sha256
from commplan.texts import load_texts

CRS = "EPSG:4549"
SIDE_M = 200.0
#: Households of a row of squares and their communities: one in none, and a residential area.
SQUARES = (
    (400, "A"), (450, "A"), (300, "A"), (500, "A"), (350, "R"), (220, None), (420, "B"),
    (380, "B"), (410, "B"), (390, "B"),
)  # fmt: skip


def square(at: float, up: float = 0.0) -> shapely.Polygon:
    west, south = 540_000 + at * SIDE_M, 3_210_000 + up * SIDE_M
    return shapely.box(west, south, west + SIDE_M, south + SIDE_M)


def write(folder: Path, name: str, table: dict[str, list[object]], shapes: list[object]) -> None:
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)
    frame.to_file(folder / f"{name}.gpkg", layer=name, driver="GPKG", engine="pyogrio")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write units, communities, places and villages, and a scenario of them."""
    folder = tmp_path_factory.mktemp("town")
    n = len(SQUARES)
    units = {
        "unit_id": [f"U{i}" for i in range(n)],
        "name": [f"小区{i}" for i in range(n)],
        "households": [h for h, _ in SQUARES],
        "population": [3 * h for h, _ in SQUARES],
        "community_id": [c for _, c in SQUARES],
    }
    write(folder, "units", units, [square(i) for i in range(n)])
    kinds = {
        "community_id": ["A", "B", "R"],
        "name": ["东社区", "西社区", "江南居民区"],
        "kind": ["urban", "urban", "residential_area"],
    }
    write(folder, "communities", kinds, [square(i, -3) for i in range(3)])
    places = {
        "place_id": ["P1", "P2", "P3"],
        "name": ["果林场", "务工宿舍", "矿部"],
        "kind": ["林场", "流动人口聚居地", "工矿"],
        "households": [60, None, 90],
        "floating_population": [None, 300.0, None],
    }
    shapes = [square(1, 1.2), square(8, 1.2), square(30, 20).centroid]
    write(folder, "places", places, shapes)
    villages = {
        "village_id": ["V1", "V2", "V3"],
        "name": ["前村", "后村", "远村"],
        "population": [800, 700, 600],
        "流动人口": [100, 99, None],
    }
    write(folder, "villages", villages, [square(i, -2).centroid for i in (2, 5, 20)])
    layers = "".join(
        f'[layers.{name}]\npath = "{name}.gpkg"\n'
        for name in ("units", "communities", "places", "villages")
    )
    text = f'[scenario]\nname = "town"\ncrs = "{CRS}"\n{layers}[coverage]\n[grids]\n'
    (folder / "town.toml").write_text(text, encoding="utf-8")
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def covered(town: Path) -> Path:
    """Give the folder of a coverage run."""
    out = town / "coverage"
    assert coverage(town / "town.toml", out, load_texts("en"), quiet=True) == 0
    return out


@pytest.fixture(scope="module")
def gridded(town: Path) -> Path:
    """Give the folder of a division into grids."""
    out = town / "grids"
    assert grids(town / "town.toml", out, None, load_texts("en"), quiet=True) == 0
    return out


def test_every_gap_is_found_and_placed(covered: Path) -> None:
    """The square in no community, the farm, the dormitory and the residential area find a place."""
    rows = {row["place_id"]: row for row in rows_of(covered / "coverage.csv")}
    assert set(rows) == {"U5", "P1", "P2", "P3", "R"}
    assert rows["P1"]["what"] == "joins"
    assert rows["P1"]["community_id"] == "A"
    assert rows["P2"]["community_id"] == "B"
    assert (rows["P2"]["households"], rows["P2"]["guessed"]) == ("100", "True")
    assert rows["P3"]["what"] == "stays"
    assert {rows[i]["what"] for i in ("U5", "R")} == {"joins"}


def test_sizes_after_add_up(covered: Path) -> None:
    """What each community holds then is what it held and what came, and lies within the bounds."""
    for row in rows_of(covered / "communities.csv"):
        today, added, after = (int(row[f"households{end}"]) for end in ("_today", "_added", ""))
        assert today + added == after <= 3000


def test_villages_with_a_hundred_outsiders_are_listed(covered: Path) -> None:
    """100 outsiders count, 99 do not; a village that says nothing is named."""
    assert [row["place_id"] for row in rows_of(covered / "platforms.csv")] == ["V1"]
    findings = json.loads((covered / "findings.json").read_text(encoding="utf-8"))
    unknown = [f["ids"] for f in findings if f["code"] == "coverage.platforms_unknown"]
    assert unknown == [["V3"]]


def test_a_remote_mine_is_explained(covered: Path) -> None:
    """The mine that nothing lies beside stays outside, with how far it is to the nearest."""
    findings = json.loads((covered / "findings.json").read_text(encoding="utf-8"))
    (why,) = [f for f in findings if f["code"] == "coverage.why_remote"]
    assert why["ids"] == ["P3"]
    assert why["clause"] == "zhejiang-2017 二(三)"


def test_coverage_verifies(covered: Path, tmp_path: Path) -> None:
    """The folder verifies; with a place put elsewhere it does not."""
    texts = load_texts("en")
    assert verify_coverage(covered, texts, quiet=True) == 0
    copy = tmp_path / "copy"
    shutil.copytree(covered, copy)
    table = (copy / "coverage.csv").read_text(encoding="utf-8")
    (copy / "coverage.csv").write_text(table.replace(",A,东社区,", ",B,东社区,"), encoding="utf-8")
    assert verify_coverage(copy, texts, quiet=True) == 1


@pytest.mark.parametrize("folder", ["covered", "gridded"])
def test_a_folder_holds_everything(folder: str, request: pytest.FixtureRequest) -> None:
    """Page, workbook, document, findings, certificate, manifest and layers are written."""
    path: Path = request.getfixturevalue(folder)
    names = {p.name for p in path.iterdir()}
    assert {"hearing.html", "report.xlsx", "report.docx", "findings.json"} <= names
    assert {"certificate.json", "manifest.json"} <= names
    assert any(name.endswith(".gpkg") for name in names)
    page = (path / "hearing.html").read_text(encoding="utf-8")
    assert 'id="commplan-data"' in page


def test_grids_of_the_town(gridded: Path) -> None:
    """Units of a community are in grids of it; the square in none is in no grid."""
    rows = rows_of(gridded / "grids.csv")
    assert {row["unit_id"] for row in rows if not row["grid_id"]} == {"U5"}
    assert all(row["grid_id"].startswith(row["community_id"]) for row in rows if row["grid_id"])
    listed = rows_of(gridded / "grid_list.csv")
    inside = [row for row in listed if row["ok"] == "0"]
    assert all(300 <= int(row["households"]) <= 500 for row in inside)
    layer = gpd.read_file(gridded / "grids.gpkg", layer="grids")
    assert layer["grid_id"].tolist() == [row["grid_id"] for row in listed]


def test_grids_verify(gridded: Path, tmp_path: Path) -> None:
    """The folder verifies; with a unit in another grid it does not."""
    texts = load_texts("en")
    assert verify_grids(gridded, texts, quiet=True) == 0
    copy = tmp_path / "copy"
    shutil.copytree(gridded, copy)
    table = (copy / "grids.csv").read_text(encoding="utf-8")
    (copy / "grids.csv").write_text(table.replace("U0,A,A-G01", "U0,A,A-G02"), encoding="utf-8")
    assert verify_grids(copy, texts, quiet=True) == 1


def with_entry(folder: Path, copy: Path, entry: dict[str, object]) -> Path:
    """Copy a run whose certificate has another entry; the manifest knows its new content."""
    shutil.copytree(folder, copy)
    path, manifest = copy / "certificate.json", copy / "manifest.json"
    held = json.loads(path.read_text(encoding="utf-8"))
    held["pieces"] = [one | entry.pop("each", {}) for one in held.get("pieces", [])]
    path.write_text(json.dumps(held | entry), encoding="utf-8")
    known = json.loads(manifest.read_text(encoding="utf-8"))
    known["files"]["certificate.json"] = file_sha256(path)
    manifest.write_text(json.dumps(known), encoding="utf-8")
    return copy


@pytest.mark.parametrize(
    ("folder", "entry", "code"),
    [
        ("covered", {}, 0),
        ("covered", {"weights": {}}, 1),
        ("covered", {"status": "splendid"}, 2),
        ("covered", {"bound": "much"}, 2),
        ("covered", {"reasons": ["far"]}, 2),
        ("gridded", {}, 0),
        ("gridded", {"max_households": 999}, 1),
        ("gridded", {"each": {"gap": 0.5}}, 1),
        ("gridded", {"each": {"status": "splendid"}}, 2),
        ("gridded", {"each": {"low": "few"}}, 2),
        ("gridded", {"pieces": {}}, 2),
    ],
)
def test_certificates_are_compared_and_read_with_care(
    folder: str, entry: dict[str, object], code: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """What does not come out again is a fault; what cannot be read is one line, no traceback."""
    copy = with_entry(request.getfixturevalue(folder), tmp_path / "copy", dict(entry))
    assert run_command(["verify", str(copy), "--quiet"], load_texts("en")) == code


@pytest.mark.parametrize("folder", ["covered", "gridded"])
def test_certificates_hold_no_proof_apart(
    folder: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """`commplan certificate` says that `commplan verify` checks this run."""
    path = request.getfixturevalue(folder)
    assert run_command(["certificate", str(path), "--quiet"], load_texts("en")) == 2
    assert "commplan verify" in capsys.readouterr().err


def test_grids_of_a_list_of_ones_own(town: Path, tmp_path: Path) -> None:
    """With a list of units and communities those communities are divided."""
    plan = tmp_path / "plan.csv"
    lines = [f"U{i},{'X' if i < 5 else 'Y'}" for i in range(len(SQUARES))]
    plan.write_text("unit_id,community_id\n" + "\n".join(lines) + "\n", encoding="utf-8")
    out = tmp_path / "grids"
    assert grids(town / "town.toml", out, plan, load_texts("zh-CN"), quiet=True) == 0
    assert {row["community_id"] for row in rows_of(out / "communities.csv")} == {"X", "Y"}
    assert verify_grids(out, load_texts("zh-CN"), quiet=True) == 0


def test_a_run_does_what_the_scenario_holds(town: Path, tmp_path: Path) -> None:
    """`commplan run` leaves coverage and grids beside the plan, the grids those of the plan."""
    texts = load_texts("en")
    out = tmp_path / "plan"
    arguments = ["run", str(town / "town.toml"), "-o", str(out), "--quiet"]
    assert run_command(arguments, texts) == 0
    assert (tmp_path / "plan-coverage" / "coverage.csv").is_file()
    planned = {row["unit_id"]: row["community_id"] for row in rows_of(out / "assignment.csv")}
    divided = rows_of(tmp_path / "plan-grids" / "grids.csv")
    assert {row["unit_id"]: row["community_id"] for row in divided} == planned
    for folder in ("plan-grids", "plan-coverage"):
        assert run_command(["verify", str(tmp_path / folder), "--quiet"], texts) == 0


@pytest.mark.parametrize(
    "lines",
    [
        "[grids]\nmin_households = 500\nmax_households = 300",
        "[grids]\nweights = { moved_households = 1 }",
        '[grids]\neffort = "huge"',
        "[coverage]\nmin_households = 3000\nmax_households = 1500",
        '[coverage]\nconvert = ["urban"]',
        "[coverage]\nreach = 5",
    ],
)
def test_sections_are_checked(tmp_path: Path, lines: str) -> None:
    """What cannot be meant is an error that names the key."""
    path = tmp_path / "x.toml"
    text = f'[scenario]\nname = "x"\n[layers.units]\npath = "u.gpkg"\n{lines}\n'
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"grids|coverage"):
        read_scenario(path)
