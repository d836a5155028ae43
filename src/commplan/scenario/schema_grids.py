"""``[grids]``: into what grids communities are divided."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from commplan.pose.presets import PRESETS
from commplan.problem.communities import TERMS
from commplan.scenario.section import Section, Weights, check_weights

Households = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]
#: Terms that have no sense inside one community.
NO_SENSE = frozenset({"moved_households", "walk_household_min", "far_households"})


class Grids(Section):
    """``[grids]``: sizes, aims, and whose communities; no document gives a size of grids."""

    min_households: Households = 300
    max_households: Households = 500
    target_households: Positive | None = None
    plan: str | None = None
    communities: Annotated[tuple[str, ...], Field(strict=False)] = ()
    weights: Weights = "compact"
    effort: Literal["quick", "normal", "thorough"] = "quick"
    time_limit_s: Positive | None = None

    @model_validator(mode="after")
    def _bounds_in_order(self) -> "Grids":
        if self.min_households > self.max_households:
            raise ValueError(f"min_above_max:{self.min_households}:{self.max_households}")
        return self

    @field_validator("target_households")
    @classmethod
    def _target_in_range(cls, target: float | None, others: ValidationInfo) -> float | None:
        low, high = (others.data.get(f"{end}_households") for end in ("min", "max"))
        if target is None or low is None or high is None or low > high:
            return target  # the bounds have a fault of their own
        if not low <= target <= high:
            raise ValueError(f"target_outside:{target:g}:{low}:{high}")
        return target

    @field_validator("weights")
    @classmethod
    def _known_weights(cls, weights: Weights) -> Weights:
        known = [term for term in TERMS if term not in NO_SENSE]
        return check_weights(weights, PRESETS, known)
