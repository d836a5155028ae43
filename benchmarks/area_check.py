"""Check a solution of a service-area problem from the files alone, in plain Python.

Shares no code with the reader or the optimiser: it reads instance, neighbours and solution anew.
"""

import csv
import math
from pathlib import Path

SLACK = 1e-5  # capacities carry a little float noise


def check(
    instance: Path, neighbours: Path, solution: Path, *, fixed: bool
) -> tuple[float, list[str]]:
    """Count a solution's cost and list what it breaks.

    Parameters
    ----------
    instance, neighbours, solution : Path
        The solution has the columns unit, facility.
    fixed : bool
        Every facility is open and costs nothing (SAP); else those that serve pay (CFLSAP).

    Returns
    -------
    (cost, faults)
    """
    rows = [
        line.split("\t")
        for line in instance.read_text(encoding="utf-8").splitlines()[1:]
        if line.strip()
    ]
    units = {r[0]: tuple(float(v) for v in r[1:7]) for r in rows}
    with solution.open(encoding="utf-8", newline="") as file:
        given = [(r["unit"], r["facility"]) for r in csv.DictReader(file)]
    serves = dict(given)
    faults = []
    if len(given) != len(serves) or set(serves) != set(units):
        return math.inf, ["not every unit is served once"]
    areas: dict[str, set[str]] = {}
    for unit, facility in given:
        areas.setdefault(facility, set()).add(unit)
    touch = _touching(neighbours)
    cost = 0.0
    for facility, area in areas.items():
        if facility not in units or units[facility][5] <= 0:
            faults.append(f"{facility} is no facility")
            continue
        x, y, capacity = units[facility][1], units[facility][2], units[facility][5]
        if sum(units[u][0] for u in area) > capacity + SLACK:
            faults.append(f"{facility} is too full")
        if not _joined(facility, area, touch):
            faults.append(f"the area of {facility} is not connected or lacks the facility")
        cost += 0.0 if fixed else units[facility][4]
        cost += sum(
            units[u][0] * math.dist((units[u][1], units[u][2]), (x, y)) / 1000.0 for u in area
        )
    if fixed:
        idle = [u for u, values in units.items() if values[5] > 0 and u not in areas]
        faults += [f"{u} serves nobody" for u in idle]
    return cost, faults


def _touching(path: Path) -> dict[str, set[str]]:
    touch: dict[str, set[str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in list(csv.reader(file))[1:]:
            if len(row) >= 3:
                touch.setdefault(row[1], set()).add(row[2])
                touch.setdefault(row[2], set()).add(row[1])
    return touch


def _joined(facility: str, area: set[str], touch: dict[str, set[str]]) -> bool:
    seen, front = {facility}, [facility]
    while front:
        for unit in touch.get(front.pop(), set()) & area:
            if unit not in seen:
                seen.add(unit)
                front.append(unit)
    return facility in area and seen == area
