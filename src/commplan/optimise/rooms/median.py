"""Least walking and cost: prices give a bound, local search a solution, what is left is enumerated.

Serves the p-median, with and without capacities, and single-source facility location.
"""

from commplan.optimise.rooms.capacitated import CapacitatedSearch
from commplan.optimise.rooms.columns import Columns
from commplan.optimise.rooms.found import Search, close
from commplan.optimise.rooms.params import MedianParams
from commplan.optimise.rooms.uncapacitated import solve_uncapacitated
from commplan.optimise.stop import Clock

__all__ = ["MedianParams", "Search", "solve_median"]


def solve_median(columns: Columns, params: MedianParams, clock: Clock) -> Search:
    """Solve a facility-location problem; each unit needs at least one pair.

    Parameters
    ----------
    columns : Columns
    params : MedianParams
    clock : Clock
        Guard; what is found by then is returned with its bound.

    Returns
    -------
    Search
        ``place`` None where no allowed solution was found; ``bound`` infinite where none exists.
    """
    search = Search(columns)
    if columns.is_capacitated:
        CapacitatedSearch(search, params, clock).solve()
    else:
        left = solve_uncapacitated(search, params, clock)
        if left is not None:
            close(search, left, params, clock)
    return search
