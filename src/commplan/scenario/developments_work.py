"""Work on one development: decide, and write its folder."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from commplan.evaluate.developments import answer, needs_redrawing, redraw_way, simple_ways
from commplan.evaluate.developments_findings import development_findings
from commplan.findings import Finding, Severity
from commplan.outputs.developments_map import MapLayers
from commplan.outputs.developments_report import DevelopmentInfo, DevelopmentReport
from commplan.outputs.developments_tables import (
    bare_row,
    development_row,
    finding_rows,
    room_rows,
)
from commplan.outputs.developments_write import write_development
from commplan.plan.developments import Case, Redrawn
from commplan.plan.developments_duty import duty_of
from commplan.plan.developments_rooms import phase_rooms
from commplan.scenario.developments_prepare import Prepared
from commplan.scenario.developments_store import write_part

LITTLE_EFFORT = 0.001  # of a search, where a neighbourhood is too large for the exact model


@dataclass(frozen=True)
class DevelopmentWork:
    """Does one development after the other.

    Parameters
    ----------
    prepared : Prepared
    info : DevelopmentInfo
    target : Path
        The run's folder.
    names : tuple of str
        Folder of each case.
    keys : tuple of str
        What each result is made from; it is kept with the result, for `--resume`.
    """

    prepared: Prepared
    info: DevelopmentInfo
    target: Path
    names: tuple[str, ...]
    keys: tuple[str, ...]

    @cached_property
    def layers(self) -> MapLayers:
        """What maps show besides units; made once."""
        return MapLayers(self.prepared.territory)

    def __call__(self, number: int) -> None:
        """Decide about case ``number`` and write its folder; an error costs this one only.

        Raises
        ------
        OSError
            Where the folder cannot be written: no other could be.
        """
        case, name = self.prepared.cases[number], self.names[number]

        def write(folder: Path) -> Mapping[str, Any]:
            report = decide(self.prepared, case, self.info)
            write_development(folder, report, self.layers)
            return {
                "key": self.keys[number],
                "development": development_row(report, name),
                "rooms": room_rows(report),
                "findings": finding_rows(case.development.development_id, report.findings),
            }

        try:
            write_part(self.target, name, write)
        except OSError:
            raise
        except Exception as error:
            result = failed(case, self.keys[number], f"{type(error).__name__}: {error}")
            write_part(self.target, name, lambda _: result)


def failed(case: Case, key: str, reason: str) -> dict[str, Any]:
    """Return the result of a development on which the work failed; `--resume` does it again."""
    one = case.development
    own = (one.development_id,)
    finding = Finding("developments.failed", Severity.ERROR, {"reason": reason}, own)
    return {
        "key": key,
        "failed": True,
        "development": bare_row(one.development_id, "failed", 1, one.name),
        "rooms": [],
        "findings": finding_rows(one.development_id, [finding]),
    }


def decide(prepared: Prepared, case: Case, info: DevelopmentInfo) -> DevelopmentReport:
    """Look at all ways, redraw the neighbourhood where none serves, and work out what follows.

    Parameters
    ----------
    prepared : Prepared
    case : Case
    info : DevelopmentInfo
    """
    setting = prepared.setting
    ways, redrawn = simple_ways(case, setting), None
    if needs_redrawing(case, setting, ways):
        redrawn = redraw_neighbourhood(prepared, case)
        ways = (*ways, redraw_way(case, setting, redrawn))
    chosen = answer(case, setting, ways, redrawn)
    rows = phase_rooms(case, setting, chosen)
    duty = duty_of(case, setting, rows)
    findings = development_findings(case, setting, chosen, rows, duty)
    return DevelopmentReport(case, setting, chosen, tuple(rows), duty, findings, info)


def redraw_neighbourhood(prepared: Prepared, case: Case) -> Redrawn:
    """Redraw the neighbourhood of a development exactly, everything else locked."""
    from commplan.optimise.communities.params import RedrawParams
    from commplan.optimise.communities.redraw import redraw
    from commplan.pose.developments import pose_neighbourhood, read_answer

    setting = prepared.setting
    posed = pose_neighbourhood(case, setting.ground, prepared.problem, setting.options)
    params = RedrawParams(LITTLE_EFFORT, prepared.seed, bound=False, explain=False)
    result = redraw(posed.problem, params)
    return read_answer(posed, str(result.status), result.labels, result.objective)


def key_of(case: Case, whole: str) -> str:
    """Return a hash of all that a result is made from: the case, and what the run has in common."""
    words = json.dumps(asdict(case), default=lambda shape: shape.wkb_hex)
    return hashlib.sha256(f"{whole} {words}".encode()).hexdigest()
