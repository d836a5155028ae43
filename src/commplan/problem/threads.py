"""How many threads work may use: it changes how long work takes, never what comes of it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from commplan.errors import Fault
from commplan.texts import input_error

THREADS = "COMMPLAN_THREADS"  # environment variable: threads that this process may use

#: Processes that share the processors with this one; set for as long as they do.
_sharers: ContextVar[int] = ContextVar("sharers", default=1)


def threads_at_hand() -> int:
    """Return the number of threads that this process may use.

    ``COMMPLAN_THREADS`` where it is set; else the processors that the process may use, divided by
    the processes that share them (`shared_by`), and at least 1.

    Raises
    ------
    InputError
        Where ``COMMPLAN_THREADS`` is no whole number from 1.
    """
    told = os.environ.get(THREADS, "").strip()
    if told:
        if not told.isdecimal() or int(told) < 1:
            raise input_error([Fault("fault.bad_threads", {"got": told}, THREADS)])
        return int(told)
    count = getattr(os, "sched_getaffinity", None)
    processors = len(count(0)) if count is not None else os.cpu_count() or 1
    return max(1, processors // _sharers.get())


@contextmanager
def shared_by(processes: int) -> Iterator[None]:
    """Within, this machine's processors are shared by so many processes that work at once."""
    token = _sharers.set(max(1, processes))
    try:
        yield
    finally:
        _sharers.reset(token)
