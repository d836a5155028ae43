"""The exact model of communities that compete for sites, in PuLP on HiGHS."""

from dataclasses import dataclass, field

import numpy as np
import pulp
from numpy.typing import NDArray

from commplan.errors import SolverError
from commplan.optimise.milp import MilpAnswer, MilpOptions, MilpStatus, solve_milp
from commplan.problem.rooms import RoomProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Siting:
    """Options chosen, and how far each criterion may be from its bound.

    Parameters
    ----------
    options : int64 array
    is_proven : bool
    slack : dict of str to float
    nodes : int
    extended_m2 : dict of int to float
        Option -> by how much its room is extended, where the money decides it.
    """

    options: Ints
    is_proven: bool
    slack: dict[str, float]
    nodes: int
    extended_m2: dict[int, float] = field(default_factory=dict)


class SitingModel:
    """One site per community among options that have sites in common.

    Written once; each criterion is then minimised in turn, with the earlier ones held.

    Parameters
    ----------
    problem : RoomProblem
    options : int64 array
        Positions in the problem's options.
    costs : float64 array, shape (all options, criteria)
        With every room extended as far as it lacks area and can grow.
    extend_m2 : float64 array, shape (all options,), optional
        How far that is. Given, a room may grow by less, or not at all, as the money goes.
    """

    def __init__(
        self, problem: RoomProblem, options: Ints, costs: Floats, extend_m2: Floats | None = None
    ) -> None:
        self.problem = problem
        self.options = options
        self.costs = costs
        self.model = pulp.LpProblem("rooms", pulp.LpMinimize)
        self.take = {
            int(o): self.model.add_variable(f"take_{o:07d}", cat="Binary") for o in options
        }
        self.open = self._openings()
        self.extend_m2 = np.zeros(len(costs)) if extend_m2 is None else extend_m2
        grows = [int(o) for o in options if self.extend_m2[o] > 0]
        self.grow = {o: self.model.add_variable(f"grow_{o:07d}", cat="Binary") for o in grows}
        self.more = {
            o: self.model.add_variable(f"more_{o:07d}", 0, float(self.extend_m2[o])) for o in grows
        }
        self._rooms_grow_as_far_as_they_can()
        self._at_most_one_site_each()
        self._sites_hold_what_they_can()
        self._shared_sites_are_paid_once()
        self._within_the_budget()
        self.terms = [self._criterion(i) for i in range(len(problem.order))]

    def _openings(self) -> dict[int, pulp.LpVariable]:
        """Return a variable per shared candidate that has one price for the whole of it."""
        sites = self.problem.sites
        whole = sites.shared & ~sites.existing & ~np.isnan(sites.cost_yuan)
        used = np.unique(self.problem.option_site[self.options])
        return {int(s): self.model.add_variable(f"open_{s:07d}", 0, 1) for s in used[whole[used]]}

    def _rooms_grow_as_far_as_they_can(self) -> None:
        for o, grows in self.grow.items():
            self.model += self.more[o] <= float(self.extend_m2[o]) * grows, f"grows_{o:07d}"
            self.model += grows <= self.take[o], f"growing_{o:07d}"

    def _by(self, key: NDArray[np.int32]) -> dict[int, list[int]]:
        groups: dict[int, list[int]] = {}
        for o in self.options.tolist():
            groups.setdefault(int(key[o]), []).append(o)
        return groups

    def _at_most_one_site_each(self) -> None:
        for c, options in self._by(self.problem.option_community).items():
            self.model += pulp.lpSum(self.take[o] for o in options) <= 1, f"one_site_{c:07d}"

    def _sites_hold_what_they_can(self) -> None:
        """Let a site serve one community, a shared one several as far as its area goes.

        A community that needs more than the site has takes all of it, so that it shares with no
        other; a site of unknown area is not shared.
        """
        sites, need = self.problem.sites, self.problem.need_m2
        for s, options in self._by(self.problem.option_site).items():
            floor = float(sites.floor_m2[s])
            if not sites.shared[s] or np.isnan(floor):
                row = pulp.lpSum(self.take[o] for o in options) <= 1
            else:
                community = self.problem.option_community
                part = {o: min(float(np.nan_to_num(need[community[o]])), floor) for o in options}
                row = pulp.lpSum(part[o] * self.take[o] for o in options) <= floor
            self.model += row, f"holds_{s:07d}"

    def _shared_sites_are_paid_once(self) -> None:
        for s, options in self._by(self.problem.option_site).items():
            for o in options if s in self.open else ():
                self.model += self.take[o] <= self.open[s], f"paid_{s:07d}_{o:07d}"

    def _within_the_budget(self) -> None:
        if self.problem.budget_yuan is not None:
            cost = self._criterion(self.problem.order.index("cost_yuan"))
            self.model += cost <= self.problem.budget_yuan, "budget"

    def _criterion(self, i: int) -> pulp.LpAffineExpression:
        values = self.costs[:, i]
        name = self.problem.order[i]
        if name == "short_m2":  # what a room does not grow by is short
            lacks = {o: float(values[o] + self.extend_m2[o]) for o in self.take}
            less = [-1.0 * v for v in self.more.values()]
            return pulp.lpSum([lacks[o] * v for o, v in self.take.items()] + less)
        if name != "cost_yuan":
            return pulp.lpSum(float(values[o]) * v for o, v in self.take.items())
        site = self.problem.option_site
        own = [
            float(values[o]) * v
            for o, v in self.take.items()
            if int(site[o]) not in self.open and o not in self.grow
        ]
        once = [float(self.problem.sites.cost_yuan[s]) * v for s, v in self.open.items()]
        return pulp.lpSum(own + once + self._growth(values))

    def _growth(self, values: Floats) -> list[pulp.LpAffineExpression]:
        """Price of growing; one that is not known is spread over all that the room can grow by."""
        sites, terms = self.problem.sites, []
        for o, grows in self.grow.items():
            at, whole = self.problem.option_site[o : o + 1], float(self.extend_m2[o])
            ends = sites.growth_yuan(np.repeat(at, 2), np.array([whole, whole / 2]))
            per_m2 = float(np.diff(ends[::-1])[0]) / (whole / 2)
            if np.isnan(per_m2):
                per_m2 = float(values[o]) / whole
            fixed = max(0.0, float(values[o]) - per_m2 * whole)
            terms += [per_m2 * self.more[o], fixed * grows]
        return terms

    def solve(self, time_limit_s: float | None, seed: int) -> Siting:
        """Minimise the criteria in their order.

        Parameters
        ----------
        time_limit_s : float or None
            For each criterion.
        seed : int

        Raises
        ------
        SolverError
            If the solver finds nothing: taking no site at all is always possible.
        """
        options = MilpOptions(time_limit_s=time_limit_s, seed=seed)
        slack = dict.fromkeys(self.problem.order, 0.0)
        best: MilpAnswer | None = None
        nodes = 0
        for name, term in zip(self.problem.order, self.terms, strict=True):
            self.model.setObjective(term)
            answer = solve_milp(self.model, options, None if best is None else best.values)
            nodes += answer.nodes
            if answer.objective is None:
                if best is None and answer.status is not MilpStatus.NO_SOLUTION:
                    raise SolverError("no siting was found, though none at all is one")
                slack[name] = np.inf
                break
            best = answer
            slack[name] = answer.objective - answer.bound
            if answer.status is not MilpStatus.OPTIMAL:
                break  # what comes after would be optimal for the wrong siting
            slack[name] = 0.0
            self.model += term <= answer.objective + _tolerance(answer.objective), f"hold_{name}"
        chosen = [] if best is None else [o for o, v in self.take.items() if v.value() > 0.5]
        proven = not any(slack.values()) and best is not None
        extended = {} if best is None else {o: float(v.value()) for o, v in self.more.items()}
        return Siting(np.array(chosen, dtype=np.int64), proven, slack, nodes, extended)


def _tolerance(value: float) -> float:
    return 1e-7 * max(1.0, abs(value))
