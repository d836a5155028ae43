"""Why each community is drawn so: its size, what it takes from whom, what its borders follow."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from commplan.outputs.words import word
from commplan.plan.places import dissolve
from commplan.plan.plan import Plan
from commplan.texts import Texts

#: A border within this distance of a barrier follows it, as everywhere (house choice).
NEAR_M = 15.0
#: Shares of the border below this are left out of the sentence.
LEAST_SHARE = 0.1
MOST_NAMED = 4
#: In this order a stretch that lies beside several kinds of barriers is counted once.
KINDS = ("river", "railway", "expressway", "main_road", "road")


@dataclass(frozen=True)
class OtherPlan:
    """A plan that was tried besides.

    Parameters
    ----------
    above : float
        Its cost above that of the plan, as a share.
    community_of : int array, shape (n units,)
    """

    above: float
    community_of: NDArray[np.int32]


@dataclass(frozen=True)
class Tried:
    """How a community looks in another plan: households more and fewer, and how much it costs."""

    number: int
    above: float
    more: int
    fewer: int


@dataclass(frozen=True)
class Why:
    """What there is to say about one community; worded by `words`.

    Parameters
    ----------
    households : int
    bounds : (int, int) or None
    exception : str
        Reason of an exception from the bounds; "" for none.
    old : (str, int) or None
        Name and households of the community of today that it carries on.
    is_unchanged : bool
        It is exactly that one.
    takes, gives : tuple of (str, int)
        Names of today's communities that households come from, of the plan's that they go to.
    borders : tuple of (str, float)
        Kinds of barriers, and the share of its inner border that follows them.
    tried : tuple of Tried
    """

    households: int
    bounds: tuple[int, int] | None
    exception: str = ""
    old: tuple[str, int] | None = None
    is_unchanged: bool = False
    takes: tuple[tuple[str, int], ...] = ()
    gives: tuple[tuple[str, int], ...] = ()
    borders: tuple[tuple[str, float], ...] = ()
    tried: tuple[Tried, ...] = field(default=())

    def words(self, texts: Texts) -> list[str]:
        """Say it in plain sentences, the size first."""
        told = [self._size(texts), self._from_today(texts)]
        for key, flows in (("takes", self.takes), ("gives", self.gives)):
            if flows:
                told.append(texts(f"reasons.{key}", flows=_flow_words(flows, texts)))
        shares = [(kind, share) for kind, share in self.borders if share >= LEAST_SHARE]
        if shares:
            named = texts("finding.comma").join(
                texts("reasons.share", kind=word(texts, "kind", kind), share=f"{share:.0%}")
                for kind, share in shares
            )
            told.append(texts("reasons.borders", shares=named))
        told += [_tried_words(tried, texts) for tried in self.tried]
        return [line for line in told if line]

    def _size(self, texts: Texts) -> str:
        params: dict[str, Any] = {"households": self.households}
        if self.bounds is None:
            return ""
        params |= {"min": self.bounds[0], "max": self.bounds[1]}
        if self.bounds[0] <= self.households <= self.bounds[1]:
            return texts("reasons.size", **params)
        if self.exception:
            return texts("reasons.size_excepted", reason=self.exception, **params)
        return texts("reasons.size_outside", **params)

    def _from_today(self, texts: Texts) -> str:
        if self.old is None:
            return texts("reasons.new")
        name, households = self.old
        params: dict[str, Any] = {"name": name, "households": households}
        if self.is_unchanged:
            return texts("reasons.unchanged", **params)
        if self.bounds is not None and households < self.bounds[0]:
            return texts("reasons.was_small", by=self.bounds[0] - households, **params)
        if self.bounds is not None and households > self.bounds[1]:
            return texts("reasons.was_large", by=households - self.bounds[1], **params)
        return texts("reasons.carries_on", **params)


def _flow_words(flows: Sequence[tuple[str, int]], texts: Texts) -> str:
    named = [
        texts("reasons.flow", name=name, households=households)
        for name, households in flows[:MOST_NAMED]
    ]
    if len(flows) > MOST_NAMED:
        rest = flows[MOST_NAMED:]
        count = sum(households for _, households in rest)
        named.append(texts("reasons.flow_rest", communities=len(rest), households=count))
    return texts("finding.comma").join(named)


def _tried_words(tried: Tried, texts: Texts) -> str:
    costs = "reasons.costs_more" if tried.above >= 0 else "reasons.costs_less"
    change = "both" if tried.more and tried.fewer else "more" if tried.more else "fewer"
    return texts(
        f"reasons.tried_{change}",
        number=tried.number,
        costs=texts(costs, share=f"{abs(tried.above):.1%}"),
        more=tried.more,
        fewer=tried.fewer,
    )


def community_reasons(
    plan: Plan, bounds: tuple[int, int] | None, others: Sequence[OtherPlan] = ()
) -> list[Why]:
    """Gather why each community of a plan is drawn so.

    Parameters
    ----------
    plan : Plan
    bounds : (int, int) or None
        Of the households, inclusive.
    others : sequence of OtherPlan
        Alternatives of the same run, in their order after the plan itself.

    Returns
    -------
    list of Why
        In the order of the plan's communities.
    """
    borders = border_shares(plan)
    reasons = _exception_words(plan)
    names = plan.communities["name"].astype(str).tolist()
    old_names = plan.today["name"].astype(str).tolist()
    old_sizes = plan.today["households"].astype(int).tolist()
    found = []
    for row, (size, old) in enumerate(
        zip(plan.communities["households"].astype(int), plan.successor_of.tolist(), strict=True)
    ):
        inside = plan.community_of == row
        was = plan.today_of == old
        incoming = inside & (plan.today_of >= 0) & ~was
        outgoing = (was & (plan.community_of >= 0) & ~inside) if old >= 0 else incoming & ~incoming
        found.append(
            Why(
                households=int(size),
                bounds=bounds,
                exception=reasons.get(row, ""),
                old=(old_names[old], old_sizes[old]) if old >= 0 else None,
                is_unchanged=old >= 0 and bool((inside == was).all()),
                takes=_flows(plan, incoming, plan.today_of, old_names),
                gives=_flows(plan, outgoing, plan.community_of, names),
                borders=borders[row],
                tried=_tried(plan, inside, others),
            )
        )
    return found


def _households(plan: Plan) -> NDArray[np.int64]:
    if plan.territory.units is None:
        raise ValueError("a plan of a territory without units")
    return plan.territory.units["households"].to_numpy(dtype=np.int64)


def _exception_words(plan: Plan) -> dict[int, str]:
    """Community -> reason, of those with an excepted unit."""
    if plan.territory.units is None or not plan.exceptions:
        return {}
    ids = plan.territory.units["unit_id"].astype(str).tolist()
    pairs = zip(ids, plan.community_of.tolist(), strict=True)
    return {row: plan.exceptions[unit] for unit, row in pairs if unit in plan.exceptions}


def _flows(
    plan: Plan, chosen: NDArray[np.bool_], of: NDArray[np.int32], names: Sequence[str]
) -> tuple[tuple[str, int], ...]:
    """Households of the chosen units by community, the most first; none without households."""
    sums = np.bincount(of[chosen], weights=_households(plan)[chosen], minlength=1).astype(int)
    order = np.lexsort((np.arange(sums.size), -sums))
    return tuple((names[i], int(sums[i])) for i in order.tolist() if sums[i] > 0)


def _tried(plan: Plan, inside: NDArray[np.bool_], others: Sequence[OtherPlan]) -> tuple[Tried, ...]:
    """Compare a community with the one that shares most households with it in each other plan."""
    households = _households(plan)
    found = []
    for number, other in enumerate(others, start=2):
        weights = np.maximum(households[inside], 1e-3)  # a community of parks has a twin too
        twin = int(np.bincount(other.community_of[inside], weights=weights).argmax())
        there = other.community_of == twin
        more = int(households[there & ~inside].sum())
        fewer = int(households[inside & ~there].sum())
        if more or fewer:
            found.append(Tried(number, other.above, more, fewer))
    return tuple(found[:3])


def border_shares(plan: Plan) -> list[tuple[tuple[str, float], ...]]:
    """Return for each community which kinds of barriers its border to others follows, and how far.

    A stretch follows a barrier where it lies within 15 m of it; beside several kinds it counts for
    the first of `KINDS`. The edge of the study area is nobody's choice and is left out.

    Returns
    -------
    list of tuple of (str, float)
        Kind and share of the inner border, the largest share first.
    """
    shapes = plan.communities.geometry.to_numpy()
    layer = plan.territory.barriers
    if layer is None or not len(layer) or not len(shapes):
        return [() for _ in shapes]
    edge = shapely.buffer(shapely.boundary(dissolve(plan.communities.geometry, *_one(shapes))), 1.0)
    inner = shapely.difference(shapely.boundary(shapes), edge[0])
    zones = shapely.buffer(layer.geometry.to_numpy(), NEAR_M, quad_segs=2)
    kinds = layer["kind"].astype(str).to_numpy()
    named = [*KINDS, *sorted(set(kinds.tolist()) - set(KINDS))]
    tree = shapely.STRtree(zones)
    found = []
    for line in inner:
        near = tree.query(line, predicate="intersects")
        found.append(_shares(line, [(kind, zones[near[kinds[near] == kind]]) for kind in named]))
    return found


def _one(shapes: NDArray[Any]) -> tuple[NDArray[np.int32], int, bool]:
    """Arguments by which `dissolve` puts all communities together, by the general union."""
    return np.zeros(len(shapes), dtype=np.int32), 1, False


def _shares(line: Any, zones: Sequence[tuple[str, NDArray[Any]]]) -> tuple[tuple[str, float], ...]:
    whole, rest = shapely.length(line), line
    shares = []
    for kind, areas in zones:
        if whole <= 0 or not len(areas):
            continue
        left = shapely.difference(rest, shapely.union_all(areas))
        shares.append((kind, float((shapely.length(rest) - shapely.length(left)) / whole)))
        rest = left
    return tuple(sorted(shares, key=lambda item: -item[1]))
