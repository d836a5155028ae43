"""What proves a lower bound: parts that add up, each with the numbers to derive it again.

The bound of a result is ``Σ part.value``. Each part bounds some terms of the cost inside some
units, and no term of any unit is counted in two parts. Graph, households, weights and bounds are
those of the problem. ``commplan/certify`` works each of them out anew (``docs/certificate.md``).
The kinds:

``border_outside``
    Half of the weighted border (``border_km`` and ``soft_border_km`` by their weights) between
    ``units`` and all others. No plan can avoid it, for no open edge joins them.
``prices_border``
    Weighted border inside ``units``. Nodes are joined by pairs whose border costs something. Claim:
    every set S of nodes that a community can hold satisfies, with half(S) half of the weighted
    border between S and the other nodes of this part, counted in whole numbers:
    ``floor(0.5 × border × per_cost)`` for each pair,
    ``half(S) >= Σ prices[v] (v in S) + extra``. Summed over the communities of a plan this proves
    ``value = (Σ prices + fewest × extra) / per_cost``. To check it: price the closed walks of the
    planar dual that go once round a set of nodes, by the load they enclose (``load`` per node);
    loads of communities lie between ``low_load`` and ``high_load``. A walk of a load above
    ``high_load`` may cost ``rate`` less for each step beyond, if no hole is cheap: ``half(H) + Σ
    prices >= rate × load(H)`` for every set H. Walks that wind round some nodes clockwise and
    round others counterclockwise are no communities and need not hold (see
    ``optimise/communities/bound_walks.py`` for one way to price).
``prices_distance``
    Distance, imbalance and number together (Lagrangian of the Hess model). Claim: for each unit
    j as the median let r(j) be the least of ``weights.communities + deviation + Σ x_v (cost[j, v]
    - prices[v])`` over shares 0 <= x <= 1, x = 1 for the node of j, with households between
    ``low`` and ``high``. Then ``value = Σ prices + the sum of the k least r(j)`` for the k in
    ``fewest..most`` for which it is least; cost[j, v] = weights.distance_household_km × Σ
    households × distance of the units of node v from unit j; deviation =
    weights.imbalance_households × abs(households of the community - target).
``eigen``
    Weighted border inside ``units`` by eigenvalues (Donath & Hoffman 1973) of the Laplacian of
    the nodes against their households + 0.001, for ``fewest`` communities within ``low`` and
    ``high``.
``counting``
    ``terms`` bounded by counting communities and households; see ``optimise/communities/bounds.py``.
``whole_steps``
    The cost of every plan is a whole multiple of ``1 / per_cost``, for each pair of units costs
    such a multiple, and so does whatever else is weighted; the other parts are rounded up to the
    next. It concerns no term of its own: it comes on top of all of them.
``exact``
    All terms inside ``units``: the integer programme over all communities that are possible
    there was solved.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

KINDS = (
    "border_outside",
    "prices_border",
    "prices_distance",
    "eigen",
    "counting",
    "exact",
    "whole_steps",
)


def _no_floats() -> NDArray[np.float64]:
    return np.zeros(0)


def _no_ints() -> NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class ProofPart:
    """One part of a bound; fields that its kind does not need are empty or 0.

    Parameters
    ----------
    kind : str
        One of ``KINDS``; what it claims stands at the top of this module.
    terms : tuple of str
        Terms of the cost that the part bounds.
    value : float
        What the part proves (households).
    units : int32 array, shape (u,)
        Positions of the units concerned.
    node : int32 array, shape (u,)
        Node 0..m-1 of each of them: units of one node are together in every valid plan.
    low, high : float
        Households that any community here can hold.
    fewest, most : int
        Number of communities here.
    prices : int64 or float64 array, shape (m,)
        Price of each node: whole numbers in units of 1 / ``per_cost`` households for
        ``prices_border``, households for ``prices_distance``.
    extra : int
        Price of being one more community, in the unit of ``prices``.
    rate : int
        Price of one step of load at which the walks were priced: what holes are held against.
    load : int64 array, shape (m,)
        Whole-number load of each node.
    low_load, high_load : int
        Loads within which every community lies; ``low_load`` is 1 where nothing is known.
    per_cost : float
        Whole numbers per household of cost.
    dropped : int32 array, shape (d, 2)
        Pairs of nodes whose border was left out (counted as 0) to make the graph planar.
    """

    kind: str
    terms: tuple[str, ...]
    value: float
    units: NDArray[np.int32]
    node: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    low: float = 0.0
    high: float = 0.0
    fewest: int = 0
    most: int = 0
    prices: NDArray[np.int64] | NDArray[np.float64] = field(default_factory=_no_floats)
    extra: int = 0
    rate: int = 0
    load: NDArray[np.int64] = field(default_factory=_no_ints)
    low_load: int = 0
    high_load: int = 0
    per_cost: float = 1.0
    dropped: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int32))


Proof = tuple[ProofPart, ...]
