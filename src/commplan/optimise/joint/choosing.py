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
from commplan.optimise.stop import Clock

if TYPE_CHECKING:
    from commplan.optimise.joint.stages import Stages

# Shares of a time limit when the stages end: relaxing, choosing a set of sites, settling sets one by
# one, and searching on from all of them.
_RELAXED, _CHOSEN, _SETTLED, _SEARCHED = 0.3, 0.6, 0.45, 0.75
_START, _EACH = 0.06, 0.2  # of it for a set: annealing from scratch, then merging
_FEW_PAIRS = 20_000  # up to which separators at any set of sites are worth their time
_GAP = 2e-4  # of the relaxation with whole sites


@dataclass
class Settled:
    """A set of sites, its relaxation, the search with it, and a bound for all answers that have it."""

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
        self.root = stages.relaxed(_RELAXED)
        self.others = self.root.bound  # for all sets that are not ruled out
        self.ruled_out: list[Flags] = []
        self.settled: list[Settled] = []  # those of them that may hold a better answer
        self.past = np.inf  # least bound of the rest of them
        self.nodes = stages.params.bound.set_nodes

    def run(self) -> None:
        """Settle the most promising sets, search on from there, and bound the others."""
        stages = self.stages
        stages.raise_to(self.bound)
        if np.isposinf(self.bound):
            return
        share = self.root.opened if np.isfinite(self.bound) else None
        stages.new_search().begin(stages.later(_START), share)
        for _ in range(stages.params.bound.sets):
            if stages.met or stages.clock.over(stages.seconds(_SETTLED)):
                break
            chosen = self.open(_CHOSEN)
            if chosen is None:
                break
            self.settle(chosen, search=True)
        if not stages.met:
            self.search_on()
            self.finish()

    @property
    def bound(self) -> float:
        """What is proven of all sets."""
        return min([self.others, self.past, *(one.bound for one in self.settled)])

    def open(self, until: float) -> Flags | None:
        """Choose sites by the relaxation, other than those that are ruled out."""
        stages = self.stages
        with stages.until(until) as clock:
            self.root.leave_out(stages.known)
            self.cut(clock)
            if clock.over():
                return None
            limit = worth(stages.known)
            options = MilpOptions(
                time_limit_s=clock.left_s,
                node_limit=self.nodes,
                gap_rel=_GAP,
                cutoff=limit if np.isfinite(limit) else None,
            )
            opened = open_sites(self.root, self.ruled_out, options)
        stages.nodes += max(1, opened.nodes)
        self.others = max(self.others, opened.bound)
        stages.raise_to(self.bound)
        return opened.chosen

    def cut(self, clock: Clock) -> None:
        """Look for separators where the last set is open, and the sites of the best answer."""
        best = self.stages.best
        sets = self.ruled_out[-1:]
        if best is not None and best.site_of is not None:
            used = self.stages.used(best.site_of)
            sets += [used] if not sets or (used != sets[0]).any() else []
        if self.ruled_out or self.root.pairs.sum() <= _FEW_PAIRS:
            for chosen in sets:
                self.root.cut_at(chosen, self.stages.params.bound.rounds, clock)

    def settle(self, chosen: Flags, *, search: bool) -> None:
        """Bound all answers with given sites, search for them if wanted, and rule the set out."""
        stages, instance = self.stages, with_sites(self.instance, chosen)
        here = stages.new_search(instance)
        if search:
            here.begin(stages.later(_START), chosen.astype(np.float64))
        root = Root(instance, stages.known)
        root.run(stages.params.bound.rounds, stages.clock)
        bound = max(root.bound, self.others)  # of all sets that were left, this one among them
        self.ruled_out.append(chosen)
        if bound >= worth(stages.known):
            self.past = min(self.past, bound)
            return
        self.settled.append(Settled(root, here, bound))
        here.merging.guide = root.guide()
        if search:
            here.by_merging(stages.later(_EACH), None)

    def search_on(self) -> None:
        """Go on, whatever the sites, from the best answer with sites that the relaxation chose."""
        stages = self.stages
        found = [one.search for one in self.settled if one.search.site_of is not None]
        start = min(found or stages.searches, key=lambda one: one.value)
        search = stages.new_search()
        for _, site_of in start.merging.answers:
            search.keep(site_of)
        if search.site_of is not None:
            search.merging.guide = self.root.guide()
            search.by_turns(
                stages.used(search.site_of).astype(np.float64), stages.seconds(_SEARCHED)
            )

    def finish(self) -> None:
        """Prove the set with the least bound, or choose one of the others, as long as there is time."""
        stages, params = self.stages, self.stages.params.bound
        while not (stages.met or stages.clock.over() or stages.nodes >= params.nodes):
            least = min(self.settled, key=lambda one: one.bound, default=None)
            if least is None and self.others >= worth(stages.known):
                return
            if least is None or self.others <= least.bound:
                chosen = self.open(1.0)
                if chosen is not None:
                    self.settle(chosen, search=len(self.ruled_out) < params.sets)
                elif self.others <= self.bound:
                    self.nodes *= 2  # the work was too little to prove that no set is left
                continue
            self.prove(least)

    def prove(self, one: Settled) -> None:
        """Branch over the areas of a set until its best answer is proven, or the work is over."""
        stages = self.stages
        one.root.known = stages.known
        proof = Proof(one.root, stages.params.bound, one.search.merging, one.search.mended)
        proof.run(stages.clock)
        stages.nodes += max(1, proof.nodes)
        one.bound = max(one.bound, proof.bound)
        if one.bound >= worth(stages.known):
            self.settled.remove(one)
            self.past = min(self.past, one.bound)
        stages.raise_to(self.bound)
