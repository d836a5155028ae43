"""``[villages]``: which villages are merged, within what, and what for."""

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from commplan.pose.villages_presets import VILLAGE_PRESETS
from commplan.problem.villages import TERMS
from commplan.scenario.section import Section, Weights, check_weights

People = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Ids = Annotated[tuple[str, ...], Field(min_length=2, strict=False)]
Pair = Annotated[tuple[str, str], Field(strict=False)]


class Villages(Section):
    """``[villages]``: limits, aims, and what villages have decided themselves."""

    small_people: People | None = None
    first_people: People | None = None
    first_year: Annotated[int, Field(ge=1949, le=2200)] | None = None
    groups_per_year: Annotated[int, Field(ge=1)] | None = None
    max_people: Annotated[int, Field(ge=1)] | None = None
    max_households: Annotated[int, Field(ge=1)] | None = None
    max_area_km2: Positive | None = None
    max_minutes: Positive | None = None
    km_per_h: Positive | None = None
    max_villages: Annotated[int, Field(ge=2, le=12)] = 6
    target_people: Positive = 1_000.0
    neighbour_km: Positive = 5.0
    across_townships: bool = False
    join: Annotated[tuple[Ids, ...], Field(strict=False)] = ()
    apart: Annotated[tuple[Pair, ...], Field(strict=False)] = ()
    locked: Annotated[tuple[str, ...], Field(strict=False)] = ()
    weights: Weights = "least-change"
    time_limit_s: Positive | None = None

    @model_validator(mode="after")
    def _people_in_order(self) -> "Villages":
        small, first, most = self.small_people, self.first_people, self.max_people
        if small is not None and first is not None and first > small:
            raise ValueError(f"villages_first_above_small:{first}:{small}")
        if small is not None and most is not None and most <= small:
            raise ValueError(f"villages_max_below_small:{most}:{small}")
        return self

    @field_validator("weights")
    @classmethod
    def _known_weights(cls, weights: Weights) -> Weights:
        return check_weights(weights, VILLAGE_PRESETS, TERMS)
