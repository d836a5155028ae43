"""Which new community succeeds which of today's."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from commplan.problem.successors import match_successors

LATE = 99


def match(
    old: list[int], new: list[int], households: list[int], locked: list[bool] | None = None
) -> list[int]:
    """Match plain lists."""
    arrays = [np.array(values, dtype=np.int64) for values in (old, new, households)]
    flags = None if locked is None else np.array(locked, dtype=np.bool_)
    return match_successors(*arrays, flags).tolist()


def compact(values: list[int]) -> list[int]:
    """Count the values that occur 0, 1, ... and keep -1."""
    number = {v: i for i, v in enumerate(sorted({v for v in values if v >= 0}))}
    return [number.get(v, -1) for v in values]


def by_trying_all(
    old: list[int], new: list[int], households: list[int], locked: list[bool]
) -> list[int]:
    """Apply the rule as its text says: largest sum, then the earliest new one for each old one."""
    shared: dict[tuple[int, int], int] = {}
    for o, n, h in zip(old, new, households, strict=True):
        if o >= 0 and n >= 0:
            shared[o, n] = shared.get((o, n), 0) + h
    empty_old = {
        o for o in old if not sum(h for x, h in zip(old, households, strict=True) if x == o)
    }
    empty_new = {
        n for n in new if not sum(h for x, h in zip(new, households, strict=True) if x == n)
    }
    allowed = {k for k, v in shared.items() if v or (k[0] in empty_old and k[1] in empty_new)}
    n_old, n_new = max(old, default=-1) + 1, max(new, default=-1) + 1
    by_first = sorted(range(n_new), key=new.index)
    best: tuple[int, int, tuple[int, ...]] | None = None
    for choice in itertools.product([*range(n_new), LATE], repeat=n_old):
        pairs = [(o, by_first[r]) for o, r in enumerate(choice) if r != LATE]
        once = len({n for _, n in pairs}) == len(pairs)
        if once and all(pair in allowed for pair in pairs):
            kept = sum(k for o, n, k in zip(old, new, locked, strict=True) if (o, n) in pairs)
            key = (-sum(shared[pair] for pair in pairs), -kept, choice)
            best = key if best is None or key < best else best
    result = [-1] * n_new
    for o, r in enumerate(best[2] if best else ()):
        if r != LATE:
            result[by_first[r]] = o
    return result


def test_the_larger_share_succeeds() -> None:
    """Of two halves of an old community the one with more of its households keeps the id."""
    assert match([0, 0, 0], [0, 1, 1], [100, 60, 50]) == [-1, 0]


def test_the_sum_decides_and_not_the_single_pair() -> None:
    """A matching that is best in sum may pass over the largest single share."""
    # old 0 shares 50 with new 0 and 45 with new 1; old 1 shares 40 with new 0 alone
    assert match([0, 0, 1], [0, 1, 0], [50, 45, 40]) == [1, 0]


def test_a_tie_goes_to_the_smaller_old_id_and_the_earlier_new_community() -> None:
    """Equal shares are settled by the order of ids, whatever the labels are called."""
    assert match([0, 0], [1, 0], [70, 70]) == [-1, 0]
    assert match([1, 0], [0, 0], [70, 70]) == [0]


def test_a_tie_goes_first_to_where_locked_units_are() -> None:
    """Between equal halves the one that holds a locked unit succeeds; one household outweighs it."""
    assert match([0, 0], [0, 1], [70, 70], [False, True]) == [-1, 0]
    assert match([0, 0], [0, 1], [71, 70], [False, True]) == [0, -1]


def test_units_in_no_community_found_none() -> None:
    """What was in no community today has no successor, and an empty plan matches nothing."""
    assert match([-1, -1, 0], [0, 0, 1], [9, 9, 1]) == [-1, 0]
    assert match([-1], [0], [5]) == [-1]
    assert match([0], [-1], [5]) == []


def test_a_park_without_households_carries_no_community_with_it() -> None:
    """Sharing units without households makes no successor, unless both communities hold none."""
    assert match([0, 1, 1], [0, 0, 1], [50, 0, 0]) == [0, 1]
    assert match([0, 0, 1], [0, 1, 1], [80, 0, 30]) == [0, 1]
    assert match([0, 1, 0], [0, 0, 1], [80, 30, 0]) == [0, -1]


ids = st.integers(-1, 3)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(ids, ids, st.integers(0, 3), st.booleans()), min_size=1, max_size=9))
def test_matches_the_rule_tried_out_in_full(units: list[tuple[int, int, int, bool]]) -> None:
    """The quick matching is the one that trying all matchings gives, ties included."""
    old, new = compact([u[0] for u in units]), compact([u[1] for u in units])
    households, locked = [u[2] for u in units], [u[3] for u in units]
    assert match(old, new, households, locked) == by_trying_all(old, new, households, locked)


@pytest.mark.parametrize("households", [1, 300])
def test_many_communities_reach_the_largest_sum(households: int) -> None:
    """With 400 communities that overlap at random the sum is that of a dense solver."""
    rng = np.random.default_rng(5)
    old, new = rng.integers(0, 400, 6000), rng.integers(0, 400, 6000)
    size = rng.integers(0, households + 1, 6000)
    shared = np.zeros((400, 400))
    np.add.at(shared, (old, new), size)
    successor = match_successors(old, new, size)
    rows, columns = linear_sum_assignment(shared, maximize=True)
    kept = successor >= 0
    assert np.unique(successor[kept]).size == kept.sum()
    assert shared[successor[kept], np.flatnonzero(kept)].sum() == shared[rows, columns].sum()


def test_labels_names_do_not_matter() -> None:
    """Renaming the new communities renames the answer and changes nothing else."""
    rng = np.random.default_rng(3)
    old, new = rng.integers(0, 8, 60), rng.integers(0, 8, 60)
    size = rng.integers(0, 3, 60)
    plain = match_successors(old, new, size)
    renamed = rng.permutation(8)
    assert np.array_equal(match_successors(old, renamed[new], size)[renamed], plain)
