"""The hearing page in Chromium, the network off: size, opening, frames while panning and zooming.

python -m benchmarks.page            # runs the scenarios first
python -m benchmarks.page RUN ...    # the pages of finished runs
"""

import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import REAL_DATA, commplan, table

SCENARIOS = ("demo", "real/taipei-daan", "real/taipei")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SIZE = {"width": 1366, "height": 768}
OPENINGS = 3
DRAGS = 4
STEPS = 40
HEAD = (
    "page", "units", "file MB", "usable after s", "main thread CPU s",
    "panning: median, 95 %, slowest ms", "zooming: median, 95 %, slowest ms", "one edit s",
)  # fmt: skip
#: Keeps the length of every frame from the start of a move of the map to two frames after its end,
#: so that the drawing anew at the end is among them and the waiting between moves is not.
WATCH = """() => {
    const frames = (window.benchFrames = []);
    let moving = false, after = 0, last = null;
    commplan.map.on("movestart zoomstart", () => { moving = true; });
    commplan.map.on("moveend", () => { moving = false; after = 2; });
    const tick = (time) => {
        if (last !== null && (moving || after > 0)) frames.push(time - last);
        if (!moving && after > 0) after -= 1;
        last = time;
        requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
}"""
DRAWN = """() => new Promise((done) => requestAnimationFrame(
    () => requestAnimationFrame(() => done(performance.now()))))"""
#: Seconds from the press of a button that gives a compound away until the next frame is drawn.
GIVE = """async () => {
    const { units } = commplan.data;
    const unit = units.id.findIndex((_, i) => commplan.besides(new Set([i]), units.edited).length);
    commplan.choose([unit], false);
    const start = performance.now();
    document.querySelector(".give").click();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return (performance.now() - start) / 1000;
}"""


@dataclass(frozen=True)
class Frames:
    """Lengths of frames, in milliseconds."""

    lengths: tuple[float, ...]

    def words(self) -> str:
        """Return median, 95th percentile and the longest."""
        ordered = sorted(self.lengths)
        late = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        return f"{statistics.median(ordered):.1f}, {late:.1f}, {ordered[-1]:.0f}"


def report() -> str:
    """Run the scenarios and return the table of their pages."""
    if find_browser() is None:
        return "Not measured: there is no Chromium on this machine."
    there = [name for name in SCENARIOS if "/" not in name or REAL_DATA.is_dir()]
    with tempfile.TemporaryDirectory() as scratch:
        folders = []
        for name in there:
            folder = Path(scratch) / Path(name).name
            run = commplan("run", f"scenarios/{name}.toml", "-o", str(folder), "--quiet")
            if run.exit_code != 0:
                return f"FAILED: {name}: {run.err.strip()}"
            folders.append(folder)
        return measure(folders)


def measure(folders: Sequence[Path]) -> str:
    """Return the table of the pages of finished runs, as they are and to be edited."""
    from playwright.sync_api import sync_playwright

    rows = []
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        for folder in folders:
            editable = Path(scratch) / f"{folder.name}-edit.html"
            commplan("page", str(folder), "--edit", "--quiet", "-o", str(editable))
            for page in (folder / "hearing.html", editable):
                browser = playwright.chromium.launch(
                    executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"]
                )
                rows.append((_name(folder, page), *_row(browser, page)))
                browser.close()
    note = (
        f"Chromium without a graphics card, {SIZE['width']} × {SIZE['height']}, network off. Usable: "
        "from the file's opening until search and map answer and are drawn, median of "
        f"{OPENINGS}; beside it the time that the page's main thread was at work until then, which "
        f"other programs hardly lengthen. Frames: {DRAGS} drags of the whole map and {DRAGS} after "
        "zooming in, with the drawing anew at their ends; 8 steps of the wheel. At 60 Hz no frame "
        "is under 16.7 ms. One edit: a compound given away, all rules counted anew, drawn."
    )
    return f"{table(HEAD, rows)}\n\n{note}"


def find_browser() -> str | None:
    """Return the path of this machine's Chromium, None without one."""
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


def _name(folder: Path, page: Path) -> str:
    return folder.name if page.parent == folder else f"{folder.name} `--edit`"


def _row(browser: Any, path: Path) -> tuple[object, ...]:
    seconds, busy = zip(*(_opening(browser, path) for _ in range(OPENINGS)), strict=True)
    page = _open(browser)
    page.goto(path.as_uri())
    page.wait_for_selector("html.ready")
    page.evaluate(WATCH)
    whole = pan(page)
    zoomed = zoom(page)
    for _ in range(2):
        page.mouse.wheel(0, -240)
        page.wait_for_timeout(600)
    frames(page)
    panned = Frames(whole.lengths + pan(page).lengths)
    is_edit = page.evaluate("() => Boolean(commplan.data.edit)")
    edit = "–"
    if is_edit:
        page.click("#edit-begin")
        edit = f"{page.evaluate(GIVE):.2f}"
    units = page.evaluate("() => commplan.data.units.id.length")
    page.context.close()
    return (
        f"{units:,}",
        f"{path.stat().st_size / 1e6:.2f}",
        f"{statistics.median(seconds):.2f}",
        f"{statistics.median(busy):.2f}",
        panned.words(),
        zoomed.words(),
        edit,
    )


def _open(browser: Any) -> Any:
    context = browser.new_context(viewport=SIZE)
    context.set_offline(True)
    return context.new_page()


def _opening(browser: Any, path: Path) -> tuple[float, float]:
    """Return seconds until the page is drawn, and those of its main thread, in a fresh context."""
    page = _open(browser)
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
    tools.send("Performance.enable")
    page.goto(path.as_uri())
    page.wait_for_selector("html.ready")
    seconds = page.evaluate(DRAWN) / 1000
    metrics = {m["name"]: m["value"] for m in tools.send("Performance.getMetrics")["metrics"]}
    page.context.close()
    return seconds, metrics["TaskDuration"]


def pan(page: Any) -> Frames:
    """Drag the map there and back."""
    for turn in range(DRAGS):
        sign = 1 if turn % 2 == 0 else -1
        x, y = 860 - sign * 120, 420 - sign * 80
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(STEPS):
            page.mouse.move(x + sign * 6 * step, y + sign * 4 * step)
        page.mouse.up()
        page.wait_for_timeout(700)
    return frames(page)


def zoom(page: Any) -> Frames:
    """Turn the wheel four steps in and four out."""
    page.mouse.move(860, 420)
    for step in range(8):
        page.mouse.wheel(0, -120 if step < 4 else 120)
        page.wait_for_timeout(600)
    return frames(page)


def frames(page: Any) -> Frames:
    """Return the frames of the moves since the last time, and forget them."""
    return Frames(tuple(page.evaluate("() => window.benchFrames.splice(0)")))


if __name__ == "__main__":
    print(measure([Path(name) for name in sys.argv[1:]]) if len(sys.argv) > 1 else report())
