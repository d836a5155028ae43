"""A Folium map whose page asks no host for anything."""

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

import folium
from branca.element import Element, Figure
from folium.map import Layer
from folium.template import Template

from commplan.errors import MissingAssetError
from commplan.outputs.basemap import Basemap, allow_host

FETCH_COMMAND = "python tools/fetch_assets.py"


def read_asset(name: str) -> str:
    """Return the text of a file that set-up fetched.

    Raises
    ------
    MissingAssetError
        Where it is not there; the message names the command that fetches it.
    """
    path = files("commplan.outputs") / "assets" / name
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise MissingAssetError(
            f"{name} is missing from commplan/outputs/assets: run `{FETCH_COMMAND}` once"
        ) from None


@cache
def read_template(name: str) -> str:
    """Return one of our own templates, styles or scripts."""
    return (files("commplan.outputs") / "templates" / name).read_text(encoding="utf-8")


def without_links(css: str) -> str:
    """Drop the declarations that would fetch a picture (the page draws its own marks)."""
    return re.sub(r"[\w-]+\s*:\s*url\([^)]*\)[^;}]*;?", "", css)


def without_source_map(script: str) -> str:
    """Drop the line with which developer tools would look for a source map."""
    return re.sub(r"^//# sourceMappingURL=.*$", "", script, flags=re.MULTILINE)


def embed_json(document: Any) -> str:
    """Write JSON that can stand in a ``<script>``: no ``<``, ``>``, ``&``, U+2028 or U+2029."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


class Verbatim(Element):
    """Text put into the page as it is, between two marks, never read as a template."""

    _template = Template("{{ this.before }}{{ this.text }}{{ this.after }}\n")

    def __init__(self, text: str, before: str = "", after: str = "") -> None:
        super().__init__()
        self._name = "Verbatim"
        self.text, self.before, self.after = text, before, after


class OfflineFigure(Figure):
    """Folium's page with a language and a title that is escaped."""

    _template = Template(
        '<!DOCTYPE html>\n<html lang="{{ this.language|e }}">\n<head>\n<meta charset="utf-8">\n'
        "<title>{{ this.title|e }}</title>\n{{ this.header.render(**kwargs) }}\n</head>\n<body>\n"
        "{{ this.html.render(**kwargs) }}\n<script>\n{{ this.script.render(**kwargs) }}\n</script>"
        "\n</body>\n</html>\n"
    )

    def __init__(self, title: str, language: str) -> None:
        super().__init__(title=title)
        self.language = language
        # The page states its character set in its own template.
        self.header = Element()
        self.header._parent = self  # noqa: SLF001 -- as branca makes it


class OfflineMap(folium.Map):
    """A Folium map that links no script and no style, with fixed names for fixed bytes."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 -- folium reads them from the class
    default_css: list[tuple[str, str]] = []  # noqa: RUF012
    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = commplan.createMap("map", {{ this.options|tojavascript }});
        {% endmacro %}
        """
    )

    def __init__(self, title: str, language: str) -> None:
        super().__init__(tiles=None, zoom_control=False)
        self._id = "hearing"
        OfflineFigure(title, language).add_child(self)


class PageLayer(Layer):
    """A layer that the page's script draws from the embedded data."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = commplan.layer({{ this.part|tojson }});
        {% endmacro %}
        """
    )

    def __init__(self, part: str, *, show: bool = True) -> None:
        super().__init__(name=part, overlay=True, control=False, show=show)
        self._name, self._id, self.part = "Layer", part, part


def render_page(
    page: OfflineMap, body: str, scripts: list[str], document: Any, basemap: Basemap | None = None
) -> str:
    """Put Leaflet, our styles and scripts, the page's body and its data around a map.

    With ``basemap`` the page may load pictures from that host, and from no other.
    """
    head = read_template("head.html")
    head = head if basemap is None else allow_host(head, basemap)
    figure: Any = page.get_root()
    licence = read_asset("leaflet-LICENSE.txt").replace("--", "- -")
    css = without_links(read_asset("leaflet.css")) + read_template("page.css")
    figure.header.add_child(Verbatim(head), name="head")
    figure.header.add_child(Verbatim(licence, "<!-- Leaflet:\n", "-->"), name="licence")
    figure.header.add_child(Verbatim(css, "<style>\n", "</style>"), name="style")
    figure.html.add_child(Verbatim(body), name="body")
    data = embed_json(document)
    before = '<script type="application/json" id="commplan-data">'
    figure.html.add_child(Verbatim(data, before, "</script>"), name="data")
    for name in scripts:
        code = read_template(name) if name != "leaflet.js" else read_asset(name)
        code = without_source_map(code)
        figure.html.add_child(Verbatim(code, "<script>\n", "</script>"), name=name)
    page.add_child(_Start(), name="start")  # type: ignore[no-untyped-call]
    return str(figure.render())


class _Start(folium.MacroElement):
    """Starts the page once the map and its layers are there."""

    _template = Template(
        "{% macro script(this, kwargs) %}commplan.start();{% endmacro %}",
    )
