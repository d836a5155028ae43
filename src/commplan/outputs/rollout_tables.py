"""A rollout as tables: CSV for programs, columns with titles for people."""

import pandas as pd

from commplan.outputs.sheets import Column
from commplan.outputs.topic import Figure
from commplan.plan.rollout import RolloutPlan, assignment_of_year
from commplan.texts import Texts


def csv_tables(rollout: RolloutPlan) -> dict[str, pd.DataFrame]:
    """Return the tables of a run by file name; `commplan verify` makes them anew and compares."""
    return {
        "rollout.csv": rollout.table,
        "rollout_years.csv": year_table(rollout),
        "rollout_units.csv": unit_table(rollout),
    }


def year_table(rollout: RolloutPlan) -> pd.DataFrame:
    """Return what each year takes, and how its plan stands to the rules.

    Columns: ``year``, ``communities``, ``groups``, ``cost_yuan``, ``staff``, ``moved_households``,
    ``breaks_changed`` and ``breaks_waiting`` (rules broken at the end of the year by communities
    that have changed by then, and by the others, which are still as today).
    """
    table = rollout.table
    rows = []
    for at in range(rollout.problem.years):
        year = rollout.first_year + at
        own = table[table["year"] == year]
        changed, waiting = rollout.breaks[at] if rollout.breaks else (None, None)
        rows.append(
            {
                "year": year,
                "communities": len(own),
                "groups": own["group"].nunique(),
                "cost_yuan": float(own["cost_yuan"].sum()),
                "staff": float(own["staff"].sum()),
                "moved_households": int(own["moved_households"].sum()),
                "breaks_changed": changed,
                "breaks_waiting": waiting,
            }
        )
    return pd.DataFrame(rows)


def unit_table(rollout: RolloutPlan) -> pd.DataFrame:
    """Return the community of every unit at the end of each year; empty where it is in none."""
    columns: dict[str, list[str]] = {}
    for year in range(rollout.problem.years):
        given = assignment_of_year(rollout, year)
        columns.setdefault("unit_id", [unit for unit, _ in given])
        columns[str(rollout.first_year + year)] = [name or "" for _, name in given]
    return pd.DataFrame(columns)


def rollout_sheets(rollout: RolloutPlan, texts: Texts) -> dict[str, list[Column]]:
    """Return the tables of the workbook by the key of their name."""
    years = [
        ("year", "text", 8), ("communities", "int", 14), ("groups", "int", 9),
        ("cost_yuan", "int", 14), ("staff", "int", 8), ("moved_households", "int", 12),
        ("breaks_changed", "int", 16), ("breaks_waiting", "int", 16),
    ]  # fmt: skip
    given = [
        ("year", "text", 10), ("group", "int", 8), ("number", "int", 8),
        ("community_id", "text", 12),
        ("name", "text", 20), ("households", "int", 13), ("cost_yuan", "int", 14),
        ("staff", "int", 8), ("moved_households", "int", 12), ("urgency", "decimal", 10),
        ("why", "text", 40),
    ]  # fmt: skip
    known = rollout.plan.communities["community_id"].tolist()
    table = rollout.table.assign(
        number=[known.index(name) + 1 for name in rollout.table["community_id"]],
        year=[str(y) if y else texts("rollout.never") for y in rollout.table["year"]],
        why=[texts(f"rollout.why_{code}") for code in rollout.table["why"]],
    )
    sums = {"communities", "groups", "cost_yuan", "staff", "moved_households", "households"}
    by_year = year_table(rollout).astype({"year": str})
    return {
        "years": [
            Column(texts(f"rollout.col_{name}"), list(by_year[name]), kind, name in sums, width)
            for name, kind, width in years
        ],
        "communities": [
            Column(texts(f"rollout.col_{name}"), list(table[name]), kind, name in sums, width)
            for name, kind, width in given
        ],
    }


def rollout_figures(rollout: RolloutPlan) -> tuple[Figure, ...]:
    """Key figures of a rollout."""
    table = rollout.table
    done = table[table["year"] > 0]

    def figure(code: str, value: float) -> Figure:
        return Figure(code, "", None, float(value))

    return (
        figure("done", len(done)),
        figure("all", len(table)),
        figure("left", len(table) - len(done)),
        figure("groups", rollout.problem.groups),
        figure("years", rollout.problem.years),
        figure("cost", done["cost_yuan"].sum()),
        figure("moved", done["moved_households"].sum()),
    )
