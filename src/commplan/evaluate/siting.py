"""Whether a siting keeps its limits and its figures come out again, apart from the optimiser."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from commplan.findings import Finding, Severity
from commplan.plan.siting import PosedSiting, minutes_of
from commplan.problem.floors import needed_m2
from commplan.problem.location import Aim, LocationResult
from commplan.problem.result import Status

TOLERANCE = 1e-6
ROUNDING_M2 = 1e-3


@dataclass(frozen=True)
class Money:
    """Money that comes year by year; none of it where no years are asked for."""

    first_year: int
    yearly_yuan: tuple[float, ...] = ()


def check_siting(posed: PosedSiting, result: LocationResult) -> list[Finding]:
    """List every limit that a siting breaks and every figure that does not come out again.

    What is proven about the aim, and what would help those left out, is taken as stated; a bound
    that cannot hold is named.

    Parameters
    ----------
    posed : PosedSiting
    result : LocationResult

    Returns
    -------
    list of Finding
        All errors; empty for an answer that is what it says.
    """
    return [
        *_limits(posed, result),
        *_sizes(posed, result),
        *_walks(posed, result),
        *_figures(posed, result),
    ]


def check_years(
    posed: PosedSiting, result: LocationResult, year_of: dict[int, int], money: Money
) -> list[Finding]:
    """List years that cannot be, and those by which more is spent than has come.

    Parameters
    ----------
    posed : PosedSiting
    result : LocationResult
    year_of : dict of int to int
        Position of a site -> calendar year.
    money : Money
    """
    first_year, yearly_yuan = money.first_year, money.yearly_yuan
    last = first_year + len(yearly_yuan) - 1
    ready = np.nan_to_num(posed.ready_year, nan=-np.inf)
    strange = [
        year
        for site, year in year_of.items()
        if (yearly_yuan and not first_year <= year <= last) or year < ready[site]
    ]
    if strange:
        return [_fault("year", year=strange[0])]
    found, price = [], posed.spent_yuan(result)
    for year in range(first_year, last + 1):
        spent = sum(float(price[site]) for site, y in year_of.items() if y <= year)
        come = float(sum(yearly_yuan[: year - first_year + 1]))
        if spent > come * (1 + TOLERANCE) + TOLERANCE:
            found.append(_fault("money", year=year, value=spent, limit=come))
    return found


def siting_value(posed: PosedSiting, result: LocationResult) -> float:
    """Work out the aim's figure from who goes where."""
    problem, aim = posed.problem, posed.options.aim
    minutes = minutes_of(posed, result.site_of)
    served = np.isfinite(minutes)
    if aim is Aim.COVER:
        priced = problem.is_priced
        value = posed.spent_yuan(result).sum() if priced else result.is_open.sum()
    elif aim is Aim.MAX_COVER:
        value = problem.weight[served].sum()
    elif aim is Aim.MEDIAN:
        value = problem.weight[served] @ minutes[served]
    else:
        old = np.ones(problem.n, bool) if problem.elderly is None else problem.elderly > 0
        value = minutes[served & old].max(initial=0.0)
    return float(value)


def _fault(code: str, **params: object) -> Finding:
    return Finding(f"siting.bad_{code}", Severity.ERROR, params)


def _limits(posed: PosedSiting, result: LocationResult) -> Iterator[Finding]:
    problem = posed.problem
    closed = int((problem.forced & ~result.is_open).sum())
    if closed:
        yield _fault("closed", sites=closed)
    cost = float(posed.spent_yuan(result).sum())
    if problem.budget is not None and cost > problem.budget * (1 + TOLERANCE):
        yield _fault("budget", value=cost, limit=problem.budget)
    count = int(result.is_open.sum())
    if problem.max_open is not None and count > problem.max_open:
        yield _fault("number", value=count, limit=problem.max_open)


def _sizes(posed: PosedSiting, result: LocationResult) -> Iterator[Finding]:
    """Check that rooms are as large as those who go there ask, and grow no further than they can."""
    floors = posed.problem.floors
    if floors is None:
        return
    m = posed.problem.n_sites
    extended = np.zeros(m) if result.extended_m2 is None else result.extended_m2
    too_far = (extended > floors.extend_m2 + TOLERANCE) | (extended < 0)
    too_far |= ~result.is_open & (extended > 0)
    if too_far.any():
        yield _fault("extended", sites=int(too_far.sum()))
    need = needed_m2(floors.rules, result.site_of, m)
    slack = ROUNDING_M2 + TOLERANCE * need
    small = (need > 0) & ~(floors.floor_m2 + extended >= need - slack)
    if small.any():
        yield _fault("size", sites=int(small.sum()))


def _walks(posed: PosedSiting, result: LocationResult) -> Iterator[Finding]:
    """Check that each unit goes to an open site within the limit, and the others are explained."""
    served = result.site_of >= 0
    far = int(np.isinf(minutes_of(posed, result.site_of)).sum())
    shut = int((~result.is_open[result.site_of[served]]).sum())
    if far or shut:
        yield _fault("walk", units=max(far, shut))
    if result.status is Status.NOT_FOUND:
        return
    named = sorted(unit for cause in result.causes for unit in cause.units)
    if named != np.flatnonzero(~served).tolist():
        yield _fault("left", units=int((~served).sum()), named=len(named))
    lost = np.flatnonzero(np.diff(posed.problem.minutes.indptr) == 0).tolist()
    said = sorted(u for c in result.causes if c.code == "no_site" for u in c.units)
    if said != lost:
        yield _fault("left", units=len(lost), named=len(said))


def _figures(posed: PosedSiting, result: LocationResult) -> Iterator[Finding]:
    if result.objective is None:
        return
    value, said, bound = siting_value(posed, result), result.objective, result.bound
    slack = TOLERANCE * max(1.0, abs(value))
    if not abs(said - value) <= slack:
        yield _fault("figure", said=said, value=value)
    ahead = value - bound if posed.options.aim is Aim.MAX_COVER else bound - value
    if ahead > slack or (result.status is Status.OPTIMAL and abs(bound - value) > slack):
        yield _fault("bound", said=bound, value=value)
