"""The layers, their columns, and what each may hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

#: In place of a field's name: the number of the row, from 1, as text.
ROW = "@row"


@dataclass(frozen=True)
class LayerSource:
    """Where a layer comes from and how its fields are named, as the scenario says.

    Parameters
    ----------
    layer : str
        A key of `LAYERS`.
    path : Path or str
        File, or a PostGIS URL.
    sublayer : str or None
        Layer inside the file (GeoPackage, Excel sheet).
    where : str or None
        Filter as GDAL understands it.
    columns : dict
        Our name -> the file's name; `ROW` stands for the row's number, where a file has no ids.
    fill : dict
        Our name -> value for nulls.
    constants : dict
        Our name -> one value for every row (a file of bridges without a ``kind`` field).
    crs : str or None
        CRS of a file that states none.
    """

    layer: str
    path: Path | str
    sublayer: str | None = None
    where: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    fill: dict[str, object] = field(default_factory=dict)
    constants: dict[str, object] = field(default_factory=dict)
    crs: str | None = None


class Holds(StrEnum):
    """What a column holds, and so its dtype in a `Territory`."""

    ID = "id"  #: text, never null, each value once: object
    TEXT = "text"  #: text or None: object
    COUNT = "count"  #: whole and not negative: int64 where required, else float64 with NaN
    NUMBER = "number"  #: not negative: float64 with NaN
    COORDINATE = "coordinate"  #: any number, negative too: float64 with NaN
    FLAG = "flag"  #: yes, no or unknown: pandas boolean; bool where there is a default


@dataclass(frozen=True)
class Column:
    """One column of a layer.

    Parameters
    ----------
    name : str
    holds : Holds
    required : bool
        Whether a file must have it.
    default : object
        Value of nulls and of files without the column; None leaves them null.
    """

    name: str
    holds: Holds = Holds.TEXT
    required: bool = False
    default: object = None


@dataclass(frozen=True)
class Layer:
    """One kind of layer.

    Parameters
    ----------
    name : str
    columns : tuple of Column
    shapes : frozenset of str
        ``"polygon"``, ``"line"``, ``"point"``: what its geometry may be.
    needs_geometry : bool
        Whether a table without places will not do.
    sort_by : str or None
        Column by which rows are sorted: the id where the layer has one.
    """

    name: str
    columns: tuple[Column, ...]
    shapes: frozenset[str]
    needs_geometry: bool = True
    sort_by: str | None = None

    def column(self, name: str) -> Column:
        """Return the column called ``name``; raises KeyError where there is none."""
        return next((c for c in self.columns if c.name == name), None) or _no_column(name)

    @property
    def takes_points(self) -> bool:
        """Whether a table with two coordinate columns can be this layer."""
        return "point" in self.shapes


def _no_column(name: str) -> Column:
    raise KeyError(name)


def _layer(
    name: str, shapes: str, *columns: Column, needs_geometry: bool = True, by: str | None = None
) -> Layer:
    allowed = frozenset(shapes.split())
    points = _POINT_COLUMNS if "point" in allowed else ()
    return Layer(name, columns + points, allowed, needs_geometry, by)


def _id(name: str) -> Column:
    return Column(name, Holds.ID, required=True)


def _count(name: str, required: bool = False) -> Column:
    return Column(name, Holds.COUNT, required=required)


def _number(name: str) -> Column:
    return Column(name, Holds.NUMBER)


def _flag(name: str, default: bool | None = None) -> Column:
    return Column(name, Holds.FLAG, default=default)


COORDINATES = ("lon", "lat", "x", "y")
_POINT_COLUMNS = tuple(Column(name, Holds.COORDINATE) for name in COORDINATES)

UNIT_KINDS = frozenset(
    ("compound", "block", "urban_village", "mine_industry", "farm", "floating", "open")
)
COMMUNITY_KINDS = frozenset(("urban", "residential_area", "village"))
BARRIER_KINDS = frozenset(("river", "railway", "expressway", "main_road", "road"))
CLOSED_BARRIER_KINDS = frozenset(("river", "railway", "expressway"))
CROSSING_KINDS = frozenset(("bridge", "underpass", "footbridge"))
SITE_STATUSES = frozenset(("existing", "candidate"))
SITE_WAYS = frozenset(
    (
        "new_build",
        "extension",
        "conversion",
        "purchase",
        "project",
        "swap",
        "sharing",
        "lease",
        "joint",
    )
)
PLACE_KINDS = frozenset(
    ("estate", "mine_industry", "farm", "floating", "residential_area", "village", "other")
)
AMENITY_KINDS = frozenset(
    ("food_market", "convenience", "medical", "school", "bank", "bus_stop", "sports")
)

_UNITS = _layer(
    "units",
    "polygon",
    _id("unit_id"),
    _count("households", required=True),
    _count("population"),
    _count("elderly"),
    Column("name"),
    Column("subdistrict_id"),
    Column("community_id"),
    _count("floating_population"),
    _number("commercial_floor_m2"),
    Column("kind"),
    Column("keep_with"),
    _flag("locked", default=False),
    by="unit_id",
)
_COMMUNITIES = _layer(
    "communities",
    "polygon",
    _id("community_id"),
    Column("name"),
    Column("kind"),
    Column("subdistrict_id"),
    _number("room_m2"),
    _count("staff"),
    needs_geometry=False,
    by="community_id",
)
_VILLAGES = _layer(
    "villages",
    "polygon point",
    _id("village_id"),
    _count("population", required=True),
    _count("households"),
    Column("township_id"),
    Column("name"),
    Column("seat"),
    Column("surname"),
    Column("ethnic_group"),
    _flag("fishing"),
    _number("collective_yuan"),
    _count("floating_population"),
    _flag("locked", default=False),
    by="village_id",
)
_BARRIERS = _layer(
    "barriers",
    "line polygon",
    Column("kind", required=True),
    _flag("crossable"),
    Column("name"),
)
_CROSSINGS = _layer("crossings", "point line", Column("kind"), Column("name"))
_STREETS = _layer(
    "streets",
    "line",
    _flag("walkable"),
    _number("minutes"),
    _number("speed"),
    Column("height", Holds.COORDINATE),
    Column("highway"),
    Column("foot"),
    Column("access"),
    Column("tags"),
    Column("name"),
)
_GATES = _layer("gates", "point", Column("unit_id", required=True), Column("name"), by="unit_id")
_SITES = _layer(
    "sites",
    "point",
    _id("site_id"),
    Column("status", required=True),
    _number("floor_m2"),
    _number("cost_yuan"),
    _number("yuan_per_m2"),
    _number("extend_m2"),
    _number("extend_yuan"),
    _count("ready_year"),
    Column("way"),
    _flag("ground_floor"),
    _flag("beside_entrance"),
    Column("name"),
    Column("address"),
    by="site_id",
)
_AMENITIES = _layer("amenities", "point", Column("kind", required=True), Column("name"))
_PLACES = _layer(
    "places",
    "polygon point",
    _id("place_id"),
    Column("name"),
    Column("kind"),
    _count("households"),
    _count("population"),
    _count("floating_population"),
    Column("community_id"),
    by="place_id",
)
_DEVELOPMENTS = _layer(
    "developments",
    "polygon point",
    _id("development_id"),
    _count("households", required=True),
    _number("floor_area_m2"),
    _count("population"),
    Column("completes"),
    _count("phases"),
    Column("phasing"),
    Column("name"),
    by="development_id",
)

#: Every layer that a scenario may name, in the order in which they are read.
LAYERS: Mapping[str, Layer] = MappingProxyType(
    {
        layer.name: layer
        for layer in (
            _UNITS,
            _COMMUNITIES,
            _VILLAGES,
            _BARRIERS,
            _CROSSINGS,
            _STREETS,
            _GATES,
            _SITES,
            _AMENITIES,
            _DEVELOPMENTS,
            _PLACES,
        )
    }
)
