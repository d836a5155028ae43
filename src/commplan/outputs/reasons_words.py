"""What there is to say about why a community is drawn so, and the sentences that say it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from commplan.outputs.words import word
from commplan.texts import Texts

#: Shares of the border below this are left out of the sentence.
LEAST_SHARE = 0.1
MOST_NAMED = 4


@dataclass(frozen=True)
class Tried:
    """How a community looks in another plan.

    Parameters
    ----------
    number : int
        Of the other plan.
    above : float
        Its cost above that of the plan, as a share.
    more, fewer : int
        Households that the community would gain and lose.
    moved, moved_here : int
        Households moved in all, by the other plan and by this one.
    """

    number: int
    above: float
    more: int
    fewer: int
    moved: int = 0
    moved_here: int = 0


@dataclass(frozen=True)
class Partner:
    """A community out of bounds today, which is why households change to or from this one.

    Parameters
    ----------
    kind : str
        ``large`` (gives households), ``small`` (gets some), ``ends`` (too small to go on).
    name : str
    households : int
        Today.
    """

    kind: str
    name: str
    households: int


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
    from_nobody : int
        Households that come from no community.
    empty_in, empty_out : tuple of (str, int)
        The same of units in which nobody lives: their number.
    partners : tuple of Partner
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
    from_nobody: int = 0
    empty_in: tuple[tuple[str, int], ...] = ()
    empty_out: tuple[tuple[str, int], ...] = ()
    partners: tuple[Partner, ...] = ()
    borders: tuple[tuple[str, float], ...] = ()
    tried: tuple[Tried, ...] = field(default=())

    def words(self, texts: Texts) -> list[str]:
        """Say it in plain sentences, the size first."""
        told = [self._size(texts), self._from_today(texts)]
        for key, flows in (("takes", self.takes), ("gives", self.gives)):
            if flows:
                told.append(texts(f"reasons.{key}", flows=_flow_words(flows, texts)))
        if self.from_nobody:
            told.append(texts("reasons.from_nobody", households=self.from_nobody))
        told += self._because(texts)
        for key, flows in (("empty_in", self.empty_in), ("empty_out", self.empty_out)):
            if flows:
                told.append(texts(f"reasons.{key}", flows=_count_words(flows, texts)))
        shares = [(kind, share) for kind, share in self.borders if share >= LEAST_SHARE]
        if shares:
            named = texts("finding.comma").join(
                texts("reasons.share", kind=word(texts, "kind", kind).lower(), share=f"{share:.0%}")
                for kind, share in shares
            )
            told.append(texts("reasons.borders", shares=named))
        told += [_tried_words(tried, texts) for tried in self.tried]
        return [line for line in told if line]

    def _because(self, texts: Texts) -> list[str]:
        """Say which neighbours are out of bounds today, where this one gives or takes for them."""
        if self.bounds is None or not self.partners:
            return []
        named = texts("reasons.semicolon").join(
            texts(
                f"reasons.partner_{partner.kind}",
                name=partner.name,
                households=partner.households,
                min=self.bounds[0],
                max=self.bounds[1],
            )
            for partner in self.partners[:MOST_NAMED]
        )
        return [texts("reasons.because", partners=named)]

    def _size(self, texts: Texts) -> str:
        params: dict[str, Any] = {"households": self.households}
        if self.bounds is None:
            return ""
        params |= {"min": self.bounds[0], "max": self.bounds[1]}
        if self.bounds[0] <= self.households <= self.bounds[1]:
            return texts("reasons.size", **params)
        if self.exception:
            reason = self.exception.rstrip("。. ")  # the sentence has its own full stop
            return texts("reasons.size_excepted", reason=reason, **params)
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


def _count_words(flows: Sequence[tuple[str, int]], texts: Texts) -> str:
    named = [texts("reasons.count", name=name, count=count) for name, count in flows[:MOST_NAMED]]
    return texts("finding.comma").join(named)


def _tried_words(tried: Tried, texts: Texts) -> str:
    costs = "reasons.costs_more" if tried.above >= 0 else "reasons.costs_less"
    if abs(tried.above) < 0.0005:  # would read 0.0%
        costs = "reasons.costs_same"
    change = "both" if tried.more and tried.fewer else "more" if tried.more else "fewer"
    return texts(
        f"reasons.tried_{change}",
        number=tried.number,
        costs=texts(costs, share=f"{abs(tried.above):.1%}"),
        more=tried.more,
        fewer=tried.fewer,
        moved=tried.moved,
        moved_here=tried.moved_here,
    )
