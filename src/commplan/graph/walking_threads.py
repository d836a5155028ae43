"""Work on many targets shared out among the processors, in pieces, with the same outcome always."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from commplan.problem.threads import threads_at_hand

Part = TypeVar("Part")
Progress = Callable[[int, int], None]

PIECE = 256  #  targets; small enough that threads end together and progress moves


def in_pieces(
    run: Callable[[int, int], Part],
    n: int,
    threads: int | None = None,
    progress: Progress | None = None,
    piece: int = PIECE,
) -> list[Part]:
    """Run ``run(first, last)`` over pieces of 0..n that follow each other.

    Parameters
    ----------
    run : callable
        Lets other threads go on while it works.
    n : int
    threads : int, optional
        Left out: as many as the process may use. It changes how long the work takes, never what
        comes of it.
    progress : callable, optional
        Told how many of ``n`` are done, in order and from the calling thread.

    piece : int
        How many of ``n`` make a piece.

    Returns
    -------
    list
        What the pieces gave, in their order.
    """
    spans = [(low, min(low + piece, n)) for low in range(0, n, piece)]
    threads = min(threads_at_hand() if threads is None else threads, len(spans))
    if threads < 2:
        return _gathered((run(*span) for span in spans), spans, n, progress)
    with ThreadPoolExecutor(threads) as pool:
        try:
            found = pool.map(run, *zip(*spans, strict=True))
            return _gathered(found, spans, n, progress)
        except BaseException:  # Ctrl-C too: what has not begun is left undone
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _gathered(
    found: Iterator[Part], spans: list[tuple[int, int]], n: int, progress: Progress | None
) -> list[Part]:
    parts: list[Part] = []
    for (_, last), part in zip(spans, found, strict=True):
        parts.append(part)
        if progress is not None:
            progress(last, n)
    return parts
