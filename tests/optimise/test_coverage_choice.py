"""Which places join and which make a community: cases by hand, and every choice of small ones."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commplan.evaluate.coverage import check_coverage
from commplan.optimise.coverage import cover_places
from commplan.problem.coverage import CoverageProblem, set_distance
from commplan.problem.result import Status


def asked(
    households: list[int],
    pairs: list[tuple[int, int]],
    beside: list[tuple[int, int]],
    communities: list[int],
    **changes: object,
) -> CoverageProblem:
    """Put places 1 km apart on a line, communities 1 km above them."""
    n, k = len(households), len(communities)
    ends = np.array(sorted(pairs), dtype=np.int32).reshape(-1, 2)
    given: dict[str, object] = {
        "households": np.array(households, dtype=np.int64),
        "xy_km": np.c_[np.arange(n), np.zeros(n)].astype(float),
        "part": np.full(n, -1, dtype=np.int32),
        "tail": ends[:, 0],
        "head": ends[:, 1],
        "beside": np.array(sorted(beside), dtype=np.int32).reshape(-1, 2),
        "community_households": np.array(communities, dtype=np.int64),
        "community_xy_km": np.c_[np.arange(k), np.ones(k)].astype(float),
        "community_part": np.zeros(k, dtype=np.int32),
        "min_households": 1500,
        "max_households": 3000,
    }
    return CoverageProblem(**(given | changes))  # type: ignore[arg-type]


def test_a_small_place_joins_the_nearer_neighbour() -> None:
    """200 households beside two communities with room join the one 1 km off, not the other."""
    result = cover_places(asked([200], [], [(0, 0), (0, 1)], [2000, 2000]))
    assert result.status is Status.OPTIMAL
    assert result.joins.tolist() == [0]
    assert result.objective == pytest.approx(50 + 200)
    assert result.bound == pytest.approx(result.objective)


def test_a_full_neighbour_is_passed_over() -> None:
    """Where the nearer community would come to hold 3,001, the farther one is joined."""
    result = cover_places(asked([200], [], [(0, 0), (0, 1)], [2801, 2800]))
    assert result.joins.tolist() == [1]


def test_what_is_enough_makes_a_community() -> None:
    """800 and 760 households side by side make a new community rather than join with room enough."""
    result = cover_places(asked([800, 760], [(0, 1)], [(0, 0), (1, 0)], [100]))
    assert result.sets() == [([0, 1], None)]
    assert result.joins.tolist() == [-1, -1]


def test_places_apart_make_none() -> None:
    """The same places without a way between them are too small and far from everything."""
    result = cover_places(asked([800, 760], [], [], [100]))
    assert result.set_of.tolist() == [-1, -1]
    assert set(result.reasons.values()) == {"coverage.why_remote"}
    assert result.terms["outside_households"] == 1560


@pytest.mark.parametrize(
    ("households", "communities", "reason"),
    [([3001], [100], "large"), ([200], [2900], "full")],
)
def test_reasons(households: list[int], communities: list[int], reason: str) -> None:
    """A place of 3,001 households is too large; one beside a full community has no room."""
    result = cover_places(asked(households, [], [(0, 0)], communities))
    assert result.reasons == {0: f"coverage.why_{reason}"}


def test_room_goes_to_more_households() -> None:
    """Room for 300 goes to the place of 300, not to that of 200; the other is told why not."""
    result = cover_places(asked([200, 300], [], [(0, 0), (1, 0)], [2700]))
    assert result.joins.tolist() == [-1, 0]
    assert result.reasons == {0: "coverage.why_others"}


def test_no_subdistrict_is_crossed() -> None:
    """A place of another subdistrict does not join; one of which nothing is known does."""
    far = asked([200], [], [(0, 0)], [2000], part=np.array([1], dtype=np.int32))
    assert cover_places(far).joins.tolist() == [-1]
    assert cover_places(asked([200], [], [(0, 0)], [2000])).joins.tolist() == [0]


def test_nothing_to_do() -> None:
    """Without places the answer is empty, and proven."""
    result = cover_places(asked([], [], [], [2000]))
    assert (result.status, result.objective) == (Status.OPTIMAL, 0.0)
    assert check_coverage(asked([], [], [], [2000]), result) == []


def cheapest(problem: CoverageProblem) -> float:
    """Cost of the best choice, by going through all of them.

    Each place stays (-1), joins community c (c), or makes community number k + g.
    """
    n, k = problem.n, len(problem.community_households)
    weights = problem.weights
    best = np.inf
    for choice in product(range(-1, k + n), repeat=n):
        cost = 0.0
        held = [[p for p in range(n) if choice[p] == c] for c in range(k + n)]
        for target, places in enumerate(held):
            pieces = together(problem, places)
            totals = [int(problem.households[piece].sum()) for piece in pieces]
            community = target if target < k else None
            if community is None:
                if len(pieces) > 1 or any(not 1500 <= total <= 3000 for total in totals):
                    break
            else:
                room = 3000 - int(problem.community_households[community])
                near = {int(p) for p, c in problem.beside if c == community}
                if sum(totals) > room or any(total >= 1500 for total in totals):
                    break
                if any(not near & set(piece) for piece in pieces):
                    break
            away = sum(set_distance(problem, piece, community) for piece in pieces)
            cost += weights.proposals * len(pieces) + away
        else:
            outside = [p for p in range(n) if choice[p] < 0]
            cost += weights.outside_households * float(problem.households[outside].sum())
            best = min(best, cost)
    return best


def together(problem: CoverageProblem, places: list[int]) -> list[list[int]]:
    """Pieces of some places that hang together."""
    pairs = set(zip(problem.tail.tolist(), problem.head.tolist(), strict=True))
    left, pieces = list(places), []
    while left:
        piece, waiting = [left[0]], [left[0]]
        while waiting:
            at = waiting.pop()
            more = [p for p in left if p not in piece and {(at, p), (p, at)} & pairs]
            piece += more
            waiting += more
        pieces.append(sorted(piece))
        left = [p for p in left if p not in piece]
    return pieces


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_equal_to_every_choice(data: st.DataObject) -> None:
    """Of up to four places and two communities, the cost is that of the best of all choices."""
    n = data.draw(st.integers(1, 4))
    households = data.draw(
        st.lists(st.sampled_from([150, 400, 700, 900, 1600, 2900]), min_size=n, max_size=n)
    )
    pairs = data.draw(
        st.sets(st.sampled_from([(a, b) for a in range(n) for b in range(a + 1, n)] or [(0, 0)]))
    )
    beside = data.draw(st.sets(st.sampled_from([(p, c) for p in range(n) for c in range(2)])))
    communities = data.draw(st.lists(st.sampled_from([1200, 2200, 2800]), min_size=2, max_size=2))
    links = [pair for pair in pairs if pair != (0, 0)]
    problem = asked(households, links, list(beside), communities)
    result = cover_places(problem)
    assert check_coverage(problem, result) == []
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(cheapest(problem))


def test_a_wrong_answer_is_found_out() -> None:
    """The check names a set that does not touch what it joins, and a cost that is not its own."""
    problem = asked([200, 300], [], [(0, 0)], [2000])
    right = cover_places(problem)
    wrong = type(right)(
        status=right.status,
        set_of=np.array([0, 1], dtype=np.int32),
        joins=np.array([0, 0], dtype=np.int32),
        objective=right.objective,
        bound=right.bound,
        terms=right.terms,
        reasons={},
    )
    codes = {finding.code for finding in check_coverage(problem, wrong)}
    assert {"coverage.bad_apart", "coverage.bad_figure"} <= codes


def test_a_new_district_makes_communities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a district with more connected sets than are listed every compound finds a community."""
    monkeypatch.setattr("commplan.optimise.coverage_sets.MOST_SETS", 300)
    n = 24
    pairs = [(i, i + 1) for i in range(n - 1) if (i + 1) % 6] + [(i, i + 6) for i in range(n - 6)]
    places = np.array([[i % 6, i // 6] for i in range(n)], dtype=float) / 5
    problem = asked([200] * n, pairs, [], [2000], xy_km=places)
    result = cover_places(problem)
    assert check_coverage(problem, result) == []
    assert result.reasons == {}
    assert (result.status, result.bound) == (Status.FEASIBLE, 0)
    assert all(community is None for _, community in result.sets())
