"""Posts and money of a plan's communities, by hand."""

import numpy as np
import pandas as pd
import pytest

from commplan.plan.budget import city_money, development_rooms, working_money
from commplan.plan.staffing import STAFF_COLUMNS, staffing, village_staffing
from commplan.policy.library import load_profile


def communities(*households: int) -> pd.DataFrame:
    """Communities c0, c1, ... of 2.5 people a household."""
    ids = [f"c{i}" for i in range(len(households))]
    people = [2.5 * hh for hh in households]
    return pd.DataFrame({"community_id": ids, "households": households, "population": people})


def test_sanming_workers_cite_the_band():
    """999 households stand in the lower band, 1,000 and more in the upper; extra ones are apart."""
    table = staffing(communities(999, 1000, 3001), load_profile("sanming-2020"))
    workers = table[table["post"] == "workers"]
    assert workers[["least", "most"]].to_numpy().tolist() == [[5, 7], [7, 7], [7, 9]]
    assert workers["rule"].tolist() == ["staff.band1", "staff.band2", "staff.band2"]
    assert set(workers["clause"]) == {"sanming-2020 一"}
    extra = table[table["post"] == "workers_by_approval"]
    assert extra[["community_id", "most", "force"]].to_numpy().tolist() == [["c2", 2, "may"]]
    assert (table["post"] == "party_workers").sum() == 3


def test_no_extra_workers_where_nobody_floats():
    """Known to have no floating population, a large community gets none by approval."""
    table = staffing(communities(3001), load_profile("sanming-2020"), np.asarray([0.0]))
    assert "workers_by_approval" not in set(table["post"])


def test_anhui_workers_have_no_most():
    """One per 600 households, floating population counted in."""
    table = staffing(
        communities(600, 600), load_profile("anhui-city-2011"), np.asarray([0.0, 250.0])
    )
    assert table["least"].tolist() == [1, 2]
    assert table["most"].isna().all()


def test_windows_police_and_advisers():
    """Panlong has 2 to 3 windows; Zhejiang an officer and an adviser, in villages an auxiliary one."""
    windows = staffing(communities(2000), load_profile("panlong-2017"))
    assert windows[["post", "least", "most"]].to_numpy().tolist() == [["windows", 2, 3]]
    zhejiang = load_profile("zhejiang-2017")
    assert staffing(communities(2000), zhejiang)["post"].tolist() == ["police", "legal_advisers"]
    villages = village_staffing(pd.DataFrame({"village_id": ["V0"]}), zhejiang)
    assert villages["post"].tolist() == ["auxiliary_police", "legal_advisers"]


def test_a_document_without_posts_gives_an_empty_table():
    """The law says nothing of staff: no rows, the same columns."""
    table = staffing(communities(2000), load_profile("national-2026"))
    assert table.empty
    assert tuple(table.columns) == STAFF_COLUMNS


def test_a_profile_of_two_documents_takes_the_larger_number(tmp_path):
    """6,000 households need 10 workers by Anhui's rule, though Sanming's band says 7."""
    path = tmp_path / "own.toml"
    path.write_text(
        'extends = "sanming-2020"\n[rules."staff.per_households"]\nfrom = "anhui-city-2011"\n',
        encoding="utf-8",
    )
    table = staffing(communities(6000, 900), load_profile(str(path)))
    workers = table[table["post"] == "workers"]
    assert workers["least"].tolist() == [10, 5]
    assert workers["rule"].tolist() == ["staff.per_households", "staff.band1"]


@pytest.mark.parametrize(
    ("name", "item", "yuan"),
    [("sanming-2020", "working", 100000), ("anhui-city-2011", "street_match", 30000)],
)
def test_working_money(name, item, yuan):
    """Sanming gives each community 100,000 yuan a year, an Anhui street matches 30,000."""
    table = working_money(communities(2000, 900), load_profile(name))
    assert table["item"].tolist() == [item] * 2
    assert table["yuan_per_year"].tolist() == [yuan] * 2


def test_zhejiang_names_no_amount():
    """Working money by people stays empty until the user gives an amount."""
    assert working_money(communities(2000), load_profile("zhejiang-2017")).empty


def test_money_by_people_with_the_users_amount(tmp_path):
    """12 yuan for each of 5,000 people are 60,000; unknown people are unknown money."""
    path = tmp_path / "own.toml"
    path.write_text(
        'extends = "zhejiang-2017"\n[rules."fund.population"]\nvalue = 12\n', encoding="utf-8"
    )
    table = communities(2000, 900)
    table.loc[1, "population"] = np.nan
    money = working_money(table, load_profile(str(path)))["yuan_per_year"].tolist()
    assert money[0] == 60000
    assert np.isnan(money[1])


def test_city_money_grows_by_the_base_year():
    """10 % of the base year each year: 100, 110, 120, 130, not 133.1."""
    table = city_money(100.0, 3, load_profile("anhui-city-2011"))
    assert table["yuan"].tolist() == pytest.approx([100, 110, 120, 130])
    assert city_money(100.0, 3, load_profile("zhejiang-2017")).empty


def test_developments_pay_in_yuan_once_the_price_is_given(tmp_path):
    """3‰ of 100,000 m² are 300 m², at 4,000 yuan 1.2 million."""
    path = tmp_path / "own.toml"
    path.write_text(
        'extends = "anhui-city-2011"\n[rules."dev.in_lieu"]\n'
        "value = { permille = 3, yuan_per_m2 = 4000 }\n",
        encoding="utf-8",
    )
    table = pd.DataFrame(
        {
            "development_id": ["D0", "D1", "D2"],
            "households": [900, 2000, 10],
            "floor_area_m2": [100000.0, 200000.0, np.nan],
            "population": [2500.0, 6000.0, np.nan],
        }
    )
    rooms = development_rooms(table, load_profile(str(path)))
    assert rooms["duty"].tolist() == ["pay", "provide", "unknown"]
    assert rooms.loc[0, ["levy_m2", "levy_yuan"]].tolist() == [300, 1200000]
    assert rooms.loc[1, "room_m2"] == 300
    unpriced = development_rooms(table, load_profile("anhui-city-2011"))
    assert unpriced["levy_yuan"].isna().all()
    assert development_rooms(table, load_profile("zhejiang-2017")).empty
