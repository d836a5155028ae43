"""Word documents from templates: notice, proposal, tables and answers."""

import difflib
import re
import zlib
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
#: What python-docx raises for a file that is none of Word's: an old .doc, a workbook, a broken archive.
NO_DOCUMENT = (BadZipFile, zlib.error, EOFError, OSError, LookupError, ValueError, SyntaxError)
#: What a template may raise beside faults of its tags: a sum of words and figures, 1 / 0.
NO_TEMPLATE = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, SyntaxError)


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
        "exception_table": in_words(exceptions, texts),
    }
    for name in ("notice", "changes", "moves", "short", "answers"):
        context[name] = in_words(tables.get(name, {}), texts)
    return {key: _clean(value) for key, value in context.items()}


def plan_title(title: str, texts: Texts) -> str:
    """Name the plan: a title that calls itself one (方案) is not called so twice."""
    word = texts("documents.plan_title", title="")
    return title if word and title.endswith(word) else texts("documents.plan_title", title=title)


def in_words(table: Table, texts: Texts) -> dict[str, Any]:
    """Return a table's rows and sums as words, and which sums lack something."""
    return {"rows": table_rows(table), "total": table_totals(table, texts)}


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
    from jinja2 import StrictUndefined, TemplateError, UndefinedError
    from jinja2.sandbox import SandboxedEnvironment

    raw, place = template_bytes(path.stem, language, folder)
    # A template may come from anywhere: it can fill in words, and nothing else.
    env = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    try:
        document = docxtpl.DocxTemplate(BytesIO(raw))
        document.get_docx()
    except NO_DOCUMENT:
        raise input_error([Fault("documents.fault_no_document", {}, place)]) from None
    try:
        image: Any = ""
        if picture is not None:
            image = docxtpl.InlineImage(document, BytesIO(picture), width=Mm(MAP_WIDTH_MM))
        document.render({**context, "map": image}, env, autoescape=True)
    except UndefinedError as error:
        raise input_error([_no_such_name(error, context, place)]) from None
    except (TemplateError, *NO_TEMPLATE) as error:
        reason = re.sub(r"\s+", " ", str(error))[:300]
        raise input_error([Fault("documents.fault_template", {"reason": reason}, place)]) from None
    document.save(str(path))


def _no_such_name(error: Exception, context: Mapping[str, Any], place: str) -> Fault:
    """Name the placeholder that there is not, and the nearest one that there is."""
    name = re.findall(r"'([^']+)'", str(error))[-1]
    nearest = difflib.get_close_matches(name, sorted(_names(context)), 1, 0.0)[0]
    return Fault("documents.fault_placeholder", {"name": name, "nearest": nearest}, place)


def _names(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        return set(value).union(*map(_names, value.values()))
    return set().union(*map(_names, value[:1])) if isinstance(value, list) else set()
