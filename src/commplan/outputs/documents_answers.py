"""The table of answers to the comments that came in."""

import math

import numpy as np

from commplan.outputs.documents_columns import Table, make_table
from commplan.outputs.documents_dossier import Comment, Dossier
from commplan.outputs.documents_rooms import community_name, room_words, unit_name
from commplan.plan.plan import Plan
from commplan.texts import Texts


def answer_table(dossier: Dossier, texts: Texts) -> Table:
    """Comments with what the plan says of their place, and room for the answer."""
    comments = dossier.comments
    rooms = room_words(dossier.plan, dossier.places, texts)
    return make_table(
        texts,
        number=(range(1, len(comments) + 1), "int", 5),
        commenter=([c.name for c in comments], "text", 10),
        place=([_comment_place(dossier.plan, c, texts) for c in comments], "text", 16),
        comment=([c.words for c in comments], "text", 32),
        plan=([_comment_plan(dossier.plan, c, rooms, texts) for c in comments], "text", 26),
        taken=([c.taken for c in comments], "text", 9),
        answer=([c.answer for c in comments], "text", 26),
    )


def _comment_place(plan: Plan, comment: Comment, texts: Texts) -> str:
    if comment.unit < 0 or plan.territory.units is None:
        return comment.place or texts("documents.place_unknown")
    name = unit_name(plan.territory.units, comment.unit)
    identifier = str(plan.territory.units["unit_id"].iloc[comment.unit])
    if name == identifier:
        return name
    return texts("documents.unit_with_id", name=name, id=identifier)


def _comment_plan(plan: Plan, comment: Comment, rooms: list[str], texts: Texts) -> str:
    """Say with whom the place stays or to whom it goes, and how far its room is."""
    if comment.unit < 0:
        return ""
    old, new = int(plan.today_of[comment.unit]), int(plan.community_of[comment.unit])
    if new < 0:
        return ""
    to = community_name(plan.communities, new)
    if old < 0:
        said = texts("documents.comment_first", to=to)
    elif plan.successor_of[new] == old:
        said = texts("documents.comment_stays", to=to)
    else:
        said = texts("documents.comment_moves", to=to, name=community_name(plan.today, old))
    if plan.rooms is None or not np.isfinite(plan.rooms.minutes[comment.unit]):
        return said
    # Rounded up: 15.3 minutes are not within 15.
    minutes = f"{math.ceil(round(plan.rooms.minutes[comment.unit], 6)):,}"
    return said + texts("documents.comment_walk", room=rooms[new], minutes=minutes)
