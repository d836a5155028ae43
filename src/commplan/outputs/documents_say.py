"""The sentences of a hearing's documents that hang on figures: today, the plan, rooms, exceptions."""

from collections import defaultdict

import pandas as pd

from commplan.findings import Finding, Severity
from commplan.outputs.documents_clause import clause_title, named_words, number_words
from commplan.outputs.documents_columns import Table, make_table, table_rows
from commplan.outputs.documents_dossier import Dossier
from commplan.outputs.info import in_language
from commplan.outputs.page_data import household_bounds
from commplan.outputs.tables import plain
from commplan.outputs.words import share_words
from commplan.policy.describe import value_words
from commplan.policy.profile import Profile
from commplan.texts import Texts

#: Rules that a redrawing stands on, where the profile has them.
BASIS_RULES = (
    "size.households", "size.households_target", "size.population_target", "boundary.natural",
    "adjust.stepwise", "procedure.change", "room.per_100_households", "room.per_100_people",
    "room.minimum", "staff.household_ratio",
)  # fmt: skip
BOUND_CODES = (
    "validity.excepted",
    "validity.grandfathered",
    "validity.too_few",
    "validity.too_many",
)
MAX_REMARKS = 12


Held = defaultdict[str, tuple[float | None, float | None]]


def measures_of(dossier: Dossier) -> Held:
    """Return code -> (today, plan) of the scorecard's measures; None where unknown."""
    held: Held = defaultdict(lambda: (None, None))
    held.update(
        (m.code, (plain(m.today), plain(m.value))) for m in dossier.report.scorecard.measures
    )
    return held


def say(dossier: Dossier, changes: Table, texts: Texts) -> dict[str, str]:
    """Word what a document says about today, the plan, the moves and the rooms.

    Parameters
    ----------
    dossier : Dossier
    changes : Table
        The table of before and after, whose kinds of change are counted.
    texts : Texts

    Returns
    -------
    dict of str to str
        ``today``, ``plan``, ``moves``, ``rooms``, ``within``, ``ask``, ``comments``.
    """
    held = measures_of(dossier)
    return {
        "today": _today(dossier, held, texts),
        "plan": _plan(dossier, held, changes, texts),
        "moves": _moves(dossier, held, texts),
        "rooms": _rooms(dossier, held, texts),
        "within": _within(dossier, held, texts),
        "ask": _ask(dossier, texts),
        "comments": _comments(dossier, texts),
    }


def between(texts: Texts) -> str:
    """Return what stands between two sentences: nothing in Chinese."""
    return "" if texts.language == "zh-CN" else " "


def _whole(value: float | None) -> str:
    return "–" if value is None else f"{value:z,.0f}"


def _range(dossier: Dossier) -> dict[str, str]:
    report = dossier.report
    low, high = household_bounds(report.info.bounds_households, report.profile) or (0, 0)
    return {"min": f"{low:,}", "max": f"{high:,}"}


def _today(dossier: Dossier, held: Held, texts: Texts) -> str:
    everyone = _whole(held["households"][1])
    count = len(dossier.plan.today)
    if not count:
        return texts("documents.say_no_today", households=everyone)
    inside = int(held["communities_in_bounds"][0] or 0)
    words = texts(
        "documents.say_today",
        communities=f"{count:,}",
        households=_whole(held["households"][0]),
        inside=f"{inside:,}",
        outside=f"{count - inside:,}",
        **_range(dossier),
    )
    return between(texts).join(filter(None, (words, _nobody(dossier, texts))))


def _nobody(dossier: Dossier, texts: Texts) -> str:
    """Say who belongs to no community today and comes into one: the plan has so many more."""
    plan = dossier.plan
    comes = (plan.today_of < 0) & (plan.community_of >= 0)
    if plan.territory.units is None or not comes.any():
        return ""
    households = int(plan.territory.units["households"].to_numpy()[comes].sum())
    return texts(
        "documents.say_nobody", units=f"{int(comes.sum()):,}", households=f"{households:,}"
    )


def _plan(dossier: Dossier, held: Held, changes: Table, texts: Texts) -> str:
    figures = {
        "communities": f"{len(dossier.plan.communities):,}",
        "households": _whole(held["households"][1]),
        "inside": _whole(held["communities_in_bounds"][1]),
        **_range(dossier),
    }
    if not len(dossier.plan.today):
        return texts("documents.say_plan_new", **figures)
    said = pd.Series(list(changes["change"].values)).value_counts()
    counts = {key: int(said.get(texts(f"documents.change_{key}"), 0)) for key in CHANGES}
    changed = len(dossier.plan.communities) - counts["same"] - counts["new"]
    return texts(
        "documents.say_plan",
        same=f"{counts['same']:,}",
        changed=f"{changed:,}",
        new=f"{counts['new']:,}",
        ended=f"{counts['ended']:,}",
        **figures,
    )


CHANGES = ("same", "new", "ended")


def _moves(dossier: Dossier, held: Held, texts: Texts) -> str:
    moves = dossier.plan.moves
    if not len(moves):
        return texts("documents.say_no_moves")
    share = held["moved_share"][1]
    return texts(
        "documents.say_moves",
        units=f"{len(moves):,}",
        households=_whole(held["moved_households"][1]),
        share="–" if share is None else share_words(share),
    )


