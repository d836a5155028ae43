"""The layers of one scenario in a batch, as GeoParquet: its outline and its communities."""

from pathlib import Path

import geopandas as gpd
import numpy as np

from commplan.evaluate.scorecard import Scorecard
from commplan.outputs.tables import community_table
from commplan.plan.places import blocks_of, dissolve, is_coverage
from commplan.plan.plan import Plan
from commplan.territory.territory import Territory

OUTLINE = "outline.parquet"
COMMUNITIES = "communities.parquet"


def write_outline(folder: Path, territory: Territory, name: str) -> None:
    """Write the area of all units as one feature, in degrees.

    Parameters
    ----------
    folder : Path
    territory : Territory
        With units.
    name : str
        Of the scenario.
    """
    blocks = blocks_of(territory)
    whole = np.zeros(len(blocks), dtype=np.int32)
    shape = dissolve(blocks, whole, 1, is_coverage(blocks))
    frame = gpd.GeoDataFrame({"name": [name]}, geometry=list(shape), crs=territory.crs)
    frame.to_crs(4326).to_parquet(folder / OUTLINE, index=False)


def write_communities(folder: Path, plan: Plan, scorecard: Scorecard) -> None:
    """Write the proposed communities with their figures, in the scenario's own CRS."""
    table = community_table(plan, scorecard)
    geometry = plan.communities.geometry.to_numpy()
    frame = gpd.GeoDataFrame(table, geometry=geometry, crs=plan.territory.crs)
    frame.to_parquet(folder / COMMUNITIES, index=False)
