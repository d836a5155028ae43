"""Why there is no plan: the optimiser's causes with the places they stand for."""

from commplan.findings import Finding, Severity
from commplan.problem.result import Cause, Remedy, Result
from commplan.territory.territory import Territory


def explain(result: Result, territory: Territory) -> tuple[Finding, ...]:
    """Turn causes and their ways out into findings: causes are errors, ways out are notes."""
    found: list[Finding] = []
    for cause in result.causes:
        found.append(_finding(cause, Severity.ERROR, territory, cause.part))
        found.extend(_finding(way, Severity.NOTE, territory, cause.part) for way in cause.remedies)
    return tuple(found)


def _finding(
    item: Cause | Remedy, severity: Severity, territory: Territory, part: int | None
) -> Finding:
    units = territory.units
    if units is None:
        return Finding(item.code, severity, item.params, layer="units")
    ids = tuple(str(units["unit_id"].iloc[i]) for i in item.units)
    params = dict(item.params)
    if part is not None:
        names = sorted({str(s) for s in units["subdistrict_id"].dropna()})
        params["subdistrict"] = names[part] if part < len(names) else ""
    return Finding(item.code, severity, params, ids, layer="units")
