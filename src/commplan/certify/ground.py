"""What every valid plan has in common, worked out anew: nodes, areas and their communities.

A node is a set of units that every valid plan keeps together: a group, the locked units of one of
today's communities, and a pocket behind a cut node that is too small to stand by itself. An area
is a set of nodes that open edges hold together; no community lies in two areas.
"""

from dataclasses import dataclass, replace

import networkx as nx  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from commplan.problem.communities import CommunityProblem
from commplan.problem.terms import sum_by

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Area:
    """What the communities of one area can be like.

    Parameters
    ----------
    units : int64 array, shape (u,)
        Positions.
    fewest, most : int
        Number of communities.
    low, high : int
        Households of an ordinary community.
    special : int
        How many communities may lie within ``special_low`` and ``special_high`` instead: those of
        an exception, stretched no further than its units force it, or today's that may stay.
    special_low, special_high : int
    """

    units: Ints
    fewest: int
    most: int
    low: int
    high: int
    special: int = 0
    special_low: int = 0
    special_high: int = 0

    @property
    def least(self) -> int:
        """Least households of any community."""
        return min(self.low, self.special_low) if self.special else self.low

    @property
    def largest(self) -> int:
        """Most households of any community."""
        return max(self.high, self.special_high) if self.special else self.high


@dataclass(frozen=True)
class Ground:
    """Node and area of each unit, and the areas."""

    node: Ints
    area: Ints
    areas: tuple[Area, ...]


def survey_ground(problem: CommunityProblem) -> Ground:
    """Work out nodes, areas and what their communities can be like.

    Parameters
    ----------
    problem : CommunityProblem
    """
    standing = may_stay(problem)
    free = problem.exempt.copy()
    for units in standing:
        free[units] = True
    e = problem.edges
    keep = e.is_open & (problem.part[e.tail] == problem.part[e.head])
    pairs = np.column_stack([e.tail[keep], e.head[keep]]).astype(np.int64)
    node = _tied(problem)
    while True:
        joined = _with_pockets(problem, node[pairs], node, free)
        if joined.max(initial=-1) == node.max(initial=-1):
            break
        node = joined
    area = _joined(int(node.max(initial=-1)) + 1, node[pairs])[node]
    areas = [
        _area(problem, (node, node[pairs]), np.flatnonzero(area == a), standing)
        for a in range(int(area.max(initial=-1)) + 1)
    ]
    return Ground(node, area, tuple(_numbered(problem, areas)))


def may_stay(problem: CommunityProblem) -> list[Ints]:
    """Today's communities out of bounds that may stay exactly as they are (units of each)."""
    if not problem.grandfather:
        return []
    e = problem.edges
    keep = e.is_open & (problem.part[e.tail] == problem.part[e.head])
    keep &= problem.today[e.tail] == problem.today[e.head]
    piece = _joined(problem.n, np.column_stack([e.tail[keep], e.head[keep]]))
    found = []
    for old in range(int(problem.today.max(initial=-1)) + 1):
        units = np.flatnonzero(problem.today == old)
        total = int(problem.households[units].sum())
        fits = problem.min_households <= total <= problem.max_households and all(
            a.low <= int(a.amount[units].sum()) <= a.high for a in problem.attributes
        )
        if len(units) == 0 or fits or problem.exempt[units].any():
            continue
        groups = np.unique(problem.group[units][problem.group[units] >= 0])
        torn = np.isin(problem.group, groups).sum() > (problem.group[units] >= 0).sum()
        if not torn and len(np.unique(piece[units])) == 1:
            found.append(units)
    return found


def _joined(n: int, pairs: Ints) -> Ints:
    """Find the connected component of each of n things."""
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return connected_components(links, directed=False)[1].astype(np.int64)


def _tied(problem: CommunityProblem) -> Ints:
    """Units of one group, and locked units of one of today's communities, are together."""
    n = problem.n
    locked = problem.locked & (problem.today >= 0)
    grouped = np.flatnonzero(problem.group >= 0)
    pairs = [np.column_stack([grouped, n + problem.group[grouped]])]
    beyond = n + int(problem.group.max(initial=-1)) + 1
    pairs.append(np.column_stack([np.flatnonzero(locked), beyond + problem.today[locked]]))
    size = beyond + int(problem.today.max(initial=-1)) + 1
    return _numbers(_joined(size, np.concatenate(pairs))[:n])


def _numbers(labels: Ints) -> Ints:
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _with_pockets(
    problem: CommunityProblem, pairs: Ints, node: Ints, free: NDArray[np.bool_]
) -> Ints:
    """Join to each cut node what falls off without it, where that cannot stand by itself.

    A community that holds a node of the pocket and not the cut node lies inside the pocket, so it
    is below the lower bound.
    """
    m = int(node.max(initial=-1)) + 1
    households = sum_by(node, problem.households, m)
    is_free = np.bincount(node, free, m) > 0
    graph = nx.Graph()
    graph.add_nodes_from(range(m))
    graph.add_edges_from(pairs[pairs[:, 0] != pairs[:, 1]].tolist())
    ties = []
    for nodes in nx.connected_components(graph):
        ties += _pockets(graph.subgraph(nodes), households, is_free, problem.min_households)
    together = np.array(ties, dtype=np.int64).reshape(-1, 2)
    return _numbers(_joined(m, together)[node])


