"""Tables of rooms beside the siting: what each rule asks, and what goes into the floor area."""

from pathlib import Path

import pandas as pd

from commplan.outputs.tables import write_csv
from commplan.plan.plan import Plan
from commplan.plan.programme import ProgrammeOptions, room_programme, size_table
from commplan.policy.profile import Profile


def room_tables(
    plan: Plan, profile: Profile, options: ProgrammeOptions | None = None
) -> dict[str, pd.DataFrame]:
    """Return the tables by file name; none of them for a plan without rooms.

    Parameters
    ----------
    plan : Plan
    profile : Profile
    options : ProgrammeOptions, optional
        Number of principal cadres and areas of functions, as the user states them.

    Returns
    -------
    dict of str to DataFrame
        ``room_sizes.csv`` (a row per community and rule of size) and ``room_programme.csv`` (a row
        per community and item).
    """
    if plan.rooms is None:
        return {}
    tables = {
        "room_sizes.csv": size_table(plan.communities, profile),
        "room_programme.csv": room_programme(plan.rooms.rooms, profile, options),
    }
    return {name: table for name, table in tables.items() if len(table)}


def write_room_tables(
    folder: Path, plan: Plan, profile: Profile, options: ProgrammeOptions | None = None
) -> None:
    """Write `room_tables` into a folder."""
    for name, table in room_tables(plan, profile, options).items():
        write_csv(folder / name, table)
