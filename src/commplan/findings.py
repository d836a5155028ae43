"""Finding: one thing noticed about data or a plan; its wording lies in ``texts``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from commplan.texts import Texts


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"  #: the data or the plan is wrong: `check` and `verify` exit with 1
    WARNING = "warning"  #: somebody should look at it before the hearing
    NOTE = "note"  #: worth knowing


@dataclass(frozen=True)
class Finding:
    """One thing noticed.

    Parameters
    ----------
    code : str
        Key of the sentence in ``texts``; its first part names the stage (``"territory.overlap"``).
    severity : Severity
    params : mapping
        What the sentence needs: numbers, names, never sentences.
    ids : tuple of str
        The features concerned, by their ids.
    layer : str or None
    row : int or None
        Row in the file, counted from 1.
    clause : str or None
        ``"zhejiang-2017 五(二)"`` where a rule stands behind it; ``"house choice"`` where ours does.
    """

    code: str
    severity: Severity = Severity.WARNING
    params: Mapping[str, object] = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    layer: str | None = None
    row: int | None = None
    clause: str | None = None

    def words(self, texts: Texts) -> str:
        """Word the finding; ``{ids}`` in a sentence stands for at most five ids and a count."""
        shown = texts("finding.comma").join(self.ids[:5])
        if len(self.ids) > 5:
            shown = texts("finding.and_more", shown=shown, more=len(self.ids) - 5)
        layer = self.layer or ""
        layer = texts(f"layer.{layer}") if texts.has(f"layer.{layer}") else layer
        own = {"count": len(self.ids), "layer": layer, "row": "" if self.row is None else self.row}
        params = own | dict(self.params)
        kind = f"tables.kind_{params.get('kind')}"
        if texts.has(kind):
            params["kind"] = texts(kind)
        for key in [key for key in params if key.startswith("attribute")]:
            name = f"finding.attribute_{params[key]}"
            params[key] = texts(name) if texts.has(name) else params[key]
        rules = params.get("rules")
        if isinstance(rules, list | tuple):
            names = [texts(f"causes.rule_{rule}") for rule in rules]
            params["rules"] = texts("causes.rule_and").join(names)
        return texts(self.code, ids=shown, **params)

    def to_dict(self) -> dict[str, object]:
        """Plain values for ``findings.json``."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "params": dict(self.params),
            "ids": list(self.ids),
            "layer": self.layer,
            "row": self.row,
            "clause": self.clause,
        }


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort by severity, keeping the order within one."""
    order = list(Severity)
    return tuple(sorted(findings, key=lambda f: order.index(f.severity)))
