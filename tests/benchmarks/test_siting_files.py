"""Instances of facility location: heads, service areas without contiguity, sites that are units."""

from pathlib import Path

import numpy as np
from benchmarks.siting import keeps_own, serve_own, value_of
from benchmarks.siting_files import Site, full, plain, read_mclp, read_sscflp

from commplan.optimise.rooms.locate import LocateParams
from commplan.problem.location import Aim, LocationResult
from commplan.problem.result import Status


def test_a_head_of_three_numbers(tmp_path: Path) -> None:
    """Some files of maximal covering begin with three numbers."""
    path = tmp_path / "P.txt"
    path.write_text("2 2 0\n0 0 4\n3 4 5\n", encoding="ascii")
    site = read_mclp(path, 1, radius=5.0)
    assert site.problem.minutes.toarray().tolist() == [[0, 5], [5, 0]]
    assert site.problem.weight.tolist() == [4, 5]


def test_service_areas_without_contiguity(tmp_path: Path) -> None:
    """Kong's files are read by sscflp too: price of sites, people times kilometres."""
    path = tmp_path / "zya9.txt"
    path.write_text(
        "OID\tpop\tPointX\tPointY\tfcadidature\tfcost\tfcapacity\n"
        "7\t2\t0\t0\t0\t5\t4\n8\t3\t0\t2000\t0\t0\t0\n",
        encoding="ascii",
    )
    site = read_sscflp(path)
    assert (site.units, site.sites, site.own) == (("7", "8"), ("7",), None)
    assert site.problem.open_cost.tolist() == [5]
    assert site.problem.weight.tolist() == [2, 3]
    assert site.problem.minutes.toarray().tolist() == [[0], [2]]


def own_or_not(capacity: list[float], site_of: list[int]) -> tuple[Site, LocationResult]:
    """Three units in a row, one apart, sites at the first and the last, and an answer."""
    lines = np.abs(np.arange(3.0)[:, None] - np.array([0.0, 2.0])[None, :])
    problem = plain(full(lines), capacity=np.array(capacity), max_open=2)
    own = np.array([0, 2], dtype=np.int32)
    site = Site("row", problem, Aim.MEDIAN, ("a", "b", "c"), ("a", "c"), own)
    answer = np.array(site_of, dtype=np.int32)
    return site, LocationResult(Status.OPTIMAL, np.array([True, True]), answer, 5.0, 1.0)


def test_an_open_site_serves_its_own_unit() -> None:
    """An answer that sends a site's own unit elsewhere is put right, by capacity."""
    site, crossed = own_or_not([2.0, 2.0], [1, 0, 0])
    assert not keeps_own(site, crossed)
    mended = serve_own(site, crossed, LocateParams())
    assert keeps_own(site, mended)
    assert (mended.status, mended.objective) == (Status.OPTIMAL, 1.0)
    assert value_of(site, mended) == 1.0


def test_an_answer_that_cannot_serve_its_own_is_none() -> None:
    """Where the units do not fit once each site has its own, no answer is claimed."""
    site, crossed = own_or_not([1.0, 1.0], [1, 0, 0])
    assert serve_own(site, crossed, LocateParams()).objective is None
