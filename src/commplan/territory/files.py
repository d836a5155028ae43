"""Files made readable: unpacked, in a known encoding, with the one layer that is meant."""

import bz2
import glob
import gzip
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from commplan.errors import Fault, InputError
from commplan.findings import Finding, Severity
from commplan.territory.encoding import csv_encoding, dbf_encoding, uncut_dbf
from commplan.territory.schema import LayerSource
from commplan.texts import input_error

_PARQUET = frozenset((".parquet", ".geoparquet", ".pq"))
_MEMBERS = frozenset(
    (".shp", ".gpkg", ".geojson", ".json", ".topojson", ".fgb", ".csv", ".tsv", ".xlsx", ".kml")
) | frozenset((".gml", ".tab", ".ods", ".sqlite", ".osm", ".pbf", *_PARQUET))
_OSM = frozenset((".osm", ".pbf"))
_OF_OSM = {"streets": "lines"}  # which of the driver's layers is meant where none is named
_PACKED: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open}  # one file; a .zip may hold more
_DATABASES = frozenset(("postgresql", "postgres"))


@dataclass(frozen=True)
class DataFile:
    """One layer that can be opened.

    Parameters
    ----------
    path : Path or str
        File after unpacking, or what GDAL opens a database by.
    sublayer : str or None
    options : dict
        For GDAL's driver.
    findings : tuple of Finding
        What was guessed on the way.
    """

    path: Path | str
    sublayer: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def is_parquet(self) -> bool:
        """Whether pyarrow reads it, not GDAL."""
        return isinstance(self.path, Path) and self.path.suffix.lower() in _PARQUET

    @property
    def is_osm(self) -> bool:
        """Whether it is an extract of OpenStreetMap."""
        return isinstance(self.path, Path) and self.path.suffix.lower() in _OSM

    @property
    def is_csv(self) -> bool:
        """Whether every value in it is text."""
        return isinstance(self.path, Path) and self.path.suffix.lower() in {".csv", ".tsv"}


def shown_path(source: LayerSource) -> str:
    """Name the source for a message: a database's address without its password."""
    text = str(source.path)
    parts = urlsplit(text) if "://" in text else None
    if parts is None or parts.password is None:
        return text
    return text.replace(f":{parts.password}@", ":***@")


def fault_at(source: LayerSource, code: str, **params: object) -> Fault:
    """Make a fault of the whole layer."""
    return Fault(code, params, file=shown_path(source), layer=source.layer)


@contextmanager
def open_file(source: LayerSource) -> Iterator[DataFile]:
    """Unpack, find encoding and sublayer; what was unpacked is gone afterwards.

    Raises
    ------
    InputError
        The file is missing or unreadable, or holds several layers and none is named.
    """
    with TemporaryDirectory(prefix="commplan-") as folder:
        try:
            file = _plain_file(source, Path(folder))
            yield file if file.is_parquet else _with_sublayer(source, file)
        except (OSError, zipfile.BadZipFile, EOFError) as error:
            if isinstance(error, InputError):
                raise
            raise unreadable(source, error) from error


def unreadable(source: LayerSource, error: BaseException) -> InputError:
    """Make the error for a file that its library refuses, in the library's words."""
    reason = str(error).split("; It might help")[0].replace(str(source.path), "").strip(" :'\"")
    password = urlsplit(str(source.path)).password
    reason = reason.replace(password, "***") if password else reason
    return input_error([fault_at(source, "territory.unreadable", reason=reason[:300])])


def _plain_file(source: LayerSource, folder: Path) -> DataFile:
    if isinstance(source.path, str) and "://" in source.path:
        return _database(source)
    path = Path(source.path)
    if not path.exists():
        raise input_error([fault_at(source, "fault.missing_file")])
    sublayer = source.sublayer
    if path.suffix.lower() in _PACKED:
        path = _unpack(path, folder)
    elif path.suffix.lower() == ".zip":
        path, used = _unzip(source, path, folder)
        sublayer = None if used else sublayer
    return _decoded(source, DataFile(path, sublayer), folder)


def _database(source: LayerSource) -> DataFile:
    import pyogrio

    scheme = urlsplit(str(source.path)).scheme.split("+")[0].lower()
    if scheme not in _DATABASES:
        raise input_error([fault_at(source, "territory.unknown_address", scheme=scheme)])
    if "PostgreSQL" not in pyogrio.list_drivers():
        raise input_error([fault_at(source, "territory.no_postgis")])
    address = str(source.path).split("://", 1)[1]
    return DataFile(f"PG:postgresql://{address}", source.sublayer)


