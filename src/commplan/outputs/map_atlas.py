"""Atlas: what all map sheets of a plan in one language share."""

from dataclasses import dataclass
from typing import Any

from commplan.outputs.colours import plan_colours
from commplan.outputs.documents_dossier import Dossier
from commplan.outputs.fonts import cjk_font
from commplan.outputs.geometry import near_pairs
from commplan.outputs.map_panel import Ground, make_ground
from commplan.outputs.page_data import NEAR_M
from commplan.texts import Texts


@dataclass(frozen=True)
class Atlas:
    """What all sheets of a plan in one language share."""

    dossier: Dossier
    texts: Texts
    ground: Ground
    colours: tuple[Any, Any]
    family: list[str]


def make_atlas(dossier: Dossier, texts: Texts) -> Atlas:
    """Simplify, index and colour a plan once."""
    plan = dossier.plan
    pairs = [near_pairs(t.geometry.to_numpy(), NEAR_M) for t in (plan.communities, plan.today)]
    colours = plan_colours(plan.successor_of, len(plan.today), *pairs)
    font = cjk_font()
    family = [font, "DejaVu Sans"] if font else ["DejaVu Sans"]
    return Atlas(dossier, texts, make_ground(plan), colours, family)
