"""Put the best communities of many plans together: set partitioning over a pool.

Different runs find different good corners. Choosing among all their communities so that each node
lies in exactly one, at least cost, joins the good corners in one plan (set partitioning as in
Garfinkel & Nemhauser 1970; the pool as in the route pools of Rochat & Taillard 1995).
"""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_array, hstack, vstack

from commplan.optimise.communities.instance import Floats, Instance, Ints
from commplan.optimise.communities.state import State, community_costs

if TYPE_CHECKING:
    from commplan.optimise.milp_arrays import MilpArrays

_MOST_COLUMNS = 900
_PLANS = 6  # at least so many plans' communities go into the model
_NODES = 300


@dataclass(frozen=True)
class _Plan:
    """One valid plan, in columns."""

    keys: tuple[bytes, ...]
    cost: float
    moved: float


@dataclass
class Pool:
    """Communities of the best valid plans of one search.

    A column is a set of nodes together with the old community that it is taken for; its cost is
    then known without the rest of the plan.
    """

    costs: dict[bytes, float] = field(default_factory=dict)
    moved: dict[bytes, float] = field(default_factory=dict)
    plans: dict[tuple[bytes, ...], _Plan] = field(default_factory=dict)
    tried: frozenset[bytes] = frozenset()

    def add(
        self, instance: Instance, state: State, extra: Floats, moved: Floats | None = None
    ) -> None:
        """Take the communities of ``state`` in.

        Parameters
        ----------
        instance : Instance
        state : State
        extra : float64 array, shape (k,)
            What each community costs besides.
        moved : float64 array, shape (k,), or None
            Households of each that move; None where they are not limited.
        """
        moved = np.zeros(len(extra)) if moved is None else moved
        costs = community_costs(instance, state) + extra
        order = np.argsort(state.labels, kind="stable").astype(np.int32)
        starts = np.searchsorted(state.labels[order], np.arange(len(costs) + 1))
        keys = []
        for c in range(len(costs)):
            head = np.array([state.home[c]], dtype=np.int32)
            key = np.r_[head, order[starts[c] : starts[c + 1]]].astype(np.int32).tobytes()
            self.costs[key] = float(costs[c])
            self.moved[key] = float(moved[c])
            keys.append(key)
        plan = _Plan(tuple(keys), float(costs.sum()), float(moved.sum()))
        self.plans[tuple(sorted(keys))] = plan

    def columns(self, limit: tuple[float, float] | None = None) -> list[bytes]:
        """Columns of the best plans, as many as the model is to hold; drops the rest.

        Beyond a ``limit`` of households that move, each of them costs its second number.
        """
        chosen: dict[bytes, None] = {}
        kept = {}
        top, price = limit or (np.inf, 0.0)
        ranked = sorted(
            self.plans.items(),
            key=lambda item: (item[1].cost + _beyond(item[1].moved, top, price), item[0]),
        )
        for at, (name, plan) in enumerate(ranked):
            if len(chosen) > _MOST_COLUMNS and at >= _PLANS:
                break
            chosen.update(dict.fromkeys(plan.keys))
            kept[name] = plan
        self.plans = kept
        self.costs = {key: self.costs[key] for key in chosen}
        self.moved = {key: self.moved[key] for key in chosen}
        return list(chosen)

    def combine(
        self,
        instance: Instance,
        seed: int,
        limit_s: float | None,
        limit: tuple[float, float] | None = None,
    ) -> Ints | None:
        """Find the cheapest plan that the pool's communities make.

        Parameters
        ----------
        instance : Instance
        seed : int
        limit_s : float or None
            A guard.
        limit : (households, price) or None
            How many may move, and what each beyond costs.

        Returns
        -------
        int32 array, shape (nodes,), or None
            Labels; None where there is nothing new to find.
        """
        from commplan.optimise.milp import MilpOptions, solve_arrays

        keys = self.columns(None if limit is None else (limit[0], 0.1 * limit[1]))
        if len(self.plans) < 2 or frozenset(keys) == self.tried:
            return None
        self.tried = frozenset(keys)
        sets = [np.frombuffer(key, dtype=np.int32) for key in keys]
        cost = np.array([self.costs[key] for key in keys])
        top, price = limit or (np.inf, 0.0)
        first = min(
            self.plans.values(), key=lambda plan: plan.cost + _beyond(plan.moved, top, price)
        )
        best = set(first.keys)
        start = np.array([float(key in best) for key in keys])
        model = _model(instance, sets, cost)
        if limit is not None:
            moved = np.array([self.moved[key] for key in keys])
            model = _limited(model, moved, limit)
            start = np.r_[start, max(0.0, first.moved - top)]
        options = MilpOptions(time_limit_s=limit_s, node_limit=_NODES, seed=seed)
        answer = solve_arrays(model, options, start)
        if answer.values is None:
            return None
        labels = np.full(instance.n, -1, dtype=np.int32)
        for number, s in enumerate(np.flatnonzero(answer.values[: len(keys)] > 0.5)):
            labels[sets[s][1:]] = number
        return labels


def _beyond(moved: float, limit: float, price: float) -> float:
    """Cost of the households that move beyond ``limit``."""
    return price * (moved - limit) if moved > limit else 0.0


def _limited(model: "MilpArrays", moved: Floats, limit: tuple[float, float]) -> "MilpArrays":
    """Add a row for the households that move, and a column for those beyond the limit."""
    rows = model.matrix.shape[0]
    beyond = csc_array(([-1.0], ([rows], [0])), shape=(rows + 1, 1))
    matrix = csc_array(hstack([vstack([model.matrix, csc_array(moved[None, :])]), beyond]))
    return replace(
        model,
        cost=np.r_[model.cost, limit[1]],
        matrix=matrix,
        row_lower=np.r_[model.row_lower, -np.inf],
        row_upper=np.r_[model.row_upper, limit[0]],
        col_lower=np.r_[model.col_lower, 0.0],
        col_upper=np.r_[model.col_upper, np.inf],
        integral=np.r_[np.ones(len(model.cost), dtype=np.bool_), False],
    )


def _model(instance: Instance, sets: list[Ints], cost: Floats) -> "MilpArrays":
    """One column per set: each node once, each old community succeeded at most once."""
    from commplan.optimise.milp_arrays import MilpArrays

    ends = np.r_[0, np.cumsum([len(s) - 1 for s in sets])]
    nodes = np.concatenate([s[1:] for s in sets])
    k = len(sets)
    once = csc_array((np.ones(len(nodes)), nodes, ends), shape=(instance.n, k))
    home = np.array([s[0] for s in sets])
    owned = np.flatnonzero(home >= 0)
    names, row = np.unique(home[owned], return_inverse=True)
    heirs = csc_array((np.ones(len(owned)), (row, owned)), shape=(len(names), k))
    every = csc_array(np.ones((1, k)))
    fewest, most = instance.numbers
    one, none = np.ones(instance.n), np.zeros(len(names))
    return MilpArrays(
        cost,
        csc_array(vstack([once, heirs, every])),
        np.r_[one, none, fewest],
        np.r_[one, none + 1.0, most],
        np.zeros(k),
        np.ones(k),
        np.ones(k, dtype=np.bool_),
    )
