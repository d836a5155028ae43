"""Tables as columns by key: made, put in words and summed, the same for Word, Excel and PDF."""

from collections.abc import Iterable
from typing import Any

from commplan.outputs.paper_table import NO_CONTROLS, cell_words
from commplan.outputs.sheets import Column, column_sum, without_words
from commplan.texts import Texts

Table = dict[str, Column]

#: Tables that list some communities only.
PARTIAL = frozenset(("short", "exceptions"))
#: Columns that are summed; the sums are figures of the scorecard, but for those of `PARTIAL`.
SUMS = frozenset(
    ("units", "households", "population", "floor_m2", "need_m2", "short_m2", "cost_yuan",
     "old_units", "old_households", "old_population", "new_units", "new_households",
     "new_population")
)  # fmt: skip


def make_table(texts: Texts, **columns: tuple[Iterable[Any], str, float]) -> Table:
    """Make a table of columns given as values, kind and width; titles are ``documents.col_<key>``."""
    return {
        key: Column(texts(f"documents.col_{key}"), list(values), kind, key in SUMS, width)
        for key, (values, kind, width) in columns.items()
    }


def number_column(count: int, texts: Texts) -> Column:
    """Count rows from 1."""
    return Column(texts("documents.col_number"), list(range(1, count + 1)), "int", width=5)


def table_rows(table: Table) -> list[dict[str, str]]:
    """Return the rows of a table as words by key, for a template."""
    columns = [
        [cell_words(value, column.kind)[0].translate(NO_CONTROLS) for value in column.values]
        for column in table.values()
    ]
    return [dict(zip(table, row, strict=True)) for row in zip(*columns, strict=True)]


def table_totals(table: Table, texts: Texts) -> dict[str, str]:
    """Return the sums of a table as words by key; "" where a sum means nothing, – where unknown.

    Where sums leave out rows without a figure, the last column of words says so.
    """
    found = {
        key: cell_words(column_sum(column), column.kind)[0] if column.total else ""
        for key, column in table.items()
    }
    words = [key for key, column in table.items() if column.kind == "text"]
    if words:
        found[words[-1]] = without_words(table.values(), texts)
    return found


def total_label(name: str, texts: Texts) -> str:
    """Name the row of sums: a table that lists some communities only has a subtotal."""
    return texts("documents.subtotal" if name in PARTIAL else "documents.total")
