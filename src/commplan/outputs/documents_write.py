"""Every document of a hearing, written into a folder: one folder per language."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from commplan.outputs.documents_columns import Table
from commplan.outputs.documents_dossier import Dossier
from commplan.outputs.documents_tables import every_table
from commplan.outputs.fonts import faces_for
from commplan.outputs.map_sheets import SheetOptions
from commplan.texts import Texts, load_texts

#: Documents that every plan has; answers are written where comments came in.
ALWAYS = ("notice", "proposal", "tables")


@dataclass(frozen=True)
class DocumentOptions:
    """What is written.

    Parameters
    ----------
    languages : tuple of str
    templates : Path or None
        Folder with the user's templates.
    sheets : tuple of SheetOptions
        Map sheets; none where it is empty.
    """

    languages: tuple[str, ...]
    templates: Path | None = None
    sheets: tuple[SheetOptions, ...] = ()


Tell = Callable[[int, int], None]


def write_documents(
    folder: Path, dossier: Dossier, options: DocumentOptions, tell: Tell | None = None
) -> bool:
    """Write Word documents, workbook, PDF and, where asked for, map sheets.

    Parameters
    ----------
    folder : Path
        Is there; each language gets a folder in it.
    dossier : Dossier
    options : DocumentOptions
    tell : callable, optional
        Told of each map sheet that is done.

    Returns
    -------
    bool
        Whether everything was written: False where no font with Chinese characters was found, so
        that maps and PDF are missing.

    Raises
    ------
    InputError
        Where a template cannot be used.
    """
    whole = True
    for language in options.languages:
        texts = load_texts(language)
        inner = folder / language
        inner.mkdir()
        whole &= _write_language(inner, dossier, options, texts, tell)
    return whole


def _write_language(
    folder: Path, dossier: Dossier, options: DocumentOptions, texts: Texts, tell: Tell | None
) -> bool:
    from commplan.outputs.documents_pdf import write_pdf
    from commplan.outputs.documents_word import document_context, write_word
    from commplan.outputs.documents_xlsx import write_document_tables
    from commplan.outputs.map_atlas import make_atlas
    from commplan.outputs.map_sheets import sketch_png, write_sheets

    faces = faces_for(drawn_words(dossier, texts))
    atlas = None if faces is None else make_atlas(dossier, texts)
    picture = None if atlas is None else sketch_png(atlas)
    context = document_context(dossier, texts)
    for name in (*ALWAYS, *(("answers",) if dossier.comments else ())):
        write_word(folder / f"{name}.docx", context, texts.language, options.templates, picture)
    write_document_tables(folder / "tables.xlsx", dossier, texts)
    if faces is None or atlas is None:
        return False
    write_pdf(folder / "report.pdf", dossier, texts, picture, faces)
    for sheets in options.sheets:
        write_sheets(folder / "maps", atlas, sheets, tell)
    return True


def drawn_words(dossier: Dossier, texts: Texts) -> list[str]:
    """Return words that maps and PDF show: enough of them to tell which font is needed."""
    tables: list[Table] = list(every_table(dossier, texts).values())
    words = [dossier.report.info.title_in(texts.language)]
    for table in tables:
        for column in table.values():
            words.append(column.title)
            words += [value for value in column.values if isinstance(value, str)]
    return words


def can_draw(dossier: Dossier, languages: tuple[str, ...]) -> bool:
    """Whether this machine has the fonts for the maps and the PDF of every language."""
    return all(
        faces_for(drawn_words(dossier, load_texts(language))) is not None for language in languages
    )
