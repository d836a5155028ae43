"""The numbers behind "neighbour", "on a barrier" and "crossing"; house choices, all of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GraphOptions:
    """When two units are neighbours and when one may walk from one to the other.

    No document gives these numbers; each is a house choice and is named as one where it shows.

    Parameters
    ----------
    neighbour_min_m : float
        Least shared border of neighbours, in sum.
    barrier_distance_m : float
        A border this near to a barrier runs along it.
    barrier_stretch_m : float
        It must do so for at least this long without a break: a street that ends at a river does
        not run along it.
    crossing_m : float
        A crossing this near to a border opens it.
    crossing_reach_m : float
        How far from a crossing over a gap the units may lie that it joins.
    """

    neighbour_min_m: float = 1.0
    barrier_distance_m: float = 15.0
    barrier_stretch_m: float = 30.0
    crossing_m: float = 50.0
    crossing_reach_m: float = 300.0
