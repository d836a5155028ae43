"""``[developments]``: what the user states about new housing, for documents leave it open."""

from typing import Annotated, Literal

from pydantic import Field

from commplan.scenario.section import Section

Price = Annotated[float, Field(ge=0)]
Metres = Annotated[float, Field(gt=0, le=5_000)]
Way = Literal["stay", "new", "move", "together", "redraw"]


class Developments(Section):
    """``[developments]``: prices, the neighbourhood of a redrawing, and what is tried first."""

    prefer: Annotated[tuple[Way, ...], Field(min_length=1, strict=False)] = (
        "stay",
        "new",
        "move",
        "together",
        "redraw",
    )
    reach_m: Metres = 300.0
    together_m: Metres = 500.0
    radius_m: Metres = 600.0
    free_units: Annotated[int, Field(ge=1, le=16)] = 8
    households_there: Literal["leave", "stay"] = "leave"
    in_lieu_yuan_per_m2: Price | None = None
    room_yuan_per_m2: Price | None = None
    worker_yuan_per_year: Price | None = None
