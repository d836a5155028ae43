"""Boundaries and rooms in one problem against one after the other, on a scenario."""

from pathlib import Path

from benchmarks.measure import REAL_DATA, ROOT, table
from commplan.scenario.file import read_scenario
from commplan.scenario.pipeline import Solution, survey
from commplan.scenario.pipeline import solve as solve_scenario

DAAN = ROOT / "scenarios" / "real" / "taipei-daan.toml"


def joint_daan() -> str:
    """Compare the two ways on Da'an."""
    if not REAL_DATA.is_dir():
        return "Not measured: the public data named by `COMMPLAN_REAL_DATA` are not here."
    return compared(DAAN)


def compared(path: Path) -> str:
    """Solve a scenario in both ways and set what comes out side by side."""
    scenario = read_scenario(path)
    head = ("figure", "one after the other", "together")
    rooms = [scenario.rooms.model_copy(update={"joint": joint}) for joint in (False, True)]
    solved = [
        solve_scenario(survey(scenario.model_copy(update={"rooms": section}))) for section in rooms
    ]
    figures = [_figures(solution) for solution in solved]
    names = dict.fromkeys(name for column in figures for name in column)
    return table(head, [(name, *(column.get(name, "–") for column in figures)) for name in names])


def _figures(solution: Solution) -> dict[str, str]:
    status = {"status": str(solution.result.status)}
    if solution.judged is None:
        return status
    terms = solution.scorecard.terms
    plan, rooms = solution.plan, solution.plan.rooms
    total = float(plan.communities["households"].sum())
    far = float(terms["far_households"])
    prices = [] if rooms is None else rooms.rooms["cost_yuan"].dropna().tolist()
    lacking = 0 if rooms is None else int(rooms.rooms["site_id"].isna().sum())
    return status | {
        "communities": str(len(plan.communities)),
        "communities without a room": str(lacking),
        "households within the limit": f"{total - far:,.0f} of {total:,.0f}",
        "mean walk of a household, min": f"{terms['walk_household_min'] / total:.2f}",
        "cost of rooms, yuan": f"{sum(prices):,.0f}" if prices else "no price known",
        "border, km": f"{terms['border_km']:.2f}",
        "households moved": f"{terms['moved_households']:,.0f}",
        "seconds of drawing": f"{solution.result.runtime_s:.1f}",
    }


if __name__ == "__main__":
    print(joint_daan())
