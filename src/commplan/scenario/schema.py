"""What a scenario file may hold: frozen models, unknown keys forbidden."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    field_validator,
    model_validator,
)

from commplan.pose.attributes import BOUNDED
from commplan.pose.presets import PRESETS
from commplan.problem.communities import TERMS
from commplan.scenario.schema_coverage import Coverage
from commplan.scenario.schema_developments import Developments
from commplan.scenario.schema_grids import Grids
from commplan.scenario.schema_rollout import Rollout
from commplan.scenario.schema_siting import Siting
from commplan.scenario.schema_villages import Villages
from commplan.scenario.section import WALK_TERMS, Section, Weights, check_weights

Language = Literal["zh-CN", "en"]
Count = Annotated[int, Field(ge=0)]


EFFORTS = ("quick", "normal", "thorough")
MOST_EFFORT = 1000


class Title(Section):
    """A title in both languages."""

    zh: str = ""
    en: str = ""

    def in_language(self, language: str) -> str:
        """Return the title in ``language``, else in the other one."""
        own, other = (self.zh, self.en) if language == "zh-CN" else (self.en, self.zh)
        return own or other


class Head(Section):
    """``[scenario]``: what it is called and under which rules it stands."""

    name: Annotated[str, Field(pattern=r"^[\w.-]+$")]
    title: Title = Title()
    profile: str = "zhejiang-2017"
    crs: str | None = None
    seed: Count = 1
    gap_m: Annotated[float, Field(ge=0, le=500)] = 60.0


class Layer(Section):
    """``[layers.<name>]``: one file, and how its fields are named."""

    path: str
    layer: str | None = None
    where: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    fill: dict[str, Any] = Field(default_factory=dict)
    constants: dict[str, Any] = Field(default_factory=dict)
    crs: str | None = None


def _listed(value: Any) -> Any:
    """One table and an array of tables are both a list of files."""
    return tuple(value) if isinstance(value, list | tuple) else (value,)


Files = Annotated[tuple[Layer, ...], BeforeValidator(_listed), Field(min_length=1)]


class Layers(Section):
    """``[layers]``: the input layers of the design; ``[[layers.x]]`` takes several files as one."""

    units: Files | None = None
    communities: Files | None = None
    villages: Files | None = None
    barriers: Files | None = None
    crossings: Files | None = None
    streets: Files | None = None
    gates: Files | None = None
    sites: Files | None = None
    amenities: Files | None = None
    developments: Files | None = None
    places: Files | None = None

    def named(self) -> dict[str, tuple[Layer, ...]]:
        """Return the layers that the scenario names, each with its files."""
        found = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: files for name, files in found.items() if files is not None}


class SizeException(Section):
    """One exception from a rule, with its reason, which the plan then carries."""

    units: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    rule: Literal["size.households"] = "size.households"
    reason: Annotated[str, Field(pattern=r"\S")]


def _ranged(value: Any) -> Any:
    """One number stands for a range from it to itself."""
    return (value, value) if isinstance(value, int) and not isinstance(value, bool) else value


def _pair(value: Any) -> Any:
    """Two numbers, and not more or fewer."""
    if isinstance(value, list | tuple) and len(value) != 2:
        raise ValueError(f"not_a_pair:{len(value)}")
    return value


Number = Annotated[int, Field(ge=1)]
Numbers = Annotated[
    tuple[Number, Number], Field(strict=False), BeforeValidator(_pair), BeforeValidator(_ranged)
]
Limit = Annotated[float, Field(ge=0)]
Limits = Annotated[tuple[Limit, Limit], Field(strict=False), BeforeValidator(_pair)]


UnitIds = Annotated[tuple[str, ...], Field(min_length=2, strict=False)]


class Redraw(Section):
    """``[redraw]``: bounds, weights and effort of redrawing."""

    min_households: Count | None = None
    max_households: Count | None = None
    target_households: Annotated[float, Field(gt=0)] | None = None
    bounds: dict[str, Limits] = Field(default_factory=dict)
    communities: Numbers | None = None
    max_moved_households: Count | None = None
    within_subdistrict: bool = True
    weights: Weights = "least-change"
    effort: str | Annotated[float, Field(allow_inf_nan=True)] = "normal"  # told by `_known_effort`
    time_limit_s: Annotated[float, Field(gt=0)] | None = None
    grandfather: bool = False
    exceptions: Annotated[tuple[SizeException, ...], Field(strict=False)] = ()
    together: Annotated[tuple[UnitIds, ...], Field(strict=False)] = ()
    locked: Annotated[tuple[str, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _bounds_in_order(self) -> "Redraw":
        low, high = self.min_households, self.max_households
        if low is not None and high is not None and low > high:
            raise ValueError(f"min_above_max:{low}:{high}")
        return self

    @field_validator("bounds")
    @classmethod
    def _known_bounds(
        cls, bounds: dict[str, tuple[float, float]]
    ) -> dict[str, tuple[float, float]]:
        for column, (low, high) in bounds.items():
            if column == "households":
                raise ValueError("bounds_households")
            if column not in BOUNDED:
                raise ValueError(f"unknown_bounded:{column}:{', '.join(BOUNDED)}")
            if not low <= high < float("inf"):
                raise ValueError(f"bounds_order:{column}:{low:g}:{high:g}")
        return bounds

    @field_validator("communities")
    @classmethod
    def _numbers_in_order(cls, numbers: tuple[int, int] | None) -> tuple[int, int] | None:
        if numbers is not None and numbers[0] > numbers[1]:
            raise ValueError(f"communities_order:{numbers[0]}:{numbers[1]}")
        return numbers

    @field_validator("effort")
    @classmethod
    def _known_effort(cls, effort: str | float) -> str | float:
        named = effort in EFFORTS if isinstance(effort, str) else 0 < effort <= MOST_EFFORT
        if not named:
            raise ValueError(f"bad_effort:{effort}:{MOST_EFFORT}:{', '.join(EFFORTS)}")
        return effort

    @field_validator("weights")
    @classmethod
    def _known_weights(cls, weights: Weights) -> Weights:
        check_weights(weights, PRESETS, TERMS)
        return weights


class Rooms(Section):
    """``[rooms]``: where service rooms may lie, what decides between places, what goes into them."""

    joint: bool = False
    outside_m: Annotated[float, Field(ge=0)] = 0.0
    aim: Literal["cover", "cost", "walking", "longest", "elderly"] = "cover"
    budget_yuan: Annotated[float, Field(ge=0)] | None = None
    keep: bool = True
    open: Annotated[tuple[str, ...], Field(strict=False)] = ()
    close: Annotated[tuple[str, ...], Field(strict=False)] = ()
    ground_floor: Literal["rule", "prefer", "any"] = "any"
    principal_cadres: Annotated[int, Field(ge=0)] | None = None
    functions_m2: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)


class CirclesSection(Section):
    """``[circles]``: the living circle."""

    minutes: Annotated[float, Field(gt=0, le=120)] | None = None
    kinds: Annotated[tuple[str, ...], Field(strict=False)] = ()
    each_amenity: bool = False


class Outputs(Section):
    """``[outputs]``: languages (the first is shown first) and what is written on the page."""

    languages: Annotated[tuple[Language, ...], Field(min_length=1, strict=False)] = ("zh-CN", "en")
    attribution: str = ""
    note: Title = Title()
    map_approval: str = ""
    edit: bool = False
    basemap: Literal["tianditu", "osm", "amap"] | None = None
    tianditu_key: Annotated[str, Field(pattern=r"^[0-9A-Za-z]*$")] = ""

    @model_validator(mode="after")
    def _key_for_tianditu(self) -> "Outputs":
        if self.basemap == "tianditu" and not self.tianditu_key:
            raise ValueError("no_tianditu_key:")
        return self


class Scenario(Section):
    """A scenario, resolved: nothing left to look up but the layers' files."""

    scenario: Head
    layers: Layers
    redraw: Redraw = Redraw()
    rooms: Rooms = Rooms()
    circles: CirclesSection = CirclesSection()
    villages: Villages = Villages()
    developments: Developments = Developments()
    coverage: Coverage | None = None
    grids: Grids | None = None
    rollout: Rollout | None = None
    siting: Siting | None = None
    figures: dict[str, float] = Field(default_factory=dict)
    outputs: Outputs = Outputs()

    @model_validator(mode="after")
    def _something_to_draw(self) -> "Scenario":
        if self.layers.units is None and self.layers.villages is None:
            raise ValueError("no_units:")
        weights = self.redraw.weights
        named = {} if isinstance(weights, str) else weights
        asked = {term for term, weight in named.items() if weight}
        if asked and asked <= set(WALK_TERMS) and not self.rooms.joint:
            raise ValueError("only_walk_terms")
        return self


def known_keys(path: tuple[str | int, ...]) -> list[str]:
    """Return the keys allowed in the section at ``path``, for "did you mean"."""
    model: Any = Scenario
    for step in path:
        if isinstance(step, int):
            continue
        field = getattr(model, "model_fields", {}).get(step)
        if field is None:
            return []
        model = _model_inside(field.annotation)
    return list(getattr(model, "model_fields", {}))


def _model_inside(annotation: Any) -> Any:
    """Find the model in ``Model | None``, ``tuple[Model, ...]`` or ``Annotated[...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _model_inside(part)
        if found is not None:
            return found
    return None


def is_url(path: str) -> bool:
    """Whether a layer's path is a database's address rather than a file."""
    return path.split("://", 1)[0].lower() in {"postgresql", "postgres"} and "://" in path


def absolute(path: str, base: Path) -> str:
    """Make a path in a scenario file absolute; addresses stay as they are."""
    return path if is_url(path) else str((base / path).resolve())
