"""``[coverage]``: which places count as left out, and what they may join."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from commplan.scenario.section import Section

Households = Annotated[int, Field(ge=1)]
Kind = Literal["residential_area", "village"]


class Coverage(Section):
    """``[coverage]``: sizes, reach, and what becomes a community."""

    min_households: Households | None = None
    max_households: Households | None = None
    within_subdistrict: bool = True
    convert: Annotated[tuple[Kind, ...], Field(strict=False)] = ("residential_area", "village")
    developments: bool = True
    reach_m: Annotated[float, Field(ge=0, le=5000)] = 300.0
    household_size: Annotated[float, Field(gt=0)] | None = None
    outsiders: Annotated[int, Field(ge=1)] | None = None
    suburb_m: Annotated[float, Field(ge=0)] = 1000.0
    time_limit_s: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _bounds_in_order(self) -> "Coverage":
        low, high = self.min_households, self.max_households
        if low is not None and high is not None and low > high:
            raise ValueError(f"min_above_max:{low}:{high}")
        return self
