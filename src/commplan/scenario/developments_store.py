"""The folder of developments: each result written whole into a folder of its own, then all joined.

A folder ``developments/<id>`` is there only once everything in it is written, so a run that was
stopped, killed or ran out of disk leaves finished developments and nothing half done.
"""

import hashlib
import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from commplan import __version__
from commplan.errors import Fault
from commplan.outputs.tables import write_json
from commplan.scenario.store import MANIFEST, check_target
from commplan.texts import input_error

PARTS = "developments"
RESULT = "result.json"
_PLAIN = re.compile(r"[0-9A-Za-z一-鿿][0-9A-Za-z一-鿿_-]{0,59}")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)")


def folder_names(ids: Sequence[str]) -> tuple[str, ...]:
    """Name the folders: the id where every file system takes it, else that and a hash.

    Examples
    --------
    >>> folder_names(["D1", "d2"])
    ('D1', 'd2')
    """
    times = Counter(one.casefold() for one in ids)
    return tuple(_folder_name(one, alone=times[one.casefold()] == 1) for one in ids)


def _folder_name(development_id: str, *, alone: bool) -> str:
    device = _DEVICES.fullmatch(development_id.casefold())
    if alone and _PLAIN.fullmatch(development_id) and not device:
        return development_id
    plain = re.sub(r"[^0-9A-Za-z一-鿿_-]+", "-", development_id)[:40].strip("-") or "id"
    return f"{plain}-{hashlib.sha256(development_id.encode()).hexdigest()[:8]}"


def open_folder(target: Path, *, resume: bool) -> None:
    """Make the folder ready: empty, or with what an earlier run has finished.

    Raises
    ------
    InputError
        Where it is not ours, or cannot be written.
    """
    check_target(target)
    if target.is_dir() and not resume:
        shutil.rmtree(target / PARTS, ignore_errors=True)
    try:
        (target / PARTS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = {"reason": error.strerror or str(error)}
        raise input_error([Fault("scenario.cannot_write", reason, str(target))]) from None
    for left in (target / PARTS).glob(".*.partial-*"):
        shutil.rmtree(left, ignore_errors=True)
    if not (target / MANIFEST).exists():
        write_json(target / MANIFEST, {"commplan": __version__, "files": {}})


def write_part(target: Path, name: str, write: Callable[[Path], Mapping[str, Any]]) -> None:
    """Write one development's folder whole or not at all.

    Parameters
    ----------
    target : Path
    name : str
        Of its folder.
    write : callable
        Writes into the folder that it is given, and returns what ``result.json`` holds.
    """
    partial = Path(tempfile.mkdtemp(prefix=f".{name}.partial-", dir=target / PARTS))
    try:
        write_json(partial / RESULT, write(partial))
        final = target / PARTS / name
        if final.exists():
            shutil.rmtree(final)
        partial.rename(final)
    except OSError as error:
        if error.filename is None:  # a full disk names no file
            error.filename = str(target)
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def read_part(target: Path, name: str) -> dict[str, Any] | None:
    """Read the result of a development; None where there is none that can be read."""
    try:
        found = json.loads((target / PARTS / name / RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def drop_others(target: Path, names: Iterable[str]) -> None:
    """Remove the folders of developments that are no longer in the file."""
    keep = set(names)
    for path in (target / PARTS).iterdir():
        if path.name not in keep:
            shutil.rmtree(path, ignore_errors=True)
