"""Fetching what the page needs at set-up."""

import importlib.util
import io
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "fetch_assets.py"


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Load the tool with assets of our own, a word each."""
    spec = importlib.util.spec_from_file_location("fetch_assets", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = {
        name: (f"xstatic/data/{name}", module.digest(name.encode()))
        for name in ("leaflet.js", "leaflet.css")
    }
    monkeypatch.setattr(module, "MEMBERS", made)
    return module


def wheel(path: Path, script: bytes = b"leaflet.js") -> Path:
    """Write a wheel that holds the two assets."""
    with zipfile.ZipFile(path, "w") as stream:
        stream.writestr("xstatic/data/leaflet.js", script)
        stream.writestr("xstatic/data/leaflet.css", b"leaflet.css")
    return path


def test_fetched_once_then_left_alone(tool: ModuleType, tmp_path: Path, monkeypatch) -> None:
    """The first run writes the assets and their licence; the second does not download."""
    monkeypatch.setattr(tool, "download", lambda folder: wheel(folder / "x.whl"))
    assert tool.fetch(tmp_path / "assets") is True
    assert (tmp_path / "assets" / "leaflet.js").read_bytes() == b"leaflet.js"
    assert "BSD 2-Clause" in (tmp_path / "assets" / tool.LICENCE_NAME).read_text(encoding="utf-8")
    monkeypatch.setattr(tool, "download", lambda _folder: pytest.fail("downloaded again"))
    assert tool.fetch(tmp_path / "assets") is False


def test_changed_asset_is_fetched_anew(tool: ModuleType, tmp_path: Path, monkeypatch) -> None:
    """A file that somebody changed is replaced."""
    monkeypatch.setattr(tool, "download", lambda folder: wheel(folder / "x.whl"))
    tool.fetch(tmp_path)
    (tmp_path / "leaflet.js").write_bytes(b"other")
    assert tool.fetch(tmp_path) is True
    assert (tmp_path / "leaflet.js").read_bytes() == b"leaflet.js"


def test_wrong_bytes_are_refused(tool: ModuleType, tmp_path: Path, monkeypatch) -> None:
    """A package with another script is refused, and nothing is written."""
    monkeypatch.setattr(tool, "download", lambda folder: wheel(folder / "x.whl", b"evil"))
    with pytest.raises(tool.AssetError, match="sha256"):
        tool.fetch(tmp_path / "assets")
    assert not (tmp_path / "assets").exists()


def test_source_archive_serves_as_well(tool: ModuleType, tmp_path: Path) -> None:
    """An index that serves the source archive instead of a wheel gives the same files."""
    path = tmp_path / "x-1.tar.gz"
    with tarfile.open(path, "w:gz") as stream:
        for name in ("leaflet.js", "leaflet.css"):
            member = tarfile.TarInfo(f"x-1/xstatic/data/{name}")
            member.size = len(name)
            stream.addfile(member, io.BytesIO(name.encode()))
    assert tool.read_members(path)["leaflet.css"] == b"leaflet.css"


def test_failed_download_is_one_line(tool: ModuleType, monkeypatch, capsys) -> None:
    """Where pip fails, set-up ends with 1 and one line that says what was wanted."""
    monkeypatch.setattr(tool, "is_complete", lambda _folder: False)
    monkeypatch.setattr(tool, "PACKAGE", "no such==requirement==at all")
    monkeypatch.setattr(sys, "executable", sys.executable)
    assert tool.main() == 1
    error = capsys.readouterr().err
    assert error.startswith("fetch_assets: pip could not download")
    assert error.count("\n") == 1
