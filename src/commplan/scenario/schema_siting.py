"""``[siting]``: rooms for a whole city or some subdistricts, whatever their communities."""

from typing import Annotated, Literal

from pydantic import Field

from commplan.scenario.section import Section

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Yuan = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Names = Annotated[tuple[str, ...], Field(strict=False)]


class Siting(Section):
    """``[siting]``: what the choice of sites is for, its limits, and the money of each year.

    ``size = "rule"``: rooms have to be as large as the profile asks for those who go there, and rooms
    that stand may be extended. ``open`` and ``close`` name sites that are decided already.

    ``yearly_yuan`` gives each new room its year; where ``budget_yuan`` is left out, its sum is the
    budget of every aim but ``cover``.
    """

    aim: Literal["cover", "max_cover", "median", "centre", "elderly"] = "cover"
    minutes: Annotated[float, Field(gt=0, le=120)] | None = None
    number: Annotated[int, Field(ge=1)] | None = None
    budget_yuan: Yuan | None = None
    subdistricts: Names = ()
    communities: Names = ()
    keep: bool = True
    open: Names = ()
    close: Names = ()
    size: Literal["rule", "any"] = "any"
    ground_floor: Literal["rule", "prefer", "any"] = "any"
    first_year: Annotated[int, Field(ge=1900, le=2200)] = 2027
    yearly_yuan: Annotated[tuple[Yuan, ...], Field(strict=False, max_length=30)] = ()
    time_limit_s: Positive | None = None

    @property
    def money_yuan(self) -> float | None:
        """What may be spent in all; None without limit."""
        if self.budget_yuan is None and self.yearly_yuan and self.aim != "cover":
            return float(sum(self.yearly_yuan))
        return self.budget_yuan
