"""What moves change in the attributes of communities: nothing, at no cost, where there are none.

``attributes`` is None or a pair: amounts of the nodes, shape (attributes, nodes), and limits, shape
(3, attributes): least, most and the households that one unit stands for. Which of the two is
known when the kernels are compiled, so those without attributes contain no trace of them.
"""

# ruff: noqa: ARG001, ARG005, PLW0108 -- numba takes what stands for a function by its arguments' names

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import overload


def attributes_change(v: Any, a: Any, b: Any, nodes: Any, sums: Any, attributes: Any) -> Any:
    """Change of the households that attributes outside their bounds stand for, a to b."""
    raise NotImplementedError("only for compiled code")


def move_attributes(v: Any, a: Any, b: Any, sums: Any, attributes: Any) -> Any:
    """Give the attributes of node ``v`` to community ``b``."""
    raise NotImplementedError("only for compiled code")


def attributes_fit(nodes: Any, tree: Any, cut: Any, attributes: Any) -> Any:
    """Whether the attributes of the subtree below ``cut`` and of the rest lie within bounds."""
    raise NotImplementedError("only for compiled code")


def sum_fits(sums: Any, a: Any, b: Any, attributes: Any) -> Any:
    """Whether the attributes of two communities together stay below their upper bounds."""
    raise NotImplementedError("only for compiled code")


def add_attributes(v: Any, c: Any, sums: Any, attributes: Any) -> Any:
    """Add the attributes of node ``v`` to community ``c``."""
    raise NotImplementedError("only for compiled code")


@njit(cache=True)
def _outside(amount, limits, j):  # type: ignore[no-untyped-def]
    """Households that an attribute outside its bounds stands for."""
    if amount < limits[0, j]:
        return (limits[0, j] - amount) * limits[2, j]
    if amount > limits[1, j]:
        return (amount - limits[1, j]) * limits[2, j]
    return 0.0


@njit(cache=True)
def _change(v, a, b, exempt, sums, attributes):  # type: ignore[no-untyped-def]
    """`attributes_change`; exempt communities do not pay."""
    amounts, limits = attributes
    change = 0.0
    for j in range(len(amounts)):
        x = float(amounts[j, v])
        if sums[3, b] == 0.0:
            change -= _outside(sums[4 + j, b], limits, j)
            if exempt == 0:
                change += _outside(sums[4 + j, b] + x, limits, j)
        if sums[3, a] == 0.0:
            change -= _outside(sums[4 + j, a], limits, j)
        if sums[3, a] == exempt and sums[2, a] > 1.0:
            change += _outside(sums[4 + j, a] - x, limits, j)
    return change


@njit(cache=True)
def _move(v, a, b, sums, attributes):  # type: ignore[no-untyped-def]
    amounts = attributes[0]
    for j in range(len(amounts)):
        sums[4 + j, a] -= amounts[j, v]
        sums[4 + j, b] += amounts[j, v]


@njit(cache=True)
def _add(v, c, sums, attributes):  # type: ignore[no-untyped-def]
    amounts = attributes[0]
    for j in range(len(amounts)):
        sums[4 + j, c] += amounts[j, v]


@njit(cache=True)
def _fit(nodes, tree, cut, attributes):  # type: ignore[no-untyped-def]
    parent, order = tree
    amounts, limits = attributes
    for j in range(len(amounts)):
        total = np.zeros(len(nodes), dtype=np.int64)
        for i in range(len(order) - 1, -1, -1):
            v = order[i]
            total[v] += amounts[j, nodes[v]]
            if i > 0:
                total[parent[v]] += total[v]
        below, rest = total[cut], total[order[0]] - total[cut]
        if min(below, rest) < limits[0, j] or max(below, rest) > limits[1, j]:
            return False
    return True


@njit(cache=True)
def _sum_fits(sums, a, b, attributes):  # type: ignore[no-untyped-def]
    limits = attributes[1]
    for j in range(limits.shape[1]):  # noqa: SIM110 -- compiled
        if sums[4 + j, a] + sums[4 + j, b] > limits[1, j]:
            return False
    return True


def _none(attributes: Any) -> bool:
    return isinstance(attributes, types.NoneType)


@overload(attributes_change, inline="always")
def _change_for(v, a, b, nodes, sums, attributes):  # type: ignore[no-untyped-def]
    if _none(attributes):
        return lambda v, a, b, nodes, sums, attributes: 0.0
    return lambda v, a, b, nodes, sums, attributes: _change(v, a, b, nodes[2][v], sums, attributes)


@overload(move_attributes, inline="always")
def _move_for(v, a, b, sums, attributes):  # type: ignore[no-untyped-def]
    if _none(attributes):
        return lambda v, a, b, sums, attributes: None
    return lambda v, a, b, sums, attributes: _move(v, a, b, sums, attributes)


@overload(add_attributes, inline="always")
def _add_for(v, c, sums, attributes):  # type: ignore[no-untyped-def]
    if _none(attributes):
        return lambda v, c, sums, attributes: None
    return lambda v, c, sums, attributes: _add(v, c, sums, attributes)


@overload(attributes_fit, inline="always")
def _fit_for(nodes, tree, cut, attributes):  # type: ignore[no-untyped-def]
    if _none(attributes):
        return lambda nodes, tree, cut, attributes: True
    return lambda nodes, tree, cut, attributes: _fit(nodes, tree, cut, attributes)


@overload(sum_fits, inline="always")
def _sum_fits_for(sums, a, b, attributes):  # type: ignore[no-untyped-def]
    if _none(attributes):
        return lambda sums, a, b, attributes: True
    return lambda sums, a, b, attributes: _sum_fits(sums, a, b, attributes)
