"""Profiles in words, for the command line."""

from datetime import date

import pytest

from commplan.policy.describe import (
    clause_words,
    date_words,
    deadline_words,
    diff_rows,
    list_rows,
    show_rows,
    value_words,
)
from commplan.policy.library import load_profile, profile_names
from commplan.texts import LANGUAGES, load_texts

ZH, EN = (load_texts(language) for language in LANGUAGES)


@pytest.mark.parametrize("texts", [ZH, EN])
def test_rows_are_as_wide_as_their_head(texts):
    """Every row of every table has a cell for each column."""
    tables = [list_rows(texts), *(show_rows(load_profile(n), texts) for n in profile_names())]
    tables.append(diff_rows(load_profile("zhejiang-2017"), load_profile("sanming-2020"), texts))
    for rows in tables:
        assert len(rows) > 1
        assert {len(row) for row in rows} == {len(rows[0])}


@pytest.mark.parametrize("name", profile_names())
def test_every_unit_and_word_of_the_shipped_profiles_is_translated(name):
    """No English word of a value or unit is left in the Chinese table."""
    for rule in load_profile(name).rules.values():
        words = value_words(rule, ZH)
        plain = words.replace("Ⅱ", "").translate({ord(c): None for c in "ABC"})
        assert not any(c.isascii() and c.isalpha() for c in plain), (rule.rule_id, words)


def test_a_draft_is_shown_as_a_draft():
    """List, table and clause all say that the Zhejiang text is not law in force."""
    row = next(row for row in list_rows(EN) if row[0] == "zhejiang-2017")
    assert "not law in force" in row[2]
    assert any(
        "尚非现行规定" in cell
        for row in show_rows(load_profile("zhejiang-2017"), ZH)
        for cell in row
    )
    assert clause_words("zhejiang-2017 五(二)", ZH) == "zhejiang-2017 五(二)（征求意见稿）"
    assert clause_words("own ← zhejiang-2017 五(二)", EN).endswith("(draft)")
    assert clause_words("national-2026 art. 3", ZH) == "national-2026 第三条"
    assert clause_words("house choice", ZH) == "本软件的约定"


def test_passed_dates_are_shown_as_passed():
    """Deadlines, comment periods and plan years are passed after their day, not on it."""
    rule = load_profile("zhejiang-2017").rules["village.merge_first"]
    assert deadline_words(rule, EN, date(2020, 12, 31)) == "by 2020-12-31"
    assert deadline_words(rule, EN, date(2021, 1, 1)) == "by 2020-12-31, passed"
    draft, plan = load_profile("zhejiang-2017"), load_profile("panlong-2017")
    assert date_words(draft, EN, date(2017, 11, 14))[1] == "comments until 2017-11-14"
    assert date_words(draft, EN, date(2017, 11, 15))[1] == "comments closed on 2017-11-14"
    assert date_words(plan, EN, date(2020, 6, 1))[1] == "plan years 2017 to 2020"
    assert date_words(plan, EN, date(2021, 1, 1))[1] == "plan years 2017 to 2020, passed"
    law = load_profile("national-2026")
    assert date_words(law, EN, date(2025, 12, 31))[1] == "in force from 2026-01-01, not yet"
    assert date_words(law, EN, date(2026, 1, 1))[1] == "in force since 2026-01-01"
    assert date_words(load_profile("anhui-city-2011"), EN) == ["undated"]


def test_the_law_says_that_only_article_3_is_used():
    """The note of national-2026 stands in its table."""
    rows = show_rows(load_profile("national-2026"), EN)
    assert any("Only article 3" in cell for row in rows for cell in row)


def test_values_in_words():
    """Spans, plain numbers, missing numbers and tables read as a person would say them."""
    zhejiang, sanming = load_profile("zhejiang-2017"), load_profile("sanming-2020")
    assert value_words(zhejiang.rules["size.households"], EN) == "1,500 to 3,000 households"
    assert value_words(zhejiang.rules["room.minimum"], ZH) == "不少于350平方米"
    assert "the user gives it" in value_words(zhejiang.rules["fund.population"], EN)
    assert value_words(zhejiang.rules["room.one_place"], EN) == ""
    assert value_words(sanming.rules["staff.band1"], EN) == (
        "households: at most 1,000; workers: 5 to 7 (workers)"
    )


def test_steps_in_words(tmp_path):
    """A least size that grows by steps names each of them."""
    path = tmp_path / "own.toml"
    path.write_text(
        'extends = "zhejiang-2017"\n[rules."room.minimum"]\n'
        "value = { min = 350, steps = [{ households = 2000, m2 = 600 }] }\n",
        encoding="utf-8",
    )
    rule = load_profile(str(path)).rules["room.minimum"]
    assert value_words(rule, EN) == "at least 350; from 2,000 households 600 (m²)"
    assert value_words(rule, ZH) == "不少于350；2,000户以上600；单位：平方米"


def test_diff_leaves_out_what_is_the_same(tmp_path):
    """A profile that changes one rule and one choice differs in these two rows."""
    path = tmp_path / "own.toml"
    path.write_text(
        'extends = "zhejiang-2017"\n[rules."room.minimum"]\nvalue = { min = 400 }\n'
        "[choices]\nroom_min = 10\n",
        encoding="utf-8",
    )
    rows = diff_rows(load_profile("zhejiang-2017"), load_profile(str(path)), EN)
    assert [row[0] for row in rows[2:]] == ["room.minimum", "room_min"]
    assert rows[3][2:] == ("15 minutes", "10 minutes")
