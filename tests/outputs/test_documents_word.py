"""Word documents from templates: filled in, replaceable, safe, and as the tool makes them."""

import subprocess
import sys
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import docx
import pytest
from documents_dossiers import dossier_of
from docx.oxml.ns import qn
from outputs_town import EVIL, Made

from commplan.errors import InputError
from commplan.findings import Finding, Severity
from commplan.outputs.documents_dossier import Dossier
from commplan.outputs.documents_templates import (
    DOCUMENTS,
    copy_templates,
    filled,
    read_fields,
    template_bytes,
)
from commplan.outputs.documents_word import document_context, write_word
from commplan.outputs.paper_table import KEPT_ROWS
from commplan.texts import LANGUAGES, load_texts

TOOL = Path(__file__).parents[2] / "tools" / "make_templates.py"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360"
    "6060f80f0001040100a5f645400000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def dossier(made: Made) -> Dossier:
    """Give the dossier of the town."""
    return dossier_of(made)


@pytest.fixture(scope="module")
def papers(dossier: Dossier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write every document in both languages."""
    folder = tmp_path_factory.mktemp("papers")
    for language in LANGUAGES:
        (folder / language).mkdir()
        context = document_context(dossier, load_texts(language))
        for name in DOCUMENTS:
            write_word(folder / language / f"{name}.docx", context, language, None, PNG)
    return folder


def words_of(path: Path) -> str:
    """Return every paragraph and cell of a document."""
    document = docx.Document(str(path))
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_of_the_template_is_left(papers: Path, language: str, name: str) -> None:
    """No tag of the template stands in a finished paper, and what people wrote is not run."""
    words = words_of(papers / language / f"{name}.docx")
    assert "{%" not in words
    assert words.count("{{") == (1 if name == "answers" else 0)
    assert "49" not in words if name == "answers" else True


def test_the_notice_holds_a_row_per_community_and_the_sum(papers: Path, dossier: Dossier) -> None:
    """Head, rows and total: the cells are those of the plan."""
    table = docx.Document(str(papers / "zh-CN" / "notice.docx")).tables[0]
    assert len(table.rows) == len(dossier.plan.communities) + 2
    last = [cell.text for cell in table.rows[-1].cells]
    households = dossier.plan.communities["households"].sum()
    assert last[1] == "合计"
    assert f"{households:,}" in last
    assert EVIL in words_of(papers / "zh-CN" / "notice.docx")


def test_the_notice_says_draft_and_leaves_blanks(papers: Path) -> None:
    """Title with the draft mark, blanks where the office has filled in nothing."""
    words = words_of(papers / "zh-CN" / "notice.docx")
    assert words.startswith("关于会稽县城区社区规模调整方案（征求意见稿）的公示")
    assert "＿＿＿＿" in words
    assert "征求意见稿" in words


def test_the_proposal_asks_and_names_its_basis(papers: Path) -> None:
    """The proposal carries clauses, exceptions and the closing words of a 请示."""
    words = words_of(papers / "zh-CN" / "proposal.docx")
    assert "妥否，请批示。" in words
    assert "第二条（三）：" in words
    assert "签发人" in words


def test_the_map_is_in_notice_and_tables(papers: Path) -> None:
    """The picture is part of the archive of the papers that show it."""
    for name, count in (("notice", 1), ("tables", 1), ("proposal", 0)):
        with zipfile.ZipFile(papers / "zh-CN" / f"{name}.docx") as archive:
            pictures = [n for n in archive.namelist() if n.endswith(".png")]
        assert len(pictures) == count


def test_paper_is_set_as_the_standard_asks(papers: Path) -> None:
    """A4, 37 mm above, 28 mm left, body in 16 pt 仿宋 on lines of 28 pt."""
    document = docx.Document(str(papers / "zh-CN" / "proposal.docx"))
    section = document.sections[0]
    assert round(section.page_width.mm) == 210
    assert round(section.top_margin.mm) == 37
    assert round(section.left_margin.mm) == 28
    body = document.styles["Body"]
    assert body.font.size.pt == 16
    assert body.paragraph_format.line_spacing.pt == 28
    assert "仿宋" in body.element.rPr.rFonts.values()


def test_shipped_templates_are_those_of_the_tool(tmp_path: Path) -> None:
    """Nobody changed a shipped template by hand: the tool makes the same words and styles."""
    subprocess.run([sys.executable, str(TOOL), str(tmp_path)], check=True)
    for language in LANGUAGES:
        for name in DOCUMENTS:
            made = tmp_path / language / f"{name}.docx"
            shipped = tmp_path / "shipped.docx"
            shipped.write_bytes(template_bytes(name, language)[0])
            for part in ("word/document.xml", "word/styles.xml"):
                with zipfile.ZipFile(made) as a, zipfile.ZipFile(shipped) as b:
                    assert a.read(part) == b.read(part), (language, name, part)


def test_a_users_template_takes_the_place_of_ours(dossier: Dossier, tmp_path: Path) -> None:
    """A document of one's own, with whatever of the context it wants."""
    own = tmp_path / "own"
    (own / "zh-CN").mkdir(parents=True)
    template = docx.Document()
    template.add_paragraph("本单位自拟：{{ title }}，共 {{ notice.rows | length }} 个社区")
    template.save(str(own / "zh-CN" / "notice.docx"))
    context = document_context(dossier, load_texts("zh-CN"))
    write_word(tmp_path / "notice.docx", context, "zh-CN", own, None)
    count = len(dossier.plan.communities)
    assert f"共 {count} 个社区" in words_of(tmp_path / "notice.docx")
    write_word(tmp_path / "proposal.docx", context, "zh-CN", own, None)
    assert "妥否，请批示。" in words_of(tmp_path / "proposal.docx")


@pytest.mark.parametrize(
    "tag",
    [
        "{% for %}",
        "{{ title + 1 }}",
        "{{ 1 / 0 }}",
        "{{ title() }}",
        "{{ title.__class__.__mro__ }}",
    ],
)
def test_a_template_that_cannot_be_used_is_named(
    dossier: Dossier, tmp_path: Path, tag: str
) -> None:
    """A wrong name, a broken tag or an attempt to reach the machine is a fault of that file."""
    (tmp_path / "zh-CN").mkdir()
    template = docx.Document()
    template.add_paragraph(tag)
    template.save(str(tmp_path / "zh-CN" / "notice.docx"))
    context = document_context(dossier, load_texts("zh-CN"))
    with pytest.raises(InputError) as caught:
        write_word(tmp_path / "notice.docx", context, "zh-CN", tmp_path, None)
    (fault,) = caught.value.faults
    assert fault.code == "documents.fault_template"
    assert fault.file == str(tmp_path / "zh-CN" / "notice.docx")
    assert not (tmp_path / "notice.docx").exists()


@pytest.mark.parametrize(
    ("tag", "name", "nearest"),
    [
        ("{{ titel }}", "titel", "title"),
        ("{{ say.todya }}", "todya", "today"),
        ("{{ notice.rows[0].hosueholds }}", "hosueholds", "households"),
        ("{{ notise.total.households }}", "notise", "notice"),
    ],
)
def test_a_placeholder_that_does_not_exist_is_named(
    dossier: Dossier, tmp_path: Path, tag: str, name: str, nearest: str
) -> None:
    """The line says which word of the template is wrong, and what may have been meant."""
    (tmp_path / "en").mkdir()
    template = docx.Document()
    template.add_paragraph(tag)
    template.save(str(tmp_path / "en" / "notice.docx"))
    context = document_context(dossier, load_texts("en"))
    with pytest.raises(InputError) as caught:
        write_word(tmp_path / "notice.docx", context, "en", tmp_path, None)
    (fault,) = caught.value.faults
    assert fault.code == "documents.fault_placeholder"
    assert fault.params == {"name": name, "nearest": nearest}


def _archive(name: str) -> bytes:
    raw = BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(name, "")
    return raw.getvalue()


@pytest.mark.parametrize(
    "raw",
    [b"", b"no archive", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), _archive("any.txt"),
     _archive("[Content_Types].xml")],
    ids=["empty", "text", "doc", "zip", "no types"],
)  # fmt: skip
def test_a_file_that_is_no_document_is_named(dossier: Dossier, tmp_path: Path, raw: bytes) -> None:
    """A template that is no Word file gives a line with its name, no traceback."""
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "notice.docx").write_bytes(raw)
    context = document_context(dossier, load_texts("en"))
    with pytest.raises(InputError) as caught:
        write_word(tmp_path / "notice.docx", context, "en", tmp_path, None)
    (fault,) = caught.value.faults
    assert fault.code == "documents.fault_no_document"
    assert fault.file == str(tmp_path / "en" / "notice.docx")


