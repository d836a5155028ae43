"""report.xlsx and report.docx of a merging of villages, with the table for the villages' meetings."""

from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import docx
import xlsxwriter
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt

from commplan.outputs.document import figure, set_up, write_findings
from commplan.outputs.info import PageInfo, in_language
from commplan.outputs.paper_table import add_table
from commplan.outputs.sheets import Column
from commplan.outputs.villages_map import write_village_map
from commplan.outputs.villages_tables import (
    VillageReport,
    figure_name,
    group_columns,
    key_figures,
    left_columns,
    meeting_parts,
    stage_columns,
    village_sheets,
)
from commplan.outputs.words import profile_lines
from commplan.outputs.workbook import OPTIONS, add_sheet, make_styles, write_head, write_table
from commplan.plan.villages import VillagePlan
from commplan.policy import describe
from commplan.policy.library import load_profile
from commplan.texts import Texts, load_texts

RULE = "village.merge_general"
LAW, LAW_RULE = "village-law", "procedure.village_change"


def write_village_workbook(path: Path, report: VillageReport) -> None:
    """Write the workbook: every sheet in every language, the first language first."""
    book = xlsxwriter.Workbook(str(path), OPTIONS)
    info = report.info
    made = datetime(info.date.year, info.date.month, info.date.day)  # noqa: DTZ001 -- a day
    book.set_properties({"title": info.title_in(info.languages[0]), "created": made})
    styles = make_styles(book)
    for language in info.languages:
        texts = load_texts(language)
        lines = profile_lines(report.profile, language, RULE)
        basis = texts("tables.head_basis", title=lines["title"], status=lines["status"])
        head = [
            ("title", info.title_in(language)),
            ("line", _scenario_line(info, texts)),
            ("draft" if report.profile.status.value == "draft" else "line", basis),
        ]
        sheets = {"summary": _figure_columns(report.plan, texts, paper=False)}
        sheets |= village_sheets(report.plan, report.findings, texts)
        for name, columns in sheets.items():
            sheet = add_sheet(book, texts(f"villages.sheet_{name}"))
            write_head(sheet, styles, head)
            write_table(sheet, styles, columns, texts("tables.total"))
    book.close()


def _scenario_line(info: PageInfo, texts: Texts) -> str:
    return texts("tables.head_scenario", scenario=info.scenario, date=info.date.isoformat())


def _figure_columns(plan: VillagePlan, texts: Texts, *, paper: bool) -> list[Column]:
    """Key figures today and proposed: worded on paper, as numbers in a workbook."""
    rows = key_figures(plan)
    names = [figure_name(plan, code, texts) for code, *_ in rows]
    kind = "number" if paper else "int"

    def shown(value: float | None, unit: str) -> Any:
        if value is None:
            return figure(value, unit) if paper else None
        if unit:
            return figure(value, unit)
        return f"{value:z,.0f}" if paper else value

    def values(at: int) -> list[Any]:
        return [shown(v[at - 2], unit) for _, unit, *v in rows]

    return [
        Column(texts("tables.col_measure"), names, width=46),
        Column(texts("tables.col_today"), values(2), kind, width=14),
        Column(texts("tables.col_proposed"), values(3), kind, width=14),
    ]


def write_village_document(path: Path, report: VillageReport) -> None:
    """Write the document: the whole of it in the first language, then in the next."""
    document: Any = docx.Document()
    set_up(document, report.info)
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    for place, language in enumerate(report.info.languages):
        _write_language(document, report, load_texts(language), first=not place)
    document.save(str(path))


def _write_language(document: Any, report: VillageReport, texts: Texts, *, first: bool) -> None:
    info, plan = report.info, report.plan
    title = document.add_paragraph(info.title_in(texts.language), style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.page_break_before = not first
    line = document.add_paragraph(_scenario_line(info, texts))
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write_basis(document, report, texts)
    document.add_heading(texts("document.summary"), 1)
    add_table(document, _figure_columns(plan, texts, paper=True))
    document.add_heading(texts("document.map"), 1)
    with TemporaryDirectory() as scratch:
        picture = Path(scratch) / "map.png"
        write_village_map(picture, plan, texts, info.attribution)
        document.add_picture(BytesIO(picture.read_bytes()), width=Cm(16.6))
    document.add_heading(texts("villages.sheet_stages"), 1)
    document.add_paragraph(rules_words(plan, texts))
    if len(plan.stages):
        add_table(document, stage_columns(plan, texts), total=texts("tables.total"))
    document.add_heading(texts("villages.sheet_groups"), 1)
    kept = {texts(f"villages.col_{name}") for name in DOCUMENT_COLUMNS}
    columns = [c for c in group_columns(plan, texts) if c.title in kept]
    add_table(document, columns, total=texts("tables.total"))
    document.add_heading(texts("villages.sheet_left"), 1)
    if plan.left:
        add_table(document, left_columns(plan, texts))
    else:
        document.add_paragraph(texts("villages.nobody_left", small=plan.small_people))
    left = {finding.code for finding in report.plan.left.values()}
    write_findings(document, [f for f in report.findings if f.code not in left], texts)
    if len(plan.groups):
        _write_meetings(document, plan, texts)


DOCUMENT_COLUMNS = ("group_id", "name", "members", "seat", "stage", "people", "renamed_people")


def rules_words(plan: VillagePlan, texts: Texts) -> str:
    """Say by which rules names, seats and stages were proposed."""
    seat = "villages.rule_seat_minutes" if plan.by_minutes else "villages.rule_seat_people"
    staging = plan.staging
    words = [texts("villages.rule_name"), texts(seat)]
    words.append(texts("villages.rule_stages", first=plan.first_people))
    if staging.groups_per_year is not None:
        words.append(texts("villages.rule_yearly", groups=staging.groups_per_year))
    return "".join([*words, texts("villages.rule_decide")])


def _write_basis(document: Any, report: VillageReport, texts: Texts) -> None:
    lines = profile_lines(report.profile, texts.language, RULE)
    document.add_heading(texts("document.basis"), 1)
    basis = texts("tables.head_basis", title=lines["title"], status=lines["status"])
    document.add_paragraph().add_run(basis).bold = report.profile.status.value == "draft"
    for words in (lines["clause"], lines["standing"], report.info.note_in(texts.language)):
        if words:
            document.add_paragraph(words)
    number = report.info.map_approval or texts("page.approval_blank")
    document.add_paragraph(texts("page.approval") + texts("page.colon") + number)


def _write_meetings(document: Any, plan: VillagePlan, texts: Texts) -> None:
    """Write the table that goes to the meetings, with the procedure of the law above it."""
    heading = document.add_heading(texts("villages.sheet_meetings"), 1)
    heading.paragraph_format.page_break_before = True
    profile = load_profile(LAW)
    law = profile_lines(profile, texts.language)
    rule = profile.rules[LAW_RULE]
    words = texts(
        "villages.procedure",
        law=law["title"],
        article=describe.clause_words(rule.clause.number, texts),
        norm=in_language(rule.title, texts.language),
    )
    document.add_paragraph(words)
    document.add_paragraph(law["standing"]).runs[0].font.size = Pt(9)
    for township, columns in meeting_parts(plan, texts).items():
        if township:
            document.add_heading(township, 2)
        document.add_paragraph(texts("villages.meeting_dates"))
        add_table(document, columns)
    # The paragraph behind the last table must not begin a page of its own.
    document.paragraphs[-1].paragraph_format.line_spacing = Pt(1)
    document.paragraphs[-1].paragraph_format.space_after = Pt(0)
