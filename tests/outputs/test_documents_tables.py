"""The tables of the documents: every sum is a figure of the scorecard."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from documents_dossiers import dossier_of, report_of
from outputs_town import EVIL, Made

from commplan.evaluate.measures_rooms import room_by_community
from commplan.findings import Finding, Severity
from commplan.outputs.documents_columns import Table, table_rows, table_totals
from commplan.outputs.documents_dossier import Dossier, make_dossier
from commplan.outputs.documents_say import (
    basis_lines,
    exception_lines,
    exception_table,
    remark_lines,
    say,
)
from commplan.outputs.documents_tables import (
    answer_table,
    change_table,
    compound_table,
    every_table,
    move_table,
    notice_table,
    short_table,
)
from commplan.outputs.documents_xlsx import write_document_tables
from commplan.outputs.tables import plain
from commplan.texts import LANGUAGES, load_texts

ZH = load_texts("zh-CN")


@pytest.fixture(scope="module")
def dossier(made: Made) -> Dossier:
    """Give the dossier of the town, its rooms scored as the evaluator does."""
    rooms = room_by_community(made.plan)
    rows = made.scorecard.communities.assign(**{c: rooms[c] for c in rooms})
    return dossier_of(replace(made, scorecard=replace(made.scorecard, communities=rows)))


def total(table: Table, key: str) -> float:
    """Sum a column without its blanks."""
    return float(sum(v for v in map(plain, table[key].values) if v is not None))


def measure(dossier: Dossier, code: str, *, today: bool = False) -> float:
    """Return a figure of the scorecard."""
    found = next(m for m in dossier.report.scorecard.measures if m.code == code)
    return float(found.today if today else found.value)


def test_the_notice_sums_to_the_scorecard(dossier: Dossier) -> None:
    """Households, people, units and m² of the notice are those of the plan."""
    table = notice_table(dossier, ZH)
    assert total(table, "households") == measure(dossier, "households")
    assert total(table, "units") == len(dossier.plan.community_of)
    assert total(table, "population") == dossier.plan.communities["population"].sum()
    floor = dossier.report.scorecard.communities["room_floor_m2"]
    assert total(table, "floor_m2") == pytest.approx(floor.sum())
    assert table_totals(table, ZH)["households"] == f"{measure(dossier, 'households'):,.0f}"


def test_the_notice_names_every_compound_once(dossier: Dossier) -> None:
    """Each compound stands in the row of its community."""
    rows = table_rows(notice_table(dossier, ZH))
    names = [name for row in rows for name in row["compounds"].split("、")]
    assert len(names) == len(dossier.plan.community_of)
    assert EVIL in names


def test_units_without_names_are_counted(dossier: Dossier) -> None:
    """Where no unit has a name, a count stands instead of a row of codes."""
    territory = dossier.plan.territory
    units = territory.units.assign(name=None)
    plan = dossier.plan.replace(territory=territory.replace(units=units))
    report = replace(dossier.report, plan=plan)
    row = table_rows(notice_table(make_dossier(report), ZH))[0]
    assert row["compounds"].startswith(f"共 {row['units']} 个")


def test_before_and_after_sum_to_both_scorecards(dossier: Dossier) -> None:
    """The left half sums to today's households, the right half to the plan's."""
    table = change_table(dossier, ZH)
    assert total(table, "old_households") == dossier.plan.today["households"].sum()
    assert total(table, "new_households") == measure(dossier, "households")
    assert total(table, "new_units") == len(dossier.plan.community_of)
    kinds = set(table["change"].values)
    assert "撤并" in kinds
    assert len(table["change"].values) == len(dossier.plan.today) + int(
        (dossier.plan.successor_of < 0).sum()
    )


def test_flows_add_up_row_by_row(dossier: Dossier) -> None:
    """What is left of a community of today is what it had less what goes, plus what comes."""
    for row in table_rows(change_table(dossier, ZH)):
        came, went = (_households(row[key]) for key in ("came", "went"))
        before, after = (_number(row[f"{side}_households"]) for side in ("old", "new"))
        assert before - went + came == after


def _households(words: str) -> int:
    return sum(
        _number(part.split("小区")[-1].removesuffix("户")) for part in words.split("；") if part
    )


def _number(words: str) -> int:
    return 0 if words == "–" else int(words.replace(",", ""))


def test_moves_sum_to_the_moved_households(dossier: Dossier) -> None:
    """The list of compounds that move sums to the term of the yardstick."""
    table = move_table(dossier, ZH)
    assert total(table, "households") == measure(dossier, "moved_households")
    assert len(table["number"].values) == len(dossier.plan.moves)


def test_shortages_sum_to_the_scorecard(dossier: Dossier) -> None:
    """The table of rooms short lists what lacks, the most first, and sums to the whole shortage."""
    table = short_table(dossier, ZH)
    short = dossier.report.scorecard.communities["room_short_m2"]
    assert total(table, "short_m2") == pytest.approx(short.sum())
    values = [v for v in map(plain, table["short_m2"].values) if v is not None]
    assert values == sorted(values, reverse=True)
    assert all(value > 0 for value in values)


def test_an_unknown_floor_is_no_shortage(dossier: Dossier) -> None:
    """A room of unknown size is listed last, with a remark, and adds nothing to the sums."""
    scores = dossier.report.scorecard.communities.copy()
    scores.loc[0, ["room_floor_m2", "room_short_m2"]] = np.nan
    card = replace(dossier.report.scorecard, communities=scores)
    changed = replace(dossier, report=replace(dossier.report, scorecard=card))
    rows = table_rows(short_table(changed, ZH))
    assert rows[-1]["remark"] == "面积待核实"
    assert rows[-1]["short_m2"] == "–"


def test_a_plan_without_rooms_has_no_table_of_them(dossier: Dossier) -> None:
    """Nothing is made up about rooms that were not placed."""
    report = replace(dossier.report, plan=dossier.plan.replace(rooms=None))
    found = every_table(make_dossier(report), ZH)
    assert set(found) == {"notice", "changes", "moves"}
    said = say(make_dossier(report), found["changes"], ZH)
    assert said["rooms"] == "本方案未安排服务用房。"


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_say_what_the_plan_does(dossier: Dossier, language: str) -> None:
    """A comment about a unit shows who it belongs to and its room; one without a unit its place."""
    rows = table_rows(answer_table(dossier, load_texts(language)))
    plan = dossier.plan
    assert str(plan.communities["name"][plan.community_of[3]]) in rows[0]["plan"]
    assert rows[1]["place"] == "东门"
    assert rows[1]["answer"] == "已列入计划"
    assert rows[0]["answer"] == ""


def test_exceptions_name_document_clause_and_reason(dossier: Dossier) -> None:
    """Each community out of bounds stands with its clause and the reason that the scenario gives."""
    identifier = str(dossier.plan.communities["community_id"][0])
    params = {"households": 3200, "min": 1500, "max": 3000, "reason": "不宜拆分"}
    found = (
        Finding(
            "validity.excepted", Severity.NOTE, params, (identifier,), clause="zhejiang-2017 二(三)"
        ),
        Finding("validity.too_few", Severity.ERROR, params, (identifier,)),
    )
    card = replace(dossier.report.scorecard, findings=found)
    changed = replace(dossier, report=replace(dossier.report, scorecard=card))
    rows = table_rows(exception_table(changed, ZH))
    assert rows[0]["reason"] == "不宜拆分"
    assert rows[0]["rule"].startswith("浙江省")
    assert rows[0]["rule"].endswith("第二条（三）")
    assert rows[1]["reason"] == "尚未说明理由"
    lines = exception_lines(exception_table(changed, ZH), ZH)
    assert "3,200 户；按浙江省" in lines[0]
    assert "1,500—3,000 户。例外理由：不宜拆分。" in lines[0]
    assert remark_lines(changed, ZH) == []


def test_the_basis_words_each_rule(dossier: Dossier) -> None:
    """The rules that a redrawing stands on are worded with clause, value and force."""
    (line,) = basis_lines(dossier.report.profile, ZH)
    assert line.startswith("第二条（三）：新设城市社区的户数规模，1,500")


def test_the_workbook_holds_every_table_with_formulas(dossier: Dossier, tmp_path: Path) -> None:
    """tables.xlsx freezes heads, filters, and sums by formula over the rows above."""
    write_document_tables(tmp_path / "tables.xlsx", dossier, ZH)
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert {"四至与规模", "调整前后对照", "归属调整清单", "用房缺口", "意见答复"} <= set(
        book.sheetnames
    )
    sheet = book["四至与规模"]
    last = 5 + len(dossier.plan.communities)
    titles = {cell.value: cell.column_letter for cell in sheet[5]}
    households = titles["户数"]
    assert (
        sheet[f"{households}{last + 1}"].value == f"=SUBTOTAL(109,{households}6:{households}{last})"
    )
    assert sheet[f"{households}6"].number_format == "#,##0"
    assert sheet.freeze_panes
    assert sheet.auto_filter.ref
    whole = book["小区归属"]
    assert whole.max_row == 5 + len(dossier.plan.community_of) + 1


def test_every_compound_has_its_community_before_and_after(dossier: Dossier) -> None:
    """The list of compounds agrees with the assignment."""
    table = compound_table(dossier, ZH)
    names = dossier.plan.communities["name"].to_numpy()[dossier.plan.community_of]
    assert list(table["new_name"].values) == names.tolist()


def test_the_report_is_the_runs_own(made: Made) -> None:
    """A dossier adds to a report, and takes nothing from it."""
    assert make_dossier(report_of(made)).plan is made.plan
