"""Answers put together pair by pair: the exact model of the pairs that good answers use.

Where areas hold many units, few answers met have an area in common, and parts of a few areas do not
see how place is to be shared out over the whole. Good answers agree on most units all the same: with
the pairs of several answers alone, and those of least reduced cost, the exact model of the whole is
small (merging answers: Applegate, Bixby, Chvátal and Cook 2006 for tours; growing a kernel of
columns: Angelelli, Mansini and Speranza 2010). How many pairs come in besides follows from whether
the last model was solved to the end.
"""

from dataclasses import dataclass, field

import numpy as np

from commplan.optimise.joint.cuts import Cut, couple_cuts, cuts_of
from commplan.optimise.joint.instance import Flags, Floats, Instance, Ints
from commplan.optimise.joint.model import AreaModel

_KEPT = 10  # answers
_LOT = 5  # of them that are put aside
_EACH, _MORE, _LESS = 1.0, 1.2, 1.05  # pairs for each unit that come in besides, and how they grow
_SAME = 1e-9  # relative: answers of the same cost are taken for one


@dataclass(frozen=True)
class Guide:
    """What a relaxation says of the pairs.

    Parameters
    ----------
    reduced : float64 array, shape (n, m)
        Reduced costs; infinite for pairs of no better answer.
    bound : float
        The value that they come with; proven where `Root.guide` says it, not where `Pricing` does.
    """

    reduced: Floats
    bound: float

    def pairs(self, each: float, known: float) -> Flags:
        """So many pairs for each unit, those of least reduced cost, none that is too dear."""
        there = np.sort(self.reduced[np.isfinite(self.reduced)])
        count = int(each * len(self.reduced))
        reach = float(there[count]) if count < len(there) else np.inf
        near = self.reduced <= min(reach, known - self.bound)
        return np.asarray(near & np.isfinite(self.reduced))


@dataclass
class Merging:
    """The best answers, and the separators that their merging has asked for.

    Parameters
    ----------
    instance : Instance
    guide : Guide or None
        Left out, no pairs come in besides those of the answers.
    """

    instance: Instance
    guide: Guide | None = None
    answers: list[tuple[float, Ints]] = field(default_factory=list)
    aside: list[tuple[float, Ints]] = field(default_factory=list)
    cuts: dict[tuple[int, int, bytes], Cut] = field(default_factory=dict)
    each: float = _EACH

    def take(self, value: float, site_of: Ints) -> None:
        """Take a valid answer in, if it is among the best and not there yet."""
        if any(abs(value - v) <= _SAME * max(1.0, abs(v)) for v, _ in self.answers):
            return
        self.answers.append((value, site_of.copy()))
        self.answers.sort(key=lambda answer: answer[0])
        del self.answers[_KEPT:]

    @property
    def best(self) -> float:
        """Cost of the best answer that is merged now."""
        return self.answers[0][0] if self.answers else np.inf

    def change(self) -> None:
        """Put the best answers aside and begin with none; the next time, put both lots together."""
        lot, self.each = self.answers[:_LOT], _EACH
        if self.aside:
            self.answers, self.aside = [], self.aside + lot
            for value, site_of in self.aside:
                self.take(value, site_of)
            self.aside = []
        else:
            self.answers, self.aside = [], lot

    def model(self) -> AreaModel:
        """Return the exact model of the pairs of all answers and of those that the guide adds."""
        problem = self.instance.problem
        pairs = np.zeros((problem.n, problem.m), dtype=bool)
        for _, site_of in self.answers:
            pairs[np.arange(problem.n), site_of] = True
        if self.guide is not None:
            pairs |= self.guide.pairs(self.each, self.answers[0][0])
        model = AreaModel(self.instance, pairs, problem.forced, problem.max_open)
        couples = couple_cuts(self.instance, np.where(pairs, 0.0, np.inf), 0.0)
        model.cuts += [c for c in (*couples, *self.cuts.values()) if model.at[c.unit, c.site] >= 0]
        return model

    def learn(self, model: AreaModel, site_of: Ints) -> bool:
        """Take the separators that an answer breaks into the model; False where it holds together."""
        broken = cuts_of(self.instance, site_of, model.inside)
        for cut in broken:
            if cut.key not in self.cuts:
                self.cuts[cut.key] = cut
                model.cuts.append(cut)
        return bool(broken)

    def adapt(self, ended: bool) -> None:
        """Ask for more pairs after a model that was solved to the end, for fewer after others."""
        self.each = self.each * _MORE if ended else self.each / _LESS
