"""Share tasks out among processes: a process that is lost costs nothing but its time.

One small function, so that another engine can take its place.
"""

import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context

from commplan.problem.threads import shared_by

MOST_LOST = 2  # processes that one task may cost before it is given up
AHEAD = 2  # tasks handed out per process: enough to keep it busy, few to repeat

Work = Callable[[int], None]


@dataclass(frozen=True)
class Done:
    """A task that came to an end; ``lost`` where it was given up with its process."""

    task: int
    lost: bool = False


@dataclass(frozen=True)
class Again:
    """A process was lost, and the tasks that were under way are done again."""

    tasks: tuple[int, ...]


@dataclass(frozen=True)
class Shop:
    """What a process needs before its first task.

    Parameters
    ----------
    make : callable
        A class or function of a module; ``make(*shared)`` returns what does a task.
    shared : tuple
        Sent to every process once.
    """

    make: Callable[..., Work]
    shared: tuple[object, ...]

    def open(self) -> Work:
        """Return what does a task."""
        return self.make(*self.shared)


def shared_out(tasks: Sequence[int], shop: Shop, workers: int) -> Iterator[Done | Again]:
    """Do all tasks, and tell of each as it ends.

    Parameters
    ----------
    tasks : sequence of int
    shop : Shop
    workers : int
        Processes; 1 works in this one.

    Yields
    ------
    Done or Again
        In the order in which tasks end. After a process was lost, the tasks that were under way are
        done again one at a time; one that costs `MOST_LOST` processes is given up.
    """
    if workers == 1:
        work = shop.open()
        for task in tasks:
            work(task)
            yield Done(task)
        return
    left = list(tasks)
    suspects: dict[int, int] = {}  # task -> processes that were lost with it
    while left or suspects:
        if not suspects:
            suspects = dict.fromkeys((yield from _round(left, shop, workers, AHEAD)), 1)
            if suspects:
                yield Again(tuple(suspects))
            continue
        again = list(suspects)
        under_way = yield from _round(again, shop, 1, 1)
        suspects = {task: suspects[task] for task in again} | {
            task: suspects[task] + 1 for task in under_way
        }
        for task in [task for task, lost in suspects.items() if lost >= MOST_LOST]:
            del suspects[task]
            yield Done(task, lost=True)
        if suspects:
            yield Again(tuple(suspects))


def _round(
    left: list[int], shop: Shop, workers: int, ahead: int
) -> Generator[Done, None, list[int]]:
    """Work through ``left``, which shrinks, until it is empty or a process is lost.

    Returns the tasks that were under way when a process was lost; none where all went well.
    """
    running: dict[Future[None], int] = {}
    # Processes start afresh: a copy of one with threads may hang.
    context = get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(shop, workers))
    try:
        while left or running:
            while left and len(running) < ahead * workers:
                running[pool.submit(_do, left[0])] = left[0]
                left.pop(0)
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                future.result()
                yield Done(running.pop(future))
    except BrokenProcessPool:
        return sorted(running.values())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return []


#: What does a task in this process, and how many processes share the machine with it; set once,
#: when the pool starts it, and only then.
_bench: list[tuple[Work, int]] = []


def _begin(shop: Shop, workers: int) -> None:
    """Leave Ctrl-C to the process that shares out; then set up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bench[:] = [(shop.open(), workers)]


def _do(task: int) -> None:
    work, workers = _bench[0]
    with shared_by(workers):
        work(task)
