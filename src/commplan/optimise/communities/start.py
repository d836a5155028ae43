"""Plans to start from: today's communities, METIS, or whatever labels are given."""

import numpy as np
from numpy.typing import NDArray

from commplan.optimise.communities.instance import Instance, Ints


def metis_start(instance: Instance, k: int, seed: int) -> Ints:
    """Cut the open graph into about ``k`` parts of like households (Karypis & Kumar 1998).

    METIS knows no lower bound and no hard upper one; what it returns has to be repaired.
    """
    import pymetis

    if k <= 1 or instance.n <= k:
        return (
            np.zeros(instance.n, dtype=np.int32)
            if k <= 1
            else np.arange(instance.n, dtype=np.int32)
        )
    rows = instance.rows
    tail = np.repeat(np.arange(instance.n), np.diff(rows.ptr))
    keep = rows.is_open > 0
    ptr = np.r_[0, np.cumsum(np.bincount(tail[keep], minlength=instance.n))].astype(np.int32)
    weight = rows.cost[keep]
    mean = float(weight.mean()) if weight.size else 0.0
    scaled = np.ones(weight.size) if mean <= 0 else np.clip(100 * weight / mean, 1, 10_000)
    _, labels = pymetis.part_graph(
        k,
        adjacency=pymetis.CSRAdjacency(ptr, rows.nbr[keep].astype(np.int32)),
        vweights=np.maximum(instance.households, 1).astype(np.int64),
        eweights=scaled.astype(np.int64),
        recursive=False,
        options=pymetis.Options(ufactor=200, seed=seed % 2**31, contig=True),
    )
    return np.asarray(labels, dtype=np.int32)


def connected_labels(instance: Instance, labels: Ints) -> Ints:
    """Give every connected piece of a community its own number, 0..k-1 by first node.

    Locked nodes of different old communities in one piece are left to the caller.
    """
    from commplan.optimise.communities.presolve import pieces

    rows = instance.rows
    tail = np.repeat(np.arange(instance.n, dtype=np.int32), np.diff(rows.ptr))
    inside = (rows.is_open > 0) & (labels[tail] == labels[rows.nbr])
    return pieces(instance.n, tail[inside], rows.nbr[inside])


def today_labels(instance: Instance) -> Ints:
    """Old community of each node (of most of its households); units in none stand alone."""
    m = instance.members
    result = np.empty(instance.n, dtype=np.int32)
    top = int(m.today.max(initial=-1)) + 1
    for v in range(instance.n):
        old = m.today[m.ptr[v] : m.ptr[v + 1]]
        weight = m.households[m.ptr[v] : m.ptr[v + 1]] + 1e-6
        known = old >= 0
        if known.any():
            result[v] = np.argmax(np.bincount(old[known], weight[known]))
        else:
            result[v] = top + v
    return result


def separate_locks(instance: Instance, labels: Ints) -> Ints:
    """Where a community holds locked nodes of two old ones, let all but the first stand alone."""
    result = labels.copy()
    locked: NDArray[np.int64] = np.flatnonzero(instance.lock >= 0)
    seen: set[int] = set()
    free = int(labels.max(initial=0)) + 1
    for v in locked:
        if int(result[v]) in seen:
            result[v] = free
            free += 1
        seen.add(int(result[v]))
    return result
