"""Names and ids for communities that succeed none of today's.

A proposal for the hearing, not a decision: the office names a community. House rule: the compound
(小区) with the most households in it that has a name gives its name; a name that is taken is passed
over; where no compound has one, the id serves. Villages and places of which communities or merged
villages are made lend theirs likewise: within one subdistrict or township no two are called the same.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.texts import load_texts

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def new_ids(taken: set[str]) -> Iterator[str]:
    """Count ``N001``, ``N002``, ..., leaving out ids that are taken."""
    number = 0
    while True:
        number += 1
        if (identifier := f"N{number:03d}") not in taken:
            yield identifier


def is_taken(name: str, place: str | None, held: Mapping[str, AbstractSet[str | None]]) -> bool:
    """Whether a name is held in a subdistrict or township; None is a place that is not known.

    What lies nobody knows where may lie anywhere: it shares its name with no other.

    Examples
    --------
    >>> held = {"上塘": {"S1"}}
    >>> is_taken("上塘", "S1", held), is_taken("上塘", "S2", held), is_taken("上塘", None, held)
    (True, False, True)
    """
    places = held.get(name, frozenset())
    return bool(places) and (place is None or None in places or place in places)


def names_from_units(
    units: pd.DataFrame, community_of: NDArray[np.int32], wanted: Sequence[int], taken: set[str]
) -> dict[int, str]:
    """Propose a name for each community in ``wanted`` that holds a unit with a name.

    Parameters
    ----------
    units : DataFrame
        ``name`` and ``households``, sorted by unit id.
    community_of : int array, shape (n units,)
    wanted : sequence of int
        Communities without a name, in the order in which they choose.
    taken : set of str
        Names in use.

    Returns
    -------
    dict of int to str
        Communities for which no free name was found are missing.
    """
    if "name" not in units.columns:
        return {}
    given = units["name"].fillna("").astype(str).str.strip().to_numpy(dtype=object)
    households = units["households"].to_numpy(dtype=np.int64)
    named = np.flatnonzero(given != "")
    # Most households first; of equals the smaller unit id.
    named = named[np.argsort(-households[named], kind="stable")]
    inside: dict[int, list[int]] = {community: [] for community in wanted}
    for unit in named.tolist():
        inside.get(int(community_of[unit]), []).append(unit)
    taken, found = set(taken), {}
    for community in wanted:
        for unit in inside[community]:
            name = community_name(str(given[unit]))
            if name not in taken:
                taken.add(name)
                found[community] = name
                break
    return found


def community_name(unit_name: str) -> str:
    """Make a community's name of a compound's, in the language in which that is written."""
    language = "zh-CN" if HAN.search(unit_name) else "en"
    texts = load_texts(language)
    if unit_name.endswith(texts("plan.community_suffix")):
        return unit_name
    return texts("plan.community_name", name=unit_name)
