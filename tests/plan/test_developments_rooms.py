"""Rooms, money and staff of developments, by document, at the bounds."""

import pytest

from developments_town import codes, development, report_of, street


@pytest.mark.parametrize(("households", "room_m2"), [(1500, 450.0), (3000, 900.0)])
def test_new_community_by_zhejiang(households: int, room_m2: float) -> None:
    """30 m² per 100 households; for 1,500 that is 450, above the least of 350."""
    duty = report_of(development(households)).duty
    assert (duty.kind, duty.room_m2, duty.from_phase) == ("provide", room_m2, 1)


def test_growth_beyond_what_stands_is_due() -> None:
    """A has 600 m² for 2,000 households; 1,000 more need 900, so 300 are due, in a second place."""
    report = report_of(development(1000))
    assert report.duty.room_m2 == pytest.approx(300.0)
    assert "two_places" in codes(report)


def test_rooms_that_suffice_make_nothing_due() -> None:
    """With 900 m² in A nothing is due, and its room serves at once."""
    report = report_of(development(1000), territory=street(900.0))
    assert (report.duty.kind, report.duty.room_m2) == ("none", 0.0)
    assert [(row.place, row.room) for row in report.phases] == [("room", 0)]
    assert report.phases[0].minutes == pytest.approx(200 * 1.3 / 80)


def test_sanming_asks_for_600_whatever_the_size() -> None:
    """A new community of 1,500 households needs 600 m² by sanming-2020."""
    duty = report_of(development(1500), profile="sanming-2020").duty
    assert (duty.kind, duty.room_m2) == ("provide", 600.0)


def test_anhui_from_200_000_square_metres() -> None:
    """200,000 m² provide by the standard, 5 m² per 100 people; 199,999 m² pay 3‰ of them."""
    provide = report_of(development(1500, floor_area_m2=200_000.0, population=4000.0),
                        profile="anhui-city-2011")  # fmt: skip
    assert (provide.duty.kind, provide.duty.room_m2) == ("provide", 200.0)
    pay = report_of(development(1500, floor_area_m2=199_999.0, population=4000.0),
                    profile="anhui-city-2011")  # fmt: skip
    assert (pay.duty.kind, pay.duty.room_m2) == ("pay", 0.0)
    assert pay.duty.levy_m2 == pytest.approx(599.997)
    assert "price_needed" in codes(pay)


def test_anhui_in_yuan_once_the_price_is_given() -> None:
    """599.997 m² at 4,000 yuan are 2,399,988 yuan."""
    one = development(1500, floor_area_m2=199_999.0, population=4000.0)
    report = report_of(one, profile="anhui-city-2011", in_lieu_yuan_per_m2=4000.0)
    assert report.duty.levy_yuan == pytest.approx(2_399_988.0)
    assert "price_needed" not in codes(report)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"population": 4000.0}, "floor_area_needed"),
        ({"floor_area_m2": 200_000.0}, "population_needed"),
    ],
)
def test_anhui_says_which_figure_is_missing(values: dict[str, float], code: str) -> None:
    """Without floor area or people nothing is invented."""
    report = report_of(development(1500, **values), profile="anhui-city-2011")
    assert code in codes(report)


def test_staff_and_money_by_sanming() -> None:
    """A new community of 2,000 households: 7 workers at least, 100,000 yuan a year."""
    report = report_of(
        development(2000), profile="sanming-2020", worker_yuan_per_year=60_000.0,
        room_yuan_per_m2=5_000.0,
    )  # fmt: skip
    duty = report.duty
    assert (duty.workers, duty.workers_yuan, duty.money_yuan) == (7.0, 420_000.0, 100_000.0)
    assert duty.cost_yuan == 3_000_000.0


def test_staying_adds_no_working_money() -> None:
    """A community that only grows gets no second sum, and 7 workers stay 7."""
    duty = report_of(development(500), profile="sanming-2020").duty
    assert (duty.workers, duty.money_yuan) == (0.0, 0.0)


def test_households_on_the_ground_leave_or_stay() -> None:
    """A development over block U000 takes its 500 households away, unless the user says they stay."""
    import shapely

    over = development(1500, shape=shapely.box(0, 0, 100, 100))
    leaving = report_of(over, prefer=("stay",))
    assert leaving.answer.way is not None
    assert leaving.answer.way.households == 3000
    assert "there_leave" in codes(leaving)
    staying = report_of(over, prefer=("stay",), households_there="stay")
    assert staying.answer.way is None
    assert "there_stay" in codes(staying)
