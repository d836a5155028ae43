"""Comments as CSV: what the page exports, what an office notes down, and what cannot be used."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from commplan.errors import InputError
from commplan.scenario.documents_comments import read_comments
from commplan.territory.territory import Territory

CRS = "EPSG:4549"
X, Y = 500_000.0, 3_210_000.0


@pytest.fixture(scope="module")
def territory() -> Territory:
    """Make three compounds, two of them of the same name, with a street between the first two."""
    units = gpd.GeoDataFrame(
        {"unit_id": ["A1", "A2", "A3"], "name": ["清江花园", "新村", "新村"]},
        geometry=[shapely.box(X + d, Y, X + d + 100, Y + 100) for d in (0, 120, 240)],
        crs=CRS,
    )
    blocks = [shapely.box(X + d - 10, Y, X + d + 110, Y + 100) for d in (0, 120, 240)]
    return Territory(crs=units.crs, units=units, blocks=gpd.GeoSeries(blocks, crs=CRS))


def degrees(territory: Territory, x: float, y: float) -> str:
    """Write a point given in metres as the page does: longitude, latitude."""
    point = gpd.GeoSeries([shapely.Point(X + x, Y + y)], crs=territory.crs).to_crs(4326)[0]
    return f"{point.x:.6f},{point.y:.6f}"


def written(folder: Path, text: str, encoding: str = "utf-8-sig") -> Path:
    """Write a CSV file."""
    path = folder / "comments.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_what_the_page_exports_is_read(territory: Territory, tmp_path: Path) -> None:
    """A unit by its id, a point in a unit, a point on its street, and one nowhere."""
    rows = [
        "unit,x,y,name,comment",
        "A2,,,张三,'=不同意",
        f",{degrees(territory, 50, 50)},李四,装电梯",
        f",{degrees(territory, 105, 50)},,近一点",
        f",{degrees(territory, 5000, 50)},王五,太远",
        f"A3,{degrees(territory, 50, 50)},赵六,",
    ]
    comments, lost = read_comments(written(tmp_path, "\n".join(rows)), territory)
    assert [c.unit for c in comments] == [1, 0, 0, -1]
    assert [c.name for c in comments] == ["张三", "李四", "", "王五"]
    assert comments[0].words == "=不同意"
    assert lost == 1


def test_what_an_office_notes_down_is_read(territory: Territory, tmp_path: Path) -> None:
    """Chinese heads in GB18030; a place by its name, where only one is called so; answers kept."""
    text = "姓名,所在小区,意见内容,是否采纳,答复\n张三,清江花园,好,采纳,谢谢\n李四,新村,不好,,\n"
    comments, lost = read_comments(written(tmp_path, text, "gb18030"), territory)
    assert [c.unit for c in comments] == [0, -1]
    assert comments[0].answer == "谢谢"
    assert comments[0].taken == "采纳"
    assert comments[1].place == "新村"
    assert lost == 0


def test_an_empty_list_is_no_error(territory: Territory, tmp_path: Path) -> None:
    """A file with a head alone holds no comments."""
    assert read_comments(written(tmp_path, "unit,comment\n"), territory) == ((), 0)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("unit,name\nA1,张三\n", "documents.fault_comment_columns"),
        ("unit,comment\nA9,好\n", "documents.fault_comment_unit"),
    ],
)
def test_what_cannot_be_used_is_named(
    territory: Territory, tmp_path: Path, text: str, code: str
) -> None:
    """A missing column and an unknown unit are faults with file and row."""
    with pytest.raises(InputError) as caught:
        read_comments(written(tmp_path, text), territory)
    assert caught.value.faults[0].code == code
    assert caught.value.faults[0].file == str(tmp_path / "comments.csv")


def test_files_that_are_none_are_named(territory: Territory, tmp_path: Path) -> None:
    """A missing file and a binary one are faults, not tracebacks."""
    with pytest.raises(FileNotFoundError):
        read_comments(tmp_path / "none.csv", territory)
    path = tmp_path / "comments.csv"
    path.write_bytes(b"PK\0\0binary")
    with pytest.raises(InputError):
        read_comments(path, territory)
