"""The runner of service areas: what it reads, checks and prints, on a tiny file."""

import json
from pathlib import Path

import pytest
from benchmarks.area import run
from benchmarks.area_check import check

HEAD = "OID\tpop\tPointX\tPointY\tfcadidature\tfcost\tfcapacity\n"
UNITS = ((1, 1, 0, 5, 4), (2, 2, 1000, 0, 0), (3, 2, 2000, 0, 0), (4, 1, 3000, 7, 4))


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """Four units in a row, a kilometre apart; the first and the last are facilities."""
    rows = "".join(f"{i}\t{pop}\t{x}\t0\t0\t{f}\t{c}\n" for i, pop, x, f, c in UNITS)
    path = tmp_path / "zya9.txt"
    path.write_text(HEAD + rows, encoding="ascii")
    pairs = '"OID_","ID1","ID2","d"\n,1,2,0\n,2,1,0\n,2,3,0\n,3,4,0\n'
    (tmp_path / "zy_connectivity.txt").write_text(pairs, encoding="ascii")
    return path


@pytest.mark.parametrize(("family", "cost"), [("cflsap", 16.0), ("sap", 4.0)])
def test_one_line_that_the_checker_confirms(
    instance: Path, capsys: pytest.CaptureFixture[str], family: str, cost: float
) -> None:
    """Two units each: 2 + 2 household-kilometres, and 5 + 7 where facilities cost."""
    out = str(instance.parent / "out")
    assert run(family, [str(instance), "--seconds", "3", "--out", out]) == 0
    line = json.loads(capsys.readouterr().out)
    keys = "instance units status objective bound gap seconds peak_mb solution"
    assert list(line) == keys.split()
    assert line["objective"] == cost
    assert line["bound"] <= cost


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("1,1\n2,1\n3,4\n", "not every unit is served once"),
        ("1,1\n2,1\n3,1\n4,4\n", "1 is too full"),
        ("1,4\n2,1\n3,4\n4,4\n", "1"),
        ("1,2\n2,2\n3,4\n4,4\n", "2 is no facility"),
    ],
)
def test_the_checker_names_what_is_broken(instance: Path, rows: str, fault: str) -> None:
    """A unit left out, a facility too full, an area without its facility, none at all."""
    solution = instance.parent / "solution.csv"
    solution.write_text("unit,facility\n" + rows, encoding="ascii")
    neighbours = instance.parent / "zy_connectivity.txt"
    _, faults = check(instance, neighbours, solution, fixed=False)
    assert any(fault in text for text in faults)
