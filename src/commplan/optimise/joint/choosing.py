"""Sites to choose: sets of sites settled one by one, and a bound for all that are left.

The relaxation says which set of sites is the most promising; it is settled (searched, and bounded)
and ruled out, then comes the next one. The bound of the whole is the least of those of the sets that
are settled and of all others (logic-based Benders decomposition, Hooker and Ottosson 2003).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from commplan.optimise.joint.cutting import Proof, Root, worth
from commplan.optimise.joint.instance import Flags, with_sites
from commplan.optimise.joint.opening import open_sites
from commplan.optimise.joint.search import Search
from commplan.optimise.milp import MilpOptions

if TYPE_CHECKING:
    from commplan.optimise.joint.stages import Stages

# Shares of a time limit when the stages end: relaxing, choosing the first set, settling sets one by
# one, and searching on from all of them.
_RELAXED, _CHOSEN, _SETTLED, _SEARCHED = 0.3, 0.6, 0.45, 0.75
_START, _EACH = 0.06, 0.2  # of it for a set: annealing from scratch, then merging
_FEW_PAIRS = 20_000  # up to which separators at any set of sites are worth their time
_GAP = 2e-4  # of the relaxation with whole sites


@dataclass
class Settled:
    """A set of sites, its relaxation, the search with it, and a bound for all answers that have it."""

    chosen: Flags
    root: Root
    search: Search
    bound: float


class Choosing:
    """What is known of the sets of sites.

    Parameters
    ----------
    stages : Stages
        Where answers and bounds go.
    """

    def __init__(self, stages: "Stages") -> None:
        self.stages, self.instance = stages, stages.instance
        self.done: list[Settled] = []
        self.root = stages.relaxed(self.instance, _RELAXED)
        self.others = self.root.bound  # for all sets that are not settled

    def run(self) -> None:
        """Settle the most promising sets, search on from there, and bound the others."""
        stages = self.stages
        stages.raise_to(self.bound)
        if np.isposinf(self.bound):
            return
        stages.new_search().begin(stages.later(_START), self.root.opened)
        while len(self.done) < stages.params.bound.sets:
            if stages.met or stages.clock.over(stages.seconds(_SETTLED)):
                break
            if not self.next(_CHOSEN):
                break
        if not stages.met:
            self.search_on()
            self.finish()

    @property
    def bound(self) -> float:
        """What is proven of all sets."""
        return min([self.others, *(one.bound for one in self.done)])

    def next(self, until: float) -> bool:
        """Settle the most promising of the other sets; False where none is left or time is over."""
        chosen = self.open(until)
        if chosen is None:
            return False
        self.settle(chosen)
        return True

    def open(self, until: float) -> Flags | None:
        """Choose sites by the relaxation, other than those that are settled."""
        stages, rounds = self.stages, self.stages.params.bound.rounds
        self.root.known = stages.known
        with stages.until(until) as clock:
            if self.done or self.root.pairs.sum() <= _FEW_PAIRS:
                for chosen in (*(one.chosen for one in self.done[-1:]), stages.used(stages.best)):
                    self.root.cut_at(chosen, rounds, clock)
            if clock.over():
                return None
            limit = worth(stages.known)
            options = MilpOptions(
                time_limit_s=clock.left_s,
                node_limit=stages.params.bound.set_nodes,
                gap_rel=_GAP,
                cutoff=limit if np.isfinite(limit) else None,
            )
            opened = open_sites(self.root, [one.chosen for one in self.done], options)
        stages.nodes += max(1, opened.nodes)
        self.others = max(self.others, opened.bound)
        stages.raise_to(self.bound)
        return opened.sets[-1] if opened.sets else None

    def settle(self, chosen: Flags) -> None:
        """Search with given sites, and bound all answers that have them."""
        stages = self.stages
        instance = with_sites(self.instance, chosen)
        search = stages.new_search(instance)
        search.begin(stages.later(_START), chosen.astype(np.float64))
        root = Root(instance, min(stages.known, search.value))
        root.run(stages.params.bound.rounds, stages.clock)
        self.done.append(Settled(chosen, root, search, root.bound))
        if root.bound < worth(stages.known):
            search.merging.guide = root.guide()
            search.by_merging(stages.later(_EACH), None)

    def search_on(self) -> None:
        """Go on, whatever the sites, from the set that had most to promise."""
        stages, search = self.stages, self.stages.new_search()
        found = [one.search for one in self.done if one.search.site_of is not None]
        start = min(found, key=lambda other: other.value, default=stages.best)
        for _, site_of in start.merging.answers if start is not None else ():
            search.keep(site_of)
        if search.site_of is not None:
            search.merging.guide = self.root.guide()
            search.by_turns(stages.used(search).astype(np.float64), stages.seconds(_SEARCHED))

    def finish(self) -> None:
        """Prove the set with the least bound, or settle one of the others, as long as there is time."""
        stages, params = self.stages, self.stages.params.bound
        while not (stages.met or stages.clock.over() or stages.nodes >= params.nodes):
            least = min(self.done, key=lambda one: one.bound, default=None)
            if least is None or self.others <= least.bound:
                if not self.next(1.0) and self.others <= self.bound:
                    return
                continue
            least.root.known = stages.known
            proof = Proof(least.root, params, least.search.merging, least.search.mended)
            proof.run(stages.clock)
            stages.nodes += proof.nodes
            if proof.bound <= least.bound:
                return
            least.bound = proof.bound
            stages.raise_to(self.bound)
