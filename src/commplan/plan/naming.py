"""Names and ids for communities that succeed none of today's.

A proposal for the hearing, not a decision: the office names a community. House rule: the compound
(小区) with the most households in it that has a name gives its name; a name that is taken is passed
over; where no compound has one, the id serves.
"""

import re
from collections.abc import Iterator, Sequence

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
