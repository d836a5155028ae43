"""Wording causes and remedies: what the sentences of topic ``causes`` need.

Every sentence may name ``{units}`` and ``{part}``: ids or names stand only at the doors, so the
caller gives them.
"""

from collections.abc import Mapping, Sequence

from commplan.problem.result import Cause, Remedy

SHOWN_UNITS = 5


def cause_params(
    cause: Cause | Remedy, unit_ids: Sequence[str], part_ids: Sequence[str] = ()
) -> Mapping[str, object]:
    """Everything that the sentence of a cause or a remedy needs.

    Parameters
    ----------
    cause : Cause or Remedy
    unit_ids : sequence of str
        Id or name of each unit, by position.
    part_ids : sequence of str
        Id or name of each subdistrict, by number.

    Returns
    -------
    mapping
        ``cause.params`` with ``units`` (at most `SHOWN_UNITS`, then an ellipsis), ``part``, and
        ``lines`` as the names of the subdistricts on both sides.
    """
    shown = ", ".join(unit_ids[u] for u in cause.units[:SHOWN_UNITS])
    if len(cause.units) > SHOWN_UNITS:
        shown += ", …"
    part = getattr(cause, "part", None)
    params = {**cause.params, "units": shown, "part": _name(part, part_ids)}
    lines = cause.params.get("lines")
    if isinstance(lines, tuple):
        params["lines"] = " / ".join(_name(p, part_ids) or "–" for p in lines)
    return params


def _name(part: int | None, part_ids: Sequence[str]) -> str:
    return part_ids[part] if part is not None and part < len(part_ids) else ""