def _pockets(
    graph: nx.Graph, households: Floats, is_free: NDArray[np.bool_], least: int
) -> list[tuple[int, int]]:
    """Pairs of a cut node and a node of a pocket behind it, by the tree of blocks and cut nodes."""
    cuts = set(nx.articulation_points(graph))
    nodes = sorted(graph)
    ties: list[tuple[int, int]] = []
    whole = float(households[nodes].sum()), int(is_free[nodes].sum())
    for v in nodes:  # without it the rest is one pocket
        if v not in cuts and whole[0] - households[v] < least and whole[1] == is_free[v]:
            ties += [(v, u) for u in nodes]
    if not cuts:
        return ties
    blocks = [sorted(block) for block in nx.biconnected_components(graph)]
    tree = nx.Graph((c, -1 - b) for b, block in enumerate(blocks) for c in block if c in cuts)
    root = min(cuts)
    sums: dict[int, tuple[float, int, list[int]]] = {}  # households, free, nodes apart from cuts
    for v in nx.dfs_postorder_nodes(tree, root):
        own = [v] if v >= 0 else [u for u in blocks[-1 - v] if u not in cuts]
        sums[v] = (float(households[own].sum()), int(is_free[own].sum()), own)
    below = dict(sums)
    order = list(nx.dfs_preorder_nodes(tree, root))
    up = dict(nx.dfs_predecessors(tree, root))
    for v in reversed(order[1:]):
        a, b = below[v], below[up[v]]
        below[up[v]] = (b[0] + a[0], b[1] + a[1], b[2])
    for v in order[1:]:
        cut, away = (up[v], v) if v < 0 else (v, up[v])
        inside = below[v] if v < 0 else (whole[0] - below[v][0], whole[1] - below[v][1])
        if inside[0] < least and inside[1] == 0:
            ties += [(cut, u) for u in _behind(tree, cut, away, sums)]
    return ties


def _behind(
    tree: nx.Graph, cut: int, away: int, sums: dict[int, tuple[float, int, list[int]]]
) -> list[int]:
    """Nodes of the part of the tree that hangs on ``cut`` by ``away``."""
    seen, todo, nodes = {cut, away}, [away], list[int]()
    while todo:
        v = todo.pop()
        nodes += sums[v][2]
        more = [u for u in tree[v] if u not in seen]
        seen.update(more)
        todo += more
    return nodes


def _area(
    problem: CommunityProblem, graph: tuple[Ints, Ints], units: Ints, standing: list[Ints]
) -> Area:
    """Count how many communities an area can have, and how large."""
    node, pairs = graph
    total = int(problem.households[units].sum())
    low, high = problem.min_households, min(problem.max_households, total)
    inside = np.isin(np.arange(problem.n), units)
    loads = [int(problem.households[u].sum()) for u in standing if inside[u].all()]
    exempt = np.unique(node[units[problem.exempt[units]]])
    special, lowest, highest = len(loads) + len(exempt), low, high
    if len(exempt) and loads:
        lowest, highest = 0, total
    elif len(exempt):
        lowest, highest = _stretched(problem, (node, pairs), units, exempt)
    elif loads:
        lowest, highest = min(*loads, low), max(*loads, high)
    highest = min(highest, total)
    rest = max(0, total - special * highest)
    covered = -(-total // max(1, highest))
    fewest = covered if rest == 0 else special + -(-rest // max(1, high))
    nodes = len(np.unique(node[units]))
    most = min(nodes, special + total // low) if low > 0 else nodes
    if special == 0 and not problem.grandfather:
        for a in problem.attributes:
            held = int(a.amount[units].sum())
            fewest = max(fewest, -(-held // max(1, a.high)))
            most = min(most, held // a.low) if a.low > 0 else most
    most = max(1, most)
    return Area(units, min(max(1, fewest), most), most, low, high, special, lowest, highest)


def _stretched(
    problem: CommunityProblem, graph: tuple[Ints, Ints], units: Ints, exempt: Ints
) -> tuple[int, int]:
    """How far the communities of exceptions may go (house choice, see ``docs/certificate.md``).

    Down to what an excepted node holds by itself, up to that and the pieces that fall below the
    lower bound when it is taken out.
    """
    node, pairs = graph
    m = int(node.max()) + 1
    households = np.bincount(node, problem.households, m)
    mine = np.unique(node[units])
    low, high = problem.min_households, problem.max_households
    for v in exempt:
        apart = pairs[(pairs != v).all(axis=1)]
        piece = _joined(m, apart)
        rest = mine[mine != v]
        totals = np.bincount(piece[rest], households[rest], m)
        beside = pairs[(pairs == v).any(axis=1)].ravel()
        pieces = np.unique(piece[beside[beside != v]])
        pockets = totals[pieces][totals[pieces] < problem.min_households].sum()
        low, high = min(low, int(households[v])), max(high, int(households[v] + pockets))
    return low, high


def _numbered(problem: CommunityProblem, areas: list[Area]) -> list[Area]:
    """Narrow the numbers of communities by what the problem says about their sum."""
    fewest, most = sum(a.fewest for a in areas), sum(a.most for a in areas)
    top = most if problem.max_communities is None else problem.max_communities
    return [
        replace(
            a,
            fewest=max(a.fewest, min(problem.min_communities - (most - a.most), a.most)),
            most=max(a.fewest, min(a.most, top - (fewest - a.fewest))),
        )
        for a in areas
    ]
