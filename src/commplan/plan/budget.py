"""Money that follows from the plan: working money of communities, and developments' rooms."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.plan.staffing import span_ends
from commplan.policy.norms import room_need_m2
from commplan.policy.profile import Profile

BUDGET_COLUMNS = ("community_id", "item", "yuan_per_year", "rule", "clause")

#: Item -> the rule that sets it.
_PER_COMMUNITY = {"working": "fund.working", "street_match": "fund.street"}


def working_money(communities: pd.DataFrame, profile: Profile) -> pd.DataFrame:
    """Least working money of each community, per year (pay not counted).

    Parameters
    ----------
    communities : DataFrame
        ``community_id`` and, for money by people, ``population`` (persons; null where unknown).
    profile : Profile

    Returns
    -------
    DataFrame
        One row per community and item, columns `BUDGET_COLUMNS`. ``population`` money is there only
        where the profile's user stated an amount (zhejiang-2017 五(三) has none), and NaN where the
        people are not known.
    """
    ids = communities["community_id"].to_numpy()
    amounts: dict[str, tuple[str, NDArray[np.float64]]] = {}
    for item, rule_id in _PER_COMMUNITY.items():
        rule = profile.get(rule_id)
        if rule is not None and rule.value is not None:
            amounts[item] = (rule_id, np.full(len(ids), span_ends(rule)[0]))
    by_people = profile.get("fund.population")
    if by_people is not None and by_people.value is not None:
        people = _numbers(communities, "population")
        amounts["population"] = ("fund.population", people * float(by_people.value))
    parts = [
        pd.DataFrame(
            {
                "community_id": ids,
                "item": item,
                "yuan_per_year": yuan,
                "rule": rule_id,
                "clause": profile.clause(rule_id),
            }
        )
        for item, (rule_id, yuan) in amounts.items()
    ]
    if not parts:
        return pd.DataFrame(columns=list(BUDGET_COLUMNS))
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values("community_id", kind="stable", ignore_index=True)


def city_money(base_yuan: float, years: int, profile: Profile) -> pd.DataFrame:
    """City money for communities over the years, growing by a share of the base year's total.

    Linear, as anhui-city-2011 四(三) is read: each year adds the same share of the base year.

    Parameters
    ----------
    base_yuan : float
        Total of the base year.
    years : int
        How many years after it.
    profile : Profile

    Returns
    -------
    DataFrame
        ``year`` (0 is the base year), ``yuan``, ``clause``; empty without a rule of growth.
    """
    rule = profile.get("fund.growth")
    if rule is None or rule.value is None:
        return pd.DataFrame(columns=["year", "yuan", "clause"])
    year = np.arange(years + 1)
    yuan = base_yuan * (1.0 + float(rule.value) / 100.0 * year)
    return pd.DataFrame({"year": year, "yuan": yuan, "clause": str(rule.clause)})


def development_rooms(developments: pd.DataFrame, profile: Profile) -> pd.DataFrame:
    """Which developments provide their rooms and which pay in lieu (anhui-city-2011 四(三)).

    Parameters
    ----------
    developments : DataFrame
        ``development_id``, ``households``, ``floor_area_m2``, ``population``; null where unknown.
    profile : Profile

    Returns
    -------
    DataFrame
        Per development: ``development_id``, ``duty`` ("provide", "pay", or "unknown" without a floor
        area), ``room_m2`` that it provides by the profile's room standard (NaN for those that pay),
        ``levy_m2`` (the 3‰ of its floor area), ``levy_yuan`` (NaN until the user gives the price
        ``yuan_per_m2``: the document does not say of what in yuan), ``clause``. Empty without the
        threshold in the profile.
    """
    columns = ["development_id", "duty", "room_m2", "levy_m2", "levy_yuan", "clause"]
    threshold = profile.get("dev.threshold")
    if threshold is None or threshold.value is None:
        return pd.DataFrame(columns=columns)
    floor = _numbers(developments, "floor_area_m2")
    provides = floor >= span_ends(threshold)[0]
    pays = floor < span_ends(threshold)[0]
    need = room_need_m2(
        profile, _numbers(developments, "households"), _numbers(developments, "population")
    )
    in_lieu = profile.get("dev.in_lieu")
    value = in_lieu.value if in_lieu is not None and in_lieu.value is not None else {}
    levy_m2 = np.where(pays, floor * float(value.get("permille", np.nan)) / 1000.0, np.nan)
    pay_clause = str(in_lieu.clause) if in_lieu is not None else str(threshold.clause)
    return pd.DataFrame(
        {
            "development_id": developments["development_id"].to_numpy(),
            "duty": np.select([provides, pays], ["provide", "pay"], "unknown"),
            "room_m2": np.where(provides, need, np.nan),
            "levy_m2": levy_m2,
            "levy_yuan": levy_m2 * float(value.get("yuan_per_m2", np.nan)),
            "clause": np.where(pays, pay_clause, str(threshold.clause)),
        },
        columns=columns,
    )


def _numbers(table: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """Return a column as floats, NaN where it is null or not there."""
    if column not in table:
        return np.full(len(table), np.nan)
    return table[column].to_numpy(dtype=np.float64, na_value=np.nan)
