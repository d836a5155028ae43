"""The catalogue of a batch: one row for each scenario, for programs and for people."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from commplan.outputs.info import in_language
from commplan.outputs.sheets import Column
from commplan.texts import Texts, load_texts

#: A plan is there and valid.
WELL = ("optimal", "feasible")
#: Every status, the best first; the first four are those of a result.
STATUSES = (
    "optimal",
    "feasible",
    "infeasible",
    "not found",
    "unusable",
    "failed",
    "lost",
    "not begun",
)


@dataclass(frozen=True)
class Row:
    """What came of one scenario.

    Parameters
    ----------
    name : str
    title : mapping of str to str
        By language.
    status : str
        One of `STATUSES`: of the result; ``unusable`` for input that cannot be used, ``failed``
        for an error, ``lost`` where its workers died, ``not begun`` where the batch was stopped.
    exit_code : int or None
        That ``commplan run`` would have ended with; None where it was not begun.
    profile : str
    units, households : int or None
    cost, bound, gap : float or None
        Weighted cost of the plan, what is proven (households), and the share between them.
    communities_today, communities : int or None
    in_bounds_today, in_bounds : int or None
        Communities within the bounds on households.
    moved_households : int or None
    seconds : float or None
        From reading to the last file.
    peak_mb : float or None
        Most memory that the worker held at once while it worked on the scenario; None where the
        system does not tell.
    worker : str
        Host and process.
    reproducible : bool or None
    faults : mapping of str to list of str
        By language, why there is no plan: a line for each cause.
    """

    name: str
    title: Mapping[str, str] = field(default_factory=dict)
    status: str = "not begun"
    exit_code: int | None = None
    profile: str = ""
    units: int | None = None
    households: int | None = None
    cost: float | None = None
    bound: float | None = None
    gap: float | None = None
    communities_today: int | None = None
    communities: int | None = None
    in_bounds_today: int | None = None
    in_bounds: int | None = None
    moved_households: int | None = None
    seconds: float | None = None
    peak_mb: float | None = None
    worker: str = ""
    reproducible: bool | None = None
    faults: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def is_well(self) -> bool:
        """Whether there is a valid plan."""
        return self.status in WELL

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Row":
        """Read what `to_dict` gave; a TypeError where it is something else."""
        return Row(**values)


@dataclass(frozen=True)
class BatchInfo:
    """What page and tables say about the batch itself.

    Parameters
    ----------
    name : str
    title : mapping of str to str
        By language.
    date : datetime.date
    languages : tuple of str
    attribution : str
    """

    name: str
    title: Mapping[str, str]
    date: date
    languages: tuple[str, ...] = ("zh-CN", "en")
    attribution: str = ""

    def title_in(self, language: str) -> str:
        """Return the title in ``language``, else in another one, else the name."""
        return in_language(self.title, language) or self.name


INTEGERS = {f.name for f in fields(Row) if f.type == "int | None" or f.type == int | None}


def catalogue_table(rows: Sequence[Row], language: str) -> pd.DataFrame:
    """Return the catalogue, a row for each scenario in the order given.

    Returns
    -------
    DataFrame
        The fields of `Row`; ``title`` and ``faults`` as text of one language, faults on lines.
    """
    records = []
    for row in rows:
        record = row.to_dict()
        record["title"] = in_language(row.title, language) or row.name
        record["faults"] = "\n".join(row.faults.get(language, ()))
        records.append(record)
    table = pd.DataFrame(records, columns=[f.name for f in fields(Row)])
    for name in INTEGERS:
        table[name] = table[name].astype("Int64")
    for name in ("cost", "bound", "gap", "seconds", "peak_mb"):
        table[name] = table[name].astype("float64")
    table["reproducible"] = table["reproducible"].astype("boolean")
    return table


def status_word(status: str, texts: Texts) -> str:
    """Name a status."""
    return texts(f"batch.status_{status.replace(' ', '_')}")


def totals(rows: Sequence[Row]) -> dict[str, int]:
    """Sum up what the plans have in common; scenarios without a plan count as cases only."""
    well = [row for row in rows if row.is_well]

    def total(name: str) -> int:
        return sum(int(getattr(row, name) or 0) for row in well)

    names = ("households", "communities_today", "communities", "in_bounds_today", "in_bounds")
    found = {name: total(name) for name in (*names, "moved_households")}
    return {"cases": len(rows), "well": len(well)} | found


def catalogue_columns(rows: Sequence[Row], texts: Texts) -> list[Column]:
    """Return the catalogue as columns of a workbook, in the words of a language."""
    language = texts.language
    table = catalogue_table(rows, language)
    table["status"] = [status_word(row.status, texts) for row in rows]
    kinds = {
        "title": ("text", 30),
        "name": ("text", 24),
        "status": ("text", 14),
        "profile": ("text", 16),
        "units": ("int", 9),
        "households": ("int", 12),
        "communities_today": ("int", 11),
        "in_bounds_today": ("int", 11),
        "communities": ("int", 11),
        "in_bounds": ("int", 11),
        "moved_households": ("int", 11),
        "cost": ("int", 12),
        "bound": ("int", 12),
        "gap": ("share", 9),
        "seconds": ("minutes", 9),
        "peak_mb": ("int", 9),
        "faults": ("text", 60),
    }
    sums = {"units", "households", "moved_households", "seconds"}
    sums |= {"communities_today", "in_bounds_today", "communities", "in_bounds"}
    return [
        Column(texts(f"batch.col_{name}"), list(table[name]), kind, total=name in sums, width=width)
        for name, (kind, width) in kinds.items()
    ]


def write_batch_workbook(path: Path, rows: Sequence[Row], info: BatchInfo) -> None:
    """Write the catalogue as a workbook, a sheet for each language."""
    import xlsxwriter

    from commplan.outputs.workbook import (
        OPTIONS,
        add_sheet,
        make_styles,
        write_head,
        write_table,
    )

    book = xlsxwriter.Workbook(str(path), OPTIONS)
    made = datetime(info.date.year, info.date.month, info.date.day)  # noqa: DTZ001 -- a day
    book.set_properties({"title": info.title_in(info.languages[0]), "created": made})
    styles = make_styles(book)
    sums = totals(rows)
    for language in info.languages:
        texts = load_texts(language)
        sheet = add_sheet(book, texts("batch.sheet"))
        lines = [
            ("title", info.title_in(language)),
            ("line", texts("batch.head", name=info.name, date=info.date.isoformat())),
            ("line", texts("batch.head_sums", **{k: f"{v:,}" for k, v in sums.items()})),
        ]
        write_head(sheet, styles, lines)
        write_table(sheet, styles, catalogue_columns(rows, texts), texts("tables.total"))
    book.close()
