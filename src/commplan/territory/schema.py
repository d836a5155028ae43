"""The layers, their columns, and what each may hold."""

from dataclasses import dataclass, field
from pathlib import Path


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
        Our name -> the file's name.
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
