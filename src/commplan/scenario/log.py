"""The log of long work: what happened and when, a line for each event."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LOG = "log.jsonl"


class Log:
    """What happened, a line of JSON for each event, with the time in UTC.

    Parameters
    ----------
    path : Path or None
        None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.full = False  # the disk took no more lines
        self._lock = threading.Lock()

    def __call__(self, event: str, **facts: Any) -> None:
        """Add a line; a disk that is full must not end the work."""
        if self.path is None:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "event": event, **facts}, ensure_ascii=False, default=str)
        with self._lock:
            try:
                with self.path.open("a", encoding="utf-8", newline="\n") as stream:
                    stream.write(line + "\n")
            except OSError:
                self.full = True
