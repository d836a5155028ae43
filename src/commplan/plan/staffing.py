"""Who works in a community: workers, windows, police and advisers, each by its clause."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.policy.norms import STAFF_RULES, rule_staff_range, staff_extra, staff_range
from commplan.policy.profile import Profile, Rule

STAFF_COLUMNS = ("community_id", "post", "least", "most", "rule", "clause", "force")

#: Post -> the rule that sets how many of it each community, or village, has.
_COMMUNITY_POSTS = {
    "party_workers": "staff.party_worker",
    "windows": "window.count",
    "police": "police.urban",
    "legal_advisers": "legal.adviser",
}
_VILLAGE_POSTS = {"auxiliary_police": "police.rural", "legal_advisers": "legal.adviser"}


def staffing(
    communities: pd.DataFrame, profile: Profile, floating: NDArray[np.float64] | None = None
) -> pd.DataFrame:
    """Lay out the posts that the profile asks of each community.

    Parameters
    ----------
    communities : DataFrame
        ``community_id``, ``households`` and, where known, ``population`` (persons).
    profile : Profile
    floating : float64 array, shape (n communities,), or None
        Floating population, persons; NaN where unknown.

    Returns
    -------
    DataFrame
        One row per community and post, columns `STAFF_COLUMNS`: ``least`` and ``most`` posts (NaN
        where the rule has no such end), ``clause`` and ``force``. Empty where the profile has no rule.
        ``workers_by_approval`` come on top of ``workers``.
    """
    parts: list[pd.DataFrame] = []
    ids = communities["community_id"].to_numpy()
    if any(profile.get(rule_id) for rule_id in STAFF_RULES):
        parts.append(_workers(communities, profile, floating))
    if profile.get("staff.band3"):
        parts.append(_approvable(communities, profile, floating))
    parts.extend(_posts(ids, "community_id", profile, _COMMUNITY_POSTS))
    return _stack(parts, "community_id")


def village_staffing(villages: pd.DataFrame, profile: Profile) -> pd.DataFrame:
    """Lay out the posts of each village; as `staffing`, with ``village_id``."""
    ids = villages["village_id"].to_numpy()
    return _stack(list(_posts(ids, "village_id", profile, _VILLAGE_POSTS)), "village_id")


def _workers(
    communities: pd.DataFrame, profile: Profile, floating: NDArray[np.float64] | None
) -> pd.DataFrame:
    households = communities["households"].to_numpy(dtype=np.float64)
    people = (
        communities["population"].to_numpy(dtype=np.float64, na_value=np.nan)
        if "population" in communities
        else None
    )
    rules = [rule for rule_id in STAFF_RULES if (rule := profile.get(rule_id)) is not None]
    least, most = staff_range(profile, households, people, floating)
    each = np.stack([rule_staff_range(r, households, people, floating)[0] for r in rules])
    # the rule that asks most is the one to cite; the first of those that ask the same
    cited = [rules[k] for k in np.argmax(np.nan_to_num(each, nan=-1.0), axis=0)]
    return pd.DataFrame(
        {
            "community_id": communities["community_id"].to_numpy(),
            "post": "workers",
            "least": least,
            "most": most - staff_extra(profile, households, floating),
            "rule": [rule.rule_id for rule in cited],
            "clause": [str(rule.clause) for rule in cited],
            "force": [_force(rule) for rule in cited],
        }
    )


def _approvable(
    communities: pd.DataFrame, profile: Profile, floating: NDArray[np.float64] | None
) -> pd.DataFrame:
    """Workers that may be approved on top, for the communities that may have any."""
    rule = profile.rules["staff.band3"]
    extra = staff_extra(profile, communities["households"].to_numpy(dtype=np.float64), floating)
    ids = communities["community_id"].to_numpy()[extra > 0]
    return _rows("community_id", ids, "workers_by_approval", (0.0, extra[extra > 0]), rule)


def _posts(
    ids: NDArray[np.object_], column: str, profile: Profile, posts: dict[str, str]
) -> Iterator[pd.DataFrame]:
    for post, rule_id in posts.items():
        rule = profile.get(rule_id)
        if rule is None or rule.value is None:
            continue
        yield _rows(column, ids, post, span_ends(rule), rule)


def _rows(
    column: str,
    ids: NDArray[np.object_],
    post: str,
    ends: tuple[float, float | NDArray[np.float64]],
    rule: Rule,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            column: ids,
            "post": post,
            "least": ends[0],
            "most": ends[1],
            "rule": rule.rule_id,
            "clause": str(rule.clause),
            "force": _force(rule),
        }
    )


def span_ends(rule: Rule) -> tuple[float, float]:
    """Return the ends of a rule's value: a span's own, NaN for an open one, a number twice."""
    if isinstance(rule.value, dict):
        return float(rule.value.get("min", np.nan)), float(rule.value.get("max", np.nan))
    return float(rule.value), float(rule.value)


def _force(rule: Rule) -> str | None:
    return None if rule.force is None else str(rule.force)


def _stack(parts: list[pd.DataFrame], column: str) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame(columns=[column, *STAFF_COLUMNS[1:]])
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(column, kind="stable", ignore_index=True)
