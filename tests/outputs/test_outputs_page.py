"""The hearing page as a file: one piece, no outside host, nothing read as markup."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from outputs_town import EVIL, Made, make_town

from commplan.errors import MissingAssetError
from commplan.evaluate.score import ScoreOptions
from commplan.findings import Finding
from commplan.graph.build import build_unit_graph
from commplan.outputs import offline
from commplan.outputs.edit import EditRules
from commplan.outputs.hearing_map import (
    EDIT_SCRIPTS,
    SCRIPTS,
    write_hearing_page,
    write_territory_page,
)
from commplan.outputs.offline import embed_json, read_template, without_links
from commplan.outputs.words import PAGE_WORDS, edit_words, profile_lines
from commplan.policy.library import load_profile


def data_of(html: str) -> dict:
    """Read the page's embedded JSON."""
    found = re.search(r'id="commplan-data">(.*?)</script>', html, re.DOTALL)
    return json.loads(found.group(1))


@pytest.fixture(scope="module")
def page(made: Made, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the page of the made-up town."""
    path = tmp_path_factory.mktemp("page") / "hearing.html"
    write_hearing_page(path, made.plan, made.scorecard, made.circles, made.profile, made.info)
    return path.read_text(encoding="utf-8")


def test_page_links_nothing(page: str) -> None:
    """There is no src, no link, no import and no url() in the page, and a policy that forbids them."""
    without_data = re.sub(r'id="commplan-data">.*?</script>', "", page, flags=re.DOTALL)
    assert not re.findall(r'<(?:script|img|iframe|link)[^>]*\b(?:src|href)\s*=\s*["\']?(?!#)', page)
    style = re.search(r"<style>(.*?)</style>", without_data, re.DOTALL).group(1)
    assert "url(" not in style
    assert "@import" not in style
    assert "sourceMappingURL" not in page
    assert "default-src 'none'" in page


def test_page_is_a_folium_map(page: str) -> None:
    """Folium makes the map and adds the layers to it."""
    assert "var map_hearing = commplan.createMap" in page
    assert "layer_units.addTo(map_hearing)" in page


def test_names_are_data_not_markup(page: str, made: Made) -> None:
    """A compound called <script> stands in the JSON, escaped, and nowhere else."""
    assert EVIL not in page
    assert EVIL in data_of(page)["units"]["name"]
    assert EVIL in [record["name"] for record in data_of(page)["proposed"]]


def test_name_cannot_run_as_a_template(made: Made, tmp_path: Path) -> None:
    """Curly brackets in a title come out as they went in."""
    info = replace(made.info, title={"zh": "{{ 7*7 }}{% raw %}</title>"})
    path = tmp_path / "page.html"
    write_hearing_page(path, made.plan, made.scorecard, None, made.profile, info)
    html = path.read_text(encoding="utf-8")
    assert "<title>{{ 7*7 }}{% raw %}&lt;/title&gt;</title>" in html
    assert data_of(html)["title"]["zh-CN"] == "{{ 7*7 }}{% raw %}</title>"


def test_embedded_json_holds_no_markup_character() -> None:
    """The characters that could end a script or a line are written as escapes."""
    text = embed_json({"a": "</script>&\u2028\u2029"})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": "</script>&\u2028\u2029"}


def test_page_holds_every_community_and_unit(page: str, made: Made) -> None:
    """Units, communities, moves and rooms on the page are those of the plan."""
    data = data_of(page)
    assert data["units"]["id"] == made.plan.territory.units["unit_id"].tolist()
    assert data["units"]["now"] == made.plan.community_of.tolist()
    assert sum(data["units"]["hh"][i] for i in data["units"]["moved"]) == int(
        made.plan.moves["households"].sum()
    )
    assert [r["hh"] for r in data["proposed"]] == made.plan.communities["households"].tolist()
    assert all(record["rings"] for record in data["proposed"] + data["today"])
    assert [room["at"] is None for room in data["rooms"]].count(True) == 1


def test_bounds_are_marked(page: str, made: Made) -> None:
    """Communities within, below and above the bounds are told apart; an exception is called one."""
    record = {r["id"]: r for r in data_of(page)["proposed"]}
    excepted = made.plan.communities["community_id"].iloc[made.plan.community_of[3]]
    for key, found in record.items():
        side = int(found["hh"] > 3000) - int(found["hh"] < 1500)
        assert found["ok"] == (2 if side and key == excepted else side)


def test_draft_is_shown_as_a_draft(page: str) -> None:
    """A draft for comment says so in both languages, with the clause."""
    data = data_of(page)
    assert data["draft"] is True
    assert data["profile"]["zh-CN"]["status"] == "征求意见稿"
    assert "不是现行规定" in data["profile"]["zh-CN"]["standing"]
    assert "not law in force" in data["profile"]["en"]["standing"]
    assert "二(三)" in data["profile"]["en"]["clause"]
    assert "1,500" in data["profile"]["zh-CN"]["clause"]


def test_own_note_of_a_profile_is_used(made: Made) -> None:
    """Where the profile says what a reader must know, its words are used."""
    profile = replace(made.profile, note={"zh-CN": "仅采用第三条。"})
    assert profile_lines(profile, "zh-CN")["standing"].startswith("仅采用第三条。")


def test_findings_come_worst_first_and_once(page: str) -> None:
    """The page lists what was noticed, errors before notes."""
    found = data_of(page)["findings"]["en"]
    assert [f["severity"] for f in found] == ["error", "note"]
    assert found[0]["words"] == "U00001 and 2 more"


def test_same_plan_gives_the_same_bytes(made: Made, page: str, tmp_path: Path) -> None:
    """Nothing random and no clock gets into the page."""
    path = tmp_path / "again.html"
    write_hearing_page(path, made.plan, made.scorecard, made.circles, made.profile, made.info)
    assert path.read_text(encoding="utf-8") == page


def test_every_word_of_the_script_is_there() -> None:
    """The script asks for no word that the page does not carry."""
    asked = set()
    for name in (*SCRIPTS[1:], *EDIT_SCRIPTS, "body.html"):
        code = read_template(name)
        asked |= set(re.findall(r'\bbutton\("[\w-]+", "(\w+)"', code))
        asked |= set(re.findall(r'"(edit_\w+[a-z])"', code))
        asked |= set(re.findall(r'\bt\("(\w+)"[,)]', code))
        asked |= set(re.findall(r'\b(?:row|card)\("(\w+)"', code))
        asked |= set(re.findall(r'heading\("\w+", "(\w+)"', code))
        asked |= set(re.findall(r'data-word="(\w+)"', code))
    assert asked
    assert asked <= set(PAGE_WORDS) | set(edit_words("en"))


def test_pictures_of_the_style_are_dropped() -> None:
    """What would fetch a picture goes, the rest of the rule stays."""
    css = ".a { background-image: url(images/x.png); width: 26px }"
    assert without_links(css) == ".a {  width: 26px }"


def test_missing_assets_name_the_command(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the fetched files the error says which command fetches them, and nothing is written."""
    monkeypatch.setattr(offline, "files", lambda _package: tmp_path)
    path = tmp_path / "hearing.html"
    with pytest.raises(MissingAssetError, match=r"tools/fetch_assets\.py"):
        write_hearing_page(path, made.plan, made.scorecard, None, made.profile, made.info)
    assert not path.exists()


def test_territory_page_shows_villages_without_a_plan(made: Made, tmp_path: Path) -> None:
    """A study area without a plan gets a page with its villages and findings."""
    import geopandas as gpd
    import pandas as pd
    import shapely

    villages = gpd.GeoDataFrame(
        pd.DataFrame(
            {
                "village_id": ["V1", "V2"],
                "name": ["石桥村", EVIL],
                "population": [180, pd.NA],
                "households": [60, pd.NA],
                "township_id": ["T", None],
            }
        ),
        geometry=[
            shapely.box(462_000, 3_310_000, 463_000, 3_311_000),
            shapely.Point(464_000, 3.31e6),
        ],
        crs="EPSG:4549",
    )
    territory = made.plan.territory.replace(units=None, blocks=None, villages=villages)
    path = tmp_path / "hearing.html"
    info = replace(
        made.info, findings=(Finding("finding.and_more", params={"shown": 1, "more": 2}),)
    )
    write_territory_page(path, territory, made.profile, info)
    data = data_of(path.read_text(encoding="utf-8"))
    assert [v["name"] for v in data["villages"]] == ["石桥村", EVIL]
    assert [bool(v["rings"]) for v in data["villages"]] == [True, False]
    assert data["villages"][1]["pop"] is None
    assert data["proposed"] == []
    assert len(data["findings"]["en"]) == 1


def test_town_without_communities_today_gets_a_page(made: Made, tmp_path: Path) -> None:
    """Where no unit has a community today, there is nothing to compare and nothing moves."""
    plan = made.plan.replace(
        today=made.plan.today.iloc[:0],
        today_of=np.full(len(made.plan.today_of), -1, dtype=np.int32),
        successor_of=np.full(len(made.plan.successor_of), -1, dtype=np.int32),
        moves=made.plan.moves.iloc[:0],
    )
    path = tmp_path / "hearing.html"
    write_hearing_page(path, plan, made.scorecard, None, made.profile, made.info)
    data = data_of(path.read_text(encoding="utf-8"))
    assert data["today"] == []
    assert data["units"]["moved"] == []
    assert {record["old"] for record in data["proposed"]} == {-1}


def test_page_of_1500_units_stays_small(tmp_path: Path) -> None:
    """A page to be edited of 1,500 compounds is under 3 MB, and one not to be edited smaller."""
    town = make_town(1500)
    graph = build_unit_graph(town.plan.territory)
    sizes = []
    for edit in (None, EditRules(graph, ScoreOptions())):
        path, info = tmp_path / "hearing.html", replace(town.info, edit=edit)
        profile = load_profile("zhejiang-2017")
        write_hearing_page(path, town.plan, town.scorecard, town.circles, profile, info)
        sizes.append(path.stat().st_size)
    assert sizes[0] < sizes[1] < 3_000_000
