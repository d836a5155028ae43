"""The folder of a batch: run folders, the log, the catalogue; nothing in it is ever half there."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from commplan import __version__
from commplan.errors import Fault, InputError
from commplan.outputs.batch_tables import BatchInfo, Row, catalogue_table
from commplan.scenario.log import LOG, Log
from commplan.scenario.store import MANIFEST, check_target, read_json
from commplan.texts import input_error

MARK = "batch.json"
RUNS = "runs"
_LOCK = ".lock"


@contextmanager
def batch_folder(out: Path, name: str, cases: Sequence[str]) -> Iterator[Log]:
    """Take a folder for a batch: refuse what is not one, let nobody else in, sweep up.

    Parameters
    ----------
    out : Path
    name : str
        Of the batch.
    cases : sequence of str
        Names of its scenarios.

    Raises
    ------
    InputError
        Where the folder holds something else, cannot be written, or another batch works in it.
    """
    if out.is_dir() and any(out.iterdir()) and not _is_batch(out):
        raise input_error([Fault("batch.not_a_batch", {"mark": MARK}, str(out))])
    if not (out / MARK).exists():
        check_target(out)
    try:
        (out / RUNS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = {"reason": error.strerror or str(error)}
        raise input_error([Fault("scenario.cannot_write", reason, str(out))]) from None
    with (out / _LOCK).open("a+b") as stream:
        if not _locked(stream):
            raise input_error([Fault("batch.busy", file=str(out))])
        _sweep(out)
        mark = {"commplan": __version__, "batch": name, "cases": list(cases)}
        write_whole(out / MARK, lambda p: _write_text(p, json.dumps(mark, ensure_ascii=False)))
        yield Log(out / LOG)


def _is_batch(out: Path) -> bool:
    try:
        return "batch" in read_json(out / MARK)
    except InputError:
        return False


def _locked(stream: IO[bytes]) -> bool:
    """Lock a file until it is closed or its process ends; False where somebody else holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _sweep(out: Path) -> None:
    """Remove what killed workers left half written, and bring back what they had set aside."""
    for left in (out / RUNS).glob(".*.old-*"):
        target = out / RUNS / left.name[1:].rsplit(".old-", 1)[0]
        if (left / "run" / MANIFEST).is_file() and not target.exists():
            with suppress(OSError):
                (left / "run").rename(target)
        shutil.rmtree(left, ignore_errors=True)
    for left in (out / RUNS).glob(".*.partial-*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in out.glob(".*.part-*"):
        with suppress(OSError):
            left.unlink()


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file beside its place and move it there when it is whole.

    Parameters
    ----------
    path : Path
    write : callable
        Writes the file it is given.
    """
    handle, name = tempfile.mkstemp(
        prefix=f".{path.stem}.part-", suffix=path.suffix, dir=path.parent
    )
    os.close(handle)
    partial = Path(name)
    try:
        write(partial)
        partial.chmod(0o644)
        partial.replace(path)
    except OSError as error:
        if error.filename is None or error.filename == name:
            error.filename = str(path)
        raise
    finally:
        partial.unlink(missing_ok=True)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def write_catalogue(out: Path, rows: Sequence[Row], language: str) -> None:
    """Write the catalogue as CSV and as Parquet, each whole or not at all."""
    from commplan.outputs.tables import write_csv

    table = catalogue_table(rows, language)
    write_whole(out / "catalogue.csv", lambda path: write_csv(path, table.drop(columns="worker")))
    write_whole(out / "catalogue.parquet", lambda path: table.to_parquet(path, index=False))


def write_province(out: Path, rows: Sequence[Row], info: BatchInfo) -> None:
    """Write what shows the whole of a batch: page, workbook, and the outlines as GeoParquet."""
    from commplan.outputs.batch_page import read_outlines, write_batch_page
    from commplan.outputs.batch_tables import write_batch_workbook

    outlines = read_outlines(out / RUNS, rows)
    table = catalogue_table(rows, info.languages[0]).drop(columns=["worker"])
    known = outlines.merge(table, on="name", how="inner")
    if len(known):
        write_whole(out / "counties.parquet", lambda p: known.to_parquet(p, index=False))
    write_whole(out / "province.xlsx", lambda p: write_batch_workbook(p, rows, info))
    write_whole(out / "province.html", lambda p: write_batch_page(p, rows, outlines, info))
