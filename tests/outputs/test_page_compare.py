"""Several plans on one page: the same frame, range and table."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from outputs_browser import open_page, serious_faults
from outputs_town import EVIL, Made

from commplan.outputs.compare_page import PlanCard, compare_document, write_compare_page


@pytest.fixture(scope="module")
def cards(made: Made) -> list[PlanCard]:
    """Give the town's plan, and another of half its communities put together."""
    table = made.plan.communities
    card = PlanCard(
        "plan-a",
        made.info.title,
        "2026-03-05",
        (1500, 3000),
        table,
        made.scorecard,
        attribution="© OpenStreetMap contributors",
    )
    merged = table.assign(group=[i // 2 for i in range(len(table))]).dissolve("group")
    merged["households"] = table["households"].groupby([i // 2 for i in range(len(table))]).sum()
    measures = tuple(replace(m, value=(m.value or 0) + 1) for m in made.scorecard.measures)
    other = replace(made.scorecard, valid=False, measures=measures)
    return [card, replace(card, name=f"b {EVIL}", communities=merged, scorecard=other)]


def test_maps_share_one_frame(cards: list[PlanCard]) -> None:
    """Both plans fill the same frame, and a kilometre has the same length in both."""
    document = compare_document(cards)
    width, height = document["size"]
    for plan in document["plans"]:
        rings = [ring for c in plan["communities"] for ring in c["rings"]]
        xs, ys = ([v for ring in rings for v in ring[i::2]] for i in (0, 1))
        assert (min(xs), max(xs)) == (0, width)
        assert min(ys) == 0
        assert max(ys) == pytest.approx(height, abs=2)
    west, _, east, _ = cards[0].communities.total_bounds
    assert document["per_km"] == pytest.approx(width / (east - west) * 1000, rel=1e-3)


def test_table_holds_every_plan(cards: list[PlanCard]) -> None:
    """A row has today's value and one for each plan, in their order."""
    rows = {row["code"]: row for row in compare_document(cards)["measures"]}
    moved = rows["moved_households"]["values"]
    assert moved[1] == moved[0] + 1
    assert rows["communities"]["today"] == next(
        m.today for m in cards[0].scorecard.measures if m.code == "communities"
    )


def test_plans_of_different_ground_are_refused(cards: list[PlanCard]) -> None:
    """Plans whose today differs cannot stand beside each other."""
    measures = tuple(replace(m, today=12345.0) for m in cards[0].scorecard.measures)
    strange = replace(cards[0], scorecard=replace(cards[0].scorecard, measures=measures))
    with pytest.raises(ValueError, match="today"):
        compare_document([cards[0], strange])


def test_page_is_one_file_without_links(cards: list[PlanCard], tmp_path: Path) -> None:
    """The page asks no host for anything, and names stay data."""
    path = tmp_path / "compare.html"
    write_compare_page(path, cards)
    html = path.read_text(encoding="utf-8")
    assert EVIL not in html
    assert not re.findall(r"<(?:script|img|iframe|link)[^>]*\b(?:src|href)\s*=", html)
    assert "default-src 'none'" in html
    found = re.search(r'id="data">(.*?)</script>', html, re.DOTALL)
    assert json.loads(found.group(1))["plans"][1]["name"] == f"b {EVIL}"


@pytest.mark.browser
def test_page_draws_maps_and_switches_language(
    browser: Any, cards: list[PlanCard], tmp_path: Path
) -> None:
    """Both maps are painted, the table is full, and the button turns the page to English."""
    path = tmp_path / "compare.html"
    write_compare_page(path, cards)
    opened = open_page(browser, path, 1366, 900)
    page = opened.page
    page.wait_for_timeout(100)
    painted = page.evaluate(
        """() => [...document.querySelectorAll("#maps canvas")].map((canvas) => {
            const bytes = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            let painted = 0;
            for (let i = 3; i < bytes.length; i += 4) painted += bytes[i] > 0;
            return painted / (bytes.length / 4);
        })"""
    )
    assert len(painted) == 2
    assert min(painted) > 0.2
    assert page.locator("#figures tbody tr").count() == len(compare_document(cards)["measures"])
    page.click("#language")
    assert "2 plans compared" in page.inner_text("#about")
    assert serious_faults(page) == []
    assert [url for url in opened.requests if not url.startswith("file:")] == []
    assert opened.errors == []
    page.context.close()
