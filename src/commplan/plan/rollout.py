"""From a plan to what changes together, and from a schedule to every year's plan."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from commplan.findings import Finding
from commplan.plan.plan import Plan
from commplan.problem.rollout import RolloutAnswer, RolloutProblem

Ints = NDArray[np.int32]
#: In place of a year: the community is the same today and in the plan.
STAYS = -2


@dataclass(frozen=True)
class RolloutPlan:
    """A plan in steps.

    Parameters
    ----------
    plan : Plan
        The plan at the end.
    group_of : int32 array, shape (communities,)
        Group of each community of the plan; -1 where nothing changes.
    problem : RolloutProblem
    answer : RolloutAnswer
    first_year : int
    table : DataFrame
        ``rollout.csv``: a row per community that changes: ``community_id``, ``name``, ``year`` (0
        where it does not fit), ``group``, ``households``, ``cost_yuan``, ``staff``,
        ``moved_households``, ``urgency``, ``why``.
    findings : tuple of Finding
    breaks : tuple of (int, int)
        Per year: rules broken by communities that have changed, and by those that have not; empty
        before the years are checked.
    """

    plan: Plan
    group_of: Ints
    problem: RolloutProblem
    answer: RolloutAnswer
    first_year: int
    table: pd.DataFrame
    findings: tuple[Finding, ...] = ()
    breaks: tuple[tuple[int, int], ...] = ()

    @property
    def year_of(self) -> Ints:
        """Year (counted from 0) in which each community changes; -1 for never."""
        return np.append(self.answer.year_of, np.int32(-1))[self.group_of].astype(np.int32)

    @property
    def year_of_today(self) -> Ints:
        """Year in which each of today's communities ends or changes; `STAYS` where nothing does."""
        group_of = np.full(len(self.plan.today), -1, dtype=np.int32)
        was = self.plan.today_of >= 0
        group_of[self.plan.today_of[was]] = self.group_of[self.plan.community_of[was]]
        return self._years(group_of)

    @property
    def year_of_plan(self) -> Ints:
        """Year in which each community of the plan begins; `STAYS` where nothing changes."""
        return self._years(self.group_of)

    def _years(self, group_of: Ints) -> Ints:
        year_of = np.append(self.answer.year_of, np.int32(-1))[group_of]
        return np.where(group_of < 0, np.int32(STAYS), year_of).astype(np.int32)

    def standing(self, year: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Say which communities of the plan, and which of today's, stand at the end of a year."""
        new, old = self.year_of_plan, self.year_of_today
        ends = (old >= 0) & (old <= year)
        return (new == STAYS) | ((new >= 0) & (new <= year)), ~(ends | (old == STAYS))


def change_groups(plan: Plan, together: Sequence[Sequence[int]] = ()) -> Ints:
    """Give the communities that have to change in the same year one number.

    Communities of today and of the plan that share a unit depend on each other. A group holds whole
    communities of both, so that it can change without touching any other.

    Parameters
    ----------
    plan : Plan
    together : sequence of sequence of int
        Rows of communities that are to change together besides.

    Returns
    -------
    int32 array, shape (communities,)
        Groups are numbered by their first community; -1 where nothing changes.
    """
    count, before = len(plan.communities), len(plan.today)
    was = plan.today_of >= 0
    tail = plan.community_of[was].tolist()
    head = (plan.today_of[was] + count).tolist()
    for rows in together:
        tail += [rows[0]] * (len(rows) - 1)
        head += rows[1:]
    size = count + before
    links = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(size, size))
    part = connected_components(links, directed=False)[1]
    moving = plan.successor_of[plan.community_of] != plan.today_of
    changed = np.isin(part[:count], part[plan.community_of[moving | ~was]])
    group_of = np.full(count, -1, dtype=np.int32)
    number: dict[int, int] = {}
    for row in np.flatnonzero(changed).tolist():
        group_of[row] = number.setdefault(int(part[row]), len(number))
    return group_of


def assignment_of_year(rollout: RolloutPlan, year: int) -> list[tuple[str, str | None]]:
    """Return the assignment at the end of a year: done communities as planned, others as today.

    Parameters
    ----------
    rollout : RolloutPlan
    year : int
        Counted from 0.
    """
    plan = rollout.plan
    units = plan.territory.units
    if units is None:
        raise ValueError("a territory without units")
    new_ids = plan.communities["community_id"].tolist()
    old_ids = [*plan.today["community_id"], None]
    done = done_units(rollout, year)
    return [
        (str(unit), new_ids[new] if now else old_ids[old])
        for unit, new, old, now in zip(
            units["unit_id"],
            plan.community_of.tolist(),
            plan.today_of.tolist(),
            done.tolist(),
            strict=True,
        )
    ]


def done_units(rollout: RolloutPlan, year: int) -> NDArray[np.bool_]:
    """Say whether each unit's community has changed by the end of a year."""
    year_of = rollout.year_of
    done = (year_of >= 0) & (year_of <= year)
    return np.asarray(done[rollout.plan.community_of], dtype=np.bool_)
