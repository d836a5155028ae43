"""What holds the changes of a plan edited by hand."""

import pytest

from commplan.errors import InputError
from commplan.scenario.asked import asked_of
from commplan.scenario.edited import merged_groups


def test_groups_that_share_a_member_become_one() -> None:
    """A held group takes the name of the group it meets, and joins two that it bridges."""
    names = ["A", "A", None, "B", "B", "", "C"]
    assert merged_groups(names, [[2, 5]]) == ["A", "A", "held-1", "B", "B", "held-1", "C"]
    assert merged_groups(names, [[1, 2]]) == ["A", "A", "A", "B", "B", None, "C"]
    assert merged_groups(names, [[1, 3], [2, 6]]) == ["A", "A", "C", "A", "A", None, "C"]
    assert merged_groups(names, [[2, 5], [5, 0]]) == ["A", "A", "A", "B", "B", "A", "C"]


def test_start_and_base_need_each_other() -> None:
    """One without the other is refused in a line that names the other."""
    with pytest.raises(InputError, match="--base"):
        asked_of(None, edit=False, start="edited.csv", base=None)
