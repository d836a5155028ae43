"""From what files hold to what columns hold: text, numbers, yes and no; by whole columns."""

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_NOTHING = frozenset(("", "-", "--", "—", "/", "null", "none", "nan", "n/a", "#n/a", "<null>"))
_GROUPED = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
_YES = frozenset(("true", "t", "yes", "y", "1", "1.0", "是", "有", "可", "能"))
_NO = frozenset(("false", "f", "no", "n", "0", "0.0", "否", "无", "不可", "不能"))

Values = NDArray[np.object_]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Converted:
    """A column after conversion.

    Parameters
    ----------
    data : array
        Object with None (text, flags) or float64 with NaN (numbers).
    bad : bool array
        Rows whose value is there but cannot be read as what the column holds.
    """

    data: Values | NDArray[np.float64]
    bad: Mask


def to_text(column: pd.Series) -> Converted:
    """Take ids and names as text: 1001.0 of a spreadsheet is ``"1001"``, blanks are None."""
    bad = np.zeros(len(column), dtype=bool)
    if pd.api.types.is_bool_dtype(column.dtype):
        return Converted(objects(column.astype(object).map(str, na_action="ignore")), bad)
    if pd.api.types.is_float_dtype(column.dtype):
        return Converted(_float_text(column.to_numpy(dtype=float, na_value=np.nan)), bad)
    texts = [None if _is_null(v) else _one_text(v) for v in column.astype(object)]
    return Converted(np.array([t or None for t in texts], dtype=object), bad)


def to_number(column: pd.Series) -> Converted:
    """Take counts and measures as float64; ``"1,234"`` and full-width digits are understood."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        return Converted(values, np.isinf(values))
    words = pd.Series(to_text(column).data, dtype=object)
    there = words.notna()
    plain = words[there].map(_plain_number)
    numbers = pd.to_numeric(plain, errors="coerce")
    values = np.full(len(words), np.nan)
    values[there.to_numpy()] = numbers.to_numpy(dtype=float)
    nothing = np.zeros(len(words), dtype=bool)
    nothing[there.to_numpy()] = plain.str.lower().isin(_NOTHING).to_numpy()
    bad = there.to_numpy() & ~np.isfinite(values) & ~nothing
    return Converted(values, bad)


def to_flag(column: pd.Series) -> Converted:
    """Take yes and no, as words, numbers or truth values; None where nothing is said."""
    words = pd.Series(to_text(column).data, dtype=object).map(
        lambda v: v.strip().lower(), na_action="ignore"
    )
    values = np.full(len(words), None, dtype=object)
    values[words.isin(_YES).to_numpy()] = True
    values[words.isin(_NO).to_numpy()] = False
    known = words.isna() | words.isin(_YES | _NO | _NOTHING)
    return Converted(values, ~known.to_numpy(dtype=bool))


def _plain_number(word: str) -> str:
    plain = unicodedata.normalize("NFKC", word).strip()
    return plain.replace(",", "") if _GROUPED.match(plain) else plain


def _is_null(value: object) -> bool:
    nothing = value is None or value is pd.NaT or value is pd.NA
    return nothing or (isinstance(value, float) and np.isnan(value))


def _one_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    return str(value).strip()


def _float_text(values: NDArray[np.float64]) -> Values:
    texts = np.full(len(values), None, dtype=object)
    whole = np.isfinite(values) & (np.abs(values) < 2.0**53) & (values == np.floor(values))
    texts[whole] = values[whole].astype(np.int64).astype(str).astype(object)
    rest = ~whole & ~np.isnan(values)
    texts[rest] = [repr(float(v)) for v in values[rest]]
    return texts


def objects(column: pd.Series) -> Values:
    """Return the values as objects, nulls of any kind as None."""
    values = np.array(column.astype(object), dtype=object)
    values[column.isna().to_numpy()] = None
    return values


def object_series(values: Values, index: pd.Index | None = None) -> pd.Series:
    """Keep text as Python objects with None: pandas would make a string array with NaN of it."""
    return pd.Series(values, index=index, dtype=np.dtype(object))
