"""Write the synthetic sample county: ``python tools/make_sample_county.py [FOLDER] [SEED]``."""

import sys
from pathlib import Path

from sample_county.county import write_county

SEED = 1
FOLDER = Path(__file__).resolve().parents[1] / "data" / "boundaries"


def main(arguments: list[str]) -> None:
    """Write all layers and say how many rows each has."""
    folder = Path(arguments[0]) if arguments else FOLDER
    seed = int(arguments[1]) if len(arguments) > 1 else SEED
    for name, rows in write_county(folder, seed).items():
        size = (folder / f"{name}.gpkg").stat().st_size / 1024
        print(f"{name:13} {rows:6} rows {size:8.0f} KB")


if __name__ == "__main__":
    main(sys.argv[1:])
