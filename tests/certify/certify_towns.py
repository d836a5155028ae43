"""Strips of equal blocks whose bounds can be worked out by hand."""

from dataclasses import replace

import numpy as np
from tests.optimise.redraw_towns import grid_town

from commplan.certify.check import check_proof
from commplan.certify.parts import Checked
from commplan.problem.communities import CommunityProblem, Weights
from commplan.problem.proof import ProofPart

BORDERS = ("border_km", "soft_border_km")
JOINT = ("distance_household_km", "imbalance_households", "communities")
SAFE = 1 - 1e-9


def strip(n: int = 4, **changes: object) -> CommunityProblem:
    """Blocks of 1,000 households in a row, 100 m apart; two of them make a community."""
    values: dict[str, object] = {
        "min_households": 1500,
        "max_households": 2500,
        "target_households": 2000.0,
    }
    return grid_town(1, n, 1000, **(values | changes))


def all_of(town: CommunityProblem) -> np.ndarray:
    """Positions of all units."""
    return np.arange(town.n, dtype=np.int32)


def border_prices(town: CommunityProblem) -> ProofPart:
    """Price each block of a strip of four at 25 households: cutting it in two costs 100.

    A pair at the end is bounded by half of 100 households, which is what its two blocks cost.
    """
    return ProofPart(
        "prices_border",
        BORDERS,
        100 * SAFE,
        all_of(town),
        all_of(town),
        low=1500,
        high=2500,
        fewest=2,
        most=2,
        prices=np.full(4, 25_000),
        rate=50_000,
        load=np.ones(4, dtype=np.int64),
        low_load=2,
        high_load=2,
        per_cost=1000.0,
    )


def distance_prices(town: CommunityProblem) -> ProofPart:
    """Price each block of a strip of six at 50: three pairs cost 100 household-km each."""
    return ProofPart(
        "prices_distance",
        JOINT,
        300 * SAFE,
        all_of(town),
        all_of(town),
        low=2000,
        high=2500,
        fewest=3,
        most=3,
        prices=np.full(6, 50.0),
    )


def check_one(town: CommunityProblem, part: ProofPart, **changes: object) -> Checked:
    """Check a proof of one part with some of its fields changed."""
    (checked,) = check_proof(town, (replace(part, **changes),))  # type: ignore[arg-type]
    return checked


BORDER_WEIGHT = Weights(border_km=1000.0)
DISTANCE_WEIGHT = Weights(distance_household_km=1.0)
