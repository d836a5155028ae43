"""How much work goes into drawing communities round rooms, and what ends it."""

from dataclasses import dataclass, field

from commplan.optimise.joint.search import SearchParams


@dataclass(frozen=True)
class BoundParams:
    """How much work goes into the bound.

    Parameters
    ----------
    rounds : int
        Of separators at most, for each relaxation.
    nodes : int
        Of branching that ends in a proof; 0 leaves it at what the other stages prove.
    sets : int
        Sets of sites that are searched at most, where sites are chosen.
    set_nodes : int
        Of branching over sites, for each set.
    """

    rounds: int = 200
    nodes: int = 50_000
    sets: int = 8
    set_nodes: int = 2_000


@dataclass(frozen=True)
class JointParams:
    """How much work, and what ends it.

    Parameters
    ----------
    seed : int
    time_limit_s : float or None
        A guard; a run that meets it depends on the machine.
    search : SearchParams
    bound : BoundParams
    prove : bool
        Whether to prove a bound at all.
    """

    seed: int = 0
    time_limit_s: float | None = None
    search: SearchParams = field(default_factory=SearchParams)
    bound: BoundParams = field(default_factory=BoundParams)
    prove: bool = True


def joint_effort(
    effort: str | float, seed: int = 0, time_limit_s: float | None = None
) -> JointParams:
    """Return the work for an effort: a name as in `RedrawParams`, or a multiple of normal."""
    named = {"quick": 0.2, "normal": 1.0, "thorough": 5.0}
    factor = named[effort] if isinstance(effort, str) else float(effort)
    search = SearchParams(
        starts=max(2, round(4 * min(factor, 3.0))), rounds=max(10, round(100 * factor))
    )
    bound = BoundParams(
        rounds=max(20, round(60 * factor)),
        nodes=0,
        sets=max(1, round(2 * factor)),
        set_nodes=max(20, round(100 * factor)),
    )
    return JointParams(seed, time_limit_s, search, bound)
