"""The runner of service areas: what it reads, checks and prints, on a tiny file."""

import json
from pathlib import Path

import pytest
from benchmarks.area import run
from benchmarks.area_check import check


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
