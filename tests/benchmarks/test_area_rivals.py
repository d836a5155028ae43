"""The textbook model of service areas: the same optimum as ours, checked in the same way."""

from pathlib import Path

import pytest
from benchmarks.area import area_of
from benchmarks.area_rivals import measure, textbook


@pytest.mark.parametrize(("family", "cost"), [("cflsap", 16.0), ("sap", 4.0)])
def test_plain_pulp_finds_the_optimum(instance: Path, family: str, cost: float) -> None:
    """2 + 2 household-kilometres, and 5 + 7 where facilities cost; the checker agrees."""
    line = measure("pulp-cbc", instance, area_of(family, instance, None), (60.0, instance.parent))
    assert (line["status"], line["objective"]) == ("optimal", cost)
    assert str(line["solution"]).endswith("zya9-pulp-cbc.csv")


def test_the_model(instance: Path) -> None:
    """One binary per pair, a flow along each border and way, none of them back into a site."""
    _, area = area_of("sap", instance, None)
    model, pairs = textbook(area.problem)
    assert len(pairs) == 8
    flows = sorted(v.name for v in model.variables() if v.name.startswith("f"))
    assert flows == [
        f"f{site}_{a}_{b}"
        for site, start in ((0, 0), (1, 3))
        for a, b in ((0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2))
        if b != start
    ]
    # served once 4, load 2, open 2, flow and its limit for the three other units of each site 12
    assert model.numConstraints() == 20
