"""``[villages]``: which villages are merged, within what, and what for."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from commplan.pose.villages_presets import VILLAGE_PRESETS
from commplan.problem.villages import TERMS
from commplan.scenario.section import Section, Weights, check_weights

People = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Ids = Annotated[tuple[str, ...], Field(min_length=2, strict=False)]
Pair = Annotated[tuple[str, str], Field(strict=False)]


_PAIR = 2


def _are_ids(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _each(value: Any, fits: Callable[[Sequence[str]], bool]) -> bool:
    """Whether a value is a list of lists of ids that all fit."""
    listed = isinstance(value, list | tuple)
    return listed and all(_are_ids(ids) and fits(ids) for ids in value)


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

    @field_validator("locked", mode="before")
    @classmethod
    def _list_of_ids(cls, ids: Any) -> Any:
        if not _are_ids(ids):
            raise ValueError("villages_locked")
        return ids

    @field_validator("join", mode="before")
    @classmethod
    def _lists_of_ids(cls, groups: Any) -> Any:
        if not _each(groups, lambda ids: len(ids) > 1 and len(set(ids)) == len(ids)):
            raise ValueError("villages_join")
        return groups

    @field_validator("apart", mode="before")
    @classmethod
    def _pairs_of_ids(cls, pairs: Any) -> Any:
        if not _each(pairs, lambda ids: len(ids) == _PAIR):
            raise ValueError("villages_apart")
        return pairs

    @field_validator("weights")
    @classmethod
    def _known_weights(cls, weights: Weights) -> Weights:
        return check_weights(weights, VILLAGE_PRESETS, TERMS)
