"""tables.xlsx: the tables of the documents, with figures that can be summed and filtered."""

from dataclasses import replace
from pathlib import Path

import xlsxwriter

from commplan.outputs.documents_columns import Table, total_label
from commplan.outputs.documents_dossier import Dossier
from commplan.outputs.documents_say import exception_table
from commplan.outputs.documents_tables import compound_table, every_table
from commplan.outputs.sheets import without_words
from commplan.outputs.workbook import (
    OPTIONS,
    add_sheet,
    head_lines,
    make_styles,
    write_head,
    write_table,
)
from commplan.texts import Texts

#: Columns of long lists, in characters: a screen is wider than a page.
WIDE = {"compounds": 80.0, "boundaries": 40.0, "came": 36.0, "went": 36.0, "change": 12.0}


def write_document_tables(path: Path, dossier: Dossier, texts: Texts) -> None:
    """Write the tables of the documents in one language, a sheet each, and every compound's place."""
    book = xlsxwriter.Workbook(str(path), OPTIONS)
    book.set_properties({"title": dossier.report.info.title_in(texts.language)})
    styles = make_styles(book)
    tables: dict[str, Table] = dict(every_table(dossier, texts))
    tables["exceptions"] = exception_table(dossier, texts)
    tables["compounds"] = compound_table(dossier, texts)
    for name, table in tables.items():
        sheet = add_sheet(book, texts(f"documents.sheet_{name}"))
        write_head(sheet, styles, head_lines(dossier.report, texts.language))
        columns = [replace(c, width=WIDE.get(key, c.width)) for key, c in table.items()]
        total, note = total_label(name, texts), without_words(columns, texts)
        write_table(sheet, styles, columns, total, note)
    book.close()
