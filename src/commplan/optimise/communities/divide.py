"""Divide a problem along the lines of subdistricts, and join the answers of its parts.

Where no community may cross a subdistrict's border, each subdistrict is a problem of its own. Its
random numbers come from the seed and the subdistrict's id, its work budget from its own size: its
plan depends on nothing outside, and it does not matter where, when or beside what it is solved.

What ties subdistricts together keeps them in one part: a limit on the whole, ``keep_with``, and an
old community of which more than `STRAY_SHARE` lies outside its main subdistrict. Smaller strays
stay behind: within their part they count as units of no old community, in the joined result as
what they are. A bound of the parts is one of the whole, for what a stray costs is left out of it.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from commplan.optimise.communities.infeasible import find_causes
from commplan.optimise.communities.instance import Ints
from commplan.optimise.communities.join import join
from commplan.optimise.communities.params import RedrawParams
from commplan.optimise.communities.presolve import pieces
from commplan.optimise.communities.redraw import Report, redraw
from commplan.optimise.communities.relax import take_units
from commplan.optimise.stop import Clock, Progress
from commplan.problem.communities import CommunityProblem
from commplan.problem.result import Result

#: Share of an old community's households up to which its units in other subdistricts are strays.
STRAY_SHARE = 0.05
_HURRIED = 1e-4  # effort of the parts that are left when somebody asks to stop


@dataclass(frozen=True)
class Part:
    """A problem of its own.

    Parameters
    ----------
    key : str
        Ids of its subdistricts.
    units : int32 array
        Positions in the whole, ascending.
    problem : CommunityProblem
    params : RedrawParams
        With the part's own seed and its share of a time limit.
    """

    key: str
    units: Ints
    problem: CommunityProblem
    params: RedrawParams


Solver = Callable[[Sequence[Part]], Sequence[Result]]


def divide(
    problem: CommunityProblem, params: RedrawParams, names: Sequence[str]
) -> tuple[Part, ...]:
    """Divide a problem into parts that can be solved apart.

    Parameters
    ----------
    problem : CommunityProblem
    params : RedrawParams
    names : sequence of str
        Id of each subdistrict, by the numbers in ``problem.part``.

    Returns
    -------
    tuple of Part
        In the order of their subdistricts; empty where there is nothing to divide.
    """
    bound_together = (
        problem.max_moved_households is not None
        or problem.min_communities > 0
        or problem.max_communities is not None
        or problem.weights.area_imbalance_km2 > 0
    )
    if bound_together or params.start is not None or problem.n == 0:
        return ()
    main = _main_part(problem)
    cluster = _clusters(problem, main)
    if int(cluster.max()) == 0:
        return ()
    here = cluster[problem.part]
    stray = np.zeros(problem.n, dtype=np.bool_)
    was = problem.today >= 0
    stray[was] = cluster[main[problem.today[was]]] != here[was]
    settled = problem.replace(today=np.where(stray, -1, problem.today).astype(np.int32))
    return tuple(
        _part(settled, params, names, np.flatnonzero(here == c).astype(np.int32))
        for c in range(int(here.max()) + 1)
    )


def _part(
    problem: CommunityProblem, params: RedrawParams, names: Sequence[str], units: Ints
) -> Part:
    key = "\n".join(sorted({names[p] for p in problem.part[units].tolist()}))
    limit = params.time_limit_s
    mine = replace(
        params,
        seed=part_seed(params.seed, key),
        time_limit_s=None if limit is None else limit * len(units) / problem.n,
    )
    return Part(key, units, take_units(problem, units.astype(np.int64)), mine)


def part_seed(seed: int, key: str) -> int:
    """Return the seed of a part: it depends on the scenario's seed and the part's ids alone."""
    digest = hashlib.sha256(f"{seed}\n{key}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1  # as large as every solver takes


def _main_part(problem: CommunityProblem) -> Ints:
    """Part in which each old community has its locked units, else most of its households."""
    was = np.flatnonzero(problem.today >= 0)
    old = int(problem.today.max(initial=-1)) + 1
    if not len(was):
        return np.zeros(old, dtype=np.int32)
    count = int(problem.part.max()) + 1
    weight = problem.households[was] + np.where(problem.locked[was], 10.0**9, 0.0) + 1e-6
    pair = problem.today[was].astype(np.int64) * count + problem.part[was]
    pairs, inverse = np.unique(pair, return_inverse=True)
    order = np.lexsort((pairs, -np.bincount(inverse, weight), pairs // count))
    olds, first = np.unique(pairs[order] // count, return_index=True)
    main = np.zeros(old, dtype=np.int32)
    main[olds] = (pairs[order] % count)[first]
    return main


def _clusters(problem: CommunityProblem, main: Ints) -> Ints:
    """Cluster of each part: parts that have to be solved together share a number."""
    count = int(problem.part.max()) + 1
    tails, heads = [], []
    was = np.flatnonzero(problem.today >= 0)
    coupled = problem.weights.moved_households > 0 or problem.locked.any() or problem.grandfather
    if coupled and len(was):
        today = problem.today[was]
        outside = problem.part[was] != main[today]
        total = np.bincount(today, problem.households[was], len(main))
        away = np.bincount(today[outside], problem.households[was[outside]], len(main))
        apart = away > STRAY_SHARE * total
        # What is locked, or may stay only as it is, has no strays.
        apart |= np.bincount(today, problem.locked[was], len(main)) > 0
        linked = outside & (apart[today] | problem.grandfather)
        tails.append(problem.part[was[linked]])
        heads.append(main[today[linked]])
    grouped = np.flatnonzero(problem.group >= 0)
    if len(grouped):
        first = np.unique(problem.group[grouped], return_index=True)[1]
        number = np.unique(problem.group[grouped], return_inverse=True)[1]
        tails.append(problem.part[grouped])
        heads.append(problem.part[grouped[first]][number])
    none = np.zeros(0, dtype=np.int32)
    found = pieces(count, np.concatenate([none, *tails]), np.concatenate([none, *heads]))
    used = np.zeros(count, dtype=np.bool_)
    used[problem.part] = True
    result = np.zeros(count, dtype=np.int32)
    order = np.unique(found[used], return_index=True)[1]
    rank = {int(found[used][i]): r for r, i in enumerate(sorted(order.tolist()))}
    result[used] = [rank[int(f)] for f in found[used]]
    return result


def solve_part(part: Part) -> Result:
    """Solve a part by itself, in whatever process."""
    return redraw(part.problem, part.params)


def redraw_divided(
    problem: CommunityProblem,
    params: RedrawParams,
    parts: Sequence[Part],
    tell: tuple[Report | None, Callable[[], bool] | None] = (None, None),
    solver: Solver | None = None,
) -> Result:
    """Solve the parts of a problem, here one after the other or by ``solver``, and join them.

    Parameters
    ----------
    problem, params
        The whole.
    parts : sequence of Part
        As `divide` gives them.
    tell : (report, should_stop)
        As for `redraw`.
    solver : callable, optional
        Solves parts elsewhere; the result is the same.

    Returns
    -------
    Result
    """
    if find_causes(problem):
        return redraw(problem, params, *tell)
    begin = time.perf_counter()
    results = _Turn(params, parts, *tell).solved() if solver is None else solver(parts)
    places = [part.units for part in parts]
    return join(problem, params.seed, places, results, time.perf_counter() - begin)


@dataclass
class _Turn:
    """Parts solved one after the other."""

    params: RedrawParams
    parts: Sequence[Part]
    report: Report | None
    should_stop: Callable[[], bool] | None

    def solved(self) -> list[Result]:
        """Solve each part; once somebody asks to stop, the others only get a first plan."""
        clock = Clock(self.params.time_limit_s, self.should_stop)
        whole = left = sum(len(part.units) for part in self.parts)
        results: list[Result] = []
        for part in self.parts:
            limit = None if clock.left_s is None else clock.left_s * len(part.units) / left
            mine = replace(part.params, time_limit_s=limit)
            if clock.interrupted:
                mine = replace(mine, effort=_HURRIED, bound=False, exact=False)
                results.append(redraw(part.problem, mine))
            else:
                report = self._report(clock, (whole - left) / whole, len(part.units) / whole)
                results.append(redraw(part.problem, mine, report, self.should_stop))
            if clock.interrupted and results[-1].interrupted:
                break  # asked twice
            clock.interrupted |= results[-1].interrupted
            left -= len(part.units)
        return results

    def _report(self, clock: Clock, before: float, share: float) -> Report | None:
        """Tell the progress of a part as that of the whole, whose cost nobody knows before the end."""
        report = self.report
        if report is None:
            return None

        def tell(state: Progress) -> None:
            done = before + share * state.done
            seconds = clock.seconds
            left_s = seconds * (1 / done - 1) if done > 0.02 else None
            report(Progress(seconds, state.stage, done, None, None, left_s))

        return tell
