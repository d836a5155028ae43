"""Each reason why nothing is valid, by a town that has just that one."""

import numpy as np
import pytest
from redraw_towns import grid_town

from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.redraw import redraw
from commplan.problem.causes import cause_params
from commplan.problem.communities import CommunityProblem, Edges
from commplan.problem.result import Status
from commplan.texts import LANGUAGES, load_texts


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int32)


def shut(problem: CommunityProblem, *pairs: tuple[int, int]) -> CommunityProblem:
    """Close the edges between the pairs given."""
    e = problem.edges
    is_open = np.array([(a, b) not in pairs for a, b in zip(e.tail, e.head, strict=True)])
    return problem.replace(edges=Edges(e.tail, e.head, e.border_km, e.soft_border_km, is_open))


LOCKED = np.array([True, False, False, True])
CASES = {
    "unit_too_large": grid_town(1, 3, [3410, 1600, 1600]),
    "group_too_large": grid_town(1, 3, [1600, 1600, 1600], group=ints(7, 7, -1)),
    "locks_too_large": grid_town(1, 4, 1600, today=ints(0, 1, 1, 0), locked=LOCKED),
    "group_across_parts": grid_town(1, 2, 1600, group=ints(1, 1), part=ints(0, 1)),
    "locks_across_parts": grid_town(
        1, 4, 800, today=ints(0, 0, 0, 0), locked=LOCKED, part=ints(0, 0, 1, 1)
    ),
    "group_apart": shut(grid_town(1, 4, 800, group=ints(1, -1, -1, 1)), (1, 2)),
    "locks_apart": shut(grid_town(1, 4, 800, today=ints(0, 0, 0, 0), locked=LOCKED), (1, 2)),
    "locks_conflict": grid_town(
        1, 4, 700, today=ints(0, 0, 1, 1), locked=LOCKED, group=ints(2, -1, -1, 2)
    ),
    "cut_pocket_too_large": grid_town(1, 3, [900, 1500, 900]),
    "pocket": shut(grid_town(1, 4, [900, 900, 200, 210]), (1, 2)),
    "part_too_small": grid_town(1, 4, [900, 900, 500, 500], part=ints(0, 0, 1, 1)),
    "whole_too_small": grid_town(1, 3, 400),
    "no_number_fits": grid_town(1, 4, 875, min_households=2000, max_households=2300),
    "together": grid_town(2, 3, 1000, min_households=1400, max_households=1900),
}


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
        for item in (cause, *cause.remedies):
            sentence = texts(item.code, **cause_params(item, ids, ["north", "south"]))
            assert sentence
            assert "{" not in sentence


@pytest.mark.parametrize(
    "kind",
    [
        "unit_too_large",
        "pocket",
        "part_too_small",
        "whole_too_small",
        "group_too_large",
        "cut_pocket_too_large",
    ],
)
def test_an_exception_for_the_units_named_resolves_it(kind: str) -> None:
    """The first way out that is offered works."""
    problem = CASES[kind]
    exempt = np.zeros(problem.n, dtype=bool)
    for cause in redraw(problem, RedrawParams(effort=0.01)).causes:
        remedy = cause.remedies[0]
        assert remedy.code == "causes.allow_exception"
        exempt[list(remedy.units)] = True
    result = redraw(problem.replace(exempt=exempt), RedrawParams(effort=0.01))
    assert result.labels is not None


def test_a_lower_minimum_resolves_a_number_that_does_not_fit() -> None:
    """The minimum that is offered makes room for one community more."""
    problem = CASES["no_number_fits"]
    causes = {c.code: c for c in redraw(problem, RedrawParams()).causes}
    remedy = causes["causes.no_number_fits"].remedies[0]
    assert remedy.code == "causes.lower_min"
    looser = problem.replace(min_households=int(str(remedy.params["to"])))
    assert redraw(looser, RedrawParams(effort=0.01)).status is Status.OPTIMAL


def test_joint_causes_offer_only_what_was_tried() -> None:
    """Where the rules together are impossible, loosening to what is offered makes a plan."""
    problem = CASES["together"]
    cause = redraw(problem, RedrawParams(effort=0.01)).causes[0]
    to = {r.code: int(str(r.params["to"])) for r in cause.remedies if "to" in r.params}
    assert "causes.raise_max" in to
    looser = problem.replace(max_households=to["causes.raise_max"])
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
