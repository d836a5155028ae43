"""Developments at the bounds, each worked out by hand on a street of two communities of 2,000."""

import numpy as np
import pytest
import shapely

from commplan.evaluate.developments import split_by_phases
from commplan.plan.developments import NEW, Phase
from commplan.pose.developments import pose_neighbourhood
from commplan.problem.validity import faults
from developments_town import codes, development, prepared, report_of, street

A, B = 0, 1


def test_exactly_the_most_stays() -> None:
    """2,000 + 1,000 are 3,000: still within."""
    way = report_of(development(1000)).answer.way
    assert way is not None
    assert (way.kind, way.community, way.households, way.phase) == ("stay", A, 3000, 1)


def test_one_more_does_not_stay() -> None:
    """3,001 in A, and 3,001 in B: the neighbourhood is redrawn, one block of 500 moves, proven."""
    report = report_of(development(1001))
    way, redrawn = report.answer.way, report.answer.redrawn
    assert way is not None
    assert redrawn is not None
    assert (way.kind, redrawn.status) == ("redraw", "optimal")
    assert report.moved_households == 500
    assert sorted(redrawn.sizes.values()) == [2500, 2501]


@pytest.mark.parametrize(("households", "kind"), [(1499, "redraw"), (1500, "new"), (3000, "new")])
def test_new_community_from_1500_to_3000(households: int, kind: str) -> None:
    """1,499 are too few for a community of their own, 1,500 and 3,000 are enough and not too many."""
    way = report_of(development(households)).answer.way
    assert way is not None
    assert way.kind == kind
    if kind == "new":
        assert (way.community, way.households, way.phase) == (NEW, households, 1)


def test_1499_alone_has_no_way() -> None:
    """Without redrawing, 1,499 fit nowhere: A and B would have 3,499."""
    report = report_of(development(1499), prefer=("stay", "new", "move", "together"))
    assert report.answer.way is None
    assert {w.kind: w.households for w in report.answer.ways}["move"] == 3499
    assert "none" in codes(report)


def test_3001_has_to_be_divided() -> None:
    """One household too many for one community; two of at least 1,500 are possible."""
    report = report_of(development(3001))
    assert report.answer.way is None
    finding = next(f for f in report.findings if f.code == "developments.too_large")
    assert (finding.params["over"], finding.params["least"], finding.params["most"]) == (1, 2, 2)
    assert "split" not in codes(report)


def test_3001_in_two_phases_can_be_divided_by_them() -> None:
    """Phases of 1,500 and 1,501 households are a community each."""
    report = report_of(development(3001, phases=((1500, "2027"), (3001, "2029"))))
    assert {"too_large", "split"} <= codes(report)


def test_three_phases_over_the_line_in_the_second() -> None:
    """800, then 1,600, then 2,000: a new community with phase 2; A has room for phase 1 (2,800)."""
    phases = ((800, "2027"), (1600, "2028"), (2000, "2029"))
    report = report_of(development(2000, phases=phases))
    way = report.answer.way
    assert way is not None
    assert (way.kind, way.phase, way.households) == ("new", 2, 2000)
    assert report.answer.holders == (A, NEW, NEW)
    assert [row.holder.households for row in report.phases] == [2800, 1600, 2000]
    assert [row.due_m2 for row in report.phases] == [0.0, 480.0, 600.0]
    assert report.duty.from_phase == 2


def test_a_neighbour_with_room_takes_it() -> None:
    """A has 2,000, B only 1,500: 1,200 more are too many for A and fit into B, which is beside."""
    territory = street(households=[500] * 4 + [375] * 4)
    way = report_of(development(1200), territory=territory).answer.way
    assert way is not None
    assert (way.kind, way.community, way.households) == ("move", B, 2700)


def test_a_neighbour_out_of_touch_does_not() -> None:
    """At the west end of A nothing touches B."""
    territory = street(households=[500] * 4 + [375] * 4)
    prefer = ("stay", "move")
    report = report_of(development(1200, at=50.0), territory=territory, prefer=prefer)
    assert report.answer.way is None


def test_who_is_let_first_has_the_room() -> None:
    """Two of 600 in A: the one that is let in 2027 stays (2,600), the one of 2028 does not (3,200)."""
    first = development(600, development_id="z", phases=((600, "2027"),))
    second = development(600, development_id="a", phases=((600, "2028"),))
    early, late = report_of(first, second), report_of(second, first)
    assert early.answer.way is not None
    assert early.answer.way.kind == "stay"
    assert late.answer.way is None or late.answer.way.kind != "stay"
    assert {w.kind: w.households for w in late.answer.ways}["stay"] == 3200
    assert "also" in codes(early)


