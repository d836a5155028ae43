"""From labels or a list to a plan."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from commplan.errors import InputError
from commplan.plan.make import PlanOptions, make_plan, plan_from_assignment
from commplan.plan.plan import Plan
from commplan.territory.territory import Territory
from towns import CRS, grid_town, town, unit_ids, voronoi_town


def labels(text: str) -> np.ndarray:
    """Turn letters into labels; a dot is in no community."""
    return np.array([ord(c) - ord("a") if c != "." else -1 for c in text], dtype=np.int32)


def named(territory: Territory, names: dict[str, str]) -> Territory:
    """Add a layer of communities with these names."""
    layer = pd.DataFrame({"community_id": list(names), "name": list(names.values())})
    return territory.replace(
        communities=gpd.GeoDataFrame(layer, geometry=[None] * len(names), crs=CRS)
    )


def assignment(plan: Plan) -> dict[str, str | None]:
    """List the plan as ``assignment.csv`` does."""
    units = plan.territory.units
    assert units is not None
    ids = [*plan.communities["community_id"], None]
    return {u: ids[c] for u, c in zip(units["unit_id"], plan.community_of, strict=True)}


def test_successors_keep_id_and_name_and_new_ones_get_a_number() -> None:
    """A community split in two goes on in its larger part; the other part is new."""
    territory = named(
        grid_town(6, community_id=list("AAAABB"), name=["东苑"] + [None] * 4 + ["西苑"]),
        {"A": "甲社区", "B": "乙社区", "Z": "丙社区"},
    )
    plan = make_plan(territory, labels("xyyyzz"))
    table = plan.communities
    assert table["community_id"].tolist() == ["A", "B", "N001"]
    assert table["name"].tolist() == ["甲社区", "乙社区", "东苑社区"]
    assert table["origin"].tolist() == ["kept", "kept", "new"]
    assert plan.successor_of.tolist() == [0, 1, -1]
    assert plan.community_of.tolist() == [2, 0, 0, 0, 1, 1]
    assert table["households"].tolist() == [300, 200, 100]
    assert table["units"].tolist() == [3, 2, 1]
    assert plan.today["name"].tolist() == ["甲社区", "乙社区"]
    assert plan.today.columns.tolist() == table.columns.tolist()


def test_moves_say_who_goes_where() -> None:
    """Exactly the units outside their community's successor move; newcomers to any do not."""
    plan = make_plan(grid_town(5, community_id=["A", "A", "B", "B", None]), labels("aaabb"))
    assert plan.moves.to_dict("records") == [
        {
            "unit_id": "U002",
            "name": None,
            "households": 100,
            "from_id": "B",
            "from_name": "B",
            "to_id": "A",
            "to_name": "A",
        }
    ]


def test_the_smaller_of_two_merged_communities_has_moved() -> None:
    """After a merger the larger community's id stays and the households of the smaller move."""
    plan = make_plan(grid_town(5, community_id=list("AABBB")), labels("aaaaa"))
    assert plan.communities["community_id"].tolist() == ["B"]
    assert plan.moves["unit_id"].tolist() == ["U000", "U001"]


def test_new_ids_avoid_ids_of_today() -> None:
    """A community already called N001 keeps its id to itself."""
    territory = named(grid_town(3, community_id=["N001", None, None]), {"N002": "x"})
    plan = make_plan(territory, labels("abc"))
    assert plan.communities["community_id"].tolist() == ["N001", "N003", "N004"]


def test_numbers_of_labels_do_not_matter() -> None:
    """Any numbering of one partition makes the same plan."""
    territory = grid_town(6, 2, community_id=list("AABBCCAABBCC"))
    one, two = (make_plan(territory, labels(t)) for t in ("aabbbcddbbbc", "zzcccqaacccq"))
    pd.testing.assert_frame_equal(pd.DataFrame(one.communities), pd.DataFrame(two.communities))
    assert np.array_equal(one.community_of, two.community_of)


def test_places_are_unions_of_blocks() -> None:
    """A community's polygon covers its blocks, in one piece or several, and nothing else."""
    plan = make_plan(grid_town(4, 2), labels("aabaaabb"))
    shapes = dict(zip(plan.communities["community_id"], plan.communities.geometry, strict=True))
    assert [s.geom_type for s in shapes.values()] == ["MultiPolygon", "Polygon"]
    assert shapes["N002"].equals(
        shapely.union_all([shapely.box(200, 0, 300, 200), shapely.box(300, 100, 400, 200)])
    )
    assert plan.communities["area_m2"].tolist() == [50_000.0, 30_000.0]


