"""Live editing in a real Chromium: the page counts as `evaluate` does, and says what is broken."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from outputs_browser import Opened, open_page, serious_faults
from outputs_town import Made

from commplan.evaluate.score import ScoreOptions
from commplan.evaluate.validity import ValidityRules, validity_findings
from commplan.evaluate.validity_limits import limit_findings
from commplan.findings import Finding, Severity
from commplan.graph.adjacency import UnitGraph
from commplan.graph.build import build_unit_graph
from commplan.outputs.edit import EditRules, need_rules
from commplan.outputs.hearing_map import write_hearing_page
from commplan.plan.make import PlanOptions, plan_from_assignment
from commplan.plan.plan import Plan
from commplan.policy.library import load_profile
from commplan.policy.norms import room_need_m2
from commplan.problem.successors import match_successors

pytestmark = pytest.mark.browser
OPTIONS = ScoreOptions(
    grandfather=True, bounds={"population": (3000, 9500)}, max_moved_households=9000
)
#: Rule of the page -> codes of the findings that say the same.
CODES = {
    "size": ("validity.too_few", "validity.too_many"),
    "pieces": ("validity.disconnected", "validity.unassigned"),
    "part": ("validity.across_subdistricts",),
    "group": ("validity.kept_apart",),
    "lock": ("validity.lock_broken",),
    "attributes": ("validity.attribute_too_little", "validity.attribute_too_much"),
    "number": ("validity.wrong_number",),
    "moved": ("validity.too_many_moved",),
}
NO_BOUNDS = """() => ({
    rules: commplan.edit.counted.faults.map((f) => f.rule), valid: commplan.edit.counted.valid,
    moved: commplan.edit.counted.movedHouseholds, need: commplan.edit.counted.counts.map((c) => c.need),
})"""


@dataclass(frozen=True)
class Ground:
    """The town with groups and locks, its graph, and the page that edits it."""

    made: Made
    plan: Plan
    graph: UnitGraph
    page: Path


@pytest.fixture(scope="module")
def ground(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """Write the page that can be edited once."""
    territory = made.plan.territory
    units = territory.units.copy()
    units["keep_with"] = [f"G{i % 7}" if i % 11 == 0 else None for i in range(len(units))]
    units["locked"] = np.arange(len(units)) % 13 == 0
    territory = territory.replace(units=units)
    graph = build_unit_graph(territory)
    plan = made.plan.replace(territory=territory)
    info = replace(made.info, edit=EditRules(graph, OPTIONS))
    path = tmp_path_factory.mktemp("edit") / "hearing.html"
    profile = load_profile("zhejiang-2017")
    write_hearing_page(path, plan, made.scorecard, made.circles, profile, info)
    return Ground(made, plan, graph, path)


@pytest.fixture
def editing(browser: Any, ground: Ground) -> Iterator[Opened]:
    """Open the page on a laptop and begin to edit."""
    opened = open_page(browser, ground.page, 1366, 768)
    opened.page.click("#edit-begin")
    yield opened
    assert opened.errors == []
    assert [url for url in opened.requests if not url.startswith(("file:", "blob:"))] == []
    opened.page.context.close()


def findings_of(ground: Ground, assignment: dict[str, str]) -> list[Finding]:
    """Judge a list of units and communities as `commplan verify` does."""
    options = PlanOptions(ground.plan.exceptions)
    plan = plan_from_assignment(ground.plan.territory, assignment, options)
    rules = ValidityRules(1500, 3000, True, OPTIONS.grandfather)
    found = [*validity_findings(plan, ground.graph, rules), *limit_findings(plan, OPTIONS.limits)]
    return [f for f in found if f.severity is Severity.ERROR]


def listed(text: str) -> dict[str, str]:
    """Read an exported list."""
    return {row["unit_id"]: row["community_id"] for row in csv.DictReader(io.StringIO(text))}


def test_any_edit_breaks_the_same_rules_as_verify_finds(editing: Opened, ground: Ground) -> None:
    """After each of many random gifts the page's broken rules are those of the evaluator."""
    page, rng = editing.page, np.random.default_rng(3)
    n, k = len(ground.plan.community_of), len(ground.plan.communities)
    seen = set()
    for step in range(14):
        units = rng.choice(n, rng.integers(1, 2 + 3 * step), replace=False).tolist()
        page.evaluate("units => { commplan.choose(units, false); }", units)
        page.evaluate("to => commplan.give(to)", int(rng.integers(k)))
        told = page.evaluate(NO_BOUNDS)
        text = page.evaluate("() => commplan.assignmentCsv()")
        found = findings_of(ground, listed(text))
        assert told["valid"] == (not found)
        assert set(told["rules"]) == {
            r for r, codes in CODES.items() for f in found if f.code in codes
        }
        sizes = [sum(r == rule for r in told["rules"]) for rule in ("size", "pieces", "attributes")]
        assert sizes == [
            sum(f.code in CODES[r] for f in found) for r in ("size", "pieces", "attributes")
        ]
        plan = plan_from_assignment(ground.plan.territory, listed(text))
        assert told["moved"] == int(plan.moves["households"].sum())
        seen |= set(told["rules"])
    assert {"size", "pieces", "part", "group"} <= seen