def _rooms(dossier: Dossier, held: Held, texts: Texts) -> str:
    if dossier.plan.rooms is None:
        return texts("documents.say_no_rooms")
    scores = dossier.report.scorecard.communities
    short = pd.to_numeric(scores["room_short_m2"])
    sized = bool(held["room_floor_m2"][1])
    words = texts(
        "documents.say_rooms" if sized else "documents.say_rooms_unsized",
        need=_whole(held["room_need_m2"][1]),
        floor=_whole(held["room_floor_m2"][1]),
        short=_whole(held["room_short_m2"][1]),
        short_count=f"{int((short > 0).sum()):,}",
    )
    unknown = int(short.isna().sum())
    cost = held["room_cost_yuan"][1]
    further = (
        texts("documents.say_unknown", count=f"{unknown:,}") if unknown else "",
        texts("documents.say_cost", cost=_rounded(cost, texts)) if cost else "",
    )
    return between(texts).join(filter(None, (words, *further)))


def _rounded(cost_yuan: float, texts: Texts) -> str:
    """Write a cost that is called "about": in 10,000 yuan in Chinese, three figures in English."""
    if texts.language == "zh-CN":
        return f"{cost_yuan / 1e4:,.1f}"
    return f"{float(f'{cost_yuan:.3g}'):,.0f}"


def _within(dossier: Dossier, held: Held, texts: Texts) -> str:
    share = held["within_share"][1]
    if share is None:
        return ""
    limit = f"{dossier.report.info.limit_min:g}"
    return texts("documents.say_within", minutes=limit, share=share_words(share))


def _ask(dossier: Dossier, texts: Texts) -> str:
    """Say what is asked for: the plan, and exceptions only where there are any."""
    found = any(f.code in BOUND_CODES for f in dossier.report.scorecard.findings)
    return texts("documents.say_ask_exceptions" if found else "documents.say_ask")


def _comments(dossier: Dossier, texts: Texts) -> str:
    comments = dossier.comments
    answered = sum(bool(c.answer) for c in comments)
    return texts(
        "documents.say_comments",
        count=f"{len(comments):,}",
        units=f"{len({c.unit for c in comments if c.unit >= 0}):,}",
        answered=f"{answered:,}",
        open=f"{len(comments) - answered:,}",
    )


def basis_lines(profile: Profile, texts: Texts) -> list[str]:
    """Word the rules that a redrawing stands on: clause, norm, value, force."""
    lines = []
    for rule in filter(None, map(profile.get, BASIS_RULES)):
        parts = {
            "clause": number_words(rule.clause.number, texts),
            "norm": in_language(rule.title, texts.language),
            "value": value_words(rule, texts) or texts("policy.ruled_in_words"),
        }
        if rule.force is None:
            lines.append(texts("documents.basis_rule_plain", **parts))
            continue
        force = texts(f"policy.force_{rule.force.name.lower()}")
        lines.append(texts("documents.basis_rule", force=force, **parts))
    return [line[:1].upper() + line[1:] for line in lines]


def exception_table(dossier: Dossier, texts: Texts) -> Table:
    """Communities out of bounds: households, what the rule asks, its clause, the reason."""
    found = [f for f in dossier.report.scorecard.findings if f.code in BOUND_CODES]
    profile = dossier.report.profile
    return make_table(
        texts,
        number=(range(1, len(found) + 1), "int", 5),
        name=([_called(dossier, f) for f in found], "text", 14),
        households=([f.params["households"] for f in found], "int", 9),
        limits=([_limits(f, texts) for f in found], "text", 12),
        rule=([clause_title(f.clause, profile, texts) for f in found], "text", 26),
        reason=([_reason(f, texts) for f in found], "text", 36),
    )


def _called(dossier: Dossier, finding: Finding) -> str:
    communities = dossier.plan.communities
    names = dict(zip(communities["community_id"], communities["name"], strict=True))
    identifier = finding.ids[0]
    name = plain(names.get(identifier))
    return str(name or identifier)


def _limits(finding: Finding, texts: Texts) -> str:
    low, high = (plain(finding.params[key]) for key in ("min", "max"))
    return texts("documents.limits", min=f"{low:,}", max=f"{high:,}")


def _reason(finding: Finding, texts: Texts) -> str:
    if finding.code == "validity.excepted":
        return str(finding.params["reason"])
    key = "grandfathered" if finding.code == "validity.grandfathered" else "open"
    return texts(f"documents.exception_{key}")


def exception_lines(table: Table, texts: Texts) -> list[str]:
    """Word each exception in a sentence with its clause."""
    lines = []
    for row in table_rows(table):
        parts = {key: row[key] for key in ("name", "households", "rule", "limits", "reason")}
        lines.append(texts("documents.exception_line", **parts))
    return lines


def remark_lines(dossier: Dossier, texts: Texts) -> list[str]:
    """Word what else has to be pointed out: warnings and errors of the scoring, with their clause."""
    lines = []
    for finding in dossier.report.scorecard.findings:
        if finding.severity is Severity.NOTE or finding.code in BOUND_CODES:
            continue
        words = named_words(finding, dossier, texts)
        clause = clause_title(finding.clause, dossier.report.profile, texts)
        lines.append(
            texts("documents.remark_line", words=words, clause=clause) if clause else words
        )
    return lines[:MAX_REMARKS]