def test_blocks_that_are_no_coverage_are_still_united() -> None:
    """Overlapping polygons cost time, not correctness."""
    plan = make_plan(town([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)]), labels("aa"))
    assert plan.communities["area_m2"].tolist() == [3.0]


def test_counts_that_are_not_known_are_not_summed() -> None:
    """People of a community are null where one of its units gives none."""
    plan = make_plan(grid_town(4, population=[10, 20, 30, np.nan]), labels("aabb"))
    assert plan.communities["population"].tolist() == [30, pd.NA]


def test_a_community_belongs_to_the_subdistrict_of_most_households() -> None:
    """Units that name none have no say; ties go to the smaller id."""
    territory = grid_town(
        5, subdistrict_id=["T", "S", None, None, "T"], households=[50, 50, 900, 1, 7]
    )
    assert make_plan(territory, labels("aaabc")).communities["subdistrict_id"].tolist() == [
        "S",
        None,
        "T",
    ]


def test_a_list_keeps_its_own_ids() -> None:
    """Ids drawn by hand stay; a successor under a new id still bears its old name."""
    territory = named(grid_town(4, community_id=list("AABB")), {"A": "甲社区", "B": "乙社区"})
    plan = plan_from_assignment(territory, dict(zip(unit_ids(4), "1122", strict=True)))
    assert plan.communities["community_id"].tolist() == ["1", "2"]
    assert plan.communities["name"].tolist() == ["甲社区", "乙社区"]
    assert plan.moves.empty


def test_a_list_may_leave_a_unit_out_on_purpose() -> None:
    """An empty community id is read, and the unit is in no community."""
    plan = plan_from_assignment(grid_town(3), [("U000", "a"), ("U001", ""), ("U002", None)])
    assert plan.community_of.tolist() == [0, -1, -1]
    assert plan.communities["units"].tolist() == [1]


def test_every_fault_of_a_list_is_named() -> None:
    """Unknown, repeated and missing units are all reported, each by its id."""
    with pytest.raises(InputError) as caught:
        plan_from_assignment(
            grid_town(3), [("U000", "a"), ("U9", "a"), ("U000", "b"), ("U001", "a")]
        )
    found = [(f.code, f.params["unit_id"], f.row) for f in caught.value.faults]
    assert found == [
        ("plan.unknown_unit", "U9", 2),
        ("plan.repeated_unit", "U000", None),
        ("plan.missing_unit", "U002", None),
    ]
    assert "no unit U9" in str(caught.value)


def test_units_are_needed() -> None:
    """A territory of villages alone has no communities to make."""
    with pytest.raises(InputError, match="no layer of units"):
        make_plan(Territory(crs=CRS), labels("a"))


def test_labels_must_fit_the_units() -> None:
    """One label too few is an error, not a plan."""
    with pytest.raises(ValueError, match="3 units"):
        make_plan(grid_town(3), labels("aa"))


def test_a_plan_carries_exceptions_and_where_it_comes_from() -> None:
    """What the scenario excepts travels with the plan."""
    plan = make_plan(grid_town(1), labels("a"), PlanOptions({"U000": "one tower"}, {"seed": 7}))
    assert (plan.exceptions, plan.provenance) == ({"U000": "one tower"}, {"seed": 7})


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_a_plan_read_back_from_its_list_is_the_same(seed: int) -> None:
    """Communities, successors, names and moves come out again from the assignment alone."""
    rng = np.random.default_rng(seed)
    n = 24
    today = [None if i < 0 else f"C{i}" for i in rng.integers(-1, 5, n)]
    names = [None if i < 2 else f"苑{i}" for i in rng.integers(0, 9, n)]
    territory = grid_town(6, 4, community_id=today, name=names, households=rng.integers(0, 4, n))
    solved = make_plan(territory, rng.integers(0, 6, n).astype(np.int32))
    again = plan_from_assignment(territory, dict(reversed(assignment(solved).items())))
    pd.testing.assert_frame_equal(pd.DataFrame(again.communities), pd.DataFrame(solved.communities))
    pd.testing.assert_frame_equal(again.moves, solved.moves)
    assert np.array_equal(again.successor_of, solved.successor_of)
    assert np.array_equal(again.community_of, solved.community_of)


def test_areas_add_up_on_an_uneven_town() -> None:
    """On Voronoi cells the communities' areas sum to the town's."""
    rng = np.random.default_rng(2)
    cells = voronoi_town(60, rng)
    plan = make_plan(town(cells), rng.integers(0, 5, len(cells)).astype(np.int32))
    assert plan.communities["area_m2"].sum() == pytest.approx(1e6, rel=1e-9)
