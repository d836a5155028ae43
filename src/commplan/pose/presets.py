"""Weights by name: what one unit of each cost term is worth, in moved households.

No document gives these numbers: they are house choices, made for towns where a compound block has
some 50 households and a community 1,500 to 3,000, with about 0.8 km of border each (every border
counted once).

``least-change``
    Nobody moves without need. Between plans that move equally many, the one with shorter borders:
    a stairwell building of some 50 households may move where that saves a whole kilometre.
``natural-borders``
    Borders follow roads, rivers and railways (anhui-city-2011 三(一)). 100 m of border through open
    ground between houses is worth moving 40 households, a building or so, on top of the 5 that
    any 100 m is worth: a river bend is kept even where it is longer.
``compact``
    Round communities around a centre, and of even size. 100 m of border is worth 20 households:
    with 2,250 households and 0.8 km a community, some 160 of them. A household one kilometre from
    the centre counts as one household moved, which weighs about the same: 2,250 households at a
    mean of 250 m count 560, of which a third or so can be saved. Ten households off the target
    count as one.
``walkable``
    Everyone near the middle, where the service room will stand. 1 km in a straight line is 1.3 km
    of street, 16 minutes on foot at 80 m a minute, more than the quarter of an hour: sparing one
    household that walk is worth moving five. Borders count as in ``least-change``.
"""

from collections.abc import Mapping
from types import MappingProxyType

PRESETS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "least-change": {"moved_households": 1.0, "border_km": 50.0},
        "natural-borders": {"moved_households": 1.0, "border_km": 50.0, "soft_border_km": 400.0},
        "compact": {
            "moved_households": 1.0,
            "border_km": 200.0,
            "distance_household_km": 1.0,
            "imbalance_households": 0.1,
        },
        "walkable": {"moved_households": 1.0, "border_km": 50.0, "distance_household_km": 5.0},
    }
)