def test_successors_are_those_of_the_yardstick(editing: Opened) -> None:
    """The page matches old and new communities as `problem.successors` does, among equals too."""
    rng = np.random.default_rng(11)
    cases, expected = [], []
    for _ in range(250):
        n, old, new = (int(rng.integers(1, high)) for high in (30, 7, 7))
        of = rng.integers(-1, old, n), rng.integers(-1, new, n)
        households, locked = rng.integers(0, 4, n), rng.random(n) < 0.2
        cases.append([*(x.tolist() for x in (*of, households, locked)), new])
        answer = match_successors(*(x.astype(np.int64) for x in (*of, households)), locked).tolist()
        expected.append(answer + [-1] * (new - len(answer)))
    told = editing.page.evaluate("cases => cases.map((c) => commplan.matchSuccessors(...c))", cases)
    assert told == expected


def test_outlines_are_the_unions_of_blocks(editing: Opened, ground: Ground) -> None:
    """The rings put together in the page cover what the communities cover."""
    rings = editing.page.evaluate(
        "() => commplan.data.edited.map((r) => r.rings.map((ring) => commplan.unpack(ring)))"
    )
    to_degrees = ground.plan.communities.to_crs(4326).geometry.to_numpy()
    for found, true in zip(rings, to_degrees, strict=True):
        shape = shapely.Polygon()
        for ring in found:
            shape = shape.symmetric_difference(shapely.Polygon([(x, y) for y, x in ring]).buffer(0))
        assert shape.symmetric_difference(true).area < 0.02 * true.area


def test_need_of_rooms_is_the_documents(editing: Opened, ground: Ground) -> None:
    """The page reckons the floor area of rooms as the policy does, for every profile's rules."""
    told = editing.page.evaluate(NO_BOUNDS)["need"]
    table = ground.plan.communities
    people = table["population"].to_numpy(dtype=float)
    need = room_need_m2(load_profile("zhejiang-2017"), table["households"], people)
    assert told == pytest.approx(need.tolist())
    assert need_rules(load_profile("anhui-city-2011"))["need"]


def test_broken_bound_turns_red_with_its_clause_and_undo_mends_it(
    editing: Opened, ground: Ground
) -> None:
    """A community robbed of most of its compounds is told in red, by the clause, until undone."""
    page = editing.page
    before = page.evaluate("() => commplan.edit.counted.faults.length")
    row = int(ground.plan.communities["households"].argmax())
    members = np.flatnonzero(ground.plan.community_of == row).tolist()
    page.evaluate("units => { commplan.choose(units, false); }", members[2:])
    offers = page.locator(".give")
    assert offers.count() >= 1
    offers.first.click()
    rule = page.locator('#edit [data-rule="size"]')
    assert "broken" in rule.get_attribute("class")
    assert "二(三)" in rule.inner_text()
    assert str(ground.plan.communities["name"].iloc[row]) in rule.inner_text()
    assert page.evaluate(
        "getComputedStyle(document.querySelector('#edit .broken .link')).color"
    ) == ("rgb(164, 22, 26)")
    assert page.evaluate("() => commplan.edit.counted.faults.length") > before
    page.click("#edit-undo")
    assert page.evaluate("() => commplan.edit.counted.faults.length") == before
    assert page.evaluate("() => commplan.differing().length") == 0
    page.click("#edit-redo")
    assert page.evaluate("() => commplan.edit.counted.faults.length") > before
    page.click("#edit-reset")
    assert page.evaluate("() => commplan.differing().length") == 0


def test_clicks_boxes_and_a_new_community(editing: Opened, ground: Ground) -> None:
    """A click chooses one unit, Shift more, a box all within; a new community takes a number."""
    page = editing.page

    def at(unit: int) -> tuple[float, float]:
        point = (
            ground.plan.territory.units.geometry.iloc[[unit]].representative_point().to_crs(4326)
        )
        pixel = page.evaluate(
            "p => commplan.map.latLngToContainerPoint(p)", [point.iloc[0].y, point.iloc[0].x]
        )
        box = page.locator("#map").bounding_box()
        return box["x"] + pixel["x"], box["y"] + pixel["y"]

    page.mouse.click(*at(40))
    assert page.evaluate("() => [...commplan.edit.chosen]") == [40]
    page.keyboard.down("Shift")
    page.mouse.click(*at(60))
    page.keyboard.up("Shift")
    assert page.evaluate("() => [...commplan.edit.chosen]") == [40, 60]
    box = page.locator("#map").bounding_box()
    page.click("#edit-box-tool")
    page.mouse.move(box["x"] + 300, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 700, box["y"] + 500, steps=4)
    page.mouse.up()
    chosen = page.evaluate("() => commplan.edit.chosen.size")
    assert chosen > 2
    page.click("#edit-new")
    assert page.evaluate("() => commplan.data.edited.at(-1).id") == "N001"
    assert page.evaluate("() => commplan.data.edited.at(-1).units") == chosen
    assert page.locator("#communities tbody tr").count() >= 2


