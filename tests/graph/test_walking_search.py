"""The bounded search: the same minutes as Dijkstra's algorithm, on any number of threads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from commplan.graph.walking_given import network_of_edges
from commplan.graph.walking_kernel import blank_field, node_minutes, spread
from commplan.graph.walking_minutes import AT_ONCE_MIN, street_minutes, walk_minutes
from commplan.graph.walking_threads import in_pieces


def half(n, tail, head, minutes):
    """Return the graph both ways as the search takes it."""
    start, stop = np.r_[tail, head], np.r_[head, tail]
    order = np.argsort(start, kind="stable")
    indptr = np.searchsorted(start[order], np.arange(n + 1)).astype(np.int32)
    return indptr, stop[order].astype(np.int32), np.tile(minutes, 2)[order]


def plain(n, tail, head, minutes):
    """Return all minutes by scipy: parallel edges by the least, loops left out."""
    matrix = np.full((n, n), np.inf)
    np.minimum.at(matrix, (tail, head), minutes)
    np.fill_diagonal(matrix, np.inf)
    matrix = np.minimum(matrix, matrix.T)
    there = np.isfinite(matrix)
    rows, columns = np.nonzero(there)
    return sparse.csr_array((matrix[there], (rows, columns)), shape=(n, n))


def seeds(*pairs):
    """Return nodes and minutes to start from."""
    node, cost = zip(*pairs, strict=True)
    return np.array(node, np.int32), np.array(cost, float)


def test_a_chain_by_hand():
    """Minutes add up along a chain, up to and with the limit."""
    graph = half(4, [0, 1, 2], [1, 2, 3], np.array([1.0, 2.0, 0.5]))
    np.testing.assert_array_equal(node_minutes(graph, seeds((0, 0.0)), 3.0), [0, 1, 3, np.inf])
    np.testing.assert_array_equal(node_minutes(graph, seeds((0, 0.5)), 4.0), [0.5, 1.5, 3.5, 4.0])


def test_the_nearest_of_several_seeds():
    """From several seeds each node has the minutes from the nearest; one beyond the limit is none."""
    graph = half(4, [0, 1, 2], [1, 2, 3], np.array([2.0, 2.0, 2.0]))
    found = node_minutes(graph, seeds((0, 0.25), (3, 1.0), (1, 9.0)), 5.0)
    np.testing.assert_array_equal(found, [0.25, 2.25, 3.0, 1.0])


def test_a_shorter_way_found_later():
    """A node whose distance falls, within its bucket and to an earlier one, passes it on."""
    graph = half(4, [0, 0, 1, 2], [2, 1, 2, 3], np.array([2.9, 0.4, 0.3, 0.1]))
    np.testing.assert_allclose(node_minutes(graph, seeds((0, 0.0)), 9.0), [0, 0.4, 0.7, 0.8])


def test_a_field_too_small_is_left_blank():
    """Without room for its entries a search gives up and leaves nothing behind."""
    graph = half(4, [0, 1, 2], [1, 2, 3], np.array([1.0, 1.0, 1.0]))
    field = blank_field(4, 2, 9.0)
    assert spread(graph, seeds((0, 0.0)), 9.0, field) == -1
    assert np.isinf(field[0]).all()
    assert (field[2] == -1).all()
    field = blank_field(4, 4, 9.0)
    assert spread(graph, seeds((0, 0.0)), 9.0, field) == 4


@st.composite
def towns(draw):
    """Draw places on a coarse grid, edges between any of them (twice, to itself), and a limit."""
    n = draw(st.integers(2, 14))
    ends = st.lists(st.integers(0, n - 1), min_size=2, max_size=2)
    edges = draw(st.lists(ends, min_size=1, max_size=24))
    minutes = draw(st.lists(st.floats(0.01, 8.0), min_size=len(edges), max_size=len(edges)))
    tail, head = np.array(edges).T
    return n, tail, head, np.array(minutes), draw(st.floats(0.5, 20.0))


@settings(max_examples=60, deadline=None)
@given(towns())
def test_minutes_are_dijkstras(town):
    """Chains passed by, loops and double edges and all: what scipy finds within the limit."""
    n, tail, head, minutes, limit = town
    xy = np.random.default_rng(n).uniform(0, 500, (n, 2))
    net, nodes = network_of_edges(xy, tail, head, minutes)
    matrix = plain(n, tail, head, minutes)
    limit = np.nextafter(limit, np.inf)
    whole = dijkstra(matrix)
    found = street_minutes(net, nodes, nodes, limit).toarray()
    joined = np.flatnonzero(nodes.on_network)
    expected = whole[np.ix_(joined, joined)]
    clear = np.abs(expected - limit) > 1e-9  # a hair beside the limit either answer is right
    expected = np.where(expected <= limit, np.maximum(expected, AT_ONCE_MIN), 0.0)
    np.testing.assert_allclose(found[np.ix_(joined, joined)][clear], expected[clear], rtol=1e-9)
    assert not found[~nodes.on_network].any()


def grid(side=30):
    """Return the nodes and streets of a grid with uneven minutes."""
    rng = np.random.default_rng(3)
    at = np.arange(side * side).reshape(side, side)
    tail = np.r_[at[:, :-1].ravel(), at[:-1].ravel()]
    head = np.r_[at[:, 1:].ravel(), at[1:].ravel()]
    keep = rng.random(len(tail)) < 0.8
    xy = np.stack(np.divmod(np.arange(side * side), side), axis=1) * 100.0
    return xy, tail[keep], head[keep], rng.uniform(0.5, 2.0, keep.sum())


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_threads_change_nothing(threads):
    """Any number of threads gives the same bytes as one."""
    net, nodes = network_of_edges(*grid())
    one = street_minutes(net, nodes, nodes, 9.0, threads=1)
    many = street_minutes(net, nodes, nodes, 9.0, threads=threads)
    for part in ("indptr", "indices", "data"):
        assert getattr(one, part).tobytes() == getattr(many, part).tobytes()


def test_walks_are_the_same_both_ways():
    """Searching from the targets or from the origins gives the same minutes."""
    net, nodes = network_of_edges(*grid(12))
    some = nodes.take(np.arange(0, 144, 5))
    there = walk_minutes(net, nodes, some, 8.0).toarray()
    back = walk_minutes(net, some, nodes, 8.0).toarray()
    np.testing.assert_allclose(there, back.T)


def test_progress_is_told_in_order():
    """Progress counts the targets that are done, from piece to piece, up to all of them."""
    told = []
    net, nodes = network_of_edges(*grid())
    street_minutes(net, nodes, nodes, 2.0, threads=2, progress=lambda *at: told.append(at))
    assert told == [(256, 900), (512, 900), (768, 900), (900, 900)]


def test_pieces_follow_each_other():
    """Pieces cover all of the work once, in order, and nothing makes no piece."""
    assert in_pieces(lambda low, high: (low, high), 5, 2, piece=2) == [(0, 2), (2, 4), (4, 5)]
    assert in_pieces(lambda low, high: (low, high), 0) == []


@pytest.mark.parametrize("threads", [1, 2])
def test_whoever_stops_it_is_heard(threads):
    """What is raised while progress is told, such as Ctrl-C, comes out."""

    def stop(done, _):
        if done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_pieces(lambda low, high: high - low, 100, threads, stop, piece=10)


def test_alone_nothing_more_is_begun():
    """On one thread the piece after the stop is not begun."""
    begun = []

    def stop(done, _):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_pieces(lambda low, _: begun.append(low), 100, 1, stop, piece=10)
    assert begun == [0]


def test_no_sources():
    """Without a source, or a place, the matrix is empty and of the right shape."""
    net, nodes = network_of_edges(*grid(5))
    none = nodes.take(np.empty(0, np.int64))
    assert street_minutes(net, none, nodes, 5.0).shape == (0, 25)
    assert street_minutes(net, nodes, none, 5.0).nnz == 0


def test_some_of_the_places():
    """Places taken are those asked for, in that order, twice where asked twice."""
    _, nodes = network_of_edges(*grid(6))
    which = np.array([7, 3, 7])
    some = nodes.take(which)
    np.testing.assert_array_equal(some.xy, nodes.xy[which])
    np.testing.assert_array_equal(some.owner, [0, 1, 2])
    np.testing.assert_array_equal(
        some.edge[[0, 2]], nodes.edge[[nodes.owner.tolist().index(7)] * 2]
    )
