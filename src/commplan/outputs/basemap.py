"""Base maps that a viewer may switch on: which host is asked for what, and whose map it is.

A page carries one only where the scenario names it, and asks the host for nothing before the
viewer presses the button that names the host. CGCS2000 (Tianditu's datum) is taken as WGS 84: they
differ by decimetres. Amap's tiles are in GCJ-02; the page lays each where its ground belongs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from commplan.texts import load_texts

_TIANDITU = (
    "https://t0.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
    "&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)
_AMAP = "appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}"


@dataclass(frozen=True)
class Basemap:
    """Where the tiles of a base map come from.

    Parameters
    ----------
    name : str
        ``"tianditu"``, ``"osm"`` or ``"amap"``.
    host : str
        The one host that is asked.
    urls : tuple of str
        One per layer, bottom first, with ``{x}``, ``{y}``, ``{z}``: Web Mercator tiles of 256 px.
    max_zoom : int
        The finest level that the host has; nearer, its tiles are enlarged.
    is_gcj02 : bool
        Whether its tiles are shifted.
    """

    name: str
    host: str
    urls: tuple[str, ...]
    max_zoom: int = 18
    is_gcj02: bool = False


def make_basemap(name: str | None, tianditu_key: str = "") -> Basemap | None:
    """Return the base map of that name, None for none.

    Raises
    ------
    ValueError
        For an unknown name, and for Tianditu without a key.
    """
    if name is None:
        return None
    if name == "osm":
        host = "tile.openstreetmap.org"
        return Basemap(name, host, (f"https://{host}/{{z}}/{{x}}/{{y}}.png",), max_zoom=19)
    if name == "amap":
        host = "webrd01.is.autonavi.com"
        return Basemap(name, host, (f"https://{host}/{_AMAP}",), is_gcj02=True)
    if name == "tianditu" and tianditu_key:
        urls = tuple(_TIANDITU.format(layer=layer, key=tianditu_key) for layer in ("vec", "cva"))
        return Basemap(name, "t0.tianditu.gov.cn", urls)
    raise ValueError(f"no base map {name!r}, or no key for it")


def basemap_record(basemap: Basemap, languages: Iterable[str]) -> dict[str, Any]:
    """Return what the page's script needs, with the map's name and attribution by language."""
    record: dict[str, Any] = {
        "host": basemap.host,
        "urls": list(basemap.urls),
        "maxZoom": basemap.max_zoom,
        "gcj02": basemap.is_gcj02,
        "name": {},
        "credit": {},
    }
    for language in languages:
        texts = load_texts(language)
        record["name"][language] = texts(f"page.basemap_{basemap.name}")
        record["credit"][language] = texts(f"page.basemap_credit_{basemap.name}")
    return record


def allow_host(head: str, basemap: Basemap) -> str:
    """Let the page's content security policy load pictures of the base map's host, and no other."""
    return head.replace("img-src data:", f"img-src data: https://{basemap.host}")
