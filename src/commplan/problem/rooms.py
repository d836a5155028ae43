"""RoomProblem: where each community's rooms go, in numbers; RoomResult: the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commplan.problem.result import Status

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

#: What a siting is judged by, in this order: the first decides, the next only between equals.
CRITERIA = (
    "unserved_communities",
    "far_households",
    "short_m2",
    "cost_yuan",
    "unreached_households",
    "walk_household_min",
)


#: What else a siting can be judged by, where its aim or a preference asks for it.
MORE_CRITERIA = ("unsuited_rooms", "longest_walks_min", "far_elderly", "walk_elderly_min")

#: Aim -> its criteria in their order. Every aim gives as many communities a place as it can first.
ORDERS: Mapping[str, tuple[str, ...]] = {
    "cover": CRITERIA,
    "cost": (
        "unserved_communities", "short_m2", "cost_yuan", "far_households", "unreached_households",
        "walk_household_min",
    ),
    "walking": (
        "unserved_communities", "unreached_households", "walk_household_min", "short_m2",
        "cost_yuan", "far_households",
    ),
    "longest": (
        "unserved_communities", "unreached_households", "longest_walks_min", "short_m2",
        "cost_yuan", "far_households", "walk_household_min",
    ),
    "elderly": (CRITERIA[0], "far_elderly", "walk_elderly_min", *CRITERIA[1:]),
}  # fmt: skip


@dataclass(frozen=True)
class Sites:
    """Rooms that stand and rooms that could; s of them.

    Parameters
    ----------
    floor_m2 : float64 array, shape (s,)
        NaN where not known.
    existing : bool array, shape (s,)
    shared : bool array, shape (s,)
        May serve several communities, as far as its area goes; others serve one.
    cost_yuan : float64 array, shape (s,)
        Of the whole site; NaN where not known. A room that stands costs nothing to keep.
    yuan_per_m2 : float64 array, shape (s,)
        Taken where ``cost_yuan`` is NaN: the price of the area that a community takes. Of a room
        that stands: the price of what it is extended by.
    extend_m2 : float64 array, shape (s,), or None
        By how much a room that stands can be extended; shared ones are not.
    extend_yuan : float64 array, shape (s,), or None
        Price of an extension whatever its area, beside that of each m²; NaN: none.
    decided : bool array, shape (s,), or None
        The community in which it lies gets this one, or another that is decided.
    suited : bool array, shape (s,), or None
        On the ground floor and beside the main entrance.
    """

    floor_m2: Floats
    existing: Flags
    shared: Flags
    cost_yuan: Floats
    yuan_per_m2: Floats
    extend_m2: Floats | None = None
    suited: Flags | None = None
    extend_yuan: Floats | None = None
    decided: Flags | None = None

    @property
    def n(self) -> int:
        """Number of sites."""
        return len(self.floor_m2)

    def growth_yuan(self, at: Ints, extended_m2: Floats) -> Floats:
        """Price of extending the rooms at some sites by so much; NaN where not known."""
        fixed = np.zeros(self.n) if self.extend_yuan is None else np.nan_to_num(self.extend_yuan)
        price = fixed[at] + self.yuan_per_m2[at] * extended_m2
        return np.where(extended_m2 > 0, price, 0.0)


@dataclass(frozen=True)
class RoomProblem:
    """Give each of k communities one site.

    Parameters
    ----------
    households : int64 array, shape (n,)
        Of the units.
    community_of : int32 array, shape (n,)
        Community of each unit, 0..k-1.
    need_m2 : float64 array, shape (k,)
        NaN where the profile has no rule or lacks data.
    sites : Sites
    option_community, option_site : int32 array, shape (o,)
        Which community may use which site; sorted by (community, site).
    option_inside : bool array, shape (o,)
        The site lies inside the community.
    minutes : csr_array, shape (o, n)
        Walking minutes from the units of the option's community to its site; a unit without an
        entry cannot reach it.
    limit_min : float
    aim : str
        Key of `ORDERS`.
    budget_yuan : float or None
        Most that all rooms together may cost; a price that is not known counts as the highest.
    keeps : bool
        A room that stands inside its community and is large enough stays.
    prefers_suited : bool
        Between sites alike in size the suited one, before the cheaper.
    elderly : float64 array, shape (n,), or None
        Of the units.
    elderly_slower : float
        How many times as long as others the elderly take for a walk.
    """

    households: NDArray[np.int64]
    community_of: Ints
    need_m2: Floats
    sites: Sites
    option_community: Ints
    option_site: Ints
    option_inside: Flags
    minutes: sparse.csr_array
    limit_min: float
    aim: str = "cover"
    budget_yuan: float | None = None
    keeps: bool = True
    prefers_suited: bool = False
    elderly: Floats | None = None
    elderly_slower: float = 1.0

    @property
    def order(self) -> tuple[str, ...]:
        """Criteria in the order of the aim; a preference comes just before the price."""
        names = list(ORDERS[self.aim])
        if self.prefers_suited:
            names.insert(names.index("cost_yuan"), "unsuited_rooms")
        return tuple(names)

    @property
    def n_communities(self) -> int:
        """Number of communities."""
        return len(self.need_m2)

    @property
    def n_options(self) -> int:
        """Number of pairs of a community and a site that it may use."""
        return len(self.option_community)

    def replace(self, **changes: Any) -> "RoomProblem":
        """Return a copy with some fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True)
