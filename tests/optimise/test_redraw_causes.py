"""Each reason why nothing is valid, by a town that has just that one."""

import numpy as np
import pytest
from benchmarks.infeasible import CASES, first_ways, ints, shut
from redraw_towns import grid_town

from commplan.findings import Finding
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.redraw import redraw
from commplan.optimise.communities.relax import apply_remedy
from commplan.problem.causes import cause_params
from commplan.problem.result import Remedy, Status
from commplan.problem.validity import faults
from commplan.texts import LANGUAGES, load_texts


@pytest.mark.parametrize("kind", CASES)
def test_the_cause_is_named(kind: str) -> None:
    """The town is proven infeasible, and for the reason it was made for."""
    result = redraw(CASES[kind], RedrawParams(effort=0.01))
    assert result.status is Status.INFEASIBLE
    assert result.labels is None
    assert f"causes.{kind}" in {cause.code for cause in result.causes}


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_causes_and_ways_out_have_words(kind: str, language: str) -> None:
    """Every cause and remedy can be worded in both languages."""
    texts = load_texts(language)
    problem = CASES[kind]
    ids = [f"A{u}" for u in range(problem.n)]
    for cause in redraw(problem, RedrawParams(effort=0.01)).causes:
        assert cause.remedies
        for item in (cause, *cause.remedies):
            params = cause_params(item, ids, ["north", "south"])
            sentence = Finding(item.code, params=params).words(texts)
            assert sentence
            assert "{" not in sentence
            assert "('" not in sentence


@pytest.mark.parametrize("kind", CASES)
def test_the_first_way_out_works(kind: str) -> None:
    """Loosened by the first way out that is offered, the town has a valid plan."""
    problem = CASES[kind]
    looser = first_ways(problem, redraw(problem, RedrawParams(effort=0.01)))
    result = redraw(looser, RedrawParams(effort=0.01))
    assert result.labels is not None
    assert faults(looser, result.labels) == []


@pytest.mark.parametrize("kind", CASES)
def test_every_way_out_works_and_the_cheapest_comes_first(kind: str) -> None:
    """What is offered was tried: the number of communities comes out again, or better cost."""
    problem = CASES[kind]
    for cause in redraw(problem, RedrawParams(effort=0.01)).causes:
        given_up = [int(str(way.params["given_up"])) for way in cause.remedies]
        assert given_up == sorted(given_up)
        for way in cause.remedies:
            result = redraw(apply_remedy(problem, way), RedrawParams(effort=0.01))
            assert result.objective is not None
            assert result.objective <= float(str(way.params["cost"])) + 1e-6


def test_bounds_are_loosened_no_further_than_needed() -> None:
    """One household less than what is offered, and nothing is valid again."""
    problem = CASES["together"]
    ways = {w.code: w for w in redraw(problem, RedrawParams(effort=0.01)).causes[0].remedies}
    for code, step in (("causes.raise_max", -1), ("causes.lower_min", 1)):
        to = int(str(ways[code].params["to"]))
        assert redraw(apply_remedy(problem, ways[code]), RedrawParams()).labels is not None
        tighter = Remedy(code, {"to": to + step})
        assert redraw(apply_remedy(problem, tighter), RedrawParams()).labels is None


def test_the_least_set_of_rules_is_named() -> None:
    """A lock that makes no difference is not among the rules that cannot be met together."""
    locked = np.array([True, False, False, False, False, False])
    problem = CASES["together"].replace(today=ints(0, -1, -1, -1, -1, -1), locked=locked)
    cause = redraw(problem, RedrawParams(effort=0.01)).causes[0]
    assert cause.params["rules"] == ("min", "max")


def test_several_causes_are_resolved_together() -> None:
    """Two causes in one area and one elsewhere: their first ways out make one valid plan."""
    households = np.full(24, 800)
    households[[0, 3, 23]] = [3600, 3300, 100]
    problem = shut(grid_town(4, 6, households), (17, 23), (22, 23))
    result = redraw(problem, RedrawParams(effort=0.01))
    assert [c.units for c in result.causes] == [(0,), (3,), (23,)]
    looser = first_ways(problem, result)
    assert redraw(looser, RedrawParams(effort=0.01)).labels is not None


def test_causes_come_to_light_in_the_rest() -> None:
    """What is impossible elsewhere is told with a cause that counting proves."""
    households = [1000, 1000, 1000, 5000, 2000, 1000, 1000, 1000, 2000]
    problem = grid_town(3, 3, households, min_households=1400, max_households=2900)
    shut_off = shut(problem, (2, 5), (4, 5), (5, 8), (1, 2))
    codes = {c.code for c in redraw(shut_off, RedrawParams(effort=0.01)).causes}
    assert "causes.unit_too_large" in codes
    assert len(codes) > 1


def test_larger_towns_are_explained_by_search() -> None:
    """A pocket beside a town that is too large to list is explained, and joined by a crossing."""
    rng = np.random.default_rng(4)
    problem = grid_town(20, 25, rng.integers(60, 140, 500))
    e = problem.edges
    pairs = [(int(a), int(b)) for a, b in zip(e.tail, e.head, strict=True)]
    corner = {0, 1, 25}
    problem = shut(problem, *(p for p in pairs if len(corner.intersection(p)) == 1))
    result = redraw(problem, RedrawParams(effort=0.01))
    assert [c.code for c in result.causes] == ["causes.pocket"]
    assert result.causes[0].remedies[0].code == "causes.open_crossing"
    looser = first_ways(problem, result)
    assert redraw(looser, RedrawParams(effort=0.01)).labels is not None


def test_all_causes_are_listed() -> None:
    """Two compounds that are too large are two causes."""
    result = redraw(grid_town(1, 3, [3410, 1600, 5000]), RedrawParams())
    assert [c.units for c in result.causes] == [(0,), (2,)]


def test_grandfather_excuses_what_it_may_leave() -> None:
    """A compound that is a community today and too large is no cause with grandfather."""
    problem = grid_town(1, 3, [3410, 800, 800], today=ints(5, 6, 6), grandfather=True)
    result = redraw(problem, RedrawParams(effort=0.01))
    assert result.status is Status.OPTIMAL
