"""Vocabulary of the outputs: names of kinds, ways, actions and statuses in a language."""

from collections.abc import Iterable

from commplan.policy.profile import Profile
from commplan.texts import Texts, load_texts

#: Words that the page's script asks for, besides those that come with a value.
PAGE_WORDS = (
    "view_today", "view_proposed", "view_label", "language_other", "language_label", "panel_open",
    "panel_close", "legend", "layers", "layer_units", "layer_moves", "layer_rooms",
    "layer_barriers", "layer_streets", "layer_villages", "layer_isochrones", "layer_amenities",
    "layer_labels", "legend_community", "legend_unit", "legend_move", "legend_nobody",
    "legend_border", "room_standing", "room_planned", "north", "zoom_in", "zoom_out", "fit", "print",
    "scenario", "date", "basis", "bounds", "figures", "figures_all", "measure", "today", "proposed",
    "key_in_bounds", "key_moved", "key_within", "key_short", "of_communities", "detail",
    "detail_hint", "close", "origin_kept", "origin_new", "origin_renamed", "subdistrict",
    "households", "population", "area", "units", "need", "floor", "short", "enough", "sites",
    "within", "walk", "circle", "circle_none", "in_bounds", "below_bounds", "above_bounds",
    "exception", "unknown", "no_site", "search", "search_hint", "search_none", "search_more",
    "stays", "moves_to", "was_in", "belongs", "no_community", "communities", "name", "state",
    "moves", "moves_none", "moves_sum", "moves_more", "from", "to", "unit", "findings",
    "findings_none", "show_all", "approval", "approval_blank", "disclaimer", "attribution",
    "village", "village_people", "villages", "amenity", "room_of", "minutes_of", "zoom_to", "skip",
    "part_of_map", "map_label", "comma", "colon", "print_page", "shared_note", "unnamed",
    "square_km", "square_m", "persons", "minutes", "hectare", "yuan", "candidate_hidden", "loading",
)  # fmt: skip


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
    return {key: texts(f"page.{key}") for key in PAGE_WORDS}


def measure_word(texts: Texts, code: str) -> str:
    """Name a measure; one without a name shows its code."""
    key = f"measure.{code}"
    return texts(key) if texts.has(key) else code


def unit_word(texts: Texts, unit: str) -> str:
    """Name the unit of a measure, "" for none."""
    key = f"measure.unit_{unit.replace(' ', '_')}"
    if not unit:
        return ""
    return texts(key) if texts.has(key) else unit


def decimals(unit: str) -> int:
    """How many decimals a person needs of a figure in ``unit`` (a share is shown in per cent)."""
    return {"km": 2, "km2": 2, "min": 1, "share": 1, "": 2, "ratio": 2}.get(unit, 0)


def profile_lines(profile: Profile, language: str) -> dict[str, str]:
    """Say which document a plan stands on, and what kind of document that is.

    Returns
    -------
    dict
        ``title``, ``status`` (short), ``standing`` (a sentence, with dates), ``clause`` (of the
        size of communities; "" without one), ``note``.
    """
    from commplan.outputs.info import in_language

    texts = load_texts(language)
    rule = profile.get("size.households")
    clause = ""
    if rule is not None:
        norm = in_language(rule.title, language)
        clause = texts("tables.clause", number=rule.clause.number, norm=norm)
    dates = ""
    if profile.valid_from and profile.valid_until:
        dates = texts("tables.dates_both", first=profile.valid_from, last=profile.valid_until)
    elif profile.valid_from:
        dates = texts("tables.dates_from", first=profile.valid_from)
    return {
        "title": in_language(profile.title, language) or profile.name,
        "status": texts(f"tables.status_{profile.status.value}"),
        "standing": texts(f"tables.standing_{profile.status.value}") + dates,
        "clause": clause,
        "note": in_language(profile.note, language),
    }