class OptionScores:
    """What each option means for its community, o of each.

    Parameters
    ----------
    near_households : int64 array, shape (o,)
        Within the limit.
    short_m2 : float64 array, shape (o,)
        Need that the site cannot hold; 0 where either is not known (lack of data is no shortage).
    cost_yuan : float64 array, shape (o,)
        Price of the area that the community takes, and of the whole site where only it may use it;
        NaN where not known.
    reached_households : int64 array, shape (o,)
    walk_household_min : float64 array, shape (o,)
        Of those who reach the site.
    fits : bool array, shape (o,)
        Need and floor are known, and the floor is enough as it stands.
    extended_m2 : float64 array, shape (o,)
        By how much a room that stands is extended, where money allows it.
    suited : bool array, shape (o,)
    longest_min : float64 array, shape (o,)
        Longest walk of those who reach the site.
    near_elderly : float64 array, shape (o,)
    elderly_min : float64 array, shape (o,)
        Minutes of all elderly who reach the site.
    """

    near_households: NDArray[np.int64]
    short_m2: Floats
    cost_yuan: Floats
    reached_households: NDArray[np.int64]
    walk_household_min: Floats
    fits: Flags
    extended_m2: Floats
    suited: Flags
    longest_min: Floats
    near_elderly: Floats
    elderly_min: Floats


def score_options(problem: RoomProblem) -> OptionScores:
    """Score every option by itself.

    Parameters
    ----------
    problem : RoomProblem

    Returns
    -------
    OptionScores
    """
    need = problem.need_m2[problem.option_community]
    sites, at = problem.sites, problem.option_site
    floor = sites.floor_m2[at]
    minutes = problem.minutes
    option = np.repeat(np.arange(problem.n_options), np.diff(minutes.indptr))
    households = problem.households[minutes.indices]
    near = np.where(minutes.data <= problem.limit_min, households, 0)
    extended = _extended_m2(sites, at, need)
    taken = np.fmin(need, floor)  # the known one where the other is not
    per_m2 = sites.yuan_per_m2[at] * taken
    cost = np.where(np.isnan(sites.cost_yuan[at]), per_m2, sites.cost_yuan[at])
    growth = sites.growth_yuan(at, extended)
    longest = np.zeros(problem.n_options)
    np.maximum.at(longest, option, np.where(households > 0, minutes.data, 0.0))
    old = np.zeros(len(problem.households)) if problem.elderly is None else problem.elderly
    elderly = np.nan_to_num(old)[minutes.indices]
    their_min = minutes.data * problem.elderly_slower
    close = their_min <= problem.limit_min
    return OptionScores(
        near_households=_sums(option, near, problem.n_options).astype(np.int64),
        short_m2=np.nan_to_num(np.maximum(need - floor - extended, 0.0), nan=0.0),
        cost_yuan=np.where(sites.existing[at], growth, cost),
        reached_households=_sums(option, households, problem.n_options).astype(np.int64),
        walk_household_min=_sums(option, households * minutes.data, problem.n_options),
        fits=floor >= need,  # False where either is NaN
        extended_m2=extended,
        suited=np.zeros(len(at), dtype=bool) if sites.suited is None else sites.suited[at],
        longest_min=longest,
        near_elderly=_sums(option, np.where(close, elderly, 0.0), problem.n_options),
        elderly_min=_sums(option, elderly * their_min, problem.n_options),
    )


def _extended_m2(sites: Sites, at: Ints, need: Floats) -> Floats:
    """Area by which each option extends its room: what it lacks, as far as it can grow."""
    if sites.extend_m2 is None:
        return np.zeros(len(at))
    may = np.where(sites.existing & ~sites.shared, np.nan_to_num(sites.extend_m2), 0.0)[at]
    lacks = np.nan_to_num(np.maximum(need - sites.floor_m2[at], 0.0), nan=0.0)
    extended: Floats = np.minimum(lacks, may)
    return extended


def _sums(group: NDArray[np.int64], values: NDArray[Any], count: int) -> Floats:
    return np.bincount(group, values, count).astype(np.float64)


@dataclass(frozen=True)
class RoomResult:
    """The answer to a `RoomProblem`.

    Parameters
    ----------
    status : Status
        Optimal: no siting is better by the criteria in their order.
    site_of : int32 array, shape (k,)
        Site of each community; -1 for none.
    terms : mapping of str to float
        Each of `CRITERIA` and of the aim. ``far_households`` counts all that are not within the
        limit; ``cost_yuan`` leaves out what is not known.
    bounds : mapping of str to float
        Proven lower bound of each, given that the ones before it are as they are.
    nodes : int
        Branch-and-bound nodes.
    runtime_s : float
    extended_m2 : float64 array, shape (k,), or None
        By how much each community's room is extended; None: by all that it lacks and can grow.
    """

    status: Status
    site_of: Ints
    terms: Mapping[str, float]
    bounds: Mapping[str, float] = field(default_factory=dict)
    nodes: int = 0
    runtime_s: float = 0.0
    extended_m2: Floats | None = None