def test_a_folder_called_like_a_template_is_named(tmp_path: Path) -> None:
    """What cannot be read is not passed over for the shipped template."""
    (tmp_path / "en" / "notice.docx").mkdir(parents=True)
    with pytest.raises(InputError) as caught:
        template_bytes("notice", "en", tmp_path)
    assert caught.value.faults[0].file == str(tmp_path / "en" / "notice.docx")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["notice", "tables"])
def test_rows_stay_whole_and_with_their_sums(papers: Path, language: str, name: str) -> None:
    """No row is broken over two pages, and the last rows go with the sums."""
    for table in docx.Document(str(papers / language / f"{name}.docx")).tables:
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
        kept = [row.cells[1].paragraphs[0].paragraph_format.keep_with_next for row in table.rows]
        body = kept[1:-1]
        assert body[-KEPT_ROWS:] == [True] * min(len(body), KEPT_ROWS)
        assert not any(body[:-KEPT_ROWS])
        assert not kept[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_exceptions_are_asked_for_where_there_are_any(dossier: Dossier, language: str) -> None:
    """A plan whose communities all keep to the bounds asks for no exception."""
    texts = load_texts(language)
    params = {"households": 3200, "min": 1500, "max": 3000, "reason": "x"}
    finding = Finding("validity.excepted", Severity.NOTE, params, ("C01",))
    for found, key in (((), "say_ask"), ((finding,), "say_ask_exceptions")):
        card = replace(dossier.report.scorecard, findings=found)
        changed = replace(dossier, report=replace(dossier.report, scorecard=card))
        assert document_context(changed, texts)["say"]["ask"] == texts(f"documents.{key}")


def test_fields_of_the_office_fill_the_blanks(tmp_path: Path) -> None:
    """What is given stands, what is not is a blank; the year is that of the plan."""
    (tmp_path / "fields.toml").write_text(
        'draft = false\n[zh-CN]\nauthority = "会稽县民政局"\n', encoding="utf-8"
    )
    fields = read_fields(tmp_path)
    assert fields["draft"] is False
    words = filled(fields, load_texts("zh-CN"), 2026)
    assert words["authority"] == "会稽县民政局"
    assert words["number"] == "＿＿〔2026〕＿＿号"
    assert filled(fields, load_texts("en"), 2026)["authority"].startswith("___")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[zh-CN]\nauthorty = 'x'\n", "documents.fault_field"),
        ("drafts = true\n", "documents.fault_field"),
        ("draft = \n", "documents.fault_toml"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, text: str, code: str) -> None:
    """A misspelt key is an error with the nearest known one, not a silent blank."""
    (tmp_path / "fields.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_fields(tmp_path)
    assert caught.value.faults[0].code == code


def test_templates_are_copied_once(tmp_path: Path) -> None:
    """A second copy refuses to write over what somebody may have changed."""
    copy_templates(tmp_path / "mine")
    assert (tmp_path / "mine" / "zh-CN" / "notice.docx").is_file()
    assert (tmp_path / "mine" / "fields.toml").is_file()
    with pytest.raises(InputError):
        copy_templates(tmp_path / "mine")
