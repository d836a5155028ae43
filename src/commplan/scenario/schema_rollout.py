"""``[rollout]``: in which year which communities change."""

from typing import Annotated

from pydantic import Field, model_validator

from commplan.scenario.section import Section

Amount = Annotated[float, Field(ge=0)]
Year = Annotated[int, Field(ge=1900, le=2200)]
Names = Annotated[tuple[str, ...], Field(strict=False)]


class Rollout(Section):
    """``[rollout]``: years, yearly limits, costs and weights; all figures are the user's.

    A limit left out does not hold. `first_year_of` says before which year a community is not ripe.
    """

    plan: str | None = None
    first_year: Year = 2027
    years: Annotated[int, Field(ge=1, le=30)] = 5
    communities_a_year: Amount | None = None
    yuan_a_year: Amount | None = None
    staff_a_year: Amount | None = None
    yuan_per_community: Amount = 0.0
    yuan_per_moved_household: Amount = 0.0
    staff_per_community: Amount = 0.0
    weight_size: Amount = 1.0
    weight_short: Amount = 1.0
    weight_moved: Amount = 0.0
    first_year_of: dict[str, int] = Field(default_factory=dict)
    together: Annotated[tuple[Names, ...], Field(strict=False)] = ()
    documents: Names = ("panlong-2017", "anhui-city-2011", "zhoushan-2017")
    time_limit_s: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _years_of_the_rollout(self) -> "Rollout":
        for name, year in self.first_year_of.items():
            if not 1900 <= year <= 2200:
                raise ValueError(f"bad_weight:first_year_of.{name}:{year}")
        return self
