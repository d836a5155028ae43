"""Borders bounded by eigenvalues, worked out anew.

Let λ_1 <= λ_2 <= ... be the eigenvalues of the Laplacian of border costs against the households of
the nodes (a thousandth of a household more each, so that empty nodes have a mass). The border of
any partition into sets of m_1 >= m_2 >= ... households is at least half of Σ m_i λ_i (Donath &
Hoffman 1973). It is least where the first sets are as large as they can be.
"""

import numpy as np
from scipy.linalg import eigvalsh

from commplan.certify.ground import Area, Floats, Ints

_MASS = 1e-3  # households more per node
_EPS = float(np.finfo(np.float64).eps)


def eigen_bound(node: Ints, households: Floats, edges: tuple[Ints, Floats], area: Area) -> float:
    """Border inside an area at least (households, as borders are weighted).

    Parameters
    ----------
    node : int64 array, shape (u,)
        Node of each unit of the area, numbered from 0.
    households : float64 array, shape (u,)
    edges : (int64 array of shape (e, 2), float64 array of shape (e,))
        Pairs of nodes and the weighted border between them.
    area : Area
        Numbers and bounds of its communities.
    """
    pairs, cost = edges
    m = int(node.max()) + 1
    k = area.fewest
    if k < 2 or k > m:
        return 0.0
    mass = np.bincount(node, households, m) + _MASS
    laplacian = np.zeros((m, m))
    np.add.at(laplacian, (pairs[:, 0], pairs[:, 1]), -cost)
    laplacian += laplacian.T
    np.fill_diagonal(laplacian, 0.0)
    np.fill_diagonal(laplacian, -laplacian.sum(axis=1))
    root = 1 / np.sqrt(mass)
    scaled = laplacian * root[:, None] * root[None, :]
    values = eigvalsh(scaled, subset_by_index=[0, k - 1])
    # Eigenvalues of a symmetric matrix are off by a few roundings of its largest one.
    norm = float(np.abs(scaled).sum(axis=1).max())
    values = np.maximum(0.0, values - 4 * np.sqrt(m) * _EPS * norm)
    return 0.5 * float(np.diff(_most_held(area, float(mass.sum()), m), prepend=0.0) @ values)


def _most_held(area: Area, total: float, m: int) -> Floats:
    """Most mass that the first 1, 2, ... of ``fewest`` communities can hold, the largest first."""
    k = area.fewest
    number = np.arange(1, k + 1)
    special = np.minimum(number, area.special)
    most = special * float(area.largest) + (number - special) * float(area.high) + _MASS * m
    rest = k - number
    small = np.minimum(rest, area.special)
    others = small * float(area.least) + (rest - small) * float(area.low)
    held = np.minimum(np.minimum(most, total - others), total)
    held[-1] = total
    return np.maximum.accumulate(np.maximum(held, 0.0))
