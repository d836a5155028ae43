"""Plans edited by hand, as their user meets them: the page, the list as a start, the comparison."""

import csv
import json
import re
from pathlib import Path

import pytest
from benchmarks.bad_inputs import SCENARIO, Case, prepare

from commplan.cli import run_command
from commplan.texts import load_texts

EDITED = SCENARIO + "\n[outputs]\nedit = true\n"


def call(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Run one command in English; its exit code, standard output and standard error."""
    code = run_command([str(a) for a in arguments], load_texts("en"))
    told = capsys.readouterr()
    return code, told.out, told.err


def rows(path: Path) -> dict[str, str]:
    """Read a list of units and communities."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return {row["unit_id"]: row["community_id"] for row in csv.DictReader(stream)}


def write_list(path: Path, assignment: dict[str, str]) -> Path:
    """Write a list as the page saves it."""
    lines = ["unit_id,community_id", *(f"{u},{c}" for u, c in assignment.items()), ""]
    path.write_text("\ufeff" + "\r\n".join(lines), encoding="utf-8", newline="")
    return path


def page_data(path: Path) -> dict:
    """Read the page's embedded JSON."""
    found = re.search(r'id="commplan-data">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)
    return json.loads(found.group(1))


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """Write nine squares of 60 households, of three communities, to be edited."""
    prepare(Case("good", (), EDITED), tmp_path)
    return tmp_path / "scenario.toml"


def test_page_to_edit_holds_the_rules(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`[outputs] edit` puts bounds and neighbours into the page; without it there are none."""
    out = tmp_path / "out"
    assert call(capsys, "run", scenario, "-o", out, "--quiet")[0] == 0
    data = page_data(out / "hearing.html")
    assert data["edit"]["bounds"] == [100, 400]
    assert sum(data["edit"]["edges"]["degree"]) == 12
    assert "edit_undo" in data["words"]["en"]
    assert call(capsys, "verify", out, "--quiet")[0] == 0
    scenario.write_text(SCENARIO, encoding="utf-8")
    assert call(capsys, "run", scenario, "-o", out, "--quiet")[0] == 0
    assert "edit" not in page_data(out / "hearing.html")
    code, told, _ = call(capsys, "page", out, "--edit", "--quiet")
    assert code == 0
    assert "page.html" in told
    assert "edit" in page_data(out / "page.html")
    assert call(capsys, "verify", out, "--quiet")[0] == 0


def test_edited_list_is_held_and_the_rest_drawn_anew(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A unit given to another community stays with it; the run verifies from its own folder."""
    base, out = tmp_path / "base", tmp_path / "out"
    assert call(capsys, "run", scenario, "-o", base, "--quiet")[0] == 0
    before = rows(base / "assignment.csv")
    other = next(u for u in before if before[u] != before["u5"])
    neighbour = next(u for u in ("u2", "u4", "u6", "u8") if before[u] != before["u5"])
    edited = write_list(tmp_path / "edited.csv", before | {"u5": before[neighbour]})
    code, _, error = call(
        capsys, "run", scenario, "-o", out, "--quiet", "--start", edited, "--base", base
    )
    assert code == 0, error
    after = rows(out / "assignment.csv")
    assert other in after
    held = json.loads((out / "manifest.json").read_text("utf-8"))["scenario"]["redraw"]["together"]
    assert len(held) == 1
    assert "u5" in held[0]
    assert len({after[u] for u in held[0]}) == 1
    codes = [f["code"] for f in json.loads((out / "findings.json").read_text("utf-8"))]
    assert "scenario.start_held" in codes
    assert call(capsys, "verify", out, "--quiet")[0] == 0
    assert call(capsys, "certificate", out, "--quiet")[0] == 0


def test_start_alone_is_refused(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--start` without `--base` ends with 2 and a line that names it; nothing is written."""
    code, _, error = call(
        capsys, "run", scenario, "-o", tmp_path / "out", "--start", tmp_path / "edited.csv"
    )
    assert code == 2
    assert "--base" in error
    assert not (tmp_path / "out").exists()


def test_unknown_unit_held_together_is_named(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`redraw.together` names only units that are there."""
    text = SCENARIO + 'together = [["u1", "nobody"]]\n'
    scenario.write_text(text, encoding="utf-8")
    code, _, error = call(capsys, "run", scenario, "-o", tmp_path / "out", "--quiet")
    assert code == 2
    assert "nobody" in error


def test_two_runs_stand_on_one_page(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`compare` takes folders of runs, names the second where it does not fit, and wants two."""
    one, two = tmp_path / "one", tmp_path / "two"
    assert call(capsys, "run", scenario, "-o", one, "--quiet")[0] == 0
    text = EDITED.replace("max_households = 400", "max_households = 300")
    scenario.write_text(text, encoding="utf-8")
    assert call(capsys, "run", scenario, "-o", two, "--quiet")[0] == 0
    code, told, error = call(capsys, "compare", one, two, "-o", tmp_path / "compare.html")
    assert code == 0, error
    assert "compare.html" in told
    assert '"name":"two"' in (tmp_path / "compare.html").read_text("utf-8")
    code, _, error = call(capsys, "compare", one, "-o", tmp_path / "compare.html")
    assert code == 2
    assert "two runs" in error
