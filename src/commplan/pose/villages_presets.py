"""Weights of village merging by name: what one unit of each term is worth, in renamed people.

No document gives these numbers: they are house choices, for counties whose villages have some 500
people and lie 1 to 3 km apart.

``least-change``
    As few people as possible get another village's name, and a village is not touched where that
    saves fewer than ten of them.
``near``
    Close to the new seat as well: a person who has an hour's more way to it counts as one renamed
    (1/60 per minute).
``even``
    No giants: five people beyond ``target_people`` count as one renamed.
``kindred``
    Those of one surname, ethnic group or way of life together: two people in the minority count as
    one renamed, and so do 1,000 yuan a head between the collectives for each person of the group.
``compact``
    Villages that share long borders together: 1 km of outer border is worth 30 people.
"""

from collections.abc import Mapping
from types import MappingProxyType

_LEAST = {"renamed_people": 1.0, "touched_villages": 10.0}

VILLAGE_PRESETS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "least-change": _LEAST,
        "near": _LEAST | {"person_minutes": 1 / 60},
        "even": _LEAST | {"people_above_target": 0.2},
        "kindred": _LEAST | {"mixed_people": 0.5, "collective_gap_yuan": 0.001},
        "compact": _LEAST | {"outer_border_km": 30.0},
    }
)
