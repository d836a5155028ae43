"""New housing developments: what is built, in which phases, and what came of looking at one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry

NAN = float("nan")
NEW = -1  # in place of a community's number: one that is newly set up
NOBODY = -2  # in place of a community's number: none


@dataclass(frozen=True)
class Phase:
    """One phase of a development.

    Parameters
    ----------
    number : int
        From 1.
    total : int
        Households let with this phase and those before it.
    due : str or None
        ``"2028"`` or ``"2028-06"``: when it is let.
    """

    number: int
    total: int
    due: str | None = None


@dataclass(frozen=True)
class Development:
    """A development as the file states it; NaN and None where it says nothing.

    Parameters
    ----------
    development_id : str
    name : str
        The id where the file gives no name.
    shape : shapely geometry
        Polygon or point, in the working CRS.
    households : int
    phases : tuple of Phase
        At least one; the last has all the households.
    population, floor_area_m2 : float
    divided : bool
        The phases were divided evenly, because the file says only how many there are.
    """

    development_id: str
    name: str
    shape: BaseGeometry
    households: int
    phases: tuple[Phase, ...]
    population: float = NAN
    floor_area_m2: float = NAN
    divided: bool = False

    @property
    def is_point(self) -> bool:
        """Whether only its place is known, not its extent."""
        return bool(self.shape.area == 0)

    @property
    def starts(self) -> tuple[str, str]:
        """By what developments are put in order: when the first phase is let, then the id."""
        return (self.phases[0].due or "9999", self.development_id)

    def people(self, households: int) -> float:
        """People of so many of its households, at its own mean size; NaN where not known."""
        if self.households == 0:
            return 0.0 if math.isnan(self.population) else self.population
        return self.population * households / self.households


@dataclass(frozen=True)
class DevelopmentOptions:
    """What the user states, for documents leave it open; distances are house choices.

    Parameters
    ----------
    prefer : tuple of str
        Ways in the order in which they are tried: the first that is possible is proposed.
    reach_m : float
        A development farther than this from every unit lies outside the study area.
    together_m : float
        Developments no farther apart may form a community together.
    radius_m : float
        Units no farther from a development may change their community when its neighbourhood is
        redrawn.
    free_units : int
        At most so many of them, the nearest.
    households_there : str
        ``"leave"`` or ``"stay"``: what becomes of households that live where it is built.
    in_lieu_yuan_per_m2, room_yuan_per_m2, worker_yuan_per_year : float or None
        Prices; what they would decide is not said where they are missing.
    """

    prefer: tuple[str, ...] = ("stay", "new", "move", "together", "redraw")
    reach_m: float = 300.0
    together_m: float = 500.0
    radius_m: float = 600.0
    free_units: int = 8
    households_there: str = "leave"
    in_lieu_yuan_per_m2: float | None = None
    room_yuan_per_m2: float | None = None
    worker_yuan_per_year: float | None = None


@dataclass(frozen=True)
class Member:
    """One of several developments that form a community together."""

    development_id: str
    name: str
    households: int
    population: float = NAN


@dataclass(frozen=True)
class Case:
    """One development on its ground: all that is needed to decide about it.

    Parameters
    ----------
    development : Development
    unit : int
        Position of the unit in which it lies, or the nearest; -1 where there is none in reach.
    community : int
        Number of today's community of that unit, `NOBODY` for none.
    beside : tuple of int
        Units that it adjoins, with no river or railway between, `unit` among them.
    beside_km : tuple of float
        Length of its edge along each; 0 for a point.
    near : tuple of int
        Communities of its neighbourhood, its own among them: those that may be redrawn for it.
    there : tuple of int
        Units of which at least half lies on its ground.
    loads : mapping of int to int
        Community -> households that other developments bring before this one.
    also : int
        Households of all other developments in the same community.
    together : tuple of Member
        Those with which it could form a community, itself among them; () for none.
    together_from : int
        The phase of its own with which they have enough households, or the first after that.
    entrance : (float, float)
        Where the main entrance could be: the point of its edge nearest to a street.
    rooms : tuple of (int, float)
        Rooms that stand, by number, with the minutes from the entrance.
    amenities : mapping of str to float
        Kind -> minutes to the nearest.
    """

    development: Development
    unit: int
    community: int
    beside: tuple[int, ...] = ()
    beside_km: tuple[float, ...] = ()
    near: tuple[int, ...] = ()
    there: tuple[int, ...] = ()
    loads: Mapping[int, int] = field(default_factory=dict)
    also: int = 0
    together: tuple[Member, ...] = ()
    together_from: int = 1
    entrance: tuple[float, float] = (NAN, NAN)
    rooms: tuple[tuple[int, float], ...] = ()
    amenities: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Way:
    """One way of giving a development its community.

    Parameters
    ----------
    kind : str
        ``stay``, ``new``, ``move``, ``together`` or ``redraw``.
    possible : bool
    community : int
        Number of today's community, `NEW`, or `NOBODY` where there is none to name.
    households : int
        Of that community once all is let.
    phase : int
        With which phase it begins; 1 is at once.
    why : str
        Key of the sentence (``developments.why_<...>``) that says why, or why not.
    """

    kind: str
    possible: bool
    community: int
    households: int
    phase: int = 1
    why: str = ""


@dataclass(frozen=True)
class Redrawn:
    """What redrawing the neighbourhood comes to.

    Parameters
    ----------
    status : str
        Of the result: ``optimal`` is proven.
    community : int
        That of the development: a number, or `NEW`.
    moves : tuple of (int, int, int)
        Unit, the community it leaves, the one it joins (`NEW` for a new one).
    sizes : mapping of int to int
        Community -> households afterwards, the development counted in.
    free : int
        Units that might have changed.
    objective : float or None
    """

    status: str
    community: int = NOBODY
    moves: tuple[tuple[int, int, int], ...] = ()
    sizes: Mapping[int, int] = field(default_factory=dict)
    free: int = 0
    objective: float | None = None


@dataclass(frozen=True)
class Answer:
    """What is proposed for a development; ``way`` is None where no way is possible.

    Parameters
    ----------
    way : Way or None
    ways : tuple of Way
        All that were looked at.
    holders : tuple of int
        The community that holds the development, phase by phase.
    redrawn : Redrawn or None
    """

    way: Way | None
    ways: tuple[Way, ...]
    holders: tuple[int, ...]
    redrawn: Redrawn | None = None
