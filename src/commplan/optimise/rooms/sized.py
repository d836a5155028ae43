"""The exact model of rooms that have to be large enough and may be extended, in PuLP on HiGHS.

goes_k  the unit of pair k goes to its site     used_j  somebody goes to site j
more_j  m² by which room j is extended          grow_j  it is extended at all
over_rcj site j reaches the count c from which rule r of size holds (steps, commerce)
lack_j  m² that site j lacks; only where the question is how much would help
"""

import numpy as np
import pulp
from numpy.typing import NDArray

from commplan.problem.floors import Floors, SizeRule
from commplan.problem.location import LocationProblem

Flags = NDArray[np.bool_]
Pairs = NDArray[np.int64]
Terms = list[tuple[pulp.LpVariable, float]]

BELOW = 1e-4  # what counts as less than the figure from which a rule holds: households, m²


class SizedModel:
    """Units go to one site each, and rooms are as large as those who go there ask.

    Parameters
    ----------
    problem : LocationProblem
        With floors.
    needed : bool array, shape (n,)
        Units that have to be served; none has to where left out.
    lacking : bool
        Rooms may be too small by ``lack``, for which a price is to be set.
    by_pair : bool
        Write a row for each pair, that nobody goes where no room is: needed for good bounds where
        walking counts. Otherwise a row for each site says it of all its pairs together.
    """

    def __init__(
        self,
        problem: LocationProblem,
        needed: Flags | None = None,
        *,
        lacking: bool = False,
        by_pair: bool = True,
    ) -> None:
        if problem.floors is None:
            raise ValueError("a problem without floors")
        self.problem, self.floors = problem, problem.floors
        self.unit = np.repeat(np.arange(problem.n), np.diff(problem.minutes.indptr))
        self.site = problem.minutes.indices.astype(np.int64)
        self.model = pulp.LpProblem("rooms", pulp.LpMinimize)
        order = np.argsort(self.site, kind="stable")
        reached, first = np.unique(self.site[order], return_index=True)
        parts = np.split(order, first[1:])
        self.pairs = dict(zip(reached.tolist(), parts if len(reached) else [], strict=True))
        self.goes = [self._yes_or_no("goes", k) for k in range(len(self.unit))]
        self.used = {j: self._yes_or_no("used", j) for j in self.pairs}
        grows = [j for j in self.pairs if self.floors.extend_m2[j] > 0]
        self.grow = {j: self._yes_or_no("grow", j) for j in grows}
        self.more = {j: self._area("more", j, float(self.floors.extend_m2[j])) for j in grows}
        self.lack = {j: self._area("lack", j, None) for j in self.pairs} if lacking else {}
        self._each_goes_to_one(needed)
        self._only_to_rooms_used(by_pair=by_pair)
        self._rooms_grow_as_far_as_they_can()
        for r, rule in enumerate(self.floors.rules):
            self._rooms_are_large_enough(r, rule)
        self._at_most_so_many()
        self._within_the_budget()

    def _yes_or_no(self, name: str, at: int) -> pulp.LpVariable:
        return self.model.add_variable(f"{name}_{at:07d}", 0, 1, cat="Integer")

    def _area(self, name: str, site: int, most_m2: float | None) -> pulp.LpVariable:
        return self.model.add_variable(f"{name}_{site:07d}", 0, most_m2)

    def _each_goes_to_one(self, needed: Flags | None) -> None:
        pointer = self.problem.minutes.indptr
        for i in range(self.problem.n):
            mine = self.goes[pointer[i] : pointer[i + 1]]
            if not mine:
                continue
            once = pulp.lpSum(mine)
            must = needed is not None and bool(needed[i])
            self.model += once == 1 if must else once <= 1, f"once_{i:07d}"

    def _only_to_rooms_used(self, *, by_pair: bool) -> None:
        """Link pairs to sites; a room that has to be open and is never too small is used as it is."""
        enough = self.problem.forced & (self.floors.floor_m2 >= self.floors.least_m2)
        for j, pairs in self.pairs.items():
            if enough[j]:
                self.used[j].lowBound = 1
            elif by_pair:
                for k in pairs.tolist():
                    self.model += self.goes[k] <= self.used[j], f"open_{k:07d}"
            else:
                everybody = pulp.lpSum(self.goes[k] for k in pairs.tolist())
                self.model += everybody <= len(pairs) * self.used[j], f"open_{j:07d}"

    def _rooms_grow_as_far_as_they_can(self) -> None:
        for j, grows in self.grow.items():
            most = float(self.floors.extend_m2[j])
            self.model += self.more[j] <= most * grows, f"grows_{j:07d}"
            self.model += grows <= self.used[j], f"growing_{j:07d}"

    def _rooms_are_large_enough(self, r: int, rule: SizeRule) -> None:
        """Write one rule of size for each site for which it could ask more than there is."""
        for j, pairs in self.pairs.items():
            asked = rule.unit_m2[self.unit[pairs]]
            floor = float(self.floors.floor_m2[j])
            if float(asked.sum()) + rule.least_m2 <= floor:
                continue
            size = pulp.LpAffineExpression(self._sum(pairs, asked) + self._grown(j))
            name = f"size_{r}_{j:07d}"
            if not rule.counts:
                self.model += size <= (floor - rule.least_m2) * self.used[j], name
                continue
            holds = self._counts(r, rule, j, pairs)
            free = max(0.0, float(asked.sum()) - floor)  # while the rule does not hold
            ease = (rule.least_m2 + free) * (len(rule.counts) - pulp.lpSum(holds))
            if len(holds) == len(rule.counts):
                self.model += size + rule.least_m2 <= floor * self.used[j] + ease, name

    def _counts(self, r: int, rule: SizeRule, site: int, pairs: Pairs) -> list[pulp.LpVariable]:
        """Tell for each count whether it reaches its figure; fewer where one never does."""
        holds = []
        for c, (count, figure) in enumerate(rule.counts):
            counted = count[self.unit[pairs]]
            spare = float(counted.sum()) - figure
            if spare < 0:
                return []
            over = self._yes_or_no(f"over_{r}_{c}", site)
            below = pulp.LpAffineExpression(self._sum(pairs, counted))
            row = below <= figure - BELOW + (spare + BELOW) * over
            self.model.addConstraint(row, f"count_{r}_{c}_{site:07d}")
            holds.append(over)
        return holds

    def _sum(self, pairs: Pairs, values: NDArray[np.float64]) -> Terms:
        return [
            (self.goes[k], v) for k, v in zip(pairs.tolist(), values.tolist(), strict=True) if v
        ]

    def _grown(self, site: int) -> Terms:
        """Take what is added to a room from what it needs."""
        return [(area[site], -1.0) for area in (self.more, self.lack) if site in area]

    def _at_most_so_many(self) -> None:
        if self.problem.max_open is not None:
            self.model += self.opened() <= self.problem.max_open, "most"

    def _within_the_budget(self) -> None:
        if self.problem.budget is not None:
            self.model += self.spent() <= self.problem.budget, "budget"

    def opened(self) -> pulp.LpAffineExpression:
        """Count the open sites: those that are forced, and others that are used."""
        forced = self.problem.forced
        terms = [(v, 0.0 if forced[j] else 1.0) for j, v in self.used.items()]
        return pulp.LpAffineExpression(terms, float(forced.sum()))

    def spent(self) -> pulp.LpAffineExpression:
        """Add up the price of opening and extending."""
        price, forced, floors = self.problem.open_cost, self.problem.forced, self.floors
        terms = [(v, 0.0 if forced[j] else float(price[j])) for j, v in self.used.items()]
        terms += [(v, float(floors.extend_yuan[j])) for j, v in self.grow.items()]
        terms += [(v, float(floors.extend_yuan_per_m2[j])) for j, v in self.more.items()]
        return pulp.LpAffineExpression(terms, float(price[forced].sum()))

    def unsuited(self) -> pulp.LpAffineExpression:
        """Count the sites used that are taken only where no other serves as many."""
        flags, forced = self.problem.unsuited, self.problem.forced
        if flags is None:
            return pulp.LpAffineExpression()
        return pulp.LpAffineExpression(
            [(v, 1.0) for j, v in self.used.items() if flags[j] and not forced[j]]
        )

    def missed(self) -> pulp.LpAffineExpression:
        """Add up the weight of the units that go nowhere."""
        weight = self.problem.weight
        return pulp.LpAffineExpression(
            [(v, -float(weight[i])) for v, i in zip(self.goes, self.unit.tolist(), strict=True)],
            float(weight.sum()),
        )

    def walking(self, weight: NDArray[np.float64]) -> pulp.LpAffineExpression:
        """Add up the minutes of all, each unit's times its weight."""
        cost = weight[self.unit] * self.problem.minutes.data
        return pulp.LpAffineExpression(list(zip(self.goes, cost.tolist(), strict=True)))

    def lacks(self) -> pulp.LpAffineExpression:
        """Add up the m² that all sites lack."""
        return pulp.lpSum(self.lack.values())

    def forbid(self, farther: Flags) -> None:
        """Take pairs out, or put them back: nobody goes there where it is true."""
        for variable, no in zip(self.goes, farther.tolist(), strict=True):
            variable.upBound = 0 if no else 1

    def keep_rooms(self) -> None:
        """Use the rooms of the last answer; who goes where, and how they grow, is left to decide."""
        for v in self._rooms():
            v.lowBound = v.upBound = float(round(v.value() or 0.0))

    def free_rooms(self) -> None:
        """Leave open again which rooms are used."""
        for v in self._rooms():
            v.lowBound, v.upBound = 0, 1

    def _rooms(self) -> list[pulp.LpVariable]:
        return [v for j, v in self.used.items() if not self.problem.forced[j]]

    def divide(self, *, whole: bool) -> None:
        """Let units go to several rooms in parts, or whole again."""
        for v in self.goes:
            v.cat = "Integer" if whole else "Continuous"

    def chosen(self) -> NDArray[np.int32]:
        """Return the site of each unit in the last answer; -1 for none."""
        taken = np.array([v.value() or 0.0 for v in self.goes]) > 0.5
        site_of = np.full(self.problem.n, -1, dtype=np.int32)
        site_of[self.unit[taken]] = self.site[taken]
        return site_of


def grown(floors: Floors, need_m2: NDArray[np.float64]) -> NDArray[np.float64]:
    """Say by how much rooms are extended: what they lack, as far as they can grow."""
    lacks = np.maximum(need_m2 - np.nan_to_num(floors.floor_m2, nan=np.inf), 0.0)
    grown_m2: NDArray[np.float64] = np.minimum(lacks, floors.extend_m2)
    return grown_m2
