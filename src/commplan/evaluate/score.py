"""Score a plan: measures, validity, a row per community, and the rules of the profile."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely

from commplan.evaluate.circles import Circles
from commplan.evaluate.measures import Yard, as_measures, measure_plan
from commplan.evaluate.measures_borders import shared_borders
from commplan.evaluate.measures_rooms import room_by_community, walk_by_community
from commplan.evaluate.measures_terms import Ground, compactness
from commplan.evaluate.rules import check_rules
from commplan.evaluate.scorecard import Scorecard
from commplan.evaluate.validity import ValidityRules, pieces_of, validity_findings
from commplan.evaluate.validity_limits import ScenarioLimits, limit_findings
from commplan.findings import Severity, worst_first
from commplan.graph.adjacency import UnitGraph
from commplan.graph.barriers import metres_on_barrier
from commplan.plan.places import blocks_of
from commplan.plan.plan import Plan
from commplan.policy.norms import choice
from commplan.policy.profile import Profile
from commplan.pose.communities import (
    RedrawOptions,
    household_limits,
    subdistrict_parts,
    unit_points_m,
)


@dataclass(frozen=True)
class ScoreOptions:
    """By what a plan is scored; None stands for the profile's.

    Parameters
    ----------
    min_households, max_households : int or None
        Inclusive.
    target_households : float or None
        None for the profile's, else the middle of the bounds.
    within_subdistrict : bool
    grandfather : bool
        A community that is exactly one of today's may stay out of bounds.
    limit_min : float or None
        Longest walk to the room that counts as near (house choice).
    figures : mapping of str to float
        The user's own figures by rule id, for norms that no layer holds (``"pay.ratio": 1.3``).
    bounds, communities, max_moved_households
        As in `ScenarioLimits`.
    """

    min_households: int | None = None
    max_households: int | None = None
    target_households: float | None = None
    within_subdistrict: bool = True
    grandfather: bool = False
    limit_min: float | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    communities: tuple[int, int] | None = None
    max_moved_households: int | None = None

    @property
    def limits(self) -> ScenarioLimits:
        """What the scenario asks besides bounds of households."""
        return ScenarioLimits(
            self.bounds, self.communities, self.max_moved_households, self.grandfather
        )


def score(
    plan: Plan,
    graph: UnitGraph,
    profile: Profile,
    options: ScoreOptions | None = None,
    circles: Circles | None = None,
) -> Scorecard:
    """Score a plan, solved or drawn by hand, without anything of the optimiser.

    Parameters
    ----------
    plan : Plan
    graph : UnitGraph
        Says which units are connected; lengths are measured on the blocks.
    profile : Profile
    options : ScoreOptions, optional
    circles : Circles, optional
        For the rules on living circles.

    Returns
    -------
    Scorecard

    Raises
    ------
    InputError
        Where neither options nor profile give bounds for the households.
    """
    options = options or ScoreOptions()
    bounds = household_limits(
        profile,
        RedrawOptions(options.min_households, options.max_households, options.target_households),
    )
    rules = validity_rules(profile, options)
    limit_min = choice(profile, "room_min") if options.limit_min is None else options.limit_min
    yard = Yard(bounds, limit_min)
    ground = survey_ground(plan, graph, options.within_subdistrict)
    terms, figures, today = measure_plan(plan, ground, yard, profile)
    validity = (*validity_findings(plan, graph, rules), *limit_findings(plan, options.limits))
    known = {code: value for code, value in figures.items() if value is not None}
    known |= dict(options.figures)
    ruled = check_rules(profile, plan, circles, known)
    return Scorecard(
        valid=not any(f.severity is Severity.ERROR for f in validity),
        terms=terms,
        measures=as_measures(figures, today, profile),
        communities=community_scores(plan, graph, ground, yard),
        findings=worst_first((*validity, *ruled)),
    )


def validity_rules(profile: Profile, options: ScoreOptions) -> ValidityRules:
    """Return what a valid plan keeps to.

    Raises
    ------
    InputError
        Where neither options nor profile give bounds for the households.
    """
    asked = RedrawOptions(options.min_households, options.max_households, options.target_households)
    bounds = household_limits(profile, asked)
    return ValidityRules(
        bounds.min_households,
        bounds.max_households,
        options.within_subdistrict,
        options.grandfather,
        _bounds_clause(profile, options),
    )


def survey_ground(plan: Plan, graph: UnitGraph, within_subdistrict: bool = True) -> Ground:
    """Measure what every division of the plan's territory is measured on."""
    units, blocks = plan.territory.units, blocks_of(plan.territory)
    if units is None:
        raise ValueError("a plan of a territory without units")
    shared = shared_borders(blocks)
    return Ground(
        blocks=blocks,
        area_m2=shapely.area(np.asarray(blocks.array)),
        points_m=unit_points_m(units),
        households=units["households"].to_numpy(dtype=np.int64),
        part=subdistrict_parts(plan.territory, graph, within_subdistrict),
        shared=shared,
        barrier_m=metres_on_barrier(shared.lines, plan.territory.barriers),
    )


def community_scores(plan: Plan, graph: UnitGraph, ground: Ground, yard: Yard) -> pd.DataFrame:
    """One row per community, in the order of the plan, as `Scorecard` describes it."""
    table = plan.communities
    sizes = table["households"].to_numpy(dtype=np.int64)
    assigned = plan.community_of >= 0
    piece = pieces_of(plan, graph)
    pairs = np.unique(np.stack([plan.community_of[assigned], piece[assigned]]), axis=1)
    scores = pd.DataFrame(
        {
            "community_id": table["community_id"].to_numpy(dtype=object),
            "households": sizes,
            "population": table["population"].astype("Int64"),
            "area_km2": table["area_m2"].to_numpy(dtype=np.float64) / 1e6,
            "in_bounds": (sizes >= yard.bounds.min_households)
            & (sizes <= yard.bounds.max_households),
            "connected": np.bincount(pairs[0], minlength=len(table)) == 1,
            "compactness": compactness(table.geometry),
        }
    )
    walks = walk_by_community(plan, ground.households, yard.limit_min)
    return pd.concat([scores, room_by_community(plan), walks], axis=1)


def _bounds_clause(profile: Profile, options: ScoreOptions) -> str | None:
    """Return the clause behind the bounds; none where the scenario sets its own."""
    own = options.min_households is not None or options.max_households is not None
    return None if own else profile.clause("size.households")
