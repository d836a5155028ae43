"""The run folder is whole or not there."""

import json
import os
from pathlib import Path

import pytest

from commplan.errors import InputError
from commplan.scenario.store import check_target, read_json, run_folder


def manifest(*files: str) -> str:
    """Return a manifest that names the files of a run."""
    return json.dumps({"commplan": "0", "files": dict.fromkeys(files, "")})


def test_folder_appears_when_all_is_written(tmp_path: Path) -> None:
    """Nothing is called by the run's name until everything is written."""
    target = tmp_path / "runs" / "x"
    with run_folder(target) as folder:
        (folder / "manifest.json").write_text("{}")
        assert not target.exists()
    assert (target / "manifest.json").is_file()
    assert [p.name for p in target.parent.iterdir()] == ["x"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_failure_leaves_the_earlier_run(tmp_path: Path, error: type[BaseException]) -> None:
    """Where writing fails, the earlier run stays as it was and no part of the new one remains."""
    target = tmp_path / "x"
    with run_folder(target) as folder:
        (folder / "manifest.json").write_text(manifest("old"))
    with pytest.raises(error), run_folder(target) as folder:  # noqa: PT012
        (folder / "manifest.json").write_text(manifest("new"))
        raise error
    assert (target / "manifest.json").read_text() == manifest("old")
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_a_run_is_replaced_whole(tmp_path: Path) -> None:
    """Files of the earlier run go; what somebody put beside them stays."""
    target = tmp_path / "x"
    for name in ("a", "b"):
        with run_folder(target) as folder:
            (folder / "manifest.json").write_text(manifest(name))
            (folder / name).write_text("")
        (target / "my notes.txt").write_text("kept")
    assert sorted(p.name for p in target.iterdir()) == ["b", "manifest.json", "my notes.txt"]


def test_foreign_folder_and_file_are_refused(tmp_path: Path) -> None:
    """A folder that no run made, or a file, is never replaced."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "manifest.json").write_text("{}")  # any web page has one
    (tmp_path / "mine" / "thesis.docx").write_text("years of work")
    with pytest.raises(InputError, match="not a run"):
        check_target(tmp_path / "mine")
    with pytest.raises(InputError, match="file"):
        check_target(tmp_path / "mine" / "thesis.docx")
    with pytest.raises(InputError, match="file"):
        check_target(tmp_path / "mine" / "thesis.docx" / "run" / "one")


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="everybody may write here")
def test_a_place_where_nothing_can_be_written_is_refused_before_any_work(tmp_path: Path) -> None:
    """The folder above may not be written to."""
    (tmp_path / "shut").mkdir(mode=0o500)
    with pytest.raises(InputError, match="written"):
        check_target(tmp_path / "shut" / "run")


def test_broken_json_is_a_fault_that_names_the_file(tmp_path: Path) -> None:
    """A run's file that cannot be read is named."""
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(InputError, match=r"manifest\.json"):
        read_json(tmp_path / "manifest.json")
