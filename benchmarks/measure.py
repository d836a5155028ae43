"""Run a command as its user would, and say how long it took and how much memory it held."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
REAL_DATA = Path(os.environ.get("COMMPLAN_REAL_DATA", ROOT.parent / "shared" / "data"))


@dataclass(frozen=True)
class Measured:
    """One run of a command.

    Parameters
    ----------
    exit_code : int
    seconds : float
        Wall clock.
    peak_mb : float
        Largest resident memory of the process.
    out, err : str
    """

    exit_code: int
    seconds: float
    peak_mb: float
    out: str
    err: str


def commplan(*arguments: str) -> Measured:
    """Run ``commplan`` with arguments, at the root of the checkout, in English."""
    return measured([sys.executable, "-m", "commplan", *arguments, "--lang", "en"])


def measured(command: Sequence[str]) -> Measured:
    """Run a command and measure it."""
    start = time.perf_counter()
    with TemporaryFile() as out, TemporaryFile() as err:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=err)
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, resident_mb(process.pid))
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        seconds = time.perf_counter() - start
        said = [_text(stream) for stream in (out, err)]
    return Measured(process.returncode, seconds, peak, *said)


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", errors="replace")


def resident_mb(pid: int) -> float:
    """Peak resident memory of a process so far, in MB; 0 where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def forget_peak() -> None:
    """Let the peak memory of this process begin anew; where the system can't, it stays."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)
