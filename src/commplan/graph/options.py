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
    close_short_borders : bool
        A border shorter than ``barrier_stretch_m`` cannot run along anything for so long; units
        that face each other across a river for 20 m would count as joined by land. Such a border
        is closed if more than half of it runs within the distance of a closing barrier and in its
        direction (within 45 degrees), or inside it. False takes the 30 m by the letter.
    crossing_m : float
        A crossing this near to a border opens it.
    crossing_reach_m : float
        How far from a crossing over a gap the units may lie that it joins.
    """

    neighbour_min_m: float = 1.0
    barrier_distance_m: float = 15.0
    barrier_stretch_m: float = 30.0
    close_short_borders: bool = True
    crossing_m: float = 50.0
    crossing_reach_m: float = 300.0
