"""Recompute the proposals for places outside every community from the layers and ``coverage.csv``."""

from pathlib import Path
from typing import Any

import numpy as np

from commplan.errors import Fault
from commplan.findings import Finding
from commplan.problem.coverage import CoverageResult
from commplan.scenario.coverage import LAYERS, certificate, pose, told
from commplan.scenario.store import read_json
from commplan.scenario.topics import (
    compare_tables,
    differences,
    open_topic_run,
    read_rows,
    stated_number,
    stated_status,
    stated_table,
    surveyed,
)
from commplan.scenario.verify import against
from commplan.scenario.watch import Watch
from commplan.texts import input_error

PLACES = "coverage.csv"
#: Of the certificate, what follows from the layers and the proposals.
STATED = (
    "objective", "gap", "weights", "min_households", "max_households", "looked_at", "covered", "places",
)  # fmt: skip


def verify_coverage_run(folder: Path, watch: Watch) -> tuple[list[Finding], int, int]:
    """Verify the folder of a coverage run.

    Returns
    -------
    findings : list of Finding
        Errors, and changed files from which no figure is read.
    cells, places : int
        How many cells of tables were compared, and how many places there are.

    Raises
    ------
    InputError
        Where the folder is not a finished run, or its inputs are gone.
    """
    from commplan.evaluate.coverage import check_coverage
    from commplan.outputs.coverage_tables import csv_tables

    scenario, found = open_topic_run(folder)
    stated = read_json(folder / "certificate.json")
    situation = surveyed(scenario, LAYERS, watch)
    posed = pose(situation)
    keys = [(place.layer, place.place_id) for place in posed.places]
    result = _recorded(folder, stated, (keys, posed.communities))
    found += check_coverage(posed.problem, result)
    run = told(situation, posed, result, 0.0)
    tables, cells = compare_tables(folder, csv_tables(run.coverage, run.platforms))
    again = certificate(run)
    found += tables
    found += differences(stated, again, STATED)
    return against(found), cells, len(posed.places)


def _recorded(
    folder: Path,
    stated: dict[str, Any],
    known: tuple[list[tuple[str, str]], tuple[str, ...]],
) -> CoverageResult:
    """Read what each place does, as the run left it."""
    keys, communities = known
    rows = {
        (row.get("layer", ""), row.get("place_id", "")): row for row in read_rows(folder / PLACES)
    }
    if set(rows) != set(keys):
        params = {"count": len(rows), "all": len(keys)}
        raise input_error([Fault("coverage.bad_count", params, str(folder / PLACES))])
    number = {name: at for at, name in enumerate(communities)}
    order: dict[str, int] = {}
    set_of = np.full(len(keys), -1, dtype=np.int32)
    joins = set_of.copy()
    for place, key in enumerate(keys):
        row = rows[key]
        if row.get("what") == "stays" or not row.get("proposal"):
            continue
        set_of[place] = order.setdefault(row["proposal"], len(order))
        if row.get("what") == "joins":
            joins[place] = number.get(row.get("community_id", ""), -1)
    ids = {key[1]: place for place, key in enumerate(keys)}
    file = folder / "certificate.json"
    reasons = stated_table(stated, "reasons", file)
    return CoverageResult(
        status=stated_status(stated, file),
        set_of=set_of,
        joins=joins,
        objective=stated_number(stated, "objective", file),
        bound=stated_number(stated, "bound", file),
        terms=stated_table(stated, "terms", file),
        reasons={ids[name]: code for name, code in reasons.items() if name in ids},
    )
