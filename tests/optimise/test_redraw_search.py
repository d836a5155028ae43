"""The search on towns of some hundred units: validity, stopping, sameness, special rules."""

import numpy as np
import pytest
from redraw_towns import grid_town

from commplan.optimise.communities.instance import build_instance
from commplan.optimise.communities.kernel import anneal
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.presolve import presolve
from commplan.optimise.communities.redraw import redraw
from commplan.optimise.communities.search import measure_heat
from commplan.optimise.communities.state import cost, make_state
from commplan.optimise.communities.treecut import cut_along_tree, seed_state
from commplan.optimise.stop import Progress
from commplan.problem.communities import CommunityProblem, Edges, Weights
from commplan.problem.result import Status
from commplan.problem.terms import compute_terms, objective
from commplan.problem.validity import faults

QUICK = RedrawParams(effort=0.01, seed=3)


def town(**changes: object) -> CommunityProblem:
    """Make a town of 15 × 15 units with 40 to 260 households each."""
    rng = np.random.default_rng(5)
    return grid_town(15, 15, rng.integers(40, 260, 225), **changes)


def close_columns(problem: CommunityProblem, column: int, bridges: int) -> CommunityProblem:
    """Close all edges between two columns of the 15 × 15 town but the first ``bridges``."""
    e = problem.edges
    across = (e.tail % 15 == column) & (e.head % 15 == column + 1)
    is_open = e.is_open.copy()
    is_open[np.flatnonzero(across)[bridges:]] = False
    return problem.replace(edges=Edges(e.tail, e.head, e.border_km, e.soft_border_km, is_open))


@pytest.mark.parametrize(("low", "high"), [(1500, 3000), (2000, 2300), (2150, 2300)])
def test_plans_are_valid_within_wide_and_tight_bounds(low: int, high: int) -> None:
    """The search returns a valid plan, and its objective is that of its terms."""
    problem = town(min_households=low, max_households=high)
    result = redraw(problem, QUICK)
    assert result.status is Status.FEASIBLE
    assert result.labels is not None
    assert result.objective is not None
    assert faults(problem, result.labels) == []
    assert result.objective == pytest.approx(
        objective(problem, compute_terms(problem, result.labels))
    )
    assert 0 < result.bound <= result.objective
    assert result.reproducible


def test_the_same_seed_gives_the_same_plan() -> None:
    """Same problem, seed and effort: same labels; they are numbered by first unit."""
    problem = town()
    first, second = redraw(problem, QUICK), redraw(problem, QUICK)
    assert first.labels is not None
    assert second.labels is not None
    assert first.labels.tobytes() == second.labels.tobytes()
    seen = list(dict.fromkeys(first.labels.tolist()))
    assert seen == sorted(seen)
    assert seen[0] == 0


def test_more_effort_does_not_cost_more_in_the_end() -> None:
    """What is best only ever gets better along the trajectory."""
    result = redraw(town(), RedrawParams(effort=0.05, seed=1))
    costs = [value for _, value in result.trajectory]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == pytest.approx(result.objective)


def test_stopping_keeps_the_best_valid_plan() -> None:
    """A wish to stop, told after the first valid plan, ends with a valid plan marked as such."""
    problem = town()
    seen: list[Progress] = []
    result = redraw(
        problem,
        RedrawParams(effort="thorough"),
        report=seen.append,
        should_stop=lambda: any(p.objective is not None for p in seen),
    )
    assert result.interrupted
    assert not result.reproducible
    assert result.labels is not None
    assert faults(problem, result.labels) == []


def test_ctrl_c_keeps_the_best_valid_plan() -> None:
    """A KeyboardInterrupt in the middle of the search ends like a wish to stop."""

    def interrupt(progress: Progress) -> None:
        if progress.objective is not None and progress.done > 0:
            raise KeyboardInterrupt

    problem = town()
    result = redraw(problem, RedrawParams(effort="thorough"), report=interrupt)
    assert result.interrupted
    assert result.labels is not None
    assert faults(problem, result.labels) == []


def test_a_time_limit_marks_the_result() -> None:
    """A limit that cuts in leaves a valid plan that is not called reproducible."""
    result = redraw(town(), RedrawParams(effort="thorough", time_limit_s=0.5))
    assert result.labels is not None
    assert not result.reproducible


def test_a_river_is_crossed_at_the_bridge_only() -> None:
    """With one bridge over a river the plan stays connected by open edges."""
    problem = close_columns(town(), 6, 1)
    result = redraw(problem, QUICK)
    assert result.labels is not None
    assert faults(problem, result.labels) == []


def test_groups_stay_together_although_they_lie_apart() -> None:
    """Scattered groups are joined through other units."""
    group = np.full(225, -1, dtype=np.int32)
    group[[0, 2, 16]] = 4
    group[[100, 103]] = 9
    problem = town(group=group)
    result = redraw(problem, QUICK)
    assert result.labels is not None
    assert faults(problem, result.labels) == []


