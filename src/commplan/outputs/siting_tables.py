"""A siting as tables: CSV for programs, columns with titles for people, key figures."""

import numpy as np
import pandas as pd

from commplan.outputs.sheets import Column
from commplan.outputs.topic import Figure
from commplan.outputs.words import word
from commplan.plan.siting import SitingPlan
from commplan.texts import Texts


def csv_tables(plan: SitingPlan) -> dict[str, pd.DataFrame]:
    """Return the tables of a run by file name; `commplan verify` makes them anew and compares."""
    return {"siting.csv": plan.sites, "units.csv": plan.units}


def siting_sheets(plan: SitingPlan, texts: Texts) -> dict[str, list[Column]]:
    """Return the tables of the workbook by the key of their name."""
    return {"sites": site_columns(plan, texts), "left": left_columns(plan, texts),
            "units": unit_columns(plan, texts)}  # fmt: skip


def site_columns(plan: SitingPlan, texts: Texts) -> list[Column]:
    """Rooms that stay, are new or close."""
    table = plan.sites.assign(
        action=[texts(f"siting.action_{action}") for action in plan.sites["action"]],
        way=["" if pd.isna(way) else word(texts, "way", way) for way in plan.sites["way"]],
    )
    given = [
        ("site_id", "text", 11), ("name", "text", 26), ("way", "text", 12), ("action", "text", 10),
        ("year", "year", 8), ("households", "int", 10), ("people", "int", 10), ("floor_m2", "int", 10),
        ("extend_m2", "int", 10), ("need_m2", "int", 10), ("cost_yuan", "int", 14),
    ]  # fmt: skip
    sums = {"households", "people", "extend_m2", "cost_yuan"}
    return [
        Column(
            texts(f"siting.col_{name}"), _plain(table[name], kind),
            "text" if kind == "year" else kind, name in sums, width,
        )
        for name, kind, width in given
    ]  # fmt: skip


def unit_columns(plan: SitingPlan, texts: Texts) -> list[Column]:
    """Where the people of each compound or block go."""
    named = _unit_names(plan)
    return [
        Column(texts("siting.col_unit_id"), list(plan.units["unit_id"]), "text", width=12),
        Column(texts("siting.col_unit"), named, "text", width=26),
        Column(texts("siting.col_households"), plan.households.astype(int).tolist(), "int", True),
        Column(texts("siting.col_site_id"), [s or "" for s in plan.units["site_id"]], "text"),
        Column(texts("siting.col_minutes"), _plain(plan.units["minutes"], "minutes"), "decimal"),
    ]


def left_columns(plan: SitingPlan, texts: Texts) -> list[Column]:
    """Who is left out, and why."""
    named, households = _unit_names(plan), plan.households.astype(int).tolist()
    rows = [(unit, cause.code) for cause in plan.result.causes for unit in cause.units]
    ids = plan.units["unit_id"].tolist()
    return [
        Column(texts("siting.col_unit_id"), [ids[u] for u, _ in rows], "text", width=12),
        Column(texts("siting.col_unit"), [named[u] for u, _ in rows], "text", width=26),
        Column(texts("siting.col_households"), [households[u] for u, _ in rows], "int", True),
        Column(
            texts("siting.col_why"), [texts(f"siting.why_{code}") for _, code in rows], "text",
            width=44,
        ),
    ]  # fmt: skip


def siting_figures(plan: SitingPlan) -> tuple[Figure, ...]:
    """Key figures, with the rooms that stand today and with those proposed."""
    problem, posed = plan.posed.problem, plan.posed
    served = plan.result.site_of >= 0
    today = posed.today_min
    near = np.isfinite(today)
    sized = posed.options.sized
    weight, minutes = problem.weight, plan.units["minutes"].to_numpy()
    total = float(weight.sum())

    lacks = (plan.sites["need_m2"] - plan.sites["floor_m2"]).clip(lower=0)
    short = round(float(lacks.sum()))
    grown = float(plan.sites["extend_m2"].sum())
    extended = (Figure("extended", "", None, round(grown)),) if sized else ()

    def of_today(value: float | None) -> float | None:
        """Leave out what cannot be compared: today nobody asks whether rooms are large enough."""
        return None if sized else value

    def mean(which: np.ndarray, walks: np.ndarray) -> float | None:
        share = float(weight[which].sum())
        return float(weight[which] @ walks[which]) / share if share else None

    return (
        Figure("rooms", "", float(posed.standing.sum()), float(plan.result.is_open.sum())),
        Figure("households", "", total, total),
        Figure("within", "", of_today(float(weight[near].sum())), float(weight[served].sum())),
        Figure("within_share", "share", of_today(float(weight[near].sum()) / total),
               float(weight[served].sum()) / total),
        Figure("mean_min", "min", of_today(mean(near, today)), mean(served, minutes)),
        Figure("longest_min", "min", of_today(float(today[near].max()) if near.any() else None),
               float(minutes[served].max()) if served.any() else None),
        Figure("cost", "", None, plan.cost_yuan),
        *extended,
        Figure("short", "", None, short),
    )  # fmt: skip


def _unit_names(plan: SitingPlan) -> list[str]:
    units = plan.territory.units
    if units is None:
        raise ValueError("a territory without units")
    names = units["name"].fillna(units["unit_id"]) if "name" in units else units["unit_id"]
    return [str(name) for name in names.to_numpy()[plan.posed.unit_rows]]


def _plain(column: "pd.Series[float]", kind: str) -> list[object]:
    """Values that a sheet can show: nothing where one is missing, years without a thousands mark."""
    if kind == "text":
        return list(column)
    shown = [None if pd.isna(value) else value for value in column]
    if kind == "year":
        return ["" if value is None else str(int(value)) for value in shown]
    return [None if v is None else round(float(v), 1) if kind == "minutes" else v for v in shown]
