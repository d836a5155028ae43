"""Make the Word templates of the documents, laid out as GB/T 9704-2012 asks of official papers.

Run it after a change of ``documents.po`` or of the layout; a test holds the templates to it:
``python tools/make_templates.py [FOLDER]``.
"""

import sys
from pathlib import Path
from typing import Any

from docx.enum.text import WD_LINE_SPACING
from docx.shared import Mm, Pt

from commplan.outputs.documents_say import between
from commplan.texts import LANGUAGES, Texts, load_texts
from template_layout import (
    CENTER,
    TABLE_MARGINS_MM,
    annex,
    each,
    given,
    lines,
    new_document,
    set_page,
    table,
    wide_part,
)

FOLDER = Path(__file__).parents[1] / "src/commplan/outputs/templates/documents"


def main() -> None:
    """Write every template of every language."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for language in LANGUAGES:
        texts = load_texts(language)
        (folder / language).mkdir(parents=True, exist_ok=True)
        for name, make in MAKERS.items():
            document = new_document(texts)
            make(document, texts)
            document.save(str(folder / language / f"{name}.docx"))


def notice(document: Any, texts: Texts) -> None:
    """公示."""
    title = {"plan_title": "{{ plan_title }}", "draft": "{{ draft }}"}
    lines(document, "Main", texts("documents.t_notice_title", **title))
    lines(document, "Body", "")
    words = texts("documents.t_notice_intro", basis="{{ basis }}", **title)
    lines(document, "Body", words)
    lines(document, "Part", texts("documents.t_notice_h1"))
    gap = between(texts)
    lines(document, "Body", f"{{{{ say.today }}}}{gap}{{{{ say.plan }}}}", "{{ say.moves }}")
    lines(document, "Body", f"{{{{ say.rooms }}}}{gap}{{{{ say.within }}}}")
    lines(document, "Part", texts("documents.t_notice_h2"))
    lines(document, "Body", texts("documents.t_notice_see"))
    lines(document, "Part", texts("documents.t_notice_h3"))
    lines(document, "Body", "{{ field.period }}")
    lines(document, "Part", texts("documents.t_notice_h4"))
    lines(document, "Body", texts("documents.t_notice_how"))
    contact(document, texts, "contact", "phone")
    place = texts("documents.t_address", address="{{ field.address }}", email="{{ field.email }}")
    lines(document, "Body", place)
    given(document, "note", "Body", "{{ note }}")
    lines(document, "Body", "{{ status_note }}", "")
    annexes = ("t_notice_annexes", "t_notice_annex2", "t_notice_annex3")
    list_annexes(document, texts, annexes)
    signature(document)
    wide_part(document)
    annex(document, 1, texts("documents.t_notice_table"), texts, new_page=False)
    table(document, "notice", texts, "name")
    sketch(document, 2, texts)
    annex(document, 3, texts("documents.t_moves"), texts)
    table(document, "moves", texts, "unit_name")


def contact(document: Any, texts: Texts, *names: str) -> None:
    """Add the line that says whom to ask."""
    words = {name: f"{{{{ field.{name} }}}}" for name in names}
    lines(document, "Body", texts("documents.t_contact", **words))


def list_annexes(document: Any, texts: Texts, keys: tuple[str, ...]) -> None:
    """List the annexes, the second and later ones under the first; no seal stands without them."""
    for place, key in enumerate(keys):
        paragraph = document.add_paragraph(texts(f"documents.{key}"), style="Body")
        paragraph.paragraph_format.keep_with_next = True
        if place:
            under = 5 if texts.language == "zh-CN" else 6.2
            paragraph.paragraph_format.first_line_indent = Pt(16 * under)


def signature(document: Any) -> None:
    """Leave room for the seal, then who and when."""
    lines(document, "Sign", "", "", "{{ field.authority }}")
    for paragraph in document.paragraphs[-3:]:
        paragraph.paragraph_format.keep_with_next = True
    lines(document, "Sign", "{{ field.date }}")


def sketch(document: Any, number: int, texts: Texts) -> None:
    """Add the annex with the map."""
    annex(document, number, texts("documents.t_map"), texts)
    picture = document.add_paragraph("{{ map }}", style="Normal")
    picture.alignment = CENTER
    picture.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    lines(document, "Small", texts("documents.t_map_note", approval="{{ approval }}"))
    source = texts("documents.t_source", attribution="{{ attribution }}")
    given(document, "attribution", "Small", source)


def proposal(document: Any, texts: Texts) -> None:
    """请示."""
    number = document.add_paragraph("{{ field.number }}", style="Normal")
    number.paragraph_format.tab_stops.add_tab_stop(Mm(156), 2)
    number.add_run("\t" + texts("documents.t_signer", signer="{{ field.signer }}"))
    lines(document, "Body", "")
    words = texts("documents.t_proposal_title", title="{{ title }}", draft="{{ draft }}")
    lines(document, "Main", words)
    lines(document, "Body", "")
    lines(document, "Normal", texts("documents.t_recipient", recipient="{{ field.recipient }}"))
    parts = {"basis": "{{ basis }}", "plan_title": "{{ plan_title }}"}
    lines(document, "Body", texts("documents.t_proposal_intro", **parts))
    lines(document, "Part", texts("documents.t_proposal_h1"))
    lines(document, "Body", "{{ say.today }}")
    lines(document, "Part", texts("documents.t_proposal_h2"))
    lines(document, "Body", "{{ status_note }}")
    each(document, "rules")
    lines(document, "Part", texts("documents.t_proposal_h3"))
    gap = between(texts)
    lines(document, "Body", f"{{{{ say.plan }}}}{gap}{{{{ say.moves }}}}")
    lines(document, "Body", texts("documents.t_proposal_see"))
    lines(document, "Part", texts("documents.t_proposal_h4"))
    see = texts("documents.t_proposal_rooms")
    lines(document, "Body", f"{{{{ say.rooms }}}}{gap}{{{{ say.within }}}}{gap}{see}")
    lines(document, "Part", texts("documents.t_proposal_h5"))
    each(document, "exceptions")
    lines(document, "Part", texts("documents.t_proposal_h6"))
    each(document, "remarks")
    given(document, "note", "Body", "{{ note }}")
    lines(document, "Part", texts("documents.t_proposal_h7"))
    lines(document, "Body", "{{ say.ask }}", texts("documents.t_proposal_end"))
    lines(document, "Body", "")
    keys = ("t_proposal_annexes", "t_proposal_annex2", "t_proposal_annex3", "t_proposal_annex4")
    list_annexes(document, texts, keys)
    signature(document)
    contact(document, texts, "contact", "phone")


def tables(document: Any, texts: Texts) -> None:
    """附件: the tables that go with the proposal."""
    set_page(document.sections[0], TABLE_MARGINS_MM, landscape=True)
    annex(document, 1, texts("documents.t_changes"), texts, new_page=False)
    table(document, "changes", texts, "old_name")
    annex(document, 2, texts("documents.t_moves"), texts)
    table(document, "moves", texts, "unit_name")
    annex(document, 3, texts("documents.t_short"), texts)
    table(document, "short", texts, "name")
    sketch(document, 4, texts)


def answers(document: Any, texts: Texts) -> None:
    """意见答复情况表."""
    set_page(document.sections[0], TABLE_MARGINS_MM, landscape=True)
    lines(document, "Over", texts("documents.t_answers_title", plan_title="{{ plan_title }}"))
    lines(document, "Body", "{{ say.comments }}")
    table(document, "answers", texts, None)
    signature(document)


MAKERS = {"notice": notice, "proposal": proposal, "tables": tables, "answers": answers}

if __name__ == "__main__":
    main()
