"""Conversion of what files hold into what columns hold."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commplan.territory.values import to_flag, to_number, to_text


def test_float_ids_of_a_spreadsheet_lose_their_point() -> None:
    """1001.0 is the id "1001", and a null stays null."""
    made = to_text(pd.Series([1001.0, np.nan, 7.5]))
    assert made.data.tolist() == ["1001", None, "7.5"]


def test_nulls_of_every_kind_are_none() -> None:
    """A null of a nullable column is no id called "<NA>"."""
    assert to_text(pd.Series([7, None], dtype="Int64")).data.tolist() == ["7", None]
    assert to_text(pd.Series(["a", None], dtype="string")).data.tolist() == ["a", None]
    assert to_text(pd.Series([pd.Timestamp("2026-05-01"), pd.NaT])).data.tolist() == [
        "2026-05-01",
        None,
    ]


def test_text_ids_keep_leading_zeros_and_lose_blanks() -> None:
    """An id is text: "0012" is not 12, and spaces around it mean nothing."""
    made = to_text(pd.Series(["0012", " 13 ", "", None], dtype=object))
    assert made.data.tolist() == ["0012", "13", None, None]


@given(st.integers(min_value=0, max_value=2**53 - 1))
def test_whole_floats_and_integers_give_the_same_id(number: int) -> None:
    """However a spreadsheet stores an id, its text is the same."""
    as_float = to_text(pd.Series([float(number)])).data
    as_int = to_text(pd.Series([number])).data
    as_mixed = to_text(pd.Series([float(number), "x"], dtype=object)).data
    assert as_float[0] == as_int[0] == as_mixed[0] == str(number)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,234", 1234.0), ("12", 12.0), ("１２３", 123.0), (" 5.5 ", 5.5), ("-3", -3.0),
     ("1,234,567.5", 1234567.5)],
)  # fmt: skip
def test_numbers_written_as_text(text: str, number: float) -> None:
    """Thousands separators and full-width digits are understood."""
    made = to_number(pd.Series([text], dtype=object))
    assert made.data.tolist() == [number]
    assert not made.bad.any()


@pytest.mark.parametrize("text", ["12户", "约300", "1,5", "1,23,456", "inf", "1e999"])
def test_what_is_not_a_number_is_named(text: str) -> None:
    """Words, half-written separators and infinities are never guessed at."""
    made = to_number(pd.Series([text, "7"], dtype=object))
    assert made.bad.tolist() == [True, False]


@pytest.mark.parametrize("text", ["", "-", "—", "NULL", "nan", "N/A", None])
def test_words_for_nothing_are_null(text: str | None) -> None:
    """A dash in a table means that nobody knows, not zero."""
    made = to_number(pd.Series([text], dtype=object))
    assert np.isnan(made.data[0])
    assert not made.bad.any()


@given(st.lists(st.integers(min_value=-(10**9), max_value=10**9), min_size=1, max_size=20))
def test_grouped_text_reads_back(numbers: list[int]) -> None:
    """Whatever Python writes with separators comes back as the same number."""
    made = to_number(pd.Series([f"{n:,}" for n in numbers], dtype=object))
    assert made.data.tolist() == numbers


def test_flags_in_chinese_and_english() -> None:
    """是 and yes are the same; 也许 is neither yes nor no."""
    made = to_flag(pd.Series(["是", "否", "yes", "0", None, "也许"], dtype=object))
    assert made.data.tolist() == [True, False, True, False, None, None]
    assert made.bad.tolist() == [False, False, False, False, False, True]


def test_flags_stored_as_numbers_or_truth_values() -> None:
    """1, 1.0 and True all mean yes."""
    assert to_flag(pd.Series([1, 0])).data.tolist() == [True, False]
    assert to_flag(pd.Series([1.0, np.nan])).data.tolist() == [True, None]
    assert to_flag(pd.Series([True, False])).data.tolist() == [True, False]
