"""Developments beside each other: no room is given away twice, and groups are of those who come."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from commplan.evaluate.developments import answer, simple_ways
from commplan.plan.developments import Answer, Development
from commplan.scenario.developments_prepare import Prepared
from developments_town import development, prepared, street

A, B = 0, 1
NO_REDRAWING = ("stay", "new", "move", "together")


def answers(ready: Prepared) -> dict[str, Answer]:
    """Tell each development its way, without any redrawing."""
    return {
        case.development.development_id: answer(
            case, ready.setting, simple_ways(case, ready.setting)
        )
        for case in ready.cases
    }


def test_a_neighbour_is_not_filled_twice() -> None:
    """B has room for one of two with 1,200: the one that is let first moves, the other does not."""
    territory = street(households=[500] * 4 + [375] * 4)
    first = development(1200, development_id="z", phases=((1200, "2027"),))
    second = development(1200, development_id="a", phases=((1200, "2028"),))
    ready = prepared(first, second, territory=territory, prefer=NO_REDRAWING)
    told = answers(ready)
    assert told["z"].way is not None
    assert (told["z"].way.kind, told["z"].way.community) == ("move", B)
    assert told["a"].way is None
    assert {way.kind: way.households for way in told["a"].ways}["move"] == 1500 + 2 * 1200
    assert not any(case.together for case in ready.cases)


def test_who_stays_counts_for_those_who_come_from_beside() -> None:
    """B of 1,500 lets 600 in first, so 1,200 from A would make 3,300 of it."""
    territory = street(households=[500] * 4 + [375] * 4)
    own = development(600, development_id="b", at=650.0, phases=((600, "2027"),))
    other = development(1200, development_id="a", phases=((1200, "2028"),))
    told = answers(prepared(own, other, territory=territory, prefer=NO_REDRAWING))
    assert {way.kind: way.households for way in told["a"].ways}["move"] == 3300
    assert told["a"].way is None


_households = st.integers(50, 3200)
_developments = st.lists(
    st.tuples(_households, st.integers(0, 7), st.sampled_from(("2027", "2028", None))),
    min_size=1,
    max_size=9,
)


@settings(max_examples=60, deadline=None)
@given(_developments, st.permutations(NO_REDRAWING))
def test_together_they_keep_within_the_bounds(
    given_ones: list[tuple[int, int, str | None]], prefer: list[str]
) -> None:
    """Whoever comes, and whatever is preferred: no community has over 3,000 by those who join it."""
    ones = [_one(i, *values) for i, values in enumerate(given_ones)]
    ready = prepared(*ones, prefer=tuple(prefer))
    told = answers(ready)
    sizes = Counter({A: 2000, B: 2000})
    for case in ready.cases:
        way = told[case.development.development_id].way
        if way is not None and way.kind in {"stay", "move"}:
            sizes[way.community] += case.development.households
        if way is not None and way.kind == "together":
            ways = [told[member.development_id].way for member in case.together]
            assert all(other is not None and other.kind == "together" for other in ways)
    assert max(sizes.values()) <= 3000


def _one(i: int, households: int, block: int, due: str | None) -> Development:
    at = 100.0 * block + 50.0
    return development(households, at, ((households, due),), development_id=f"d{i}")
