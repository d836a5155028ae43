"""Schools and health care within a quarter of an hour's walk of each cell of Porto Alegre.

``python -m benchmarks.porto_alegre [--out DIR]`` reads ``scenarios/real/porto-alegre.toml`` (its
streets are an OpenStreetMap extract, .pbf), prints who reaches what, and with ``--out`` writes
``cells.csv``: minutes to the nearest of each kind, and how many lie within the limit.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from benchmarks.measure import ROOT, table
from commplan.graph.walking import WalkNetwork
from commplan.graph.walking_minutes import nearest_minutes, walk_minutes
from commplan.graph.walking_places import places_at
from commplan.scenario.file import read_scenario
from commplan.scenario.pipeline import Situation, survey, walk_network
from commplan.texts import load_texts

SCENARIO = ROOT / "scenarios" / "real" / "porto-alegre.toml"


def walks(situation: Situation, network: WalkNetwork, limit_min: float) -> pd.DataFrame:
    """Return one row per cell: people, minutes to the nearest of each kind, how many in reach."""
    cells, amenities = situation.territory.villages, situation.territory.amenities
    if cells is None or amenities is None:
        raise ValueError("the scenario has no cells or no amenities")
    places = places_at(network, shapely.get_coordinates(np.asarray(cells.geometry.array)))
    found = pd.DataFrame(cells[["village_id", "population"]]).rename(columns={"village_id": "cell"})
    found["on_network"] = places.on_network
    points = shapely.get_coordinates(np.asarray(amenities.geometry.array))
    for kind in situation.scenario.circles.kinds:
        those = places_at(network, points[(amenities["kind"] == kind).to_numpy()])
        found[f"{kind}_min"] = nearest_minutes(network, places, those)
        within = walk_minutes(network, places, those, limit_min)
        found[f"{kind}_in_reach"] = np.diff(within.indptr)
    return found


def report(situation: Situation, cells: pd.DataFrame, limit_min: float) -> str:
    """Return a table of who reaches what within the limit."""
    rows = []
    for kind in situation.scenario.circles.kinds:
        near = cells[f"{kind}_min"] <= limit_min
        people = cells["population"]
        share, median = people[near].sum() / people.sum(), cells[f"{kind}_min"].median()
        rows.append((kind, f"{near.sum():,} of {len(cells):,}", f"{share:.1%}", f"{median:.1f}"))
    return table(("kind", f"cells within {limit_min:g} min", "people", "median min"), rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.porto_alegre")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    situation = survey(read_scenario(SCENARIO))
    read_s = time.perf_counter() - start
    network = walk_network(situation)
    built_s = time.perf_counter() - start - read_s
    limit_min = situation.scenario.circles.minutes or 15.0
    cells = walks(situation, network, limit_min)
    walked_s = time.perf_counter() - start - read_s - built_s
    for finding in network.findings:
        print(finding.words(load_texts("en")))
    print(report(situation, cells, limit_min))
    print(f"read {read_s:.1f} s, network {built_s:.1f} s, walks {walked_s:.1f} s")
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        cells.to_csv(options.out / "cells.csv", index=False, float_format="%.3f")


if __name__ == "__main__":
    main()
