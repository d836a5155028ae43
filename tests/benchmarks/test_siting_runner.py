"""The runner of sites: what it reads, checks and prints, on tiny files."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks.siting import run
from benchmarks.siting_files import read_geo, read_mclp, read_pmed, read_sjc, read_sscflp

from commplan.problem.location import Aim


def test_pmed_takes_the_last_of_two_edges(tmp_path: Path) -> None:
    """A path of three nodes, one edge given twice, one facility: the middle, 2 + 3."""
    path = tmp_path / "pmedx.txt"
    path.write_text(" 3 3 1 \n 1 2 9 \n 2 3 3 \n 2 1 2 \n", encoding="ascii")
    site = read_pmed(path)
    assert site.problem.minutes.toarray().tolist() == [[0, 2, 5], [2, 0, 3], [5, 3, 0]]
    assert site.problem.max_open == 1


def test_one_line_with_the_agreed_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The line has the agreed keys, and the table a row for each unit with its site."""
    path = tmp_path / "pmedx.txt"
    path.write_text(" 3 2 1 \n 1 2 2 \n 2 3 3 \n", encoding="ascii")
    assert run("pmedian", [str(path), "--seconds", "300", "--out", str(tmp_path / "out")]) == 0
    line = json.loads(capsys.readouterr().out)
    keys = "instance units status objective bound gap seconds peak_mb solution"
    assert list(line) == keys.split()
    assert (line["status"], line["objective"], line["bound"], line["gap"]) == ("optimal", 5, 5, 0)
    with Path(line["solution"]).open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["unit", "facility"], ["1", "2"], ["2", "2"], ["3", "2"]]


def test_sjc_and_covering(tmp_path: Path) -> None:
    """Capacity comes before demand; covering keeps only pairs within the radius."""
    path = tmp_path / "S.dat"
    path.write_text("2 1\n0 0 9 4\n3 4 8 5\n", encoding="ascii")
    problem = read_sjc(path).problem
    assert problem.capacity is not None
    assert (problem.capacity.tolist(), problem.taken.tolist()) == ([9, 8], [4, 5])
    path.write_text("2\t9999\tp\tS\n0\t0\t4\t\n3\t4\t5\t\n", encoding="ascii")
    site = read_mclp(path, 1, radius=4.0)
    assert site.aim is Aim.MAX_COVER
    assert site.problem.minutes.nnz == 2
    assert site.problem.weight.tolist() == [4, 5]


def test_single_source_files_may_hold_nul(tmp_path: Path) -> None:
    """Costs stand site by site; NUL bytes are blanks."""
    path = tmp_path / "p1"
    path.write_bytes(b"2 3\n10 5\n20\x006\n1 2 3\n1 2 3\n4 5 6\n\0")
    problem = read_sscflp(path).problem
    assert problem.open_cost.tolist() == [5, 6]
    assert problem.minutes.toarray().tolist() == [[1, 4], [2, 5], [3, 6]]


def test_geo_counts_in_km(tmp_path: Path) -> None:
    """Only rows with a capacity are sites, and walking is demand times km."""
    path = tmp_path / "geo_x.txt"
    path.write_text(
        "ID\tDemand\tx\ty\tFcand\tFcost\tFcap\t\n7\t2\t0\t0\t0\t0\t9\t\n8\t3\t0\t2000\t0\t0\t0\t\n",
        encoding="ascii",
    )
    site = read_geo(path, 1)
    assert (site.units, site.sites) == (("7", "8"), ("7",))
    assert np.allclose(site.problem.minutes.toarray(), [[0], [2]])
