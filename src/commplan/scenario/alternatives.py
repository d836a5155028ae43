"""More than one answer: plans beside the best, and the front of two aims, in the run folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from commplan.errors import Fault
from commplan.scenario.inputs import redraw_params
from commplan.scenario.watch import Watch
from commplan.texts import Texts, input_error

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from commplan.optimise.communities.alternatives import Alternative
    from commplan.optimise.communities.front import FrontPoint
    from commplan.outputs.reasons import OtherPlan
    from commplan.scenario.pipeline import Solution


@dataclass(frozen=True)
class Wishes:
    """What is asked for besides the one plan.

    Parameters
    ----------
    alternatives : int
        Plans asked for, the best among them; 0 for none.
    difference : float
        Least share of households by which any two differ.
    within : float
        Cost at most so much above that of the best, as a share of it.
    front : tuple of two str or None
        Aims of the front.
    points : int
        At most so many points.
    """

    alternatives: int = 0
    difference: float = 0.05
    within: float = 0.05
    front: tuple[str, str] | None = None
    points: int = 7


@dataclass(frozen=True)
class More:
    """What was found besides the one plan; ``write`` leaves it in a run folder."""

    solution: "Solution"
    wishes: Wishes
    plans: tuple["Alternative", ...] = ()
    points: tuple["FrontPoint", ...] = ()

    def write(self, folder: Path) -> None:
        """Write ``alternatives.csv`` and ``.json``, ``front.csv``, ``.png`` and the plans of it."""
        from commplan.outputs.tables import plain, write_csv, write_json

        if self.plans:
            labels = [plan.labels for plan in self.plans]
            write_csv(folder / "alternatives.csv", self._assignments(labels, "plan"))
            write_json(folder / "alternatives.json", plain(self._plans_document()))
        if self.points and self.wishes.front is not None:
            from commplan.outputs.front_picture import write_front_picture

            labels = [point.labels for point in self.points]
            table = front_table(self.points, self.wishes.front)
            write_csv(folder / "front.csv", table)
            write_csv(folder / "front_plans.csv", self._assignments(labels, "point"))
            language = self.solution.situation.scenario.outputs.languages[0]
            write_front_picture(folder / "front.png", table, self.wishes.front, language)

    @property
    def written(self) -> tuple[Callable[[Path], None], tuple["OtherPlan", ...]]:
        """What a run folder takes of it: its files, and the plans that reasons name."""
        from commplan.outputs.reasons import OtherPlan

        best = self.plans[0].objective if self.plans else 0.0
        others = tuple(OtherPlan(_above(p.objective, best), p.labels) for p in self.plans[1:])
        return self.write, others

    def lines(self, texts: Texts) -> list[str]:
        """Return what to tell a person."""
        told = []
        if self.wishes.alternatives:
            told += self._plan_lines(texts)
        if self.wishes.front is not None:
            known = {"asked": self.wishes.points, "found": len(self.points)}
            told.append(texts("alternatives.front_found", **known))
        return told

    def _plan_lines(self, texts: Texts) -> list[str]:
        wishes, plans = self.wishes, self.plans
        shares = {"difference": 100 * wishes.difference, "within": 100 * wishes.within}
        asked, found = wishes.alternatives, len(plans)
        key = "alternatives.found" if found >= asked else "alternatives.fewer"
        told = [texts(key, asked=asked, found=found, **shares)]
        for number, plan in enumerate(plans[1:], start=2):
            more = _above(plan.objective, plans[0].objective)
            told.append(
                texts(
                    "alternatives.plan",
                    number=number,
                    more=100 * more,
                    differs=100 * plan.from_best,
                    communities=int(plan.terms["communities"]),
                    moved=int(plan.terms["moved_households"]),
                )
            )
        if any(plan.objective < plans[0].objective * (1 - 1e-9) for plan in plans[1:]):
            told.append(texts("alternatives.cheaper"))
        return told

    def _assignments(self, labels: Sequence["NDArray[Any]"], name: str) -> pd.DataFrame:
        """Return ``unit_id`` and one column of community ids per plan."""
        from commplan.outputs.tables import assignment_table
        from commplan.plan.make import make_plan

        territory = self.solution.situation.territory
        table = assignment_table(self.solution.plan)[["unit_id"]]
        for number, plan in enumerate(labels, start=1):
            ids = assignment_table(make_plan(territory, plan))
            table = table.assign(**{f"{name}_{number}": ids["community_id"]})
        return table

    def _plans_document(self) -> dict[str, Any]:
        best = self.plans[0].objective
        return {
            "asked": self.wishes.alternatives,
            "found": len(self.plans),
            "difference": self.wishes.difference,
            "within": self.wishes.within,
            "plans": [
                {
                    "plan": f"plan_{number}",
                    "objective": plan.objective,
                    "above_best": _above(plan.objective, best),
                    "difference_from_best": plan.from_best,
                    "difference_from_nearest_before": plan.from_nearest,
                    "terms": dict(plan.terms),
                }
                for number, plan in enumerate(self.plans, start=1)
            ],
        }


def _above(cost: float, best: float) -> float:
    return (cost - best) / best if best > 0 else 0.0


def front_table(points: Sequence["FrontPoint"], aims: tuple[str, str]) -> pd.DataFrame:
    """Return one row per point: aims, communities, cost by the scenario's weights, how it was found.

    The weights are empty for the run's own plan, which other terms may have shaped too.
    """
    rows = [
        {
            "point": number,
            aims[0]: point.reached[0],
            aims[1]: point.reached[1],
            "communities": int(point.terms["communities"]),
            "cost": point.objective,
            f"weight_{aims[0]}": point.weights[0] if any(point.weights) else None,
            f"weight_{aims[1]}": point.weights[1] if any(point.weights) else None,
            "proven": point.proven,
        }
        for number, point in enumerate(points, start=1)
    ]
    return pd.DataFrame(rows).loc[:, lambda t: ~t.columns.duplicated()]


def parse_aims(text: str) -> tuple[str, str]:
    """Read two aims, divided by a comma.

    Raises
    ------
    InputError
        Where they are not two different terms that the search sees.
    """
    from commplan.optimise.communities.front import AIMS

    named = [name.strip() for name in text.split(",")]
    if len(named) != 2 or len(set(named)) != 2 or not set(named) <= set(AIMS):
        known = {"given": text, "known": ", ".join(AIMS)}
        raise input_error([Fault("alternatives.bad_aims", known)])
    return named[0], named[1]


def find_more(solution: "Solution", wishes: Wishes, watch: Watch) -> More:
    """Look for what is wished for; Ctrl-C keeps what was found by then.

    Parameters
    ----------
    solution : Solution
        With a plan.
    wishes : Wishes
    watch : Watch
    """
    params = redraw_params(solution.situation.scenario)
    problem, best = solution.problem, solution.result
    plans: tuple[Alternative, ...] = ()
    points: tuple[FrontPoint, ...] = ()
    told = (watch.progress, watch.should_stop)
    if wishes.alternatives:
        from commplan.optimise.communities.alternatives import (
            AlternativesParams,
            find_alternatives,
        )

        wanted = AlternativesParams(wishes.alternatives, wishes.difference, wishes.within)
        with watch.stage("alternatives"), watch.stoppable():
            plans = find_alternatives(problem, best, params, wanted, *told)
    if wishes.front is not None:
        from commplan.optimise.communities.front import FrontParams, trace_front

        with watch.stage("front"), watch.stoppable():
            points = trace_front(
                problem, best, params, FrontParams(wishes.front, wishes.points), *told
            )
    return More(solution, wishes, plans, points)