def _unpack(path: Path, folder: Path) -> Path:
    import shutil

    target = folder / path.stem
    with _PACKED[path.suffix.lower()](path, "rb") as packed, target.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    return target


def _unzip(source: LayerSource, path: Path, folder: Path) -> tuple[Path, bool]:
    """Unpack; return the file meant and whether the sublayer's name chose it."""
    with zipfile.ZipFile(path) as packed:
        for member in packed.infolist():
            if not member.is_dir():
                member.filename = _member_name(member)
                packed.extract(member, folder)
    found = [p for p in sorted(folder.rglob("*")) if p.suffix.lower() in _MEMBERS]
    found += [p for p in sorted(folder.rglob("*.gdb")) if p.is_dir()]
    if not found:
        raise input_error([fault_at(source, "territory.nothing_inside")])
    if len(found) == 1:
        return found[0], False
    stems = [p.stem for p in found]
    chosen = _choose(source, stems)
    return found[stems.index(chosen)], True


def _member_name(member: zipfile.ZipInfo) -> str:
    """Read a name that Windows wrote in GBK; zip marks only UTF-8."""
    if member.flag_bits & 0x800 or member.filename.isascii():
        return member.filename
    raw = member.filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _decoded(source: LayerSource, file: DataFile, folder: Path) -> DataFile:
    """Tell GDAL the encoding where the file does not, or says it wrongly."""
    path = Path(file.path)
    if path.suffix.lower() in {".shp", ".dbf"}:
        return _decoded_dbf(source, file, folder)
    if file.is_csv:
        encoding = csv_encoding(path)
        file = replace(file, options={"HEADERS": "YES"})
        if encoding is None:
            raise input_error([fault_at(source, "territory.unknown_encoding")])
        if encoding == "utf-8":
            return file
        text = path.read_bytes().decode(encoding)
        plain = folder / "utf8" / path.name
        plain.parent.mkdir()
        plain.write_text(text, encoding="utf-8", newline="")
        return replace(file, path=plain, findings=(_guess(source, encoding),))
    if path.suffix.lower() in {".xlsx", ".ods"}:
        return replace(file, options={"HEADERS": "FORCE"})
    return file


def _decoded_dbf(source: LayerSource, file: DataFile, folder: Path) -> DataFile:
    path = Path(file.path)
    table = path.with_suffix(".dbf")
    stated, encoding = dbf_encoding(table)
    if encoding is None:
        return file
    raw = table.read_bytes()
    mended = uncut_dbf(raw, encoding)
    if mended is not raw:
        copies = folder / "mended"
        copies.mkdir()
        for part in path.parent.glob(f"{glob.escape(path.stem)}.*"):
            (copies / part.name).write_bytes(mended if part == table else part.read_bytes())
        file = replace(file, path=copies / path.name)
    if encoding == stated:
        return file
    return replace(file, options={"ENCODING": encoding}, findings=(_guess(source, encoding),))


def _guess(source: LayerSource, encoding: str) -> Finding:
    params = {"encoding": encoding.upper()}
    return Finding("territory.encoding", Severity.NOTE, params, layer=source.layer)


def _with_sublayer(source: LayerSource, file: DataFile) -> DataFile:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        names = [str(name) for name in pyogrio.list_layers(file.path)[:, 0]]
    except (DataSourceError, DataLayerError) as error:
        raise unreadable(source, error) from error
    if not names:
        raise input_error([fault_at(source, "territory.nothing_inside")])
    if file.sublayer is None and len(names) == 1:
        return replace(file, sublayer=names[0])
    return replace(file, sublayer=_choose(replace(source, sublayer=file.sublayer), names))


def _choose(source: LayerSource, names: list[str]) -> str:
    """Take the sublayer that is named, else the one called like our layer."""
    wanted = source.sublayer if source.sublayer is not None else source.layer
    if source.sublayer is None and {"lines", "multilinestrings"} <= set(names):
        wanted = _OF_OSM.get(wanted, wanted)
    if wanted in names:
        return wanted
    code = "territory.no_such_sublayer" if source.sublayer else "territory.choose_sublayer"
    raise input_error([fault_at(source, code, name=wanted, known=", ".join(names[:20]))])
