"""Which findings against a year's plan touch communities that have changed."""

from commplan.evaluate.rollout import by_change
from commplan.findings import Finding, Severity

CHANGED = (("U1", "A"), ("U2", "A"), ("B", "C"))


def found(code: str, *ids: str) -> Finding:
    """Return an error about communities or units."""
    return Finding(f"validity.{code}", Severity.ERROR, {}, ids)


def test_sizes_name_communities() -> None:
    """Unit B has changed, community B has not."""
    own, others = [found("too_few", "A"), found("too_many", "C")], [found("too_many", "B")]
    assert by_change([*own, *others], CHANGED) == (own, others)


def test_other_rules_name_units() -> None:
    """Locks, property areas and pieces name units, one of which is enough."""
    own = [found("lock_broken", "U2"), found("kept_apart", "U9", "U1"), found("disconnected", "B")]
    others = [found("lock_broken", "U3"), found("disconnected", "A"), found("unassigned", "C")]
    assert by_change([*own, *others], CHANGED) == (own, others)
