"""Instances that cannot be used: one line that names the file, exit code 2, and the others run."""

from pathlib import Path

import pytest

from benchmarks import area, siting, walking

PMED = "3 2 1\n1 2 2\n2 3 3\n"
KONG = "OID\tpop\tPointX\tPointY\tfcadidature\tfcost\tfcapacity\n"
ROWS = "1\t1\t0\t0\t0\t5\t4\n2\t2\t1000\t0\t0\t0\t0\n"
PAIRS = '"OID_","ID1","ID2","d"\n,1,2,0\n'

BAD = [
    ("pmedian", "nothing at all", "does not begin with 3 counts"),
    ("pmedian", "3 9 1\n1 2 2\n", "holds 3 of the 27 numbers"),
    ("pmedian", "3 2 1\n1 2 2\n2 7 3\n", "does not join two of the nodes 1 to 3"),
    ("pmedian", "3 1 1\n1 2 2\n", "not all joined"),
    ("pmedian", "3 2 1\n1 2 2\n2 3 3x\n", "not a file of numbers"),
    ("cpmp", PMED, "holds 7 of the 12 numbers"),
    ("sscflp", "2 3\n10 5\n", "holds 2 of the 4 numbers"),
    ("sscflp", KONG + "1\t1\t0\n", "is no number"),
    ("mclp", "2 9999\n0 0 4\n3 4 5\n", "--p"),
    ("sap", "OID pop\n1 2\n", "fewer than seven columns"),
    ("cflsap", KONG + ROWS.replace("\t4\n", "\t0\n"), "holds no facility"),
    ("sap", KONG + ROWS.replace("1000", "x"), "row 2: PointX is no number (x)"),
    ("cflsap", KONG + ROWS.replace("2\t2", "9\t2"), "names a unit 2"),
]


def ran(family: str, *arguments: str) -> int:
    """Run a family."""
    return (area if family in {"sap", "cflsap"} else siting).run(family, arguments)


@pytest.mark.parametrize(("family", "text", "words"), BAD)
def test_one_line_names_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], family: str, text: str, words: str
) -> None:
    """Nothing is printed but the line on standard error."""
    path = tmp_path / "zya7.txt"
    path.write_text(text, encoding="ascii")
    (tmp_path / "zy_connectivity.txt").write_text(PAIRS, encoding="ascii")
    assert ran(family, str(path), "--out", str(tmp_path)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith(f"{path}: ")
    assert words in line


@pytest.mark.parametrize("family", ["pmedian", "sap"])
def test_a_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str], family: str) -> None:
    """It is named once."""
    path = tmp_path / "zya7.txt"
    (tmp_path / "zy_connectivity.txt").write_text(PAIRS, encoding="ascii")
    assert ran(family, str(path), "--out", str(tmp_path)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{path}: No such file")


def test_neighbours_that_are_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file that was looked for is named, and how to name another."""
    path = tmp_path / "gya7.txt"
    path.write_text(KONG + ROWS, encoding="ascii")
    assert area.run("sap", [str(path), "--out", str(tmp_path)]) == 2
    line = capsys.readouterr().err
    assert "gy2_connectivity.txt" in line
    assert "--adjacency" in line


def test_the_others_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bad file between two good ones: two lines of results, one of complaint."""
    paths = [tmp_path / f"pmed{i}.txt" for i in range(3)]
    for path in paths:
        path.write_text(PMED, encoding="ascii")
    paths[1].write_text("no", encoding="ascii")
    assert siting.run("pmedian", [*map(str, paths), "--out", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 2
    assert len(said.err.splitlines()) == 1


def test_no_streets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The walking runner too names what it cannot read, once."""
    paths = [tmp_path / "streets.osm", tmp_path / "none.geojson"]
    paths[0].write_text("<osm", encoding="ascii")
    assert walking.main([*map(str, paths), "--seconds", "1"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert [line.split(": ")[0] for line in lines] == [str(path) for path in paths]
