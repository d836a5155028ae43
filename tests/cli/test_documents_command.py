"""``commplan documents`` and ``commplan templates`` as their user meets them."""

import json
import shutil
from pathlib import Path

import docx
import pytest
from benchmarks.bad_inputs import SCENARIO, Case, prepare

from commplan.cli import run_command
from commplan.outputs.fonts import cjk_font
from commplan.texts import load_texts

EN = load_texts("en")
DONE, USAGE = 0, 2


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a finished run over nine squares of 60 households."""
    folder = tmp_path_factory.mktemp("run")
    prepare(Case("good", (), SCENARIO), folder)
    arguments = ["run", str(folder / "scenario.toml"), "-o", str(folder / "out"), "--quiet"]
    assert run_command(arguments, EN) == DONE
    return folder / "out"


def documents(run: Path, *more: str | Path) -> int:
    """Call the command in this process."""
    return run_command(["documents", str(run), "--quiet", *map(str, more)], EN)


def test_papers_lie_beside_the_run(finished: Path) -> None:
    """The run's folder is left as it was; the papers, with a list of them, lie beside it."""
    before = sorted(path.name for path in finished.iterdir())
    assert documents(finished) == DONE
    assert sorted(path.name for path in finished.iterdir()) == before
    target = finished.with_name("out-documents")
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    assert {"zh-CN/notice.docx", "en/proposal.docx", "en/tables.xlsx"} <= set(manifest["files"])
    for name, digest in manifest["files"].items():
        assert (target / name).is_dir() if not digest else (target / name).is_file()
    table = docx.Document(str(target / "en" / "notice.docx")).tables[0]
    assert "540" in [cell.text for cell in table.rows[-1].cells]


def test_a_second_call_replaces_the_first(finished: Path, tmp_path: Path) -> None:
    """Papers of an earlier call go as a whole: none of another language is left behind."""
    assert documents(finished, "-o", tmp_path / "papers", "--language", "zh-CN") == DONE
    assert documents(finished, "-o", tmp_path / "papers", "--language", "en") == DONE
    assert sorted(p.name for p in (tmp_path / "papers").iterdir()) == ["en", "manifest.json"]


def test_comments_bring_a_table_of_answers(finished: Path, tmp_path: Path) -> None:
    """Only where comments came in there is a table of answers."""
    file = tmp_path / "comments.csv"
    file.write_text("unit,x,y,name,comment\nu1,,,Ann,too far\n", encoding="utf-8")
    out = tmp_path / "papers"
    assert documents(finished, "-o", out, "--language", "en", "--comments", file) == DONE
    cells = [
        c.text for t in docx.Document(str(out / "en" / "answers.docx")).tables for c in t._cells
    ]
    assert "too far" in cells
    assert not (finished.with_name("out-documents") / "en" / "answers.docx").exists()


def test_own_templates_and_fields_are_used(finished: Path, tmp_path: Path) -> None:
    """Copied templates with an office's name filled in give papers with that name."""
    own = tmp_path / "own"
    assert run_command(["templates", str(own)], EN) == DONE
    fields = (own / "fields.toml").read_text(encoding="utf-8")
    zh, en = fields.split("[en]")
    (own / "fields.toml").write_text(
        zh + "[en]" + en.replace('authority = ""', 'authority = "Bureau of Kuaiji"'),
        encoding="utf-8",
    )
    out = tmp_path / "papers"
    assert documents(finished, "-o", out, "--language", "en", "--templates", own) == DONE
    words = [p.text for p in docx.Document(str(out / "en" / "notice.docx")).paragraphs]
    assert "Bureau of Kuaiji" in words


@pytest.mark.skipif(cjk_font() is None, reason="no font with Chinese characters")
def test_a_sheet_is_drawn_where_it_is_asked_for(finished: Path, tmp_path: Path) -> None:
    """``--maps`` draws the overview and the sheet of the community that is named."""
    with (finished / "communities.csv").open(encoding="utf-8") as stream:
        identifier = stream.readlines()[1].split(",")[0]
    out = tmp_path / "papers"
    more = ("--language", "en", "--maps", "A4", "--community", identifier)
    assert documents(finished, "-o", out, *more) == DONE
    names = sorted(path.name for path in (out / "en" / "maps").iterdir())
    assert names == ["A4-00-overview.png", f"A4-01-{identifier}.png", "sheets-A4.pdf"]


def test_a_plan_drawn_by_hand_has_papers_too(finished: Path, tmp_path: Path) -> None:
    """What ``verify --assignment ... -o DIR`` leaves is a run like any other."""
    scenario, drawn = finished.parent / "scenario.toml", finished / "assignment.csv"
    hand = tmp_path / "hand"
    arguments = ["verify", str(scenario), "--assignment", str(drawn), "-o", str(hand), "--quiet"]
    assert run_command(arguments, EN) == DONE
    assert documents(hand, "-o", tmp_path / "papers", "--language", "en") == DONE
    assert (tmp_path / "papers" / "en" / "report.pdf").is_file()


def test_changed_inputs_are_refused(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Papers that would say something else than the run are not written."""
    shutil.copytree(finished.parent, tmp_path / "copy")
    run = tmp_path / "copy" / "out"
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    manifest["inputs"] = dict.fromkeys(manifest["inputs"], "0" * 64)
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert documents(run, "-o", tmp_path / "papers") == USAGE
    assert "have changed since the run" in capsys.readouterr().err
    assert not (tmp_path / "papers").exists()


@pytest.mark.parametrize(
    "more",
    [
        ("--community", "nobody"),
        ("--templates", "no-such-folder"),
        ("--comments", "no-such-file.csv"),
    ],
)
def test_what_is_not_there_is_named(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    """One line, exit code 2, nothing written."""
    assert documents(finished, "-o", tmp_path / "papers", *more) == USAGE
    assert more[1] in capsys.readouterr().err
    assert not (tmp_path / "papers").exists()


def test_a_folder_that_is_no_run_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty folder gives a line that says what is missing."""
    assert documents(tmp_path) == USAGE
    assert "manifest.json" in capsys.readouterr().err
