"""What the page says of an edited list is what `commplan verify` says of the file it saves."""

from pathlib import Path
from typing import Any

import pytest
from benchmarks.bad_inputs import SCENARIO, Case, prepare
from outputs_browser import open_page

from commplan.cli import run_command
from commplan.texts import load_texts

pytestmark = pytest.mark.browser


def commplan(*arguments: object) -> int:
    """Run one command in English; its exit code."""
    return run_command([str(a) for a in arguments], load_texts("en"))


def test_saved_list_passes_or_fails_as_the_page_said(browser: Any, tmp_path: Path) -> None:
    """An edit that leaves one square alone is broken here and there; undone, both let it pass."""
    prepare(Case("good", (), SCENARIO + "\n[outputs]\nedit = true\n"), tmp_path)
    scenario = tmp_path / "scenario.toml"
    assert commplan("run", scenario, "-o", tmp_path / "out", "--quiet") == 0
    opened = open_page(browser, tmp_path / "out" / "hearing.html", 1366, 768)
    page = opened.page
    page.click("#edit-begin")

    def verified() -> int:
        with page.expect_download() as waiting:
            page.click("#edit-save")
        waiting.value.save_as(tmp_path / "edited.csv")
        return commplan("verify", scenario, "--assignment", tmp_path / "edited.csv", "--quiet")

    page.evaluate("() => { commplan.choose([0], false); commplan.giveNew(); }")
    assert "broken" in page.get_attribute('[data-rule="size"]', "class")
    assert "bad" in page.get_attribute("#edit-verdict", "class")
    assert verified() == 1
    page.click("#edit-undo")
    assert "good" in page.get_attribute("#edit-verdict", "class")
    assert verified() == 0
    assert opened.errors == []
    page.context.close()
