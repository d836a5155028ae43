"""What every section of a scenario file has in common."""

from collections.abc import Collection
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

#: Weights that are none (nan) are named by `check_weights`, term by term.
Weights = str | dict[str, Annotated[float, Field(allow_inf_nan=True)]]


class Section(BaseModel):
    """A section of the file: cannot be changed, knows its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


#: Terms that only rooms decide, which are placed after the boundaries are drawn or with them.
WALK_TERMS = ("walk_household_min", "far_households")


def check_weights(weights: Weights, presets: Collection[str], terms: Collection[str]) -> Weights:
    """Return weights whose preset, or whose terms, are known; the names of faults are in the errors.

    Raises
    ------
    ValueError
        Where a preset or term is not known, or a weight is negative or no number.
    """
    if isinstance(weights, str):
        if weights not in presets:
            raise ValueError(f"unknown_preset:{weights}:{', '.join(presets)}")
        return weights
    for term, weight in weights.items():
        if term not in terms:
            raise ValueError(f"unknown_term:{term}:{', '.join(terms)}")
        if not 0 <= weight < float("inf"):
            raise ValueError(f"bad_weight:{term}:{weight}")
    return weights