def test_locked_units_stay_with_their_successors() -> None:
    """Locks hold by the matching, even where only borders count."""
    row, column = np.divmod(np.arange(225), 15)
    today = ((row // 5) * 3 + column // 5).astype(np.int32)
    locked = np.zeros(225, dtype=bool)
    locked[[0, 112, 224]] = True
    problem = town(today=today, locked=locked)
    result = redraw(problem, QUICK)
    assert result.labels is not None
    assert faults(problem, result.labels) == []


def test_an_exempt_unit_stretches_no_further_than_it_must() -> None:
    """A compound of 3,410 households stands alone; all others are within the bounds."""
    problem = town()
    households = problem.households.copy()
    households[112] = 3410
    exempt = np.zeros(225, dtype=bool)
    exempt[112] = True
    problem = problem.replace(households=households, exempt=exempt)
    result = redraw(problem, QUICK)
    assert result.labels is not None
    assert faults(problem, result.labels) == []
    assert households[result.labels == result.labels[112]].sum() == 3410


def test_grandfather_leaves_an_unchanged_community_out_of_bounds() -> None:
    """A community of 5,000 in one place may stay as it is; without grandfather it may not."""
    today = np.full(225, -1, dtype=np.int32)
    today[:30] = 0
    problem = town(today=today, weights=Weights(border_km=100.0, moved_households=1.0))
    assert problem.households[:30].sum() > problem.max_households
    result = redraw(problem.replace(grandfather=True), QUICK)
    assert result.labels is not None
    assert faults(problem.replace(grandfather=True), result.labels) == []
    assert result.terms["moved_households"] == 0
    changed = redraw(problem, QUICK)
    assert changed.terms["moved_households"] > 0


def test_least_change_moves_few_households() -> None:
    """From a valid plan of today with nothing but moved households, nothing moves."""
    start = redraw(town(), QUICK)
    assert start.labels is not None
    problem = town(today=start.labels, weights=Weights(moved_households=1.0))
    result = redraw(problem, QUICK)
    assert result.status is Status.OPTIMAL  # the bound of 0 is met
    assert result.objective == 0


def test_parts_are_never_mixed() -> None:
    """Subdistricts are searched by themselves and their common line costs nothing."""
    part = (np.arange(225) % 15 >= 7).astype(np.int32)
    problem = town(part=part)
    result = redraw(problem, QUICK)
    assert result.labels is not None
    assert faults(problem, result.labels) == []


def test_units_without_households_count_like_any_other() -> None:
    """Empty units end in a community each."""
    problem = town()
    households = problem.households.copy()
    households[::7] = 0
    problem = problem.replace(households=households)
    result = redraw(problem, QUICK)
    assert result.labels is not None
    assert faults(problem, result.labels) == []


@pytest.mark.parametrize(
    "term",
    [
        "border_km",
        "moved_households",
        "distance_household_km",
        "imbalance_households",
        "area_imbalance_km2",
    ],
)
def test_incremental_cost_equals_the_cost_anew(term: str) -> None:
    """After thousands of moves the sums kept along agree with those of the labels."""
    today = (np.arange(225) // 45).astype(np.int32)
    problem = town(today=today, weights=Weights(**{term: 10.0}))
    nodes = np.arange(225, dtype=np.int32)
    instance = build_instance(problem, nodes, nodes)
    rng = seed_state(np.random.default_rng(1))
    labels = cut_along_tree(instance, nodes, rng, 2.0, instance.high + 1)
    for _ in range(50):
        if labels is not None:
            break
        labels = cut_along_tree(instance, nodes, rng, 2.0, instance.high + 1)
    assert labels is not None
    state = make_state(instance, labels)
    heat = measure_heat(instance)
    assert anneal(instance, state, (20_000, heat.hot, heat.hot, heat.price, 0.0), rng) > 100
    again = make_state(instance, np.unique(state.labels, return_inverse=True)[1].astype(np.int32))
    used = state.sums[2] > 0
    assert np.allclose(state.sums[:, used], again.sums)
    from commplan.optimise.communities.state import refresh

    refresh(instance, state)
    assert cost(instance, state) == pytest.approx(cost(instance, again))
    terms = compute_terms(problem, again.labels)
    assert cost(instance, again) == pytest.approx(10.0 * terms[term])


def test_presolve_twice_is_presolve_once() -> None:
    """Tying the pockets found once more finds no further ones."""
    problem = close_columns(town(), 0, 1)
    active = np.ones(225, dtype=bool)
    once = presolve(problem, active)
    again = presolve(problem.replace(group=once.bundle), active)
    assert len(np.unique(again.bundle)) == len(np.unique(once.bundle))


def test_no_units_no_communities() -> None:
    """An empty problem has an empty plan."""
    empty = grid_town(1, 2, 5)
    none = np.zeros(0, dtype=np.int32)
    e = Edges(none, none, none.astype(float), none.astype(float), none.astype(bool))
    problem = empty.replace(
        households=none.astype(np.int64),
        area_km2=none.astype(float),
        xy_km=np.zeros((0, 2)),
        edges=e,
        part=none,
        group=none,
        today=none,
        locked=none.astype(bool),
        exempt=none.astype(bool),
    )
    assert redraw(problem, QUICK).status is Status.OPTIMAL
