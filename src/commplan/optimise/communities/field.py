"""The components that are searched side by side, and how their labels make one plan."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from commplan.optimise.communities.allowance import share_out
from commplan.optimise.communities.counts import shared_out
from commplan.optimise.communities.glue import glued_nodes
from commplan.optimise.communities.instance import Ints, build_instance, edge_costs
from commplan.optimise.communities.presolve import Bools, Reduced, grandfathered, presolve
from commplan.optimise.communities.search import Search
from commplan.optimise.stop import Clock
from commplan.problem.communities import CommunityProblem


@dataclass
class Piece:
    """One open component: its units, their nodes and its search."""

    units: Ints
    node: Ints
    search: Search

    def labels(self) -> Ints | None:
        """Labels of the units, or None while nothing valid is known."""
        best = self.search.best
        return None if best is None else best.labels[self.node]


@dataclass
class Field:
    """What is searched: pieces, and old communities that stay as they are."""

    pieces: list[Piece] = field(default_factory=list)
    kept: list[Ints] = field(default_factory=list)
    may_move: float | None = None  # households of the pieces' own old communities; None: no limit

    @property
    def complete(self) -> bool:
        """Whether every piece has a valid plan."""
        return all(p.search.best is not None for p in self.pieces)

    @property
    def valid(self) -> bool:
        """Whether every piece has a valid plan, and together they move no more than allowed."""
        found = [p.search.best for p in self.pieces]
        return all(best is not None and best.excess == 0 for best in found)

    def share_allowance(self, done: int) -> None:
        """Share what may move out among the pieces; ``done`` of them have been searched."""
        if self.may_move is not None and self.complete:
            share_out([p.search for p in self.pieces], self.may_move, done)

    def fill(self, labels: Ints, top: int) -> None:
        """Write the best labels into ``labels``, from number ``top`` on."""
        for units in self.kept:
            labels[units] = top
            top += 1
        for piece in self.pieces:
            found = piece.labels()
            if found is not None:
                labels[piece.units] = found + top
                top += int(found.max()) + 1


@dataclass(frozen=True)
class Setting:
    """What every piece needs."""

    problem: CommunityProblem
    start: Ints | None
    rng: np.random.Generator
    clock: Clock
    note: Callable[[int, float | None], None]
    tries: int


def open_field(setting: Setting, active: Bools) -> Field:
    """Set up the search of all ``active`` units and find a first valid plan.

    With ``grandfather``, old communities out of bounds are left alone; those beside a piece for
    which nothing valid is found are given up until something is.
    """
    kept = [u for u in grandfathered(setting.problem) if active[u].all()]
    while True:
        inside = active.copy()
        for units in kept:
            inside[units] = False
        ground = Field(_open_pieces(setting, inside, len(kept)), kept)
        # Where old communities could still be given up, that is tried before trying harder.
        tries = 1 if kept else setting.tries
        stuck = [p for p in ground.pieces if not _first(setting, inside, p, tries)]
        if not stuck or not kept or setting.clock.over():
            ground.may_move = _may_move(setting.problem, inside)
            return ground
        given_up = {_weakest(setting.problem, kept, p.units) for p in stuck}
        left = [u for i, u in enumerate(kept) if i not in given_up]
        kept = left if len(left) < len(kept) else []


def _may_move(problem: CommunityProblem, inside: Bools) -> float | None:
    """Households that may move, but for those of old communities that count elsewhere."""
    if problem.max_moved_households is None:
        return None
    owned = _owned(problem, presolve(problem, inside))
    lost = inside & (problem.today >= 0) & (owned < 0)
    return float(problem.max_moved_households - problem.households[lost].sum())


def _weakest(problem: CommunityProblem, kept: list[Ints], units: Ints) -> int:
    """Choose which of ``kept`` beside ``units`` to give up: too small before too large; or -1."""
    beside = _neighbours(problem, units)
    sizes = [(int(problem.households[u].sum()), i) for i, u in enumerate(kept) if beside[u].any()]
    return min(sizes, default=(0, -1))[1]


def _open_pieces(setting: Setting, inside: Bools, kept: int) -> list[Piece]:
    if not inside.any():
        return []
    problem = setting.problem
    reduced = presolve(problem, inside)
    owned = problem.replace(today=_owned(problem, reduced))
    order = np.argsort(reduced.component, kind="stable")
    order = order[reduced.component[order] >= 0]
    starts = np.unique(reduced.component[order], return_index=True)[1][1:]
    parts = [np.sort(part).astype(np.int32) for part in np.split(order, starts)]
    result = []
    for units, (fewest, most) in zip(parts, shared_out(problem, parts, kept), strict=True):
        mine = owned.replace(min_communities=fewest, max_communities=most)
        result.append(_piece(setting, mine, reduced, units, None))
    return result


def _piece(
    setting: Setting,
    owned: CommunityProblem,
    reduced: Reduced,
    units: Ints,
    paths: np.random.Generator | None,
) -> Piece:
    node = glued_nodes(owned, reduced, units, paths)
    instance = build_instance(owned, units, node, _lock_weight(owned))
    seeds = np.random.default_rng(setting.rng.integers(2**63))
    limited = owned.max_moved_households is not None
    return Piece(units, node, Search(instance, seeds, setting.clock, setting.note, limited))


def _lock_weight(problem: CommunityProblem) -> float:
    """Worth of a household that stays where locked units hold their community in place."""
    if not problem.locked.any():
        return 0.0
    cost = edge_costs(problem)
    typical = float(cost[cost > 0].mean()) if (cost > 0).any() else 1.0
    w = problem.weights
    rest = w.imbalance_households + w.distance_household_km * 0.3
    return 2.0 * typical / max(1.0, float(problem.households.mean())) + rest


def _owned(problem: CommunityProblem, reduced: Reduced) -> Ints:
    """Let each old community count in one component only: that of its locks, or of its most."""
    today = problem.today.copy()
    was = np.flatnonzero((today >= 0) & (reduced.component >= 0))
    if len(was) == 0:
        return today
    weight = problem.households[was] + np.where(problem.locked[was], 10.0**9, 0.0) + 1e-6
    count = int(reduced.component.max()) + 1
    key, inverse = np.unique(
        today[was].astype(np.int64) * count + reduced.component[was], return_inverse=True
    )
    total = np.bincount(inverse, weight)
    order = np.lexsort((key, -total, key // count))
    first = order[np.unique(key[order] // count, return_index=True)[1]]
    mine = np.zeros(len(key), dtype=np.bool_)
    mine[first] = True
    today[was[~mine[inverse]]] = -1
    return today


def _first(setting: Setting, inside: Bools, piece: Piece, attempts: int) -> bool:
    """Find a first valid plan of ``piece``; other paths are tried for bundles that lie apart."""
    given = [setting.start] if setting.start is not None else []
    if setting.problem.weights.moved_households or (setting.problem.today >= 0).any():
        given.append(setting.problem.today)
    for attempt in range(attempts):
        if attempt:
            if setting.clock.over():
                return False
            again = _again(setting, inside, piece)
            if again is None:
                return False
            piece.node, piece.search = again.node, again.search
        if piece.search.first([_on_nodes(piece, labels) for labels in given], 2 * attempts):
            return True
    return False


def _again(setting: Setting, inside: Bools, piece: Piece) -> Piece | None:
    """Set the piece up with other paths; None where there is nothing to choose."""
    problem = setting.problem
    reduced = presolve(problem, inside)
    if (
        len(piece.units) == 0
        or len(np.unique(reduced.bundle[piece.units])) == piece.search.instance.n
    ):
        return None
    fewest, most = piece.search.instance.params[8:10].astype(int).tolist()
    owned = problem.replace(
        today=_owned(problem, reduced), min_communities=fewest, max_communities=most
    )
    return _piece(setting, owned, reduced, piece.units, setting.rng)


def _on_nodes(piece: Piece, labels: Ints) -> Ints:
    """Labels of nodes from those of units: that of its largest unit; units in none stand alone."""
    instance, m = piece.search.instance, piece.search.instance.members
    mine = labels[m.unit]
    node = np.repeat(np.arange(instance.n), np.diff(m.ptr))
    order = np.lexsort((-m.households, node))
    first = order[np.unique(node[order], return_index=True)[1]]
    result = mine[first].astype(np.int64)
    top = int(labels.max(initial=0)) + 1
    alone = result < 0
    result[alone] = top + np.flatnonzero(alone)
    return np.unique(result, return_inverse=True)[1].astype(np.int32)


def _neighbours(problem: CommunityProblem, units: Ints) -> Bools:
    """Units that touch ``units``."""
    inside = np.zeros(problem.n, dtype=np.bool_)
    inside[units] = True
    e = problem.edges
    result = inside.copy()
    result[e.tail[inside[e.head]]] = True
    result[e.head[inside[e.tail]]] = True
    return result
