"""Ten developments at the bounds, every figure worked out by hand.

A street of eight blocks in a row, 500 households and 1,300 people each: A has the four western
blocks, B the four eastern ones, each a room of 600 m². All ten lie in the fourth block, A's last, and
adjoin the third and the fifth. Communities have 1,500 to 3,000 households.
"""

from dataclasses import dataclass, field

import pytest

from commplan.plan.developments import NEW, NOBODY
from developments_town import development, report_of

A, B = 0, 1
ZHEJIANG, SANMING, ANHUI = "zhejiang-2017", "sanming-2020", "anhui-city-2011"


@dataclass(frozen=True)
class Expected:
    """One development, and what has to come out.

    ``phases`` are households let so far; ``sizes`` those of the community that holds it, phase by
    phase; ``due_m2`` its rooms; ``levy_m2`` the floor area that it pays for.
    """

    households: int
    way: tuple[str, int, int, int]  # kind, community, its households, from which phase
    duty: str
    sizes: tuple[int, ...]
    due_m2: tuple[float, ...]
    from_phase: int = 1
    levy_m2: float | None = None
    moved_households: int = 0
    profile: str = ZHEJIANG
    phases: tuple[tuple[int, str], ...] = ()
    floor: dict[str, float] = field(default_factory=dict)


TEN = {
    # 2,000 + 1,000 are just 3,000. They need 900 m², 600 stand: 300 are due.
    "1,000 stay": Expected(1000, ("stay", A, 3000, 1), "provide", (3000,), (300.0,)),
    # 3,001 in A or B. The fourth block goes to B (2,500), A has 1,500 + 1,001; 750.3 − 600 m² due.
    "1,001 do not": Expected(
        1001, ("redraw", A, 2501, 1), "provide", (2501,), (150.3,), moved_households=500
    ),
    # One too few for a community of its own. As above: A has 1,500 + 1,499; 899.7 − 600 m² due.
    "1,499": Expected(
        1499, ("redraw", A, 2999, 1), "provide", (2999,), (299.7,), moved_households=500
    ),
    # Enough for one of its own, with 30 m² per 100 households.
    "1,500": Expected(1500, ("new", NEW, 1500, 1), "provide", (1500,), (450.0,)),
    # The same by sanming-2020: 600 m², whatever its size.
    "1,500 in Sanming": Expected(
        1500, ("new", NEW, 1500, 1), "provide", (1500,), (600.0,), profile=SANMING
    ),
    "3,000": Expected(3000, ("new", NEW, 3000, 1), "provide", (3000,), (900.0,)),
    # One too many: until its site plan is divided A would have 5,001, which need 1,500.3 m².
    "3,001": Expected(3001, ("", NOBODY, 0, 0), "provide", (5001,), (900.3,)),
    # With phase 1 A has 2,800; phase 2 would make 3,600 of it, and brings the least for a new one.
    "three phases": Expected(
        2000, ("new", NEW, 2000, 2), "provide", (2800, 1600, 2000), (0.0, 480.0, 600.0), 2,
        phases=((800, "2027"), (1600, "2028"), (2000, "2029")),
    ),
    # Below the threshold: 3‰ of 199,999 m², and no room.
    "199,999 m²": Expected(
        1500, ("new", NEW, 1500, 1), "pay", (1500,), (0.0,), 0, 599.997, profile=ANHUI,
        floor={"floor_area_m2": 199_999.0, "population": 4000.0},
    ),
    # At the threshold: 5 m² per 100 people, and nothing to pay.
    "200,000 m²": Expected(
        1500, ("new", NEW, 1500, 1), "provide", (1500,), (200.0,), profile=ANHUI,
        floor={"floor_area_m2": 200_000.0, "population": 4000.0},
    ),
}  # fmt: skip


@pytest.mark.parametrize("expected", TEN.values(), ids=TEN.keys())
def test_ten_at_the_bounds(expected: Expected) -> None:
    """Way, sizes phase by phase, rooms, money and who moves are those of the hand."""
    one = development(expected.households, phases=expected.phases, **expected.floor)
    report = report_of(one, profile=expected.profile)
    way, duty = report.answer.way, report.duty
    got = (
        ("", NOBODY, 0, 0) if way is None else (way.kind, way.community, way.households, way.phase)
    )
    assert got == expected.way
    assert tuple(row.holder.households for row in report.phases) == expected.sizes
    assert [row.due_m2 for row in report.phases] == pytest.approx(list(expected.due_m2))
    assert (duty.kind, duty.from_phase) == (expected.duty, expected.from_phase)
    assert duty.room_m2 == pytest.approx(expected.due_m2[-1])
    if expected.levy_m2 is not None:
        assert duty.levy_m2 == pytest.approx(expected.levy_m2)
    assert report.moved_households == expected.moved_households


def test_there_are_ten() -> None:
    """The bounds themselves are among them."""
    assert len(TEN) == 10
    assert {1499, 1500, 3000, 3001} <= {one.households for one in TEN.values()}
