"""Vocabulary of the outputs: names of kinds, ways, actions and statuses in a language."""

from collections.abc import Iterable, Mapping

from commplan.outputs.info import in_language
from commplan.policy.describe import value_words
from commplan.policy.profile import Profile
from commplan.texts import Texts, load_texts

#: Words that the page's script asks for, besides those that come with a value.
PAGE_WORDS = (
    "language_other", "language_label", "skip", "skip_map", "panel_open", "panel_close", "view_label",
    "view_today", "view_proposed", "today", "proposed", "scenario", "date", "basis", "bounds",
    "colon", "legend", "layer_units", "layer_moves", "layer_rooms", "layer_barriers",
    "layer_streets", "layer_villages", "layer_isochrones", "layer_amenities", "layer_labels",
    "legend_nobody", "legend_community", "room_standing", "room_planned", "north", "north_short",
    "zoom_in",
    "zoom_out", "fit", "map_label", "print", "figures", "figures_all", "measure", "key_in_bounds",
    "key_moved", "key_within", "key_short", "of_communities", "detail", "detail_hint", "close",
    "origin_kept", "origin_new", "origin_renamed", "subdistrict", "households", "population",
    "area", "units", "need", "floor", "short", "enough", "sites", "within", "walk", "circle",
    "minutes", "square_km", "in_bounds", "below_bounds", "above_bounds", "exception", "no_site",
    "no_community", "part_of_map", "stays", "moves_to", "search", "search_hint", "search_none",
    "search_more", "communities_today", "communities_proposed", "column_name",
    "column_households", "column_population", "column_area", "column_within", "column_short_m2",
    "moves", "moves_sum", "moves_none", "unit", "from", "to", "findings", "findings_none",
    "show_all", "villages", "village_people", "room_of", "approval", "approval_blank",
    "disclaimer", "attribution", "view_edited", "view_side", "view_swipe", "swipe_label",
    "swipe_value", "search_found", "answer_room", "answer_room_walk", "answer_room_far",
    "answer_room_new", "answer_room_unreached", "answer_no_room", "joins", "units_households",
    "edited", "communities_edited", "moves_pairs", "moves_each", "count_units", "reasons",
    "basemap_show", "basemap_hide", "basemap_failed",
)  # fmt: skip

#: Words that only a page for live editing asks for, of the topic "edit".
EDIT_WORDS = (
    "title", "about", "begin", "tools", "undo", "redo", "reset", "box", "comment", "hint",
    "hint_touch", "hint_box", "hint_comment", "chosen", "clear", "add", "give", "then", "new", "comma",
    "nobody_beside", "and_more", "rules", "broken", "kept", "more_faults", "valid", "invalid",
    "rooms_note", "compare", "same", "differs", "files", "save", "open", "save_comments", "open_wrong",
    "open_missed", "opened", "next", "comment_here", "comment_on", "comment_name",
    "comment_text", "comment_keep", "comment_drop", "comment_remove", "fault_too_few",
    "fault_too_many", "fault_attribute_off", "fault_pieces_barrier", "fault_pieces_apart",
    "fault_across", "fault_apart", "fault_unlocked", "fault_number_off", "fault_moved_off",
    "fault_nobody",
)  # fmt: skip

#: What the page's script fills in itself.
PLACEHOLDERS = (
    "minutes",
    "min",
    "max",
    "count",
    "name",
    "area",
    "households",
    "units",
    "from",
    "to",
    "share",
    "amount",
    "by",
    "unit",
    "host",
)


def word(texts: Texts, group: str, value: object) -> str:
    """Name ``value`` of a vocabulary (``kind``, ``way``, ...); a user's own shows as it is.

    Examples
    --------
    >>> word(load_texts("en"), "way", "new_build")
    'new building'
    """
    key = f"tables.{group}_{value}"
    return texts(key) if texts.has(key) else str(value)


def words_of(texts: Texts, group: str, values: Iterable[object]) -> dict[str, str]:
    """Name every value that occurs, in the order of first sight."""
    return {str(value): word(texts, group, value) for value in dict.fromkeys(values)}


