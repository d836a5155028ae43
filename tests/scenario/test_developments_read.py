"""Files of developments as offices write them; what is wrong costs one row."""

from pathlib import Path

import pytest

from commplan.errors import InputError
from commplan.scenario.developments_read import DevelopmentFile, read_developments
from towns import CRS

HEAD = "项目编号,项目名称,规划户数,人口,总建筑面积,经度,纬度,分期户数,期数,交付时间\n"
GOOD = "A1,花园,1850,5180,262000,113.99,30.5,2027:800;2028:1050,,\n"


def read(folder: Path, *rows: str) -> DevelopmentFile:
    """Read a CSV of rows under the usual Chinese names."""
    path = folder / "项目.csv"
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    return read_developments(path, None, CRS)


def test_chinese_table_with_degrees(tmp_path: Path) -> None:
    """Names, figures and phases are found, and the place comes out in metres of the working CRS."""
    (one,) = read(tmp_path, GOOD).developments
    assert (one.development_id, one.name, one.households) == ("A1", "花园", 1850)
    assert (one.population, one.floor_area_m2) == (5180.0, 262_000.0)
    assert [(phase.total, phase.due) for phase in one.phases] == [(800, "2027"), (1850, "2028")]
    assert one.is_point
    assert 300_000 < one.shape.x < 600_000


@pytest.mark.parametrize(
    ("row", "key", "code"),
    [
        (",无编号,100,,,113.9,30.5,,,\n", "@2", "territory.missing_id"),
        ("B,文字,many,,,113.9,30.5,,,\n", "B", "territory.not_a_number"),
        ("B,空,,,,113.9,30.5,,,\n", "B", "territory.null_count"),
        ("B,负,-1,,,113.9,30.5,,,\n", "B", "territory.negative"),
        ("B,不在图上,100,,,113.9,95,,,\n", "B", "territory.metres_as_degrees"),
        ("B,无位置,100,,,,,,,\n", "B", "developments.no_place"),
        ("B,分期,100,,,113.9,30.5,2027:1,,\n", "B", "developments.phases_do_not_add_up"),
        ("A1,又一,100,,,113.9,30.5,,,\n", "A1", "developments.id_again"),
    ],
)
def test_a_bad_row_costs_only_itself(tmp_path: Path, row: str, key: str, code: str) -> None:
    """Each fault names its row by the id, or by the number where there is none; the others are read."""
    found = read(tmp_path, GOOD, row, GOOD.replace("A1", "A2"))
    assert [one.development_id for one in found.developments][-1] == "A2"
    assert [(one.development_id, one.faults[0].code) for one in found.refused] == [(key, code)]
    fault = found.refused[0].faults[0]
    assert fault.file is None
    assert fault.row == (2 if key == "@2" else None)


def test_a_file_without_a_column_is_refused_whole(tmp_path: Path) -> None:
    """Without households nothing can be said about any row."""
    path = tmp_path / "d.csv"
    path.write_text("development_id,lon,lat\na,113.9,30.5\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_developments(path, None, CRS)
    assert caught.value.faults[0].code == "territory.missing_column"


def test_years_of_phases_may_stand_alone(tmp_path: Path) -> None:
    """A number of phases is divided evenly, and only the last has a date."""
    (one,) = read(tmp_path, "A1,花园,100,,,113.99,30.5,,2,2029-06\n").developments
    assert [(phase.total, phase.due) for phase in one.phases] == [(50, None), (100, "2029-06")]
    assert one.divided


def test_coordinates_that_are_mostly_wrong_are_the_files_fault(tmp_path: Path) -> None:
    """Metres in every row but one: the file's coordinate system is wrong, not the rows."""
    rows = [GOOD.replace("A1", f"A{i}").replace("113.99,30.5", "500350,3300050") for i in (2, 3)]
    with pytest.raises(InputError) as caught:
        read(tmp_path, GOOD, *rows)
    assert [fault.code for fault in caught.value.faults] == ["territory.metres_as_degrees"]
