"""Files that cannot be used: one line on standard error for each, never a traceback."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Read = TypeVar("Read")

UNUSABLE = 2  # exit code


def usable(path: Path, read: Callable[[], Read]) -> Read | None:
    """Read a file; None where it cannot be used, and one line says why.

    Parameters
    ----------
    path : Path
        Named in the line.
    read : callable
    """
    try:
        return read()
    except (OSError, ValueError, LookupError, MemoryError, RuntimeError) as error:
        print(f"{path}: {reason(error, path)}", file=sys.stderr, flush=True)
        return None


def reason(error: BaseException, path: Path) -> str:
    """Word an error in one line; names the file that it is about where that is another one."""
    if isinstance(error, OSError) and error.strerror:
        other = error.filename is not None and Path(str(error.filename)) != path
        return f"{error.strerror} ({error.filename})" if other else error.strerror
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
