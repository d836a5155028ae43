"""The run folder: written whole or not at all."""

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from commplan.errors import Fault, InputError
from commplan.texts import input_error

MANIFEST = "manifest.json"


@contextmanager
def run_folder(target: Path) -> Iterator[Path]:
    """Give a folder to write to; it becomes ``target`` only when everything in it is written.

    An earlier run in ``target`` is replaced; anything else there is left alone.

    Raises
    ------
    InputError
        Where ``target`` is a file or a folder that no run of commplan made, or cannot be written.
    """
    check_target(target)
    target = target.resolve()  # a link to a folder stays a link
    partial = _beside(target)
    try:
        yield partial
        _swap(partial, target)
    except OSError as error:
        if error.filename is None:  # a full disk names no file
            error.filename = str(target)
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def check_target(target: Path) -> None:
    """Refuse a target that a run must not replace, before any work is done."""
    there = next(p for p in (target, *target.absolute().parents) if p.exists())
    if not there.is_dir():
        raise input_error([Fault("scenario.out_is_file", file=str(there))])
    if not os.access(there, os.W_OK):
        reason = {"reason": os.strerror(errno.EACCES)}
        raise input_error([Fault("scenario.cannot_write", reason, str(target))])
    if target.is_dir() and any(target.iterdir()) and written_files(target) is None:
        raise input_error([Fault("scenario.not_a_run", file=str(target))])


def written_files(folder: Path) -> set[str] | None:
    """Return the names of the files that a run wrote into ``folder``; None if none did."""
    try:
        manifest = read_json(folder / MANIFEST)
    except InputError:
        return None
    files = manifest.get("files")
    return {MANIFEST, *files} if "commplan" in manifest and isinstance(files, dict) else None


def _beside(target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{target.name}.partial-", dir=target.parent))
    except OSError as error:
        reason = {"reason": error.strerror or str(error)}
        raise input_error([Fault("scenario.cannot_write", reason, str(target))]) from None


def _swap(partial: Path, target: Path) -> None:
    """Put ``partial`` in the place of ``target``; at no moment is half a run called ``target``."""
    partial.chmod(0o777 & ~_umask())
    old = None
    if target.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{target.name}.old-", dir=target.parent)) / "run"
        target.rename(old)
    partial.rename(target)
    if old is not None:
        _keep_others(old, target)
        shutil.rmtree(old.parent, ignore_errors=True)


def _keep_others(old: Path, target: Path) -> None:
    """Carry over what somebody put beside the files of the earlier run: notes, edited copies."""
    own = written_files(old) or set()
    for path in old.iterdir():
        if path.name not in own and not (target / path.name).exists():
            path.rename(target / path.name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON file of a run; a fault that names it where that cannot be done."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        fault = Fault("scenario.not_run_folder", {"missing": path.name}, str(path.parent))
        raise input_error([fault]) from None
    except (OSError, ValueError) as error:
        fault = Fault("scenario.broken_run_file", {"reason": str(error)}, str(path))
        raise input_error([fault]) from None
    if not isinstance(content, dict):
        reason = {"reason": "it holds no JSON object"}
        raise input_error([Fault("scenario.broken_run_file", reason, str(path))])
    return content


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def chosen_room(row: Mapping[str, str]) -> tuple[str, float]:
    """Return the site of a row of ``rooms.csv``, and by how much it is extended."""
    return row["site_id"], as_number(row.get("extend_m2"))


def as_number(text: str | None) -> float:
    """Read a cell of a table; nan where there is none, or it holds no number."""
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")
