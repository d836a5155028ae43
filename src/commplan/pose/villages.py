"""Pose the merging of villages: a territory's villages as a `VillageProblem`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commplan.errors import Fault
from commplan.findings import Finding, Severity
from commplan.graph.walking import WalkNetwork
from commplan.graph.walking_threads import Progress
from commplan.policy.norms import choice
from commplan.policy.profile import Profile
from commplan.pose.villages_minutes import Pace, seat_minutes
from commplan.pose.villages_neighbours import HOUSE, find_neighbours, seat_points
from commplan.pose.villages_presets import VILLAGE_PRESETS
from commplan.problem.villages import VillageLimits, VillageProblem, VillageWeights
from commplan.territory.territory import Territory
from commplan.texts import input_error

TRAITS = ("surname", "ethnic_group", "fishing")


@dataclass(frozen=True)
class VillageOptions:
    """What the scenario asks; None takes the profile's figure, else there is no limit.

    Parameters
    ----------
    limits : VillageLimits
    weights : str or mapping
        A preset's name, or term -> weight.
    km_per_h : float or None
        Speed between seats; None for walking.
    gap_m : float
        Gaps between villages up to this width are closed.
    neighbour_km : float
        How far apart neighbours may be where villages are points.
    across_townships : bool
    join : tuple of tuples of str
        Villages that end in one group.
    apart : tuple of pairs of str
    locked : tuple of str
    """

    limits: VillageLimits = field(default_factory=VillageLimits)
    weights: str | Mapping[str, float] = "least-change"
    km_per_h: float | None = None
    gap_m: float = 60.0
    neighbour_km: float = 5.0
    across_townships: bool = False
    join: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    locked: tuple[str, ...] = ()


@dataclass(frozen=True)
class PosedVillages:
    """The question, and what was noticed in posing it."""

    problem: VillageProblem
    findings: tuple[Finding, ...]


def pose_villages(
    territory: Territory,
    network: WalkNetwork,
    profile: Profile,
    options: VillageOptions,
    progress: Progress | None = None,
) -> PosedVillages:
    """Put the merging of a territory's villages in numbers.

    Parameters
    ----------
    territory : Territory
        With villages.
    network : WalkNetwork
    profile : Profile
    options : VillageOptions
    progress : callable, optional
        Told from how many seats the ways are found, of how many.

    Returns
    -------
    PosedVillages
        By position in ``territory.villages``.

    Raises
    ------
    InputError
        Where there are no villages, or the options name some that are not there or ask for what the
        layer does not tell.
    """
    villages = territory.villages
    if villages is None:
        raise input_error([Fault("villages.no_layer", field_name="layers.villages")])
    row = {village: at for at, village in enumerate(villages["village_id"].astype(str))}
    _refuse(options, row, villages)
    near = find_neighbours(villages, options.gap_m, options.neighbour_km)
    xy_m = seat_points(np.asarray(villages.geometry.array, dtype=object))
    township, more = _townships(villages, across=options.across_townships)
    households, unknown = _households(villages, options.limits)
    weights = options.weights
    named = VILLAGE_PRESETS[weights] if isinstance(weights, str) else weights
    km_per_h = options.km_per_h or choice(profile, "walk_m_per_min") * 60.0 / 1000.0
    pace = Pace(km_per_h, options.limits.max_minutes)
    minutes, ways = seat_minutes(network, xy_m, near, pace, progress)
    problem = VillageProblem(
        population=villages["population"].to_numpy(dtype=np.int64),
        households=households,
        area_km2=near.area_km2,
        xy_km=xy_m / 1000.0,
        tail=near.tail,
        head=near.head,
        border_km=near.border_km,
        township=township,
        locked=_locked(villages, options.locked, row),
        join=_joined(options.join, row),
        apart=np.array([[row[a], row[b]] for a, b in options.apart], np.int32).reshape(-1, 2),
        minutes=minutes,
        traits=np.stack([_codes(villages[name]) for name in TRAITS]),
        collective_yuan=villages["collective_yuan"].to_numpy(dtype=np.float64, na_value=np.nan),
        limits=options.limits,
        weights=VillageWeights(
            **(dict.fromkeys(VillageWeights.__annotations__, 0.0) | dict(named))
        ),
    )
    torn = _locked_ties(problem, villages)
    found = [*near.findings, *more, *unknown, *torn, *ways]
    if (villages.geometry.area > 0).any():
        found.append(Finding("villages.middles", Severity.NOTE, layer="villages", clause=HOUSE))
    return PosedVillages(problem, tuple(found))


def _refuse(options: VillageOptions, row: Mapping[str, int], villages: gpd.GeoDataFrame) -> None:
    """Collect every fault of the options against the data."""
    asked = {
        "join": [v for group in options.join for v in group],
        "apart": [v for pair in options.apart for v in pair],
        "locked": list(options.locked),
    }
    faults = []
    for key, ids in asked.items():
        strange = tuple(dict.fromkeys(v for v in ids if v not in row))
        if strange:
            params = {"ids": ", ".join(strange[:5]), "count": len(strange)}
            faults.append(Fault("villages.unknown_ids", params, field_name=f"villages.{key}"))
    faults += _contradictions(options, row)
    if options.limits.max_households is not None and villages["households"].isna().all():
        faults.append(Fault("villages.no_households", field_name="villages.max_households"))
    if options.limits.max_area_km2 is not None and not (villages.geometry.area > 0).all():
        faults.append(Fault("villages.no_areas", field_name="villages.max_area_km2"))
    if faults:
        raise input_error(faults)


def _contradictions(options: VillageOptions, row: Mapping[str, int]) -> list[Fault]:
    """Pairs that must be together and must not, or that name one village twice."""
    known = [tuple(v for v in group if v in row) for group in options.join]
    join = _joined(known, row)
    faults = []
    for a, b in options.apart:
        if a not in row or b not in row:
            continue
        together = join[row[a]] >= 0 and join[row[a]] == join[row[b]]
        if a == b or together:
            code = "villages.apart_itself" if a == b else "villages.join_apart"
            faults.append(Fault(code, {"a": a, "b": b}, field_name="villages.apart"))
    return faults


def _locked_ties(problem: VillageProblem, villages: gpd.GeoDataFrame) -> list[Finding]:
    """Villages that must join others but stay by their own vote: the vote counts."""
    torn = np.flatnonzero((problem.join >= 0) & problem.locked)
    if not len(torn):
        return []
    ids = tuple(villages["village_id"].astype(str).iloc[torn])
    return [Finding("villages.join_locked", Severity.WARNING, {}, ids, "villages")]


def _townships(
    villages: gpd.GeoDataFrame, *, across: bool
) -> tuple[NDArray[np.int32], list[Finding]]:
    """Give the townships numbers; villages that name none may join any of the others that name none."""
    nothing = np.zeros(len(villages), dtype=np.int32)
    named = villages["township_id"].notna().to_numpy()
    if across:
        return nothing, []
    if not named.any():
        return nothing, [Finding("villages.no_townships", Severity.WARNING, layer="villages")]
    found = []
    if not named.all():
        ids = tuple(villages["village_id"].astype(str)[~named])
        found.append(Finding("villages.township_unknown", Severity.WARNING, {}, ids, "villages"))
    return _codes(villages["township_id"]), found


def _codes(column: pd.Series) -> NDArray[np.int32]:
    """Give the values numbers in their order; -1 for none."""
    values = (
        column.astype("object")
        .where(column.notna(), None)
        .map(lambda value: None if value is None else str(value))
    )
    codes, _ = pd.factorize(values, sort=True, use_na_sentinel=True)
    return codes.astype(np.int32)


def _households(
    villages: gpd.GeoDataFrame, limits: VillageLimits
) -> tuple[NDArray[np.int64], list[Finding]]:
    """Households; where they are not known, by the mean size of the others, and that is said."""
    known = villages["households"].notna().to_numpy()
    people = villages["population"].to_numpy(dtype=np.float64)
    households = villages["households"].to_numpy(dtype=np.float64, na_value=np.nan)
    if known.all() or not known.any():
        return np.nan_to_num(households).astype(np.int64), []
    size = people[known].sum() / max(1.0, households[known].sum())
    households = np.where(known, households, np.ceil(people / max(size, 1.0)))
    found = []
    if limits.max_households is not None:
        ids = tuple(villages["village_id"].astype(str)[~known])
        params: dict[str, object] = {"size": round(float(size), 2)}
        code = "villages.households_guessed"
        found.append(Finding(code, Severity.WARNING, params, ids, "villages", clause=HOUSE))
    return households.astype(np.int64), found


def _locked(
    villages: gpd.GeoDataFrame, named: Sequence[str], row: Mapping[str, int]
) -> NDArray[np.bool_]:
    """Villages that stay: by the layer's own column or by the scenario."""
    locked = np.zeros(len(villages), dtype=np.bool_)
    if "locked" in villages:
        locked |= villages["locked"].astype("boolean").fillna(value=False).to_numpy(dtype=bool)
    locked[[row[village] for village in named]] = True
    return locked


def _joined(groups: Sequence[Sequence[str]], row: Mapping[str, int]) -> NDArray[np.int32]:
    """Give numbers to groups that must be one; groups that share a village are one."""
    join = np.full(len(row), -1, dtype=np.int32)
    for number, group in enumerate(groups):
        members = [row[village] for village in group]
        for other in {int(join[at]) for at in members} - {-1}:
            join[join == other] = number
        join[members] = number
    return join
