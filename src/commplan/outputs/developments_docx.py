"""Letters as Word documents, fast: python-docx makes the styles once, letters are written as text.

A template of python-docx holds 0.8 MB of styles, which it would read and write anew for every
letter. Here they are packed once, and each letter adds its words alone.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from commplan.outputs.paper_table import HEAD_FILL, NO_CONTROLS, PAGE_CM, TWIPS_PER_CM, set_font
from commplan.outputs.sheets import Column
from commplan.outputs.tables import plain

BODY, CORE = "word/document.xml", "docProps/core.xml"
TYPES, LINKS = "[Content_Types].xml", "word/_rels/document.xml.rels"
PICTURE, PICTURE_ID = "media/map.png", "rIdMap"
EMU_PER_CM = 360_000
OOXML = "http://schemas.openxmlformats.org"
MIDNIGHT = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip file can hold
PAGE_BREAK = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'


@dataclass(frozen=True)
class Template:
    """An empty document, taken apart.

    Parameters
    ----------
    packed : bytes
        Everything but the words and the properties, as a zip file.
    before, after : str
        What stands around the words.
    core : str
        The properties, without a title.
    """

    packed: bytes
    before: str
    after: str
    core: str


@cache
def template() -> Template:
    """Make the empty document with paper and fonts; once in a process."""
    import docx

    document: Any = docx.Document()
    _set_up(document)
    stream, packed = io.BytesIO(), io.BytesIO()
    document.save(stream)
    with zipfile.ZipFile(stream) as given, zipfile.ZipFile(packed, "w") as kept:
        for name in given.namelist():
            content = given.read(name)
            if name in {TYPES, LINKS}:
                content = _with_picture(name, content.decode())
            if name not in {BODY, CORE}:
                _add(kept, name, content)
        body, core = given.read(BODY).decode(), given.read(CORE).decode()
    cut = body.index("<w:sectPr")
    return Template(packed.getvalue(), body[:cut], body[cut:], core)


def _with_picture(name: str, text: str) -> bytes:
    """Tell the package of a PNG picture."""
    if name == TYPES:
        known = '<Default Extension="png" ContentType="image/png"/>'
        return text.replace("<Default ", known + "<Default ", 1).encode()
    link = (
        f'<Relationship Id="{PICTURE_ID}" Target="{PICTURE}" '
        f'Type="{OOXML}/officeDocument/2006/relationships/image"/>'
    )
    return text.replace("</Relationships>", link + "</Relationships>").encode()


def _set_up(document: Any) -> None:
    """Set paper, fonts and properties."""
    from docx.shared import Cm, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2.0)
    for name, font, size in (
        ("Normal", "宋体", 10.5),
        ("Title", "黑体", 20),
        ("Heading 2", "黑体", 12.5),
    ):
        set_font(document.styles[name], font, size)
    for name in ("Title", "Heading 2"):
        document.styles[name].font.color.rgb = RGBColor(0x16, 0x40, 0x6B)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = "", "commplan", ""
    # The letter's day is the one on which it is signed; the file's own is no day at all.
    properties.created = properties.modified = datetime(*MIDNIGHT)  # noqa: DTZ001


def write_document(path: Path, title: str, parts: Iterable[str], png: bytes) -> None:
    """Write a Word document of paragraphs, tables and a picture; the same give the same bytes.

    Parameters
    ----------
    path : Path
    title : str
        Of the file's properties.
    parts : iterable of str
        Of `paragraph`, `table` and `picture`.
    png : bytes
        What `picture` shows.
    """
    empty = template()
    core = empty.core.replace("<dc:title></dc:title>", f"<dc:title>{_clean(title)}</dc:title>")
    stream = io.BytesIO(empty.packed)
    with zipfile.ZipFile(stream, "a") as kept:
        _add(kept, CORE, core.encode())
        kept.writestr(zipfile.ZipInfo(f"word/{PICTURE}", MIDNIGHT), png)  # packed as it is
        _add(kept, BODY, "".join([empty.before, *parts, empty.after]).encode())
    path.write_bytes(stream.getvalue())


def _add(kept: zipfile.ZipFile, name: str, content: bytes) -> None:
    kept.writestr(zipfile.ZipInfo(name, MIDNIGHT), content, zipfile.ZIP_DEFLATED, 6)


def paragraph(
    text: str,
    style: str = "Normal",
    size_pt: float | None = None,
    *,
    centred: bool = False,
    keep: bool = False,
) -> str:
    """Return a paragraph; ``style`` is of the template, ``keep`` keeps it on the page of the next."""
    held = "<w:keepNext/>" if keep else ""
    side = '<w:jc w:val="center"/>' if centred else ""
    size = "" if size_pt is None else f'<w:rPr><w:sz w:val="{2 * size_pt:.0f}"/></w:rPr>'
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{held}<w:spacing w:after="80"/>{side}</w:pPr>'
        f'<w:r>{size}<w:t xml:space="preserve">{_clean(text)}</w:t></w:r></w:p>'
    )


def picture(label: str, side_cm: float) -> str:
    """Return a paragraph with the square picture of the document; ``label`` tells what it shows."""
    side = f'cx="{side_cm * EMU_PER_CM:.0f}" cy="{side_cm * EMU_PER_CM:.0f}"'
    name = f'id="1" name="map" descr="{escape(label, {chr(34): "&quot;"})}"'
    drawing, shown = f"{OOXML}/drawingml/2006/main", f"{OOXML}/drawingml/2006/picture"
    return (
        '<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:drawing><wp:inline '
        f'xmlns:wp="{OOXML}/drawingml/2006/wordprocessingDrawing"><wp:extent {side}/>'
        f'<wp:docPr {name}/><a:graphic xmlns:a="{drawing}"><a:graphicData uri="{shown}">'
        f'<pic:pic xmlns:pic="{shown}"><pic:nvPicPr><pic:cNvPr {name}/><pic:cNvPicPr/>'
        f'</pic:nvPicPr><pic:blipFill><a:blip r:embed="{PICTURE_ID}" '
        f'xmlns:r="{OOXML}/officeDocument/2006/relationships"/><a:stretch><a:fillRect/></a:stretch>'
        f'</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {side}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData>'
        "</a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )


def table(columns: Sequence[Column]) -> str:
    """Return a table over the width of the page, its head repeated on every page."""
    whole = sum(column.width for column in columns)
    widths = [round(PAGE_CM * TWIPS_PER_CM * column.width / whole) for column in columns]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    head = [(column.title, False) for column in columns]
    body = zip(*(column.values for column in columns), strict=True)
    rows = [_row(head, widths, head=True)]
    rows += [_row([_words(value) for value in values], widths) for values in body]
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:jc w:val="center"/>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        f"{''.join(rows)}</w:tbl><w:p/>"
    )


def _row(cells: Sequence[tuple[str, bool]], widths: Sequence[int], *, head: bool = False) -> str:
    marks = "<w:cantSplit/>" + ("<w:tblHeader/>" if head else "")
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{HEAD_FILL}"/>' if head else ""
    weight = "<w:b/>" if head else ""
    parts = []
    for (text, right), width in zip(cells, widths, strict=True):
        side = '<w:jc w:val="right"/>' if right else ""
        parts.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr><w:p><w:pPr>'
            f'<w:spacing w:after="0"/>{side}</w:pPr><w:r><w:rPr>{weight}<w:sz w:val="17"/></w:rPr>'
            f'<w:t xml:space="preserve">{_clean(text)}</w:t></w:r></w:p></w:tc>'
        )
    return f"<w:tr><w:trPr>{marks}</w:trPr>{''.join(parts)}</w:tr>"


def _words(value: Any) -> tuple[str, bool]:
    """Word a cell, and say whether it is a figure."""
    known = plain(value)
    if known is None:
        return "–", False
    if isinstance(known, str):
        return known, False
    return f"{known:z,.{0 if abs(known - round(known)) < 0.05 else 1}f}", True


def _clean(text: str) -> str:
    return escape(text.translate(NO_CONTROLS))
