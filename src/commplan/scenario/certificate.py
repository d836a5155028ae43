"""``commplan certificate DIR``: check what a run claims, in code apart from the optimiser."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from commplan.certify.answer import Disagreement, disagreements, number
from commplan.certify.check import check_proof
from commplan.certify.parts import Checked, Verdict, ids_hash, read_proof
from commplan.errors import Fault
from commplan.findings import Finding
from commplan.scenario.assignment import read_assignment
from commplan.scenario.console import ConsoleWatch, stdout_console
from commplan.scenario.pipeline import pose, survey
from commplan.scenario.store import read_json
from commplan.scenario.verify import changed_files, changed_inputs, open_run
from commplan.scenario.watch import Watch
from commplan.texts import Texts, input_error

CERTIFICATE = "certificate.json"
_SHOWN_UNITS = 5


@dataclass(frozen=True)
class Audit:
    """What came of checking a certificate.

    Parameters
    ----------
    recorded : dict
        The certificate.
    checked : tuple of Checked
        Each part of the proof.
    disagreements : tuple of Disagreement
        What it says about the plan and does not come out again.
    changed : tuple of Finding
        Files that are not as the run left or read them.
    unit_ids : tuple of str
    """

    recorded: dict[str, Any]
    checked: tuple[Checked, ...]
    disagreements: tuple[Disagreement, ...]
    changed: tuple[Finding, ...]
    unit_ids: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether all that is claimed holds or is named as taken on trust."""
        fails = any(c.verdict is Verdict.FAILS for c in self.checked)
        return not (fails or self.disagreements or self.changed)


def check_certificate(folder: Path, watch: Watch) -> Audit:
    """Check the certificate of a run from its own content and the run's input layers.

    Parameters
    ----------
    folder : Path
        Of a finished run with a plan.
    watch : Watch

    Raises
    ------
    InputError
        Where the folder is no such thing, its inputs are gone, or the certificate cannot be read.
    """
    manifest, scenario = open_run(folder)
    file = folder / CERTIFICATE
    recorded = read_json(file)
    assignment = read_assignment(folder / "assignment.csv")
    situation = survey(scenario, watch)
    with watch.stage("pose"):
        problem = pose(situation)
    units = situation.territory.units
    unit_ids = () if units is None else tuple(units["unit_id"].astype(str))
    document = recorded.get("proof")
    if not isinstance(document, dict):
        raise input_error([Fault("certificate.no_proof", {}, str(file))])
    if document.get("unit_ids_sha256") != ids_hash(unit_ids):
        raise input_error([Fault("certificate.other_units", {}, str(file))])
    if set(assignment) != set(unit_ids):
        raise input_error([Fault("certificate.other_units", {}, str(folder / "assignment.csv"))])
    try:
        proof = read_proof(document, problem.n)
    except ValueError as error:
        reason = {"reason": str(error)}
        raise input_error([Fault("scenario.broken_run_file", reason, str(file))]) from None
    with watch.stage("certify"):
        checked = check_proof(problem, proof)
        found = disagreements(problem, _labels(assignment, unit_ids), recorded, checked)
    changed = (*changed_inputs(manifest, situation.scenario), *changed_files(folder, manifest))
    return Audit(recorded, checked, tuple(found), changed, unit_ids)


def _labels(
    assignment: dict[str, str], unit_ids: Sequence[str]
) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    names = np.array([assignment[unit] for unit in unit_ids], dtype=object)
    return np.unique(names, return_inverse=True)[1].astype(np.int32)


def certificate(folder: Path, texts: Texts, *, quiet: bool) -> int:
    """Say what came of the check; 0 where all that is claimed holds, 1 where something does not."""
    audit = check_certificate(folder, ConsoleWatch(texts, quiet))
    console = stdout_console()
    if audit.checked:
        console.print(_table(audit, texts), markup=False)
    for line in _lines(audit, texts):
        console.print(line, markup=False, soft_wrap=True)
    return 0 if audit.holds else 1


def _table(audit: Audit, texts: Texts) -> Any:
    from rich.table import Table

    table = Table()
    for head in ("kind", "terms", "units", "claimed", "derived", "seconds", "verdict"):
        right = head in ("units", "claimed", "derived", "seconds")
        table.add_column(texts(f"certificate.head_{head}"), justify="right" if right else "left")
    weights = audit.recorded.get("weights")
    weights = weights if isinstance(weights, dict) else {}
    for c in audit.checked:
        terms = texts("certificate.all_terms")
        if c.part.kind not in ("exact", "whole_steps"):
            named = [t for t in c.part.terms if weights.get(t)]
            terms = texts("certificate.and").join(texts(f"measure.{t}") for t in named)
        table.add_row(
            texts(f"certificate.kind_{c.part.kind}"),
            terms,
            f"{len(c.part.units):,}",
            f"{c.part.value:z,.3f}",
            "–" if c.derived.value is None or c.derived.trusted else f"{c.derived.value:z,.3f}",
            f"{c.seconds:.1f}",
            texts(f"certificate.verdict_{c.verdict}"),
        )
    return table


def _lines(audit: Audit, texts: Texts) -> Iterator[str]:
    """Faults first, then what is taken on trust, then the sum of it."""
    for finding in audit.changed:
        yield finding.words(texts)
    for c in audit.checked:
        if c.derived.reason and c.verdict is not Verdict.HOLDS:
            yield _reason(c, audit.unit_ids, texts)
        elif c.verdict is Verdict.FAILS:
            yield texts("certificate.why_more", kind=texts(f"certificate.kind_{c.part.kind}"))
    for d in audit.disagreements:
        yield texts(f"certificate.differs_{d.what}", **d.params)
    claimed = number(audit.recorded.get("bound"))
    total = sum(c.part.value for c in audit.checked)
    trusted = sum(c.part.value for c in audit.checked if c.verdict is Verdict.TRUST)
    numbers = {
        "objective": f"{number(audit.recorded.get('objective')):z,.1f}",
        "bound": f"{claimed:z,.1f}",
        "derived": f"{min(total, claimed) - min(trusted, claimed):z,.1f}",
        "trusted": f"{min(trusted, claimed):z,.1f}",
        "seconds": f"{sum(c.seconds for c in audit.checked):.1f}",
    }
    yield texts("certificate.sum" if audit.holds else "certificate.sum_bad", **numbers)


def _reason(c: Checked, unit_ids: Sequence[str], texts: Texts) -> str:
    params = {"kind": texts(f"certificate.kind_{c.part.kind}"), **(c.derived.params or {})}
    line = texts(f"certificate.why_{c.derived.reason}", **params)
    if not c.derived.units:
        return line
    names = ", ".join(unit_ids[u] for u in c.derived.units[:_SHOWN_UNITS])
    more = len(c.derived.units) > _SHOWN_UNITS
    return line + " " + texts("certificate.units_more" if more else "certificate.units", ids=names)