def test_two_small_ones_form_one_together() -> None:
    """1,100 and 1,200 in neighbouring blocks find no room and come to 2,300 together."""
    one = development(1100, development_id="a", at=250.0)
    two = development(1200, development_id="b", at=350.0)
    report = report_of(one, two, prefer=("stay", "new", "together", "redraw"))
    way = report.answer.way
    assert way is not None
    assert (way.kind, way.households) == ("together", 2300)
    assert [m.development_id for m in report.case.together] == ["a", "b"]


def test_small_ones_apart_do_not() -> None:
    """Three blocks lie between: no community of its own piece."""
    one = development(1100, development_id="a", at=50.0)
    two = development(1200, development_id="b", at=450.0)
    report = report_of(one, two, prefer=("stay", "new", "together"))
    assert report.answer.way is None


def test_far_from_every_block() -> None:
    """301 m from the last block is out of reach, 299 m is not."""
    assert "nowhere" in codes(report_of(development(100, at=1101.0)))
    near = report_of(development(100, at=1099.0))
    assert near.answer.way is not None
    assert near.answer.way.community == B


def test_redrawing_is_posed_with_everything_else_locked() -> None:
    """Three units at most are free, the nearest; the development is the last unit, of no community."""
    ready = prepared(development(1001), free_units=3)
    case, setting = ready.cases[0], ready.setting
    posed = pose_neighbourhood(case, setting.ground, ready.problem, setting.options)
    assert posed.free == 3
    assert (~posed.problem.locked).sum() == 4
    assert posed.problem.today[-1] == -1
    assert posed.problem.households[-1] == 1001
    labels = [0, 0, 0, 1, 1, 1, 1, 1, 0]
    assert not faults(posed.problem, np.array(labels, dtype=np.int32))


def test_phases_are_divided_into_as_few_communities_as_can_be() -> None:
    """1,000 + 1,000 + 1,000 + 1,500: two of 2,000 and 2,500, where the first phase alone is none."""
    totals = [1000, 2000, 3000, 4500]
    phases = [Phase(i, total) for i, total in enumerate(totals, start=1)]
    assert split_by_phases(phases, 1500, 3000) == [(1, 2), (3, 4)]
    assert split_by_phases(phases[:1], 1500, 3000) == []


def test_the_ground_goes_with_the_development() -> None:
    """Built over U003, whose 500 households leave: U003 goes where it goes, and none of them move."""
    shape = shapely.box(300, 0, 400, 100)
    ready = prepared(development(1600, shape=shape), prefer=("redraw",))
    case, setting = ready.cases[0], ready.setting
    assert case.there == (3,)
    posed = pose_neighbourhood(case, setting.ground, ready.problem, setting.options)
    assert posed.problem.group[3] == posed.problem.group[-1] >= 0
    assert posed.problem.households[3] == 0
    report = report_of(development(1600, shape=shape), prefer=("redraw",))
    redrawn = report.answer.redrawn
    assert redrawn is not None
    assert sum(redrawn.sizes.values()) == 3500 + 1600
    expected = sum(500 for unit, _, _ in redrawn.moves if unit != 3)
    assert report.moved_households == expected


def test_a_development_in_no_community_may_be_given_one() -> None:
    """U000 and U001 belong to nobody; one of 700 in U001 joins A, which is beside it."""
    territory = street(community_id=[None, None, "A", "A", "B", "B", "B", "B"])
    way = report_of(development(700, at=150.0), territory=territory).answer.way
    assert way is not None
    assert (way.kind, way.community, way.households) == ("move", A, 1700)


def test_redrawing_gives_room_to_one_in_no_community() -> None:
    """A has 2,500 beside it: 700 more only fit if a block of A goes to B, which is proven."""
    territory = street(
        households=[0, 0, 1250, 1250, 500, 500, 500, 500],
        community_id=[None, None, "A", "A", "B", "B", "B", "B"],
    )
    report = report_of(development(700, at=150.0), territory=territory)
    assert report.answer.way is not None
    assert (report.answer.way.kind, report.answer.way.phase) == ("redraw", 1)
    assert report.answer.redrawn is not None
    assert report.answer.redrawn.status == "optimal"
