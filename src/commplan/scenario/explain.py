"""Why there is no plan: the optimiser's causes with the places they stand for."""

from commplan.findings import Finding, Severity
from commplan.problem.causes import cause_params
from commplan.problem.result import Cause, Remedy, Result
from commplan.territory.territory import Territory


def explain(result: Result, territory: Territory) -> tuple[Finding, ...]:
    """Turn causes and their ways out into findings: causes are errors, ways out are notes."""
    found: list[Finding] = []
    for cause in result.causes:
        found.append(_finding(cause, Severity.ERROR, territory))
        found.extend(_finding(way, Severity.NOTE, territory) for way in cause.remedies)
    return tuple(found)


def _finding(item: Cause | Remedy, severity: Severity, territory: Territory) -> Finding:
    units = territory.units
    if units is None:
        raise ValueError("only a territory with units can be redrawn")
    unit_ids = units["unit_id"].astype(str).tolist()
    part_ids = sorted({str(name) for name in units["subdistrict_id"].dropna()})
    ids = tuple(unit_ids[i] for i in item.units)
    params = cause_params(item, _named(unit_ids, units["name"].tolist()), part_ids)
    return Finding(item.code, severity, params, ids, layer="units")


def _named(unit_ids: list[str], names: list[object]) -> list[str]:
    """Put the name before the id where a unit has one."""
    pairs = zip(unit_ids, names, strict=True)
    return [f"{name} ({i})" if isinstance(name, str) and name else i for i, name in pairs]
