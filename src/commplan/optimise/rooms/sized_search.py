"""One model asked one question after the other: what was answered is held, and the next decides."""

from dataclasses import dataclass, field, replace

import numpy as np
import pulp
from numpy.typing import NDArray

from commplan.optimise.milp import MilpAnswer, MilpOptions, MilpStatus, solve_milp
from commplan.optimise.rooms.sized import SizedModel, grown
from commplan.optimise.rooms.sized_walks import shorter_walks
from commplan.problem.floors import needed_m2
from commplan.problem.location import LocationResult
from commplan.problem.result import Status

TOLERANCE = 1e-7  # relative: by how much what came before may be missed, for rounding
FEW_PAIRS = 1_500  # so many are decided at once; more, by rooms first and units afterwards
EXACT_NODES = 20_000  # branch-and-bound nodes with few pairs
PART_NODES = 500  # with units that may be divided
WHOLE_NODES = 200  # with whole units
FURTHER_NODES = 30  # for each of the questions after the aim's own, with many pairs


@dataclass
class SizedSearch:
    """A model solved for one question after the other.

    Parameters
    ----------
    model : SizedModel
    options : MilpOptions
    best : MilpAnswer or None
        The last answer; what was asked before is held.
    nodes : int
        Branch-and-bound nodes so far.
    ended : list of MilpStatus
        How each question ended.
    """

    model: SizedModel
    options: MilpOptions
    best: MilpAnswer | None = None
    nodes: int = 0
    ended: list[MilpStatus] = field(default_factory=list)

    def least(self, name: str, term: pulp.LpAffineExpression, *, anew: bool = False) -> bool:
        """Minimise a term and hold it; whether there is an answer."""
        answer = self.solve(term, anew=anew)
        if answer.objective is None:
            return False
        self.best = answer
        limit = answer.objective + TOLERANCE * max(1.0, abs(answer.objective))
        self.model.model.addConstraint(term <= limit, f"hold_{name}")
        return True

    def solve(self, term: pulp.LpAffineExpression, *, anew: bool = False) -> MilpAnswer:
        """Minimise a term, from the best answer so far unless ``anew``.

        With many pairs rooms are chosen for units that may be divided, which bounds the answer, and
        then the units go whole to these rooms.
        """
        model = self.model
        model.model.setObjective(term)
        start = None if anew or self.best is None else self.best.values
        if len(model.goes) <= FEW_PAIRS:
            answer = self._nodes(EXACT_NODES, start)
        elif start is not None:
            answer = self._nodes(FURTHER_NODES, start)
        else:
            answer = self._rooms_first()
        self.ended.append(answer.status)
        if answer.values is None and self.best is not None:
            known = self.best.by_name()
            for v in model.model.variables():
                v.varValue = known[v.name]
        return answer

    def _rooms_first(self) -> MilpAnswer:
        model = self.model
        model.divide(whole=False)
        parts = self._nodes(PART_NODES)
        model.divide(whole=True)
        if parts.values is None:
            return parts
        model.keep_rooms()
        answer = self._nodes(WHOLE_NODES)
        model.free_rooms()
        if answer.objective is None:  # units of these sizes do not fit into just these rooms
            return self._nodes(WHOLE_NODES)
        bound = min(parts.bound, answer.objective)
        slack = TOLERANCE * max(1.0, abs(answer.objective))
        closed = answer.objective - bound <= slack
        status = MilpStatus.OPTIMAL if closed else MilpStatus.FEASIBLE
        return replace(answer, bound=bound, status=status)

    def _nodes(self, nodes: int, start: NDArray[np.float64] | None = None) -> MilpAnswer:
        options = replace(self.options, node_limit=nodes)
        answer = solve_milp(self.model.model, options, start)
        self.nodes += answer.nodes
        return answer

    def further(self) -> None:
        """Decide what the aim leaves open; what is not answered stays as it was.

        With many pairs the price is left as it came: its model would take longer than the aim's own.
        """
        problem, model = self.model.problem, self.model
        few = len(model.goes) <= FEW_PAIRS
        suited = problem.unsuited is None or self.least("unsuited", model.unsuited(), anew=not few)
        if not (few and suited):
            return
        term = model.spent() if problem.is_priced else model.opened()
        if self.least("spent", term):
            self.walk_least()

    def walk_least(self) -> None:
        """Send everybody to the nearest of the rooms that are used; many pairs, only by exchange."""
        model = self.model
        if len(model.goes) <= FEW_PAIRS:
            model.keep_rooms()
            self.least("walking", model.walking(model.problem.weight))

    def result(
        self, objective: float, bound: float, *, proven: bool, shorten: bool = True
    ) -> LocationResult:
        """Return the last answer, with walks shortened between its rooms where that is asked."""
        problem, site_of = self.model.problem, self.model.chosen()
        if shorten:
            allowed = np.array([v.upBound > 0 for v in self.model.goes], dtype=bool)
            site_of = shorter_walks(problem, site_of, allowed)
        floors = self.model.floors
        is_open = problem.forced.copy()
        is_open[site_of[site_of >= 0]] = True
        need = needed_m2(floors.rules, site_of, problem.n_sites)
        return LocationResult(
            Status.OPTIMAL if proven else Status.FEASIBLE,
            is_open,
            site_of,
            objective,
            bound,
            nodes=self.nodes,
            extended_m2=grown(floors, need),
        )

    def nothing(self, bound: float = -np.inf) -> LocationResult:
        """Return that there is no answer; proven impossible where the solver says so."""
        infeasible = MilpStatus.INFEASIBLE in self.ended
        problem = self.model.problem
        return LocationResult(
            Status.INFEASIBLE if infeasible else Status.NOT_FOUND,
            problem.forced.copy(),
            np.full(problem.n, -1, dtype=np.int32),
            None,
            np.inf if infeasible else bound,
            nodes=self.nodes,
            extended_m2=np.zeros(problem.n_sites),
        )
