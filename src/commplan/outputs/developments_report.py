"""DevelopmentReport: what came of one development, from which everything about it is written."""

import math
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pyproj

from commplan.findings import Finding
from commplan.plan.developments import NEW, Answer, Case
from commplan.plan.developments_duty import Duty
from commplan.plan.developments_rooms import PhaseRooms, Setting
from commplan.texts import Texts


@dataclass(frozen=True)
class DevelopmentInfo:
    """What letters and pages say about the run itself; no date, so that a run comes out the same.

    Parameters
    ----------
    title : dict of str to str
        Of the scenario, by language.
    crs : pyproj.CRS
    languages : tuple of str
    attribution : str
    note : dict of str to str
    """

    title: dict[str, str]
    crs: pyproj.CRS
    languages: tuple[str, ...] = ("zh-CN", "en")
    attribution: str = ""
    note: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DevelopmentReport:
    """One development with what is proposed and what follows."""

    case: Case
    setting: Setting
    answer: Answer
    phases: tuple[PhaseRooms, ...]
    duty: Duty
    findings: tuple[Finding, ...]
    info: DevelopmentInfo

    def community_id(self, number: int) -> str:
        """Return a community's id; "" for a new one or none."""
        return self.setting.ground.ids[number] if number >= 0 else ""

    def community_name(self, number: int, texts: Texts) -> str:
        """Name a community: its own name, or words for a new one or for none."""
        if number >= 0:
            return self.setting.ground.names[number]
        return texts("developments.new_community" if number == NEW else "developments.no_one")

    @property
    def moved_households(self) -> int:
        """Households of units that change their community with the redrawing."""
        redrawn = self.answer.redrawn
        chosen = self.answer.way is not None and self.answer.way.kind == "redraw"
        if redrawn is None or not chosen:
            return 0
        leaving = self.case.there if self.setting.options.households_there == "leave" else ()
        moving = [unit for unit, _, _ in redrawn.moves if unit not in leaving]
        return int(sum(self.setting.ground.households[unit] for unit in moving))


def degrees(crs: pyproj.CRS, xy: tuple[float, float]) -> tuple[float, float]:
    """Longitude and latitude of a place, to 1e-7 degrees."""
    lon, lat = _to_degrees(crs.to_wkt()).transform(*xy)
    return round(float(lon), 7), round(float(lat), 7)


@cache
def _to_degrees(wkt: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(pyproj.CRS(wkt), pyproj.CRS(4326), always_xy=True)


def known(value: float, digits: int = 1) -> Any:
    """Return a figure rounded, None where it is not known."""
    return None if math.isnan(value) or math.isinf(value) else round(value, digits)
