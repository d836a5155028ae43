"""Clauses, names, places and walks in the words of the papers."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from documents_dossiers import dossier_of
from outputs_town import Made

from commplan.findings import Finding, Severity
from commplan.outputs.documents_answers import answer_table
from commplan.outputs.documents_clause import clause_title, named_words, number_words
from commplan.outputs.documents_columns import table_rows
from commplan.outputs.documents_dossier import Comment, Dossier
from commplan.outputs.documents_rooms import room_places
from commplan.outputs.documents_say import remark_lines
from commplan.outputs.documents_word import document_context
from commplan.policy.library import load_profile
from commplan.texts import load_texts

ZH, EN = load_texts("zh-CN"), load_texts("en")


@pytest.fixture(scope="module")
def dossier(made: Made) -> Dossier:
    """Give the dossier of the town."""
    return dossier_of(made)


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [
        ("二(三)", "第二条（三）", "section 2(3)"),
        ("十二(二十一)", "第十二条（二十一）", "section 12(21)"),
        ("六", "第六条", "section 6"),
        ("art. 3", "第三条", "art. 3"),
        ("附件2 Ⅱ-7", "附件2 Ⅱ-7", "附件2 Ⅱ-7"),
        ("一(二)6, 清单4", "一（二）6、清单4", "一(二)6, 清单4"),
    ],
)
def test_numbers_of_clauses_are_worded(number: str, zh: str, en: str) -> None:
    """Full-width brackets and 条 in Chinese, Arabic figures in English; others as they are."""
    assert number_words(number, ZH) == zh
    assert number_words(number, EN) == en


def test_a_clause_names_its_own_document() -> None:
    """A clause of another document than the plan's is not taken for one of the plan's."""
    profile = load_profile("zhejiang-2017")
    own = clause_title("zhejiang-2017 五(二)", profile, ZH)
    assert own == "浙江省《关于加强和完善城乡社区治理的实施意见》（代拟稿）第五条（二）"
    assert clause_title("zhoushan-2017 附件2 Ⅱ-7", profile, ZH).startswith("舟山市")
    mine = replace(profile, name="mine", title={"zh-CN": "本县办法", "en": "Our rules"})
    changed = clause_title("mine ← zhejiang-2017 五(二)", mine, ZH)
    assert changed == f"本县办法（改自{own}）"
    assert clause_title("mine art. 1", mine, EN).startswith("Our rules, ")
    assert clause_title("house choice", profile, EN) == "house choice"
    assert clause_title(None, profile, EN) == ""


def test_remarks_name_communities(dossier: Dossier) -> None:
    """A reader is told names, at most five, and how many there are in all."""
    communities = dossier.plan.communities
    ids = tuple(communities["community_id"])
    params = {"communities": len(ids), "short_m2": 100}
    finding = Finding("rooms.short", Severity.WARNING, params, ids, clause="zhejiang-2017 五(二)")
    card = replace(dossier.report.scorecard, findings=(finding,))
    changed = replace(dossier, report=replace(dossier.report, scorecard=card))
    (line,) = remark_lines(changed, ZH)
    assert "、".join(communities["name"][:5]) + f"等 {len(ids)} 个" in line
    assert "另有" not in line
    assert not any(identifier in line for identifier in ids)
    one = named_words(replace(finding, ids=ids[:1]), changed, EN)
    assert str(communities["name"][0]) in one
    assert "in all)" not in one


def test_a_compound_without_a_name_is_no_address(dossier: Dossier) -> None:
    """The id of a compound tells nobody where a room is."""
    plan = dossier.plan
    assert any(place.unit for place in room_places(plan))
    units = plan.territory.units.drop(columns="name")
    nameless = plan.replace(territory=plan.territory.replace(units=gpd.GeoDataFrame(units)))
    assert not any(place.unit for place in room_places(nameless))


@pytest.mark.parametrize(("minutes", "said"), [(15.3, 16), (15.0, 15), (6.02, 7), (0.4, 1)])
def test_walks_are_rounded_up(dossier: Dossier, minutes: float, said: int) -> None:
    """A walk over the limit does not read as one within it."""
    rooms = dossier.plan.rooms
    assert rooms is not None
    walks = np.full_like(rooms.minutes, minutes)
    plan = dossier.plan.replace(rooms=replace(rooms, minutes=walks))
    report = replace(dossier.report, plan=plan)
    changed = replace(dossier, report=report, comments=(Comment("x", "y", 3),))
    assert f"步行约 {said} 分钟" in table_rows(answer_table(changed, ZH))[0]["plan"]


def test_no_known_floor_is_not_told_as_nought(dossier: Dossier) -> None:
    """Where no room's size is known, the paper does not say that 0 m² are planned."""
    measures = tuple(
        replace(m, value=None) if m.code == "room_floor_m2" else m
        for m in dossier.report.scorecard.measures
    )
    card = replace(dossier.report.scorecard, measures=measures)
    changed = replace(dossier, report=replace(dossier.report, scorecard=card))
    assert "尚无数据" in document_context(changed, ZH)["say"]["rooms"]
