"""Put the best communities of many plans together: set partitioning over a pool.

Different runs find different good corners. Choosing among all their communities so that each node
lies in exactly one, at least cost, joins the good corners in one plan (set partitioning as in
Garfinkel & Nemhauser 1970; the pool as in the route pools of Rochat & Taillard 1995).
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_array, vstack

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


@dataclass
class Pool:
    """Communities of the best valid plans of one search.

    A column is a set of nodes together with the old community that it is taken for; its cost is
    then known without the rest of the plan.
    """

    costs: dict[bytes, float] = field(default_factory=dict)
    plans: dict[tuple[bytes, ...], _Plan] = field(default_factory=dict)
    tried: frozenset[bytes] = frozenset()

    def add(self, instance: Instance, state: State, extra: Floats) -> None:
        """Take the communities of ``state`` in; ``extra`` is what each costs besides."""
        costs = community_costs(instance, state) + extra
        order = np.argsort(state.labels, kind="stable").astype(np.int32)
        starts = np.searchsorted(state.labels[order], np.arange(len(costs) + 1))
        keys = []
        for c in range(len(costs)):
            head = np.array([state.home[c]], dtype=np.int32)
            key = np.r_[head, order[starts[c] : starts[c + 1]]].astype(np.int32).tobytes()
            self.costs[key] = float(costs[c])
            keys.append(key)
        plan = _Plan(tuple(keys), float(costs.sum()))
        self.plans[tuple(sorted(keys))] = plan

    def columns(self) -> list[bytes]:
        """Columns of the best plans, as many as the model is to hold; drops the rest."""
        chosen: dict[bytes, None] = {}
        kept = {}
        ranked = sorted(self.plans.items(), key=lambda item: (item[1].cost, item[0]))
        for at, (name, plan) in enumerate(ranked):
            if len(chosen) > _MOST_COLUMNS and at >= _PLANS:
                break
            chosen.update(dict.fromkeys(plan.keys))
            kept[name] = plan
        self.plans = kept
        self.costs = {key: self.costs[key] for key in chosen}
        return list(chosen)

    def combine(self, instance: Instance, seed: int, limit_s: float | None) -> Ints | None:
        """Find the cheapest plan that the pool's communities make.

        Parameters
        ----------
        instance : Instance
        seed : int
        limit_s : float or None
            A guard.

        Returns
        -------
        int32 array, shape (nodes,), or None
            Labels; None where there is nothing new to find.
        """
        from commplan.optimise.milp import MilpOptions, solve_arrays

        keys = self.columns()
        if len(self.plans) < 2 or frozenset(keys) == self.tried:
            return None
        self.tried = frozenset(keys)
        sets = [np.frombuffer(key, dtype=np.int32) for key in keys]
        cost = np.array([self.costs[key] for key in keys])
        best = set(min(self.plans.values(), key=lambda plan: plan.cost).keys)
        start = np.array([float(key in best) for key in keys])
        options = MilpOptions(time_limit_s=limit_s, node_limit=_NODES, seed=seed)
        answer = solve_arrays(_model(instance, sets, cost), options, start)
        if answer.values is None:
            return None
        labels = np.full(instance.n, -1, dtype=np.int32)
        for number, s in enumerate(np.flatnonzero(answer.values > 0.5)):
            labels[sets[s][1:]] = number
        return labels


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