def test_files_go_out_and_come_back(editing: Opened, ground: Ground, tmp_path: Path) -> None:
    """The list and the comments are saved as CSV; the list opens again; a formula stays text."""
    page = editing.page
    page.evaluate(
        "() => { commplan.choose([5], false); commplan.give(commplan.data.units.edited[90]); }"
    )
    with page.expect_download() as waiting:
        page.click("#edit-save")
    waiting.value.save_as(tmp_path / "edited.csv")
    text = (tmp_path / "edited.csv").read_text(encoding="utf-8-sig")
    first = ground.plan.territory.units["unit_id"].iloc[5]
    assert (
        listed(text)[first]
        == ground.plan.communities["community_id"].iloc[ground.plan.community_of[90]]
    )
    page.click("#edit-reset")
    page.set_input_files("#edit-file", tmp_path / "edited.csv")
    page.wait_for_function("() => commplan.differing().length === 1")
    page.click("#edit-comment-tool")
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.fill("#comment-name", "王女士")
    page.fill("#comment-text", '=1+1, "to school"')
    page.click("#comment-keep")
    with page.expect_download() as waiting:
        page.click("#edit-save-comments")
    waiting.value.save_as(tmp_path / "comments.csv")
    rows = list(
        csv.DictReader(io.StringIO((tmp_path / "comments.csv").read_text(encoding="utf-8-sig")))
    )
    assert list(rows[0]) == ["unit", "x", "y", "name", "comment"]
    assert rows[0]["name"] == "王女士"
    assert rows[0]["comment"] == '\'=1+1, "to school"'
    west, south, east, north = ground.plan.communities.to_crs(4326).total_bounds
    assert west < float(rows[0]["x"]) < east
    assert south < float(rows[0]["y"]) < north


def test_edited_plan_shows_everywhere(editing: Opened) -> None:
    """Figures, table, moves and both halves of the split follow the edited plan."""
    page = editing.page
    page.evaluate(
        "() => { commplan.choose([5, 6, 7], false); commplan.give(commplan.data.units.edited[90]); }"
    )
    assert "修改稿" in page.inner_text("#communities")
    assert page.evaluate("() => commplan.otherView()") == "proposed"
    page.check("#views input[value=side]", force=True)
    assert page.inner_text("#name-main") == "修改稿"
    assert page.inner_text("#name-other") == "规划方案"
    page.check("#views input[value=proposed]", force=True)
    assert page.locator("#edit-begin").count() == 1


def test_editing_has_no_serious_fault_of_accessibility(editing: Opened) -> None:
    """axe-core finds nothing serious or critical while a unit is chosen and a comment written."""
    page = editing.page
    page.evaluate("() => { commplan.choose([5], false); }")
    page.evaluate("() => { commplan.placeComment(commplan.map.getCenter(), null); }")
    assert serious_faults(page) == []
    page.click("#language")
    assert serious_faults(page) == []


def test_phone_edits_with_taps(browser: Any, ground: Ground) -> None:
    """On a phone taps add to what is chosen, and the sheet offers whom to give it to."""
    opened = open_page(
        browser, ground.page, 390, 844, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    page = opened.page
    page.locator("#views label", has_text="修改稿").tap()
    for unit in (40, 60):
        point = ground.plan.territory.units.geometry.iloc[[unit]].representative_point()
        degrees = point.to_crs(4326).iloc[0]
        at = page.evaluate("p => commplan.map.latLngToContainerPoint(p)", [degrees.y, degrees.x])
        box = page.locator("#map").bounding_box()
        page.touchscreen.tap(box["x"] + at["x"], box["y"] + at["y"])
        page.wait_for_timeout(400)
    assert page.evaluate("() => commplan.edit.chosen.size") == 2
    page.tap("#sheet")
    page.locator("#edit-new").scroll_into_view_if_needed()
    page.tap("#edit-new")
    assert page.evaluate("() => commplan.differing().length") == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.documentElement.scrollHeight") <= 844
    assert opened.errors == []
    page.context.close()


def test_keyboard_alone_gives_a_compound_away(editing: Opened, ground: Ground) -> None:
    """Search, choose and give work without a mouse."""
    page = editing.page
    unit = page.evaluate(
        """() => { const of = commplan.data.units.edited;
            return of.findIndex((_, u) => commplan.besides(new Set([u]), of).length); }"""
    )
    page.locator("#query").focus()
    page.keyboard.type(str(ground.plan.territory.units["unit_id"].iloc[unit]))
    page.keyboard.press("Enter")
    page.locator("#edit-add").focus()
    page.keyboard.press("Enter")
    page.locator(".give").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("() => commplan.differing()") == [unit]
    page.keyboard.press("Control+z")
    assert page.evaluate("() => commplan.differing()") == []
