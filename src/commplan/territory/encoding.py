"""In which encoding a Shapefile's table or a CSV file is written: UTF-8, GB18030 or UTF-16."""

import codecs
from collections.abc import Iterator
from pathlib import Path

_GUESSES = ("utf-8", "gb18030")
_DBF_HEAD = 32


def csv_encoding(path: Path) -> str | None:
    """Return ``"utf-8"``, ``"gb18030"`` or ``"utf-16"``; None where the text fits none of them."""
    raw = path.read_bytes()
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return next((e for e in _GUESSES if _fits(raw, e)), None)


def dbf_encoding(path: Path) -> tuple[str | None, str | None]:
    """Find what a Shapefile's table states and what it holds.

    ``.cpg`` files are often missing and sometimes wrong, so the text itself is asked: UTF-8 fits
    hardly any text that is not UTF-8, and GB18030 covers GBK and GB2312.

    Parameters
    ----------
    path : Path
        The ``.dbf``.

    Returns
    -------
    stated : str or None
        Of the ``.cpg``, as a Python codec's name.
    encoding : str or None
        One that fits every text; None where the table has plain ASCII only, does not exist, or
        fits none of ours (then GDAL's own reading stands).
    """
    stated = _stated(path.with_suffix(".cpg"))
    if not path.exists():
        return stated, None
    texts = _dbf_texts(path.read_bytes())
    if all(text.isascii() for text in texts):
        return stated, None
    tried = (stated, *_GUESSES) if stated else _GUESSES
    fitting = (e for e in tried if all(_fits(text, e, cut=True) for text in texts))
    return stated, next(fitting, None)


def _stated(cpg: Path) -> str | None:
    if not cpg.exists():
        return None
    word = cpg.read_text(encoding="ascii", errors="replace").strip().lower()
    name = {"936": "gbk", "65001": "utf-8"}.get(word, word)
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _fits(raw: bytes, encoding: str, *, cut: bool = False) -> bool:
    """Whether ``raw`` decodes; ``cut`` allows a last character that the field's width cut."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(raw, final=not cut)
    except UnicodeDecodeError:
        return False
    return True


def _dbf_texts(raw: bytes) -> set[bytes]:
    """Return the distinct texts of a dBASE table, its field names among them."""
    return {raw[a:b].split(b"\0")[0].rstrip(b" ") for a, b in _dbf_spans(raw)}


def _dbf_spans(raw: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the texts of a dBASE table lie: the field names, then every text of every row.

    The layout is dBASE III's: a head of 32 bytes (records at 4, length of head at 8, of a record
    at 10), 32 bytes per field (name, type at 11, width at 16), then the records.
    """
    count = int.from_bytes(raw[4:8], "little")
    head = int.from_bytes(raw[8:10], "little")
    width = int.from_bytes(raw[10:12], "little")
    texts, start = [], 1
    for at in range(_DBF_HEAD, head - 1, 32):
        yield at, at + 11
        length = raw[at + 16]
        if raw[at + 11 : at + 12] == b"C":
            texts.append((start, start + length))
        start += length
    for row in range(head, head + count * width, width or 1):
        yield from ((row + a, row + b) for a, b in texts)


def uncut_dbf(raw: bytes, encoding: str) -> bytes:
    """Take away half characters at the ends of texts.

    Writers cut field names after ten bytes and texts at the field's width without looking:
    the name 小区编号 is twelve bytes of UTF-8, and what is left of it ends within a character,
    which no reader decodes.

    Parameters
    ----------
    raw : bytes
        The table.
    encoding : str

    Returns
    -------
    bytes
        Of the same length; ``raw`` itself where nothing was cut.
    """
    mended = bytearray(raw)
    for a, b in _dbf_spans(raw):
        text = raw[a:b]
        whole = text.decode(encoding, errors="ignore").encode(encoding)
        if len(whole) < len(text):
            filler = b"\0" if a < int.from_bytes(raw[8:10], "little") else b" "
            mended[a:b] = whole.rstrip(b" \0").ljust(b - a, filler)
    return raw if mended == raw else bytes(mended)
