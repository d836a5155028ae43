"""Published values of public instances, from the file of values that lies beside them."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import REAL_DATA

NO_DATA = "Not measured: the public data named by `COMMPLAN_REAL_DATA` are not here."
_BOUND = re.compile(r"lower bound ([\d.]+)")
_COUNT = re.compile(r"p=(\d+)")


@dataclass(frozen=True)
class Known:
    """One published value.

    Parameters
    ----------
    path : Path
        The instance.
    problem : str
    value : float
    proven : bool
    bound : float or None
        Published lower bound; the value itself where it is proven.
    count : int or None
        How many sites, where the instance leaves that open.
    """

    path: Path
    problem: str
    value: float
    proven: bool
    bound: float | None
    count: int | None


def known(problem: str, folder: str = "") -> list[Known]:
    """Return the published values of a problem, in the order of the file.

    Parameters
    ----------
    problem : str
        How its description begins.
    folder : str
        How the path of its instances begins, within the public data.
    """
    return [k for name, k in _rows() if k.problem.startswith(problem) and name.startswith(folder)]


def _rows() -> Iterator[tuple[str, Known]]:
    with (REAL_DATA / "known_best.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            value, proven = float(row["value"]), row["status"].startswith("proven")
            bound, count = _BOUND.search(row["status"]), _COUNT.search(row["problem"])
            yield (
                row["instance"],
                Known(
                    REAL_DATA / row["instance"],
                    row["problem"],
                    value,
                    proven,
                    value if proven else (float(bound.group(1)) if bound else None),
                    int(count.group(1)) if count else None,
                ),
            )
