"""Word documents from templates: notice, proposal, tables and answers."""

import re
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from commplan.errors import Fault
from commplan.outputs.documents_columns import Table, table_rows, table_totals
from commplan.outputs.documents_dossier import Dossier
from commplan.outputs.documents_say import (
    basis_lines,
    exception_lines,
    exception_table,
    remark_lines,
    say,
)
from commplan.outputs.documents_tables import every_table
from commplan.outputs.documents_templates import filled, template_bytes
from commplan.outputs.paper_table import NO_CONTROLS
from commplan.outputs.words import profile_lines
from commplan.texts import Texts, input_error

MAP_WIDTH_MM = 245


def document_context(dossier: Dossier, texts: Texts) -> dict[str, Any]:
    """Return everything that a template may ask for, in the words of a language.

    Returns
    -------
    dict
        ``title``, ``plan_title``, ``draft`` (the mark), ``basis``, ``status_note``, ``note``,
        ``attribution``, ``approval``, ``disclaimer``, ``scenario``, ``date``; ``say`` (sentences);
        ``rules``, ``exceptions``, ``remarks`` (lists of sentences); ``field`` (what the office fills
        in); the tables ``notice``, ``changes``, ``moves``, ``short``, ``answers`` and
        ``exception_table``, each with ``rows`` and ``total``.
    """
    info, profile = dossier.report.info, dossier.report.profile
    lines = profile_lines(profile, texts.language)
    tables = every_table(dossier, texts)
    exceptions = exception_table(dossier, texts)
    status = texts(
        "documents.status_note", **{k: lines[k] for k in ("title", "status", "standing")}
    )
    title = info.title_in(texts.language)
    context: dict[str, Any] = {
        "title": title,
        "plan_title": plan_title(title, texts),
        "scenario": info.scenario,
        "date": info.date.isoformat(),
        "draft": texts("documents.draft_mark") if dossier.fields.get("draft", True) else "",
        "basis": lines["title"],
        "status_note": status,
        "note": info.note_in(texts.language),
        "attribution": info.attribution,
        "approval": info.map_approval or texts("page.approval_blank"),
        "disclaimer": texts("page.disclaimer"),
        "say": say(dossier, tables["changes"], texts),
        "rules": basis_lines(profile, texts),
        "exceptions": exception_lines(exceptions, texts) or [texts("documents.exceptions_none")],
        "remarks": remark_lines(dossier, texts) or [texts("documents.remarks_none")],
        "field": filled(dossier.fields, texts, info.date.year),
        "exception_table": in_words(exceptions),
    }
    for name in ("notice", "changes", "moves", "short", "answers"):
        context[name] = in_words(tables.get(name, {}))
    return {key: _clean(value) for key, value in context.items()}


def plan_title(title: str, texts: Texts) -> str:
    """Name the plan: a title that calls itself one (方案) is not called so twice."""
    word = texts("documents.plan_title", title="")
    return title if word and title.endswith(word) else texts("documents.plan_title", title=title)


def in_words(table: Table) -> dict[str, Any]:
    """Return a table's rows and sums as words."""
    return {"rows": table_rows(table), "total": table_totals(table)}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(NO_CONTROLS)
    if isinstance(value, Mapping):
        return {key: _clean(held) for key, held in value.items()}
    return [_clean(held) for held in value] if isinstance(value, list) else value


def write_word(
    path: Path,
    context: Mapping[str, Any],
    language: str,
    folder: Path | None,
    picture: bytes | None,
) -> None:
    """Fill the template that is named like ``path`` and write the document.

    Parameters
    ----------
    path : Path
        ``.../notice.docx``.
    context : mapping
        Of `document_context`.
    language : str
    folder : Path or None
        The user's templates; those that are missing there are the shipped ones.
    picture : bytes or None
        The sketch map as PNG, ``{{ map }}`` in a template.

    Raises
    ------
    InputError
        Where the template cannot be read or asks for what there is not.
    """
    import docxtpl
    from docx.shared import Mm
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    raw, place = template_bytes(path.stem, language, folder)
    try:
        document = docxtpl.DocxTemplate(BytesIO(raw))
        image = (
            ""
            if picture is None
            else docxtpl.InlineImage(document, BytesIO(picture), width=Mm(MAP_WIDTH_MM))
        )
        # A template may come from anywhere: it can fill in words, and nothing else.
        env = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
        document.render({**context, "map": image}, env, autoescape=True)
        document.save(str(path))
    except (TemplateError, KeyError, ValueError, SyntaxError, BadZipFile) as error:
        reason = re.sub(r"\s+", " ", str(error))[:300]
        raise input_error([Fault("documents.fault_template", {"reason": reason}, place)]) from None
