"""`commplan siting` end to end on a street of five compounds, as files."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from commplan.cli import run_command
from commplan.scenario.file import read_scenario
from commplan.scenario.pipeline import survey
from commplan.scenario.sections import run_sections
from commplan.scenario.watch import Watch
from commplan.texts import load_texts

#: Compounds of 200 m along a line, their middles 1,000 m apart: 1,000 m × 1.3 / 80 = 16.25 minutes.
HOUSEHOLDS = (100, 400, 200, 300, 50)
#: id, place along the line in compounds (0.5: between the first two), status, price.
SITES = (
    ("R1", 0.0, "existing", None),
    ("A", 1.5, "candidate", 900_000.0),  # reaches the second and third compound
    ("B", 3.0, "candidate", 500_000.0),  # the fourth alone
    ("C", 1.0, "candidate", 300_000.0),  # the second alone
    ("D", 2.0, "candidate", 400_000.0),  # the third alone
)
SCENARIO = """
[scenario]
name = "street"
profile = "zhejiang-2017"
crs = "EPSG:4549"
[layers.units]
path = "units.gpkg"
[layers.sites]
path = "sites.gpkg"
[siting]
"""
WEST, SOUTH = 540_000.0, 3_210_000.0


@pytest.fixture
def street(tmp_path: Path) -> Path:
    """Write units and sites; nothing is within reach of the last compound."""
    count = len(HOUSEHOLDS)
    units = {
        "unit_id": [f"U{i}" for i in range(count)],
        "name": [f"小区{i}" for i in range(count)],
        "households": HOUSEHOLDS,
        "population": [3 * households for households in HOUSEHOLDS],
        "elderly": [10, 20, 300, 10, 10],
        "subdistrict_id": ["西", "西", "西", "东", "东"],
    }
    middles = [WEST + 1000.0 * i for i in range(count)]
    shapes = [shapely.box(x - 100, SOUTH - 100, x + 100, SOUTH + 100) for x in middles]
    frame = gpd.GeoDataFrame(units, geometry=shapes, crs="EPSG:4549")
    frame.to_file(tmp_path / "units.gpkg", layer="units", driver="GPKG", engine="pyogrio")
    table = {
        "site_id": [site for site, *_ in SITES],
        "status": [status for *_, status, _ in SITES],
        "floor_m2": [400.0] * len(SITES),
        "cost_yuan": [price for *_, price in SITES],
    }
    points = [shapely.Point(WEST + 1000.0 * at, SOUTH) for _, at, *_ in SITES]
    sites = gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4549")
    sites.to_file(tmp_path / "sites.gpkg", layer="sites", driver="GPKG", engine="pyogrio")
    return tmp_path


def write(street: Path, section: str) -> Path:
    """Write the scenario with a section of its own."""
    path = street / "street.toml"
    path.write_text(SCENARIO + section, encoding="utf-8")
    return path


def site(street: Path, section: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Run the command, and read ``siting.csv`` by site."""
    path = write(street, section)
    code = run_command(
        ["siting", str(path), "-o", str(street / "out"), "--quiet"], load_texts("en")
    )
    file = street / "out" / "siting.csv"
    if code == 2:
        return code, {}
    with file.open(encoding="utf-8", newline="") as stream:
        return code, {row["site_id"]: row for row in csv.DictReader(stream)}


