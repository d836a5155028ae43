"""Every group that may be formed: connected villages, as few as need be.

A group that falls into two connected parts, of which each has more people than the limit and keeps
to every other limit as well, is needless: no village in it needs the other part. Such groups are
left out. No plan leaves fewer small villages for having them, since the two parts serve as well;
and by the terms of `DIVISIBLE` none is cheaper. Where minutes are not limited, all that holds a
needless group is needless too, which keeps the list short.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from commplan.optimise.villages.atoms import Atoms, in_one_piece, make_atoms, village_graph
from commplan.optimise.villages.groups_kernel import list_sets
from commplan.problem.villages import VillageProblem

MOST_GROUPS = 2_000_000
MOST_SETS = 60_000_000  # connected sets that are looked at
_HUGE = 2**60

Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Groups:
    """Groups of villages in compressed rows.

    Parameters
    ----------
    ptr : int64 array, shape (g + 1,)
    village : int32 array
        Villages of group i: ``village[ptr[i] : ptr[i + 1]]``, ascending.
    whole : bool
        False where the list was cut short.
    """

    ptr: NDArray[np.int64]
    village: Ints
    whole: bool


def list_groups(
    problem: VillageProblem, most: int = MOST_GROUPS, *, first_only: bool = False
) -> Groups:
    """List the groups of two and more villages that keep to every limit.

    Where they are more than ``most``, those of fewer villages are listed: of as many as fit.

    Parameters
    ----------
    problem : VillageProblem
    most : int
    first_only : bool
        List only groups that hold the first village.

    Returns
    -------
    Groups
        Each connected, of one township, with more people than the limit, with a seat that all
        reach in time, and not needless.
    """
    atoms = make_atoms(problem)
    m, limits = atoms.count, problem.limits
    free = np.flatnonzero(atoms.of >= 0)
    order = free[np.argsort(atoms.of[free], kind="stable")].astype(np.int32)
    first = np.searchsorted(atoms.of[order], np.arange(m + 1))
    graph = village_graph(problem)
    whole = bool(in_one_piece(first, order, graph).all())
    in_time = _in_time(problem)
    ground = ((first, order), graph, in_time, _bits(in_time))
    data = (_sums(problem, atoms), _clashes(problem, atoms), ground)
    tops = (limits.max_people, limits.max_households, limits.max_area_km2, limits.max_villages)
    top = np.array([_HUGE if value is None else value for value in tops], dtype=np.float64)
    near = (atoms.graph.indptr, atoms.graph.indices)
    hereditary = int(whole and not len(in_time))
    largest = max(1, min(limits.max_villages, m))
    roots = min(m, 1) if first_only else m
    for size in range(largest, 0, -1):
        control = (limits.small_people, most, size, MOST_SETS, hereditary, roots)
        flat, ptr, is_all = list_sets(near, data, top, control)
        if is_all:
            break
    of_atom = csr_array((np.ones(len(order)), order, first), shape=(m, problem.n))
    by_atom = csr_array((np.ones(len(flat)), flat, ptr), shape=(len(ptr) - 1, m))
    has = csr_array(by_atom @ of_atom)
    if not whole:
        pieces = in_one_piece(has.indptr.astype(np.int64), has.indices.astype(np.int32), graph)
        has = csr_array(has[np.flatnonzero(pieces)])
    has.sort_indices()
    is_all = bool(is_all) and size == largest
    return Groups(has.indptr.astype(np.int64), has.indices.astype(np.int32), is_all)


def _in_time(problem: VillageProblem) -> NDArray[np.bool_]:
    """Who reaches whom in time, shape (n, n); without a limit of minutes, shape (0, 0)."""
    limit = problem.limits.max_minutes
    if limit is None:
        return np.zeros((0, 0), dtype=np.bool_)
    near = np.asarray(problem.minutes <= limit)
    np.fill_diagonal(near, val=True)
    return near


def _bits(marks: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Pack each row of marks into words of 64 bits."""
    words = -(-marks.shape[1] // 64)
    padded = np.zeros((len(marks), 64 * words), dtype=np.bool_)
    padded[:, : marks.shape[1]] = marks
    packed = np.packbits(padded, axis=1, bitorder="little")
    return np.ascontiguousarray(packed).view(np.uint64).reshape(len(marks), words)


def _sums(problem: VillageProblem, atoms: Atoms) -> NDArray[np.float64]:
    """People, households, area and villages of each atom."""
    free = np.flatnonzero(atoms.of >= 0)
    ones = np.ones(problem.n)
    each = (problem.population, problem.households, problem.area_km2, ones)
    return np.stack([np.bincount(atoms.of[free], v[free], atoms.count) for v in each])


def _clashes(problem: VillageProblem, atoms: Atoms) -> tuple[Ints, Ints]:
    """Atoms that must be apart, in compressed rows."""
    apart = atoms.of[problem.apart.reshape(-1, 2)]
    apart = apart[(apart >= 0).all(axis=1)]
    pairs = (np.r_[apart[:, 0], apart[:, 1]], np.r_[apart[:, 1], apart[:, 0]])
    ones = np.ones(len(pairs[0]), dtype=np.int8)
    clash = coo_array((ones, pairs), shape=(atoms.count,) * 2).tocsr()
    return clash.indptr, clash.indices
