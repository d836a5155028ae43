"""What a batch consists of: files, catalogues, and what varies in them."""

from pathlib import Path

import pytest
from benchmarks.bad_inputs import SCENARIO, Case, prepare

from commplan.errors import InputError, MissingFileError
from commplan.scenario.batch_cases import read_batch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Hold nine squares and a scenario over them."""
    prepare(Case("good", (), SCENARIO), tmp_path)
    return tmp_path


def catalogue(folder: Path, text: str, name: str = "all.toml") -> Path:
    """Write a catalogue."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_scenario_files_are_cases(folder: Path) -> None:
    """A scenario on the command line is a case under its own name."""
    work = read_batch([folder / "scenario.toml"])
    assert [case.name for case in work.cases] == ["tiny"]
    assert work.cases[0].scenario is not None


def test_set_overrides_and_names(folder: Path) -> None:
    """A case takes the scenario with other values; its paths stay those of the scenario."""
    text = """
    [batch]
    name = "province"
    title = { zh = "全省", en = "Province" }
    [[cases]]
    scenario = "scenario.toml"
    name = "loose"
    title = { zh = "宽松", en = "Loose" }
    set = { redraw.max_households = 500 }
    """
    work = read_batch([catalogue(folder, text)])
    case = work.cases[0]
    assert (work.name, work.title.zh, case.name) == ("province", "全省", "loose")
    assert case.title == {"zh-CN": "宽松", "en": "Loose"}
    assert case.scenario is not None
    assert case.scenario.redraw.max_households == 500
    assert case.scenario.redraw.min_households == 100
    assert case.scenario.layers.units is not None
    assert case.scenario.layers.units[0].path == str((folder / "units.geojson").resolve())


def test_vary_makes_every_combination(folder: Path) -> None:
    """Labels of the choices make the names, in the order in which they are written."""
    text = """
    [[cases]]
    scenario = "scenario.toml"
    [cases.vary.weights]
    still = { redraw.weights = "least-change" }
    round = { redraw.weights = "compact" }
    [cases.vary.rules]
    a = { scenario.profile = "zhejiang-2017" }
    b = { scenario.profile = "zhejiang-2017", redraw.max_households = 450 }
    """
    work = read_batch([catalogue(folder, text)])
    assert [case.name for case in work.cases] == [
        "tiny-still-a",
        "tiny-still-b",
        "tiny-round-a",
        "tiny-round-b",
    ]
    last = work.cases[3].scenario
    assert last is not None
    assert (last.redraw.weights, last.redraw.max_households) == ("compact", 450)


def test_each_value_of_a_field_is_a_case(folder: Path) -> None:
    """Every value of the units' field picks its own units, beside a condition that is there."""
    text = """
    [[cases]]
    scenario = "scenario.toml"
    set = { layers.units.where = "households > 0" }
    each = { column = "unit_id" }
    """
    work = read_batch([catalogue(folder, text)])
    assert len(work.cases) == 9
    first = work.cases[0].scenario
    assert first is not None
    assert first.layers.units is not None
    value = work.cases[0].name.removeprefix("tiny-")
    assert first.layers.units[0].where == f"(households > 0) AND (unit_id = '{value}')"


def test_csv_catalogue(folder: Path) -> None:
    """A row is a case; other columns are keys of the scenario, read as TOML where they can be."""
    text = (
        "scenario,name,title.zh,redraw.max_households,redraw.weights\n"
        "scenario.toml,a,甲县,350,compact\n"
        "scenario.toml,b,,,\n"
    )
    work = read_batch([catalogue(folder, text, "all.csv")])
    first, second = (case.scenario for case in work.cases)
    assert first is not None
    assert second is not None
    assert (first.redraw.max_households, first.redraw.weights) == (350, "compact")
    assert second.redraw.max_households == 400
    assert work.cases[0].title["zh-CN"] == "甲县"


def test_a_bad_scenario_does_not_hold_up_the_others(folder: Path) -> None:
    """A scenario with a fault is a case with faults; the others can be done."""
    text = """
    [[cases]]
    scenario = "scenario.toml"
    [[cases]]
    scenario = "scenario.toml"
    name = "odd"
    set = { redraw.max_houses = 1 }
    [[cases]]
    scenario = "nowhere.toml"
    """
    work = read_batch([catalogue(folder, text)])
    assert [(case.name, case.scenario is not None) for case in work.cases] == [
        ("tiny", True),
        ("odd", False),
        ("nowhere", False),
    ]
    assert [case.faults[0].code for case in work.cases[1:]] == [
        "scenario.unknown_key",
        "fault.missing_file",
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[[cases]]\nscenari = "scenario.toml"\n', "scenario.unknown_key"),
        ('[[cases]]\nname = "x"\n', "scenario.missing_key"),
        ('[batch]\nname = "x y"\n[[cases]]\nscenario = "scenario.toml"\n', "scenario.bad_value"),
        (
            '[[cases]]\nscenario = "scenario.toml"\n[[cases]]\nscenario = "scenario.toml"\n',
            "batch.name_twice",
        ),
        (
            '[[cases]]\nscenario = "scenario.toml"\neach = { column = "TOWN" }\n',
            "batch.no_values",
        ),
    ],
)
def test_catalogue_that_cannot_be_used(folder: Path, text: str, code: str) -> None:
    """Faults of a catalogue end everything before anything is begun."""
    with pytest.raises(InputError) as caught:
        read_batch([catalogue(folder, text)])
    assert code in [fault.code for fault in caught.value.faults]


def test_a_typo_is_told_without_echo(folder: Path) -> None:
    """The wrong key and the one it stands for are named; that no right case is left is not."""
    with pytest.raises(InputError) as caught:
        read_batch([catalogue(folder, '[[cases]]\nscenari = "scenario.toml"\n')])
    assert {(fault.code, fault.field_name) for fault in caught.value.faults} == {
        ("scenario.unknown_key", "cases.1.scenari"),
        ("scenario.missing_key", "cases.1.scenario"),
    }
    with pytest.raises(InputError) as caught:
        read_batch([catalogue(folder, "cases = []\n")])
    assert [fault.field_name for fault in caught.value.faults] == ["cases"]


def test_nothing_to_read(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(MissingFileError):
        read_batch([tmp_path / "none.toml"])
    with pytest.raises(MissingFileError):
        read_batch([tmp_path / "none.csv"])
