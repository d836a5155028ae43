"""Villages that are joined whatever happens, and who borders on whom."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from commplan.problem.villages import VillageProblem

Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Atoms:
    """Villages that are joined whatever happens, as one; locked ones apart.

    Parameters
    ----------
    of : int32 array, shape (n,)
        Atom of each village; -1 for locked ones.
    graph : csr_array, shape (atoms, atoms)
    """

    of: Ints
    graph: csr_array

    @property
    def count(self) -> int:
        """Number of atoms."""
        return int(self.graph.shape[0])


def make_atoms(problem: VillageProblem) -> Atoms:
    """Contract villages that must join; leave out locked ones and borders between townships."""
    n = problem.n
    keep = problem.township[problem.tail] == problem.township[problem.head]
    keep &= ~problem.locked[problem.tail] & ~problem.locked[problem.head]
    joined = np.flatnonzero((problem.join >= 0) & ~problem.locked)
    hub = n + np.unique(problem.join[joined], return_inverse=True)[1]
    ties = coo_array((np.ones(len(joined)), (joined, hub)), shape=(n + len(joined),) * 2)
    root = connected_components(ties, directed=False)[1][:n]
    of = np.full(n, -1, dtype=np.int32)
    free = np.flatnonzero(~problem.locked)
    of[free] = np.unique(root[free], return_inverse=True)[1]
    m = int(of.max(initial=-1)) + 1
    tail, head = of[problem.tail[keep]], of[problem.head[keep]]
    differ = tail != head
    tail, head = tail[differ], head[differ]
    pairs = (np.r_[tail, head], np.r_[head, tail])
    graph = coo_array((np.ones(len(pairs[0]), dtype=np.int8), pairs), shape=(m, m)).tocsr()
    graph.sum_duplicates()
    graph.sort_indices()
    return Atoms(of, csr_array(graph))


def village_graph(problem: VillageProblem) -> tuple[NDArray[np.int64], Ints]:
    """Neighbours of each village within its township, in compressed rows."""
    same = problem.township[problem.tail] == problem.township[problem.head]
    tail = np.r_[problem.tail[same], problem.head[same]]
    head = np.r_[problem.head[same], problem.tail[same]]
    order = np.argsort(tail, kind="stable")
    starts = np.searchsorted(tail[order], np.arange(problem.n + 1))
    return starts.astype(np.int64), head[order].astype(np.int32)


@njit(cache=True)
def in_one_piece(ptr, village, graph):  # type: ignore[no-untyped-def]
    """Whether each group is connected by borders between villages."""
    starts, near = graph
    result = np.zeros(len(ptr) - 1, dtype=np.bool_)
    for g in range(len(ptr) - 1):
        members = village[ptr[g] : ptr[g + 1]]
        reached = np.zeros(len(members), dtype=np.bool_)
        reached[0] = True
        stack = [0]
        count = 1
        while len(stack) > 0:
            v = members[stack.pop()]
            for e in range(starts[v], starts[v + 1]):
                for i in range(len(members)):
                    if members[i] == near[e] and not reached[i]:
                        reached[i] = True
                        count += 1
                        stack.append(i)
        result[g] = count == len(members)
    return result
