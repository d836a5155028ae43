"""``commplan certificate DIR`` as its user meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from commplan.certify.parts import Verdict
from commplan.cli import run_command
from commplan.errors import InputError
from commplan.scenario.certificate import check_certificate
from commplan.scenario.watch import Watch
from commplan.texts import load_texts

SCENARIO = """
[scenario]
name = "squares"
crs = "EPSG:4547"
[layers.units]
path = "units.geojson"
[redraw]
min_households = 600
max_households = 1300
weights = { border_km = 200, moved_households = 1, distance_household_km = 0.2 }
effort = 0.02
"""
SIDE = 8


def _squares(folder: Path) -> Path:
    """Write 64 squares of 100 m with 50 to 90 households, today in strips of two rows."""
    features = []
    for u in range(SIDE * SIDE):
        y, x = divmod(u, SIDE)
        ring = [[500_000 + 100 * (x + a), 3_300_000 + 100 * (y + b)] for a, b in CORNERS]
        values = {
            "unit_id": f"u{u:03}",
            "households": 50 + 10 * (u * 7 % 5),
            "community_id": f"c{y // 2}",
        }
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": values, "geometry": geometry})
    crs = {"type": "name", "properties": {"name": "EPSG:4547"}}
    layer = {"type": "FeatureCollection", "crs": crs, "features": features}
    (folder / "units.geojson").write_text(json.dumps(layer), encoding="utf-8")
    (folder / "squares.toml").write_text(SCENARIO, encoding="utf-8")
    return folder / "squares.toml"


CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a finished run that was searched, not solved."""
    folder = tmp_path_factory.mktemp("certificate")
    arguments = ["run", str(_squares(folder)), "-o", str(folder / "out"), "--quiet"]
    assert run_command(arguments, load_texts("en")) == 0
    return folder / "out"


def _change(finished: Path, tmp_path: Path, **changes: object) -> Path:
    """Copy a run and change its certificate; the part "prices_border" by ``prices_border``."""
    for path in finished.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    file = tmp_path / "certificate.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    part = changes.pop("prices_border", {})
    assert isinstance(part, dict)
    for p in content["proof"]["parts"]:
        if p["kind"] == "prices_border":
            p.update(part)
    file.write_text(json.dumps(content | changes), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("holds", "borders by prices", "distances by prices")),
        ("zh-CN", ("证书成立", "边界：单元定价")),
    ],
)
def test_a_run_certifies(finished: Path, language: str, words: tuple[str, ...]) -> None:
    """The process prints a row per part and ends with 0."""
    command = [sys.executable, "-m", "commplan", "certificate", str(finished)]
    answer = subprocess.run(
        [*command, "--lang", language, "--quiet"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert all(word in answer.stdout for word in words), answer.stdout


def test_the_sum_of_what_is_worked_out_is_the_bound(finished: Path) -> None:
    """Every part holds, none on trust, and together they are the recorded bound."""
    audit = check_certificate(finished, Watch())
    assert {c.verdict for c in audit.checked} == {Verdict.HOLDS}
    assert {c.part.kind for c in audit.checked} == {"prices_border", "prices_distance"}
    total = sum(c.derived.value or 0.0 for c in audit.checked)
    assert total >= audit.recorded["bound"] * (1 - 1e-9) > 0


@pytest.mark.parametrize(
    "changes",
    [
        {"prices_border": {"value": 1e6}},
        {"prices_border": {"fewest": 40}},
        {"objective": 1.0},
        {"bound": 1e6},
        {"status": "optimal"},
        {"gap": 0.0},
        {"terms": {}},
        {"terms": [1, 2]},
        {"bound": "much"},
    ],
)
def test_a_changed_certificate_fails(
    finished: Path, tmp_path: Path, changes: dict[str, object]
) -> None:
    """Whatever is changed in the certificate is found, beside that the file was changed."""
    audit = check_certificate(_change(finished, tmp_path, **changes), Watch())
    assert not audit.holds
    assert len(audit.changed) == 1
    assert audit.disagreements or any(c.verdict is Verdict.FAILS for c in audit.checked)


def test_a_failed_check_ends_with_1_and_says_why(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line names the kind of part; the exit code is 1."""
    folder = _change(finished, tmp_path, prices_border={"low": 700.0})
    assert run_command(["certificate", str(folder), "--quiet"], load_texts("en")) == 1
    printed = capsys.readouterr().out
    assert "borders by prices: communities can be smaller or larger" in printed
    assert "does not hold" in printed


def test_a_changed_plan_is_found(finished: Path, tmp_path: Path) -> None:
    """A unit that somebody moved by hand changes terms and objective."""
    folder = _change(finished, tmp_path)
    file = folder / "assignment.csv"
    rows = file.read_text(encoding="utf-8").splitlines()
    other = next(r.split(",")[1] for r in rows[2:] if r.split(",")[1] != rows[1].split(",")[1])
    rows[1] = f"{rows[1].split(',')[0]},{other}"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    audit = check_certificate(folder, Watch())
    assert {"figure", "invalid"} & {d.what for d in audit.disagreements}


@pytest.mark.parametrize("proof", [None, {"units": 64, "unit_ids_sha256": "0", "parts": []}, 7])
def test_what_holds_no_proof_of_these_units_is_refused(
    finished: Path, tmp_path: Path, proof: object
) -> None:
    """An earlier version's certificate, or one of other units, is an error of the input."""
    with pytest.raises(InputError):
        check_certificate(_change(finished, tmp_path, proof=proof), Watch())


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    """Exit code 2, as everywhere."""
    assert run_command(["certificate", str(tmp_path)], load_texts("en")) == 2