def page_words(language: str) -> dict[str, str]:
    """Return the words that the page's script asks for."""
    texts = load_texts(language)
    blanks = {name: "{" + name + "}" for name in PLACEHOLDERS}
    return {key: texts(f"page.{key}", **blanks) for key in PAGE_WORDS}


def edit_words(language: str) -> dict[str, str]:
    """Return the words of live editing, under ``edit`` and ``edit_<key>``."""
    texts = load_texts(language)
    blanks = {name: "{" + name + "}" for name in PLACEHOLDERS}
    found = {f"edit_{key}": texts(f"edit.{key}", **blanks) for key in EDIT_WORDS}
    return found | {"edit": found["edit_title"], "layer_edits": texts("edit.layer")}


def measure_word(texts: Texts, code: str) -> str:
    """Name a measure; one without a name shows its code."""
    key = f"measure.{code}"
    return texts(key) if texts.has(key) else code


def unit_word(texts: Texts, unit: str) -> str:
    """Name the unit of a measure, "" for none."""
    key = f"measure.unit_{unit.replace(' ', '_')}"
    if not unit:
        return ""
    return texts(key).strip() if texts.has(key) else unit


def clause_words(texts: Texts, clause: str | None) -> str:
    """Name the clause behind a figure; a choice of ours is called one."""
    return texts("tables.house_choice") if clause == "house choice" else clause or ""


def decimals(unit: str) -> int:
    """How many decimals a person needs of a figure in ``unit`` (a share is shown in per cent)."""
    return {"km": 2, "km2": 2, "min": 1, "share": 1, "": 2, "ratio": 2}.get(unit, 0)


def share_words(share: float) -> str:
    """Write a share in per cent; nearly all is not all, so that 99.96 % is not shown as 100 %.

    Examples
    --------
    >>> share_words(0.91337), share_words(0.9997), share_words(1.0)
    ('91.3%', '99.9%', '100.0%')
    """
    return f"{min(share, 0.999) if share < 1 else share:z.1%}"


def profile_lines(
    profile: Profile, language: str, rule_id: str = "size.households"
) -> dict[str, str]:
    """Say which document a plan stands on, and what kind of document that is.

    Returns
    -------
    dict
        ``title``, ``status`` (short), ``standing`` (the profile's own note or a sentence of ours,
        with dates), ``clause`` (of the rule ``rule_id``; "" where the document has none).
    """
    texts = load_texts(language)
    standing = in_language(profile.note, language)
    standing = standing or texts(f"tables.standing_{profile.status.value}")
    if profile.valid_from and profile.valid_until:
        standing += texts("tables.dates_both", first=profile.valid_from, last=profile.valid_until)
    elif profile.valid_from:
        standing += texts("tables.dates_from", first=profile.valid_from)
    return {
        "title": in_language(profile.title, language) or profile.name,
        "status": texts(f"tables.status_{profile.status.value}"),
        "standing": standing,
        "clause": _clause(profile, language, rule_id),
    }


def basis_words(lines: Mapping[str, str], texts: Texts) -> str:
    """Say on which document a plan stands, and its status unless the title says that itself.

    Parameters
    ----------
    lines : mapping
        Of `profile_lines`.
    texts : Texts
    """
    said = lines["status"].casefold() in lines["title"].casefold()
    key = "tables.head_basis_titled" if said else "tables.head_basis"
    return texts(key, title=lines["title"], status=lines["status"])


def _clause(profile: Profile, language: str, rule_id: str) -> str:
    rule = profile.get(rule_id)
    if rule is None:
        return ""
    texts = load_texts(language)
    norm = in_language(rule.title, language)
    if isinstance(rule.value, dict) and {"min", "max"} <= set(rule.value):
        force = texts(f"tables.force_{rule.force.name.lower()}") if rule.force else ""
        low, high = (f"{rule.value[key]:,}" for key in ("min", "max"))
        norm = texts("tables.clause_range", norm=norm, force=force, min=low, max=high)
    elif isinstance(rule.value, dict):
        norm = texts("villages.clause_value", norm=norm, value=value_words(rule, texts))
    key = "villages.clause" if rule_id.startswith("village.") else "tables.clause"
    return texts(key, number=rule.clause.number, norm=norm)
