"""Successors: which new community carries on which of today's.

A one-to-one matching of old and new communities with the largest sum of shared households (the
assignment problem: Kuhn 1955, DOI 10.1002/nav.3800020109). Several matchings may reach that sum, so
the choice among them is fixed too. First, as many locked units as possible lie in the successor of
their old community. Then, let old communities be in the order of their ids and new ones in the order
of their first unit (units are sorted by id): the first old community has the earliest new one that
is possible, then the second old community, and so on; having none comes last.

Old and new communities that share units but no households never succeed each other: a park that
changes hands carries no community with it. The one exception is a pair that both hold no households
at all, so that a community of nothing but open land keeps its id when nothing changes.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

Ints = NDArray[np.int64]


def match_successors(
    old_of: Ints, new_of: Ints, households: Ints, locked: NDArray[np.bool_] | None = None
) -> NDArray[np.int32]:
    """Match new communities to old ones.

    Parameters
    ----------
    old_of, new_of : int array, shape (n units,)
        Community of each unit, today and in the plan, numbered from 0; -1 for none. Old ones are
        numbered by id. Units are sorted by id.
    households : int array, shape (n units,)
    locked : bool array, shape (n units,), optional
        Units that should lie in the successor of their old community.

    Returns
    -------
    int32 array, shape (new communities,)
        The old community that each new one succeeds; -1 for none.
    """
    n_new = int(new_of.max(initial=-1)) + 1
    if locked is None:
        locked = np.zeros(old_of.size, dtype=np.bool_)
    old, new, value = _overlaps(old_of, new_of, households, locked)
    succeeds = np.full(n_new, -1, dtype=np.int32)
    if old.size == 0:
        return succeeds
    # New communities in the order of their first unit, whatever their numbers are.
    first = np.full(n_new, new_of.size, dtype=np.int64)
    np.minimum.at(first, new_of[new_of >= 0], np.flatnonzero(new_of >= 0))
    by_first = np.argsort(first, kind="stable")
    rank = np.empty(n_new, dtype=np.int64)
    rank[by_first] = np.arange(n_new)
    olds, row = np.unique(old, return_inverse=True)
    news, column = np.unique(rank[new], return_inverse=True)
    matched = _best_matching(row, column, value)
    for i in np.flatnonzero(matched >= 0):
        succeeds[by_first[news[matched[i]]]] = olds[i]
    return succeeds


def _overlaps(
    old_of: Ints, new_of: Ints, households: Ints, locked: NDArray[np.bool_]
) -> tuple[Ints, Ints, Ints]:
    """Pairs of old and new communities that may succeed each other, and what each pair is worth.

    That is the households they share, and then the locked units they share: all of these together
    weigh less than one household.
    """
    both = (old_of >= 0) & (new_of >= 0)
    n_new = int(new_of.max(initial=-1)) + 1
    key = old_of[both].astype(np.int64) * max(n_new, 1) + new_of[both]
    pairs, inverse = np.unique(key, return_inverse=True)
    shared = np.zeros(pairs.size, dtype=np.int64)
    np.add.at(shared, inverse, households[both])
    kept = np.bincount(inverse, weights=locked[both], minlength=pairs.size).astype(np.int64)
    old, new = pairs // max(n_new, 1), pairs % max(n_new, 1)
    whole_old = _totals(old_of, households)
    whole_new = _totals(new_of, households)
    keep = (shared > 0) | ((whole_old[old] == 0) & (whole_new[new] == 0))
    worth = shared * (int(locked.sum()) + 1) + kept
    return old[keep], new[keep], worth[keep]


def _totals(of: Ints, households: Ints) -> Ints:
    totals = np.zeros(int(of.max(initial=-1)) + 1, dtype=np.int64)
    np.add.at(totals, of[of >= 0], households[of >= 0])
    return totals


def _best_matching(row: Ints, column: Ints, value: Ints) -> Ints:
    """Column of each row in the first of the matchings with the largest sum; -1 for none.

    Every row gets a column of its own that stands for "no successor", worth
    nothing; so all rows are matched. All numbers are whole and far below 2**53: sums are exact.
    """
    n_rows, n_columns = int(row.max()) + 1, int(column.max()) + 1
    price = int(value.max()) + 1
    rows = np.concatenate([row, np.arange(n_rows)])
    columns = np.concatenate([column, n_columns + np.arange(n_rows)])
    costs = np.concatenate([price - value, np.full(n_rows, price)])
    table = csr_array(
        (costs.astype(np.float64), (rows, columns)), shape=(n_rows, n_columns + n_rows)
    )
    _, matched = min_weight_full_bipartite_matching(table)
    chosen = matched.astype(np.int64)
    potential = _potentials(rows, columns, costs, chosen)
    reduced = costs - potential[columns]
    tight = reduced == _row_values(rows, columns, reduced, chosen)[rows]
    exchanges = _Exchanges(rows[tight], columns[tight], chosen, potential)
    for r in range(n_rows):
        exchanges.fix_earliest(r)
    first = np.array(exchanges.column_of, dtype=np.int64)
    return np.where(first < n_columns, first, -1)


def _row_values(rows: Ints, columns: Ints, reduced: Ints, matched: Ints) -> Ints:
    values = np.empty(matched.size, dtype=np.int64)
    chosen = matched[rows] == columns
    values[rows[chosen]] = reduced[chosen]
    return values


def _potentials(rows: Ints, columns: Ints, costs: Ints, matched: Ints) -> Ints:
    """Dual values of the columns: shortest distances in the residual graph (Bellman-Ford).

    A step leads from the column of a row to another column of that row, at the difference in cost.
    The matching is optimal, so no cycle is negative and unmatched columns stay at 0. A pair of
    row and column belongs to some optimal matching only if it is tight under these values.
    """
    own = np.empty(matched.size, dtype=np.int64)
    chosen = matched[rows] == columns
    own[rows[chosen]] = costs[chosen]
    step = costs - own[rows]
    potential = np.zeros(int(columns.max()) + 1, dtype=np.int64)
    while True:
        reached = potential[matched[rows]] + step
        better = potential.copy()
        np.minimum.at(better, columns, reached)
        if np.array_equal(better, potential):
            return potential
        potential = better


class _Exchanges:
    """An optimal matching, and the changes that keep it optimal.

    A column without a row is held by nobody (-1). Nobody can hold any column whose dual value is
    0, as if it were one more row that is tight with all of these.
    """

    def __init__(self, rows: Ints, columns: Ints, matched: Ints, potential: Ints) -> None:
        self.options: list[list[int]] = [[] for _ in range(matched.size)]
        for r, c in zip(rows.tolist(), columns.tolist(), strict=True):
            self.options[r].append(c)
        self.column_of: list[int] = matched.tolist()
        self.row_of = {c: r for r, c in enumerate(self.column_of)}
        self.may_be_empty = np.flatnonzero(potential == 0).tolist()

    def fix_earliest(self, r: int) -> None:
        """Give row ``r`` the earliest column it can have while the rows before it keep theirs."""
        for c in sorted(self.options[r]):
            if c >= self.column_of[r]:
                return
            chain = self._chain(r, c)
            if chain:
                self._apply(chain)
                return

    def _chain(self, r: int, c: int) -> list[tuple[int, int]]:
        """Rows with their new columns, from the one that takes what ``r`` leaves back to ``r``.

        Each row pushes the holder of its new column on along a tight pair (breadth first). Empty
        where ``r`` cannot have ``c``.
        """
        left = self.column_of[r]
        came_from: dict[int, tuple[int, int]] = {c: (r, -1)}
        queue = deque([c])
        nobody_moved = False
        while queue:
            at = queue.popleft()
            if at == left:
                return _trace(at, came_from)
            holder = self.row_of.get(at, -1)
            if 0 <= holder <= r or (holder < 0 and nobody_moved):
                continue
            nobody_moved = nobody_moved or holder < 0
            for further in self.may_be_empty if holder < 0 else self.options[holder]:
                if further not in came_from:
                    came_from[further] = (holder, at)
                    queue.append(further)
        return []

    def _apply(self, chain: list[tuple[int, int]]) -> None:
        movers = [(r, c) for r, c in chain if r >= 0]
        for r, _ in movers:
            del self.row_of[self.column_of[r]]
        for r, c in movers:
            self.column_of[r] = c
            self.row_of[c] = r


def _trace(at: int, came_from: dict[int, tuple[int, int]]) -> list[tuple[int, int]]:
    chain = []
    while at != -1:
        mover, before = came_from[at]
        chain.append((mover, at))
        at = before
    return chain
