"""A real Chromium for the tests of pages, the network off."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@dataclass
class Opened:
    """A page, and what it asked for and complained of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def start_browser() -> Iterator[Any]:
    """Start the Chromium of this machine; skip, or fail where one is asked for, without it."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next((found for found in map(shutil.which, BROWSERS) if found), None)
    if path is None and os.environ.get("COMMPLAN_REQUIRE_BROWSER"):
        pytest.fail("COMMPLAN_REQUIRE_BROWSER is set, and there is no Chromium on this machine")
    if path is None:
        pytest.skip("no Chromium on this machine: install chromium to check the page in it")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield running
        running.close()


def open_page(browser: Any, path: Path, width: int, height: int, **more: object) -> Opened:
    """Open the page offline and listen to it."""
    context = browser.new_context(viewport={"width": width, "height": height}, **more)
    context.set_offline(True)
    page = context.new_page()
    opened = Opened(page)
    page.on("request", lambda request: opened.requests.append(request.url))
    page.on("pageerror", lambda error: opened.errors.append(str(error)))
    page.on("console", lambda m: opened.errors.append(m.text) if m.type == "error" else None)
    page.on("dialog", lambda dialog: (opened.errors.append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri())
    page.wait_for_selector("html.ready")
    return opened


def serious_faults(page: Any) -> list[tuple[str, list[str]]]:
    """Return what axe-core finds serious or critical: rule and the first places; skip without it."""
    axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is missing")
    script = next(Path(axe.__file__).parent.rglob("axe.min.js"))
    page.evaluate(script.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        (fault["id"], [node["html"][:120] for node in fault["nodes"]][:3])
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