def read(street: Path, name: str) -> dict:
    """Read a JSON file of the run."""
    found = json.loads((street / "out" / name).read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_everybody_at_least_cost(street: Path) -> None:
    """C and D for 700,000 serve what A does for 900,000; the room that stands stays; U4 is named."""
    code, rows = site(street, "")
    assert code == 0
    assert {name: row["action"] for name, row in rows.items()} == {
        "R1": "keep", "B": "new", "C": "new", "D": "new",
    }  # fmt: skip
    assert {name: row["households"] for name, row in rows.items()} == {
        "R1": "100", "B": "300", "C": "400", "D": "200",
    }  # fmt: skip
    held = read(street, "certificate.json")
    assert held["status"] == "optimal"
    assert held["objective"] == held["bound"] == held["cost_yuan"] == 1_200_000
    assert held["uncovered"] == {"no_site": {"units": ["U4"], "remedy": {}}}
    assert rows["C"]["need_m2"] == "350"


def test_most_households_under_a_budget(street: Path) -> None:
    """For 800,000 B and C serve 700 new households, C and D only 600, A alone is too dear."""
    code, rows = site(street, 'aim = "max_cover"\nbudget_yuan = 800_000\n')
    assert code == 0
    assert {name for name, row in rows.items() if row["action"] == "new"} == {"B", "C"}
    held = read(street, "certificate.json")
    assert held["objective"] == held["within_households"] == 800
    assert held["uncovered"]["budget"] == {"units": ["U2"], "remedy": {"budget": 1_200_000}}


def test_too_small_a_budget_names_only_the_missed(street: Path) -> None:
    """Everybody for 800,000 cannot be: exit 3, the best choice is shown and misses U2 alone."""
    code, rows = site(street, "budget_yuan = 800_000\n")
    assert code == 3
    assert {name for name, row in rows.items() if row["action"] == "new"} == {"B", "C"}
    held = read(street, "certificate.json")
    assert held["status"] == "infeasible"
    assert held["objective"] is None
    assert held["uncovered"]["budget"]["units"] == ["U2"]


def test_least_walking_with_a_number(street: Path) -> None:
    """With two rooms of all, without U4: none serves all four, so the aim is out of reach."""
    code, _ = site(street, 'aim = "median"\nnumber = 2\nkeep = false\n')
    assert code == 3
    assert read(street, "certificate.json")["uncovered"]["number"]["remedy"] == {"max_open": 3}


def test_rooms_may_close_and_minutes_add_up(street: Path) -> None:
    """Three rooms for four compounds: A has to serve two at 8.125 minutes, the others none."""
    code, rows = site(street, 'aim = "median"\nnumber = 3\nkeep = false\n')
    assert code == 0
    assert set(rows) == {"R1", "A", "B"}
    assert read(street, "certificate.json")["objective"] == pytest.approx(600 * 500 * 1.3 / 80)


def test_a_subdistrict_by_itself(street: Path) -> None:
    """The east asks about two compounds; rooms that none of its people reach are not in it."""
    code, rows = site(street, 'aim = "centre"\nnumber = 1\nsubdistricts = ["东"]\n')
    assert code == 0
    assert set(rows) == {"B"}
    assert read(street, "certificate.json")["units"] == 2


def test_the_elderly(street: Path) -> None:
    """Every compound has elderly people: each of the four gets a room at its door."""
    code, rows = site(street, 'aim = "elderly"\nnumber = 4\n')
    assert code == 0
    assert set(rows) == {"R1", "B", "C", "D"}
    assert read(street, "certificate.json")["objective"] == pytest.approx(0, abs=1e-3)


def change_sites(street: Path, **columns: dict[str, object]) -> None:
    """Write columns of the sites anew: site -> value, nothing for the others."""
    sites = gpd.read_file(street / "sites.gpkg")
    for name, values in columns.items():
        own = sites.get(name)
        sites[name] = [
            values.get(site, None if own is None else own[row])
            for row, site in enumerate(sites["site_id"])
        ]
    sites.to_file(street / "sites.gpkg", layer="sites", driver="GPKG", engine="pyogrio")


def test_a_room_that_stands_is_extended(street: Path) -> None:
    """R1 of 300 m² needs 350 for its 100 households: 50 more at 2,000 yuan each and 10,000 besides."""
    change_sites(
        street, floor_m2={"R1": 300.0}, extend_m2={"R1": 80.0}, extend_yuan={"R1": 10_000.0},
        yuan_per_m2={"R1": 2_000.0},
    )  # fmt: skip
    code, rows = site(street, 'size = "rule"\n')
    assert code == 0
    assert {name: row["action"] for name, row in rows.items()} == {
        "R1": "extend", "B": "new", "C": "new", "D": "new",
    }  # fmt: skip
    grown = rows["R1"]
    assert (grown["extend_m2"], grown["floor_m2"], grown["cost_yuan"]) == ("50", "350", "110000")
    assert read(street, "certificate.json")["objective"] == 1_310_000
    assert "siting.extended" in (street / "out" / "findings.json").read_text(encoding="utf-8")
    assert run_command(["verify", str(street / "out"), "--quiet"], load_texts("en")) == 0
    table = street / "out" / "siting.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("350,50,", "349,49,"), "utf-8")
    assert run_command(["verify", str(street / "out"), "--quiet"], load_texts("en")) == 1


def test_rooms_too_small_for_all(street: Path) -> None:
    """C of 340 m² is below the least size of 350, so the second compound has to go to A."""
    change_sites(street, floor_m2={"C": 340.0})
    code, rows = site(street, 'size = "rule"\n')
    assert code == 0
    assert set(rows) == {"R1", "A", "B"}
    assert "siting.out_too_small" in (street / "out" / "findings.json").read_text(encoding="utf-8")
    change_sites(street, floor_m2={"A": None})
    code, rows = site(street, 'size = "rule"\n')
    assert set(rows) == {"R1", "B", "D"}
    assert read(street, "certificate.json")["uncovered"]["no_site"]["units"] == ["U1", "U4"]
    assert run_command(["verify", str(street / "out"), "--quiet"], load_texts("en")) == 0


def test_sites_that_are_decided_already(street: Path) -> None:
    """A is to be built and R1 to close: the first compound has no site, the next two go to A."""
    code, rows = site(street, 'open = ["A"]\nclose = ["R1", "C"]\n')
    assert code == 0
    assert {name: row["action"] for name, row in rows.items()} == {
        "R1": "close", "A": "new", "B": "new",
    }  # fmt: skip
    held = read(street, "certificate.json")
    assert held["cost_yuan"] == 1_400_000
    assert held["uncovered"]["no_site"]["units"] == ["U0", "U4"]
    assert run_command(["verify", str(street / "out"), "--quiet"], load_texts("en")) == 0


def test_only_places_by_the_entrance(street: Path) -> None:
    """As a rule only R1 and B serve anybody; as a preference A, though dearer, goes before C and D."""
    suited = dict.fromkeys(("R1", "A", "B"), True)
    change_sites(street, ground_floor=suited, beside_entrance=suited)
    code, rows = site(street, 'ground_floor = "rule"\nclose = ["A"]\n')
    assert code == 0
    assert set(rows) == {"R1", "B"}
    assert read(street, "certificate.json")["uncovered"]["no_site"]["units"] == ["U1", "U2", "U4"]
    assert "siting.out_unsuited" in (street / "out" / "findings.json").read_text(encoding="utf-8")
    code, rows = site(street, 'ground_floor = "prefer"\n')
    assert set(rows) == {"R1", "A", "B"}


def test_a_community_by_itself(street: Path) -> None:
    """The third and fourth compound are one community today: only they are asked about."""
    units = gpd.read_file(street / "units.gpkg")
    units["community_id"] = ["甲", "甲", "乙", "乙", "丙"]
    units.to_file(street / "units.gpkg", layer="units", driver="GPKG", engine="pyogrio")
    code, rows = site(street, 'communities = ["乙"]\n')
    assert code == 0
    assert set(rows) == {"B", "D"}


def test_the_elderly_walk_at_their_own_pace(street: Path) -> None:
    """A is 500 m × 1.3 at 60 m a minute from the second and third compound: 10.8 minutes."""
    code, _ = site(street, 'aim = "elderly"\nnumber = 3\nclose = ["C", "D"]\n')
    assert code == 0
    assert read(street, "certificate.json")["objective"] == pytest.approx(500 * 1.3 / 60)
    assert run_command(["verify", str(street / "out"), "--quiet"], load_texts("en")) == 0


def test_a_site_comes_when_it_is_ready(street: Path) -> None:
    """C is ready in 2031 only: D comes first, then C; the money does not reach B."""
    change_sites(street, ready_year={"C": 2031})
    code, rows = site(street, "first_year = 2030\nyearly_yuan = [400_000, 400_000]\n")
    assert code == 0
    assert {name: row["year"] for name, row in rows.items()} == {
        "R1": "", "D": "2030", "C": "2031", "B": "",
    }  # fmt: skip
    code, rows = site(street, "")
    assert {name for name, row in rows.items() if row["year"]} == {"C"}
    assert run_command(["verify", str(street / "out"), "--quiet"], load_texts("en")) == 0


def test_sizes_need_a_rule_and_people(street: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A profile without a rule of size is refused, and one by people where they are not known."""
    path = write(street, 'size = "rule"\n')
    text = path.read_text(encoding="utf-8")
    units = gpd.read_file(street / "units.gpkg").drop(columns="population")
    units.to_file(street / "units.gpkg", layer="units", driver="GPKG", engine="pyogrio")
    for profile, words in (("national-2026", "size of rooms"), ("anhui-city-2011", "5 units")):
        path.write_text(text.replace("zhejiang-2017", profile), encoding="utf-8")
        command = ["siting", str(path), "-o", str(street / "out"), "--quiet"]
        assert run_command(command, load_texts("en")) == 2
        assert words in capsys.readouterr().err


def test_rooms_by_year(street: Path) -> None:
    """C for 400 households comes first, B when the money has come, D not within two years."""
    code, rows = site(street, "first_year = 2030\nyearly_yuan = [400_000, 400_000]\n")
    assert code == 0
    years = {name: row["year"] for name, row in rows.items()}
    assert years == {"R1": "", "C": "2030", "B": "2031", "D": ""}
    found = (street / "out" / "findings.json").read_text(encoding="utf-8")
    assert "siting.late" in found


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ('aim = "best"', "siting.aim"),
        ('aim = "median"', "needs number or budget_yuan"),
        ("keep = false", "give number"),
        ("number = 0", "siting.number"),
        ('subdistricts = ["北"]', "北"),
        ("minutes = 0", "siting.minutes"),
        ("yearly_yuan = [-1]", "siting.yearly_yuan"),
        ("budget = 3", "budget_yuan"),
        ('communities = ["南"]', 'called "南"'),
        ('open = ["E"]', "siting.open"),
        ('open = ["A"]\nclose = ["A"]', "under close"),
        ('size = "large"', "siting.size"),
        ('ground_floor = "yes"', "siting.ground_floor"),
    ],
)
def test_wrong_options(
    street: Path, section: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An option that does not fit is refused in a line that names it; nothing is written."""
    code, _ = site(street, section + "\n")
    assert code == 2
    assert words in capsys.readouterr().err
    assert not (street / "out").exists()


def test_fewer_rooms_than_are_kept(street: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A number below the rooms that stand and are kept is refused."""
    sites = gpd.read_file(street / "sites.gpkg")
    sites["status"] = "existing"
    sites.to_file(street / "sites.gpkg", layer="sites", driver="GPKG", engine="pyogrio")
    assert site(street, "number = 3\n")[0] == 2
    assert "5 rooms stand" in capsys.readouterr().err


def test_without_sites(street: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A scenario without sites says what lacks."""
    path = write(street, "")
    lines = path.read_text(encoding="utf-8").replace('[layers.sites]\npath = "sites.gpkg"\n', "")
    path.write_text(lines, encoding="utf-8")
    assert run_command(["siting", str(path), "-o", str(street / "out")], load_texts("en")) == 2
    assert "layers.sites" in capsys.readouterr().err


def test_the_command_line_and_verify(street: Path) -> None:
    """As a process of its own: everything is written, verify agrees, and finds what is changed."""
    write(street, 'aim = "max_cover"\nbudget_yuan = 800_000\n')
    command = [sys.executable, "-c", "from commplan.cli import main; main()", "siting"]
    done = subprocess.run(
        [*command, "street.toml", "-o", "out", "--quiet"],
        capture_output=True,
        check=False,
        cwd=street,
        env=os.environ | {"COMMPLAN_LANG": "zh-CN"},
    )
    assert done.returncode == 0, done.stderr.decode()
    assert "覆盖" in done.stdout.decode("utf-8")
    written = {path.name for path in (street / "out").iterdir()}
    assert written == {
        "certificate.json", "findings.json", "hearing.html", "manifest.json", "report.docx",
        "report.xlsx", "siting.csv", "siting.gpkg", "units.csv",
    }  # fmt: skip
    verify = ["verify", str(street / "out"), "--quiet"]
    assert run_command(verify, load_texts("en")) == 0
    table = street / "out" / "units.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("U3,B", "U3,C"), encoding="utf-8")
    assert run_command(verify, load_texts("en")) == 1


def test_a_changed_page_is_named_and_fails_nothing(
    street: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No figure is read from the page, and somebody may have opened the Word file."""
    assert site(street, "")[0] == 0
    (street / "out" / "hearing.html").write_text("gone", encoding="utf-8")
    (street / "out" / "report.docx").unlink()
    capsys.readouterr()
    assert run_command(["verify", str(street / "out"), "--quiet"], load_texts("en")) == 0
    said = capsys.readouterr().out
    assert "hearing.html is not as the run left it" in said
    assert "report.docx is not as the run left it" in said


def test_without_any_price_the_fewest_rooms_are_chosen(
    street: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """R1, A and B serve everybody who can be; that no price is known is said."""
    sites = gpd.read_file(street / "sites.gpkg").assign(cost_yuan=None)
    sites.to_file(street / "sites.gpkg", layer="sites", driver="GPKG", engine="pyogrio")
    code, rows = site(street, "")
    assert code == 0
    held = read(street, "certificate.json")
    said = capsys.readouterr().out
    assert held["objective"] == sum(row["action"] != "none" for row in rows.values())
    count = f"{held['objective']:.0f};"
    assert f"Fewest rooms with everybody who can be within the limit: {count}" in said
    assert "no other site has one" in said


def test_a_section_of_a_run(street: Path) -> None:
    """`commplan run` acts upon the section, in a folder beside the plan's that verify accepts."""
    scenario = read_scenario(write(street, 'aim = "centre"\nnumber = 4\n'))
    texts = load_texts("en")
    run_sections(survey(scenario), street / "plan", Watch(), texts)
    assert (street / "plan-siting" / "siting.csv").is_file()
    assert run_command(["verify", str(street / "plan-siting"), "--quiet"], texts) == 0


def test_no_room_stands_and_none_can_be_paid(street: Path) -> None:
    """Without rooms and without money nobody is served, and everything is written all the same."""
    sites = gpd.read_file(street / "sites.gpkg")
    sites["status"] = "candidate"
    sites.to_file(street / "sites.gpkg", layer="sites", driver="GPKG", engine="pyogrio")
    code, rows = site(street, 'aim = "max_cover"\nbudget_yuan = 1\nsubdistricts = ["东"]\n')
    assert (code, rows) == (0, {})
    assert read(street, "certificate.json")["within_households"] == 0
    assert run_command(["verify", str(street / "out"), "--quiet"], load_texts("en")) == 0


def test_no_site_within_reach(street: Path) -> None:
    """Where every site is too far all units are named, with how far the nearest is."""
    sites = gpd.read_file(street / "sites.gpkg")
    sites["geometry"] = sites.translate(0, 4000)
    sites.to_file(street / "sites.gpkg", layer="sites", driver="GPKG", engine="pyogrio")
    code, rows = site(street, "")
    assert (code, rows) == (0, {})
    left = read(street, "certificate.json")["uncovered"]["no_site"]["units"]
    assert left == [f"U{i}" for i in range(len(HOUSEHOLDS))]
