"""Siting of rooms: one site per community, the best by several criteria in their order."""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from commplan.optimise.rooms.model import SitingModel
from commplan.problem.result import Status
from commplan.problem.rooms import (
    OptionScores,
    RoomProblem,
    RoomResult,
    score_options,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

ROUNDING_M2 = 1e-4  # a room that grows by less does not grow


@dataclass(frozen=True)
class SitingParams:
    """How long to look.

    Parameters
    ----------
    time_limit_s : float or None
        Guard for each exact model.
    seed : int
    """

    time_limit_s: float | None = None
    seed: int = 0


def site_rooms(problem: RoomProblem, params: SitingParams | None = None) -> RoomResult:
    """Choose a site for every community.

    A room that stands inside its community and is large enough is kept. Beyond that the first
    criterion of the aim decides (`CRITERIA`, if no other is set), and each next one between those
    that are equal so far: communities without a place, households not within the limit, square
    metres short, yuan, households that cannot reach it at all, household minutes. A community that
    shares no site with another is decided by itself; the others together, in an exact model. A
    budget puts all of them into one model.

    Parameters
    ----------
    problem : RoomProblem
    params : SitingParams, optional

    Returns
    -------
    RoomResult
        Optimal, or feasible where the time limit cut a model short. A community without any
        possible site gets none.

    Raises
    ------
    SolverError
        If the solver fails.
    """
    params = params or SitingParams()
    began = time.perf_counter()
    scores = score_options(problem)
    usable = _kept(problem, scores)
    site_of = np.full(problem.n_communities, -1, dtype=np.int32)
    slack = dict.fromkeys(problem.order, 0.0)
    proven, nodes = True, 0
    costs = criteria(problem, scores)
    alone, groups = _groups(problem, usable)
    best = _best_alone(problem, costs, alone)
    site_of[problem.option_community[best]] = problem.option_site[best]
    # Area short goes before money in every aim: only a budget makes a room grow by less.
    grows = None if problem.budget_yuan is None else scores.extended_m2
    extended = scores.extended_m2.copy()
    for options in groups:
        model = SitingModel(problem, options, costs, grows)
        answer = model.solve(params.time_limit_s, params.seed)
        chosen = answer.options
        for o, area in answer.extended_m2.items():
            extended[o] = area if area > ROUNDING_M2 else 0.0
        site_of[problem.option_community[chosen]] = problem.option_site[chosen]
        proven &= answer.is_proven
        nodes += answer.nodes
        for name in problem.order:
            slack[name] += answer.slack[name]
    terms = terms_of(problem, scores, site_of, extended)
    return RoomResult(
        status=Status.OPTIMAL if proven else Status.FEASIBLE,
        site_of=site_of,
        terms=terms,
        bounds={name: terms[name] - slack[name] for name in problem.order},
        nodes=nodes,
        runtime_s=time.perf_counter() - began,
        extended_m2=_of_communities(problem, site_of, extended),
    )


def _of_communities(problem: RoomProblem, site_of: Ints, values: Floats) -> Floats:
    """Return the value of each community's option; 0 for a community without a site."""
    found = np.zeros(problem.n_communities)
    used = np.flatnonzero(site_of[problem.option_community] == problem.option_site)
    found[problem.option_community[used]] = values[used]
    return found


def criteria(problem: RoomProblem, scores: OptionScores) -> Floats:
    """Return what each option adds to each criterion, less what its community has without a site.

    Returns
    -------
    float64 array, shape (o, criteria)
        Columns as `RoomProblem.order`. A cost that is not known counts as the highest that is, so
        that no site wins because its price is missing.
    """
    cost = scores.cost_yuan
    known = cost[~np.isnan(cost)]
    cost = np.where(np.isnan(cost), known.max(initial=0.0), cost)
    need = np.nan_to_num(problem.need_m2, nan=0.0)[problem.option_community]
    columns = {
        "unserved_communities": np.full(len(cost), -1.0),
        "far_households": -scores.near_households,
        "short_m2": scores.short_m2 - need,
        "cost_yuan": cost,
        "unreached_households": -scores.reached_households,
        "walk_household_min": scores.walk_household_min,
        "unsuited_rooms": ~scores.suited,
        "longest_walks_min": scores.longest_min,
        "far_elderly": -scores.near_elderly,
        "walk_elderly_min": scores.elderly_min,
    }
    return np.column_stack([columns[name] for name in problem.order]).astype(np.float64)


def terms_of(
    problem: RoomProblem, scores: OptionScores, site_of: Ints, extended_m2: Floats | None = None
) -> dict[str, float]:
    """Add up the criteria of a siting; a shared site's own price counts once.

    ``extended_m2``, shape (o,): by how much rooms are extended, where that is less than they could.
    """
    used = site_of[problem.option_community] == problem.option_site
    served = np.zeros(problem.n_communities, dtype=bool)
    served[problem.option_community[used]] = True
    site = problem.option_site[used]
    cost, short = scores.cost_yuan[used], scores.short_m2[used]
    if extended_m2 is not None:
        grown = extended_m2[used]
        short = short + scores.extended_m2[used] - grown
        cost = np.where(problem.sites.existing[site], problem.sites.growth_yuan(site, grown), cost)
    whole = problem.sites.shared[site] & ~np.isnan(problem.sites.cost_yuan[site])
    _, first = np.unique(site, return_index=True)
    again = whole.copy()
    again[first] = False
    households = float(problem.households.sum())
    elderly = 0.0 if problem.elderly is None else float(np.nan_to_num(problem.elderly).sum())
    more = {
        "unsuited_rooms": float((~scores.suited[used]).sum()),
        "longest_walks_min": float(scores.longest_min[used].sum()),
        "far_elderly": elderly - float(scores.near_elderly[used].sum()),
        "walk_elderly_min": float(scores.elderly_min[used].sum()),
    }
    asked = {name: more[name] for name in problem.order if name in more}
    return {
        "unserved_communities": float((~served).sum()),
        "far_households": households - float(scores.near_households[used].sum()),
        "short_m2": float(short.sum() + np.nan_to_num(problem.need_m2[~served], nan=0.0).sum()),
        "cost_yuan": float(np.nansum(np.where(again, 0.0, cost))),
        "unreached_households": households - float(scores.reached_households[used].sum()),
        "walk_household_min": float(scores.walk_household_min[used].sum()),
        **asked,
    }


def _kept(problem: RoomProblem, scores: OptionScores) -> NDArray[np.bool_]:
    """Options left once sites are taken that are decided, or stand inside and are large enough."""
    usable = np.ones(problem.n_options, dtype=bool)
    if problem.keeps:
        stands = scores.fits & problem.option_inside & problem.sites.existing[problem.option_site]
        usable = _only(problem, stands)
    if problem.sites.decided is not None:
        decided = problem.option_inside & problem.sites.decided[problem.option_site]
        usable = decided | (usable & _only(problem, decided))
    return usable


def _only(problem: RoomProblem, these: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Leave communities that have some of these options with nothing but them."""
    has = np.zeros(problem.n_communities, dtype=bool)
    has[problem.option_community[these]] = True
    return these | ~has[problem.option_community]


def _groups(
    problem: RoomProblem, usable: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """Options of communities that decide alone, and of each group that has sites in common."""
    options = np.flatnonzero(usable)
    if problem.budget_yuan is not None:  # money joins them all
        return options[:0], [options] if len(options) else []
    k, s = problem.n_communities, problem.sites.n
    links = sparse.coo_array(
        (
            np.ones(len(options)),
            (problem.option_community[options], k + problem.option_site[options]),
        ),
        shape=(k + s, k + s),
    )
    _, label = connected_components(links, directed=False)
    size = np.bincount(label[:k], minlength=label.max(initial=-1) + 1)
    group = label[problem.option_community[options]]
    single = size[group] == 1
    order = options[~single][np.argsort(group[~single], kind="stable")]
    cuts = np.flatnonzero(np.diff(np.sort(group[~single]))) + 1
    return options[single], [g for g in np.split(order, cuts) if len(g)]


def _best_alone(
    problem: RoomProblem, costs: Floats, options: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Best option of each community by itself; equals go to the first site."""
    if not len(options):
        return options
    community = problem.option_community[options]
    keys = (problem.option_site[options], *costs[options].T[::-1], community)
    order = options[np.lexsort(keys)]
    first = np.flatnonzero(np.diff(problem.option_community[order], prepend=-1) != 0)
    return order[first]
