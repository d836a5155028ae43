"""Connected pieces, neighbour lists, and what is cut off."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from commplan.graph.adjacency import UnitGraph
from commplan.graph.components import components, csr
from commplan.graph.pieces import piece_findings
from towns import grid_town


def path(n, closed=()):
    """Make a chain of n units, closed between i and i + 1 for each i in ``closed``."""
    tail = np.arange(n - 1, dtype=np.int32)
    is_open = ~np.isin(tail, closed)
    return UnitGraph(n, tail, tail + 1, np.ones(n - 1), np.zeros(n - 1), is_open)


def test_closed_edges_do_not_connect():
    """A chain of six that is closed after its second and fourth unit falls into three."""
    assert components(path(6, closed=(1, 3))).tolist() == [0, 0, 1, 1, 2, 2]


def test_labels_keep_pieces_apart():
    """Within labels, a label that comes back along the chain is a piece of its own."""
    labels = np.array([5, 5, 2, 5, 5, 2])
    assert components(path(6), labels).tolist() == [0, 0, 1, 2, 2, 3]


def test_neighbour_lists_hold_each_open_edge_twice():
    """Start, neighbours in ascending order, and the edge behind each."""
    start, neighbour, edge = csr(path(4, closed=(2,)))
    assert start.tolist() == [0, 1, 3, 4, 4]
    assert neighbour.tolist() == [1, 0, 2, 1]
    assert edge.tolist() == [0, 0, 1, 1]
    assert csr(path(4, closed=(2,)), open_only=False)[1].tolist() == [1, 0, 2, 1, 3, 2]


def test_island_pocket_and_exclave_are_told_apart():
    """Six units: the last two are an island, the third lies apart in its subdistrict and community."""
    units = grid_town(
        6,
        households=[500, 500, 30, 400, 20, 10],
        subdistrict_id=["s", "t", "s", "t", "t", "t"],
        community_id=["c", None, "c", "d", "d", ""],
    ).units
    found = [(f.code, f.ids, dict(f.params)) for f in piece_findings(path(6, closed=(3,)), units)]
    assert found == [
        ("graph.island", ("U004", "U005"), {"households": 30}),
        ("graph.pocket", ("U002",), {"subdistrict": "s", "households": 30}),
        ("graph.pocket", ("U003",), {"subdistrict": "t", "households": 400}),
        ("graph.exclave", ("U002",), {"community": "c", "pieces": 2, "households": 30}),
        ("graph.exclave", ("U004",), {"community": "d", "pieces": 2, "households": 20}),
    ]


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_pieces_of_a_chain_are_its_runs(closed):
    """The piece number rises by one at each closed edge, nowhere else."""
    graph = path(len(closed) + 1, closed=np.flatnonzero(closed))
    assert components(graph).tolist() == np.cumsum([0, *closed]).tolist()
