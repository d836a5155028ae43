"""How much to look for the best sites; apart, so that knowing it loads no compiled code."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MedianParams:
    """How much to look.

    Parameters
    ----------
    rounds : int
        Of prices.
    shakes : int
        Local optima looked at, without capacities.
    branches : int
        Nodes of the tree of sites, without capacities.
    runs : int
        Annealing runs, with capacities.
    clusters : int
        Put together anew at once, with capacities, at most.
    parts : int
        Neighbourhoods solved anew, with capacities; at most 8 in a row without a gain per site.
    nodes : int or None
        Branch-and-bound nodes for what is left; None: to the end.
    core_pairs : int
        Pairs that may be left for the exact model to be tried.
    few_pairs : int
        Pairs left with which it is tried at once.
    seed : int
    """

    rounds: int = 800
    shakes: int = 60
    branches: int = 20_000
    runs: int = 12
    clusters: int = 4_000
    parts: int = 400
    nodes: int | None = None
    core_pairs: int = 400_000
    few_pairs: int = 600
    seed: int = 0
