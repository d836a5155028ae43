"""Sections on walking: searches per second beside libraries, Porto Alegre, rooms drawn together."""

import contextlib
import io
from collections.abc import Callable, Sequence

from benchmarks import joint_rooms, porto_alegre
from benchmarks.known import NO_DATA
from benchmarks.measure import REAL_DATA, table
from benchmarks.together import lines_of, number
from benchmarks.walking import OURS, RIVALS, WUHAN


def walking(seconds: float = 30.0, who: Sequence[str] = (*OURS, *RIVALS)) -> str:
    """Wuhan, 1,000 and 10,000 sources, everything within 15 minutes, one library at a time."""
    if not REAL_DATA.is_dir():
        return NO_DATA
    rows = []
    for sources in ("1000", "10000"):
        head = ["benchmarks.walking", str(WUHAN), "--sources", sources, "--seconds", f"{seconds:g}"]
        lines = lines_of([[*head, "--who", name] for name in who], at_once=1)
        fastest = max(
            (line.get("per_cpu_second", 0) for line in lines if line.get("who") in RIVALS),
            default=0,
        )
        for name, line in zip(who, lines, strict=True):
            per_core = line.get("per_cpu_second")
            times = f"{per_core / fastest:.1f}" if per_core and fastest else "–"
            rows.append(
                (
                    name,
                    f"{int(sources):,}",
                    line.get("done", line.get("error", "–")),
                    number(line.get("per_second"), 0),
                    number(per_core, 0),
                    times,
                    number(line.get("build_s"), 1),
                    number(line.get("peak_mb"), 0),
                    f"{line.get('pairs_of_tried', 0):,} from {line.get('tried', 0):,}",
                )
            )
    heads = ("who", "sources", "searched", "per second", "per second of one core")
    heads += ("times the fastest rival", "build s", "peak MB", "pairs found")
    text = (
        "82,902 nodes, 92,667 edges of Wuhan's streets, 80 m a minute, every node within 15 "
        f"minutes. Each in a process of its own, as many sources as fit into {seconds:g} s. "
        "NetworKit and igraph know no limit. The pairs found from the first sources show that all "
        "answer the same question.\n\n"
    )
    return text + table(heads, rows)


def porto() -> str:
    """Porto Alegre's cells: who reaches schools and health care on foot."""
    if not REAL_DATA.is_dir():
        return NO_DATA
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        porto_alegre.main([])
    lines = said.getvalue().splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("|"))
    last = max(i for i, line in enumerate(lines) if line.startswith("|"))
    found, times = lines[:first], lines[last + 1 :]
    parts = ["\n".join(f"- {line}" for line in found), "\n".join(lines[first : last + 1])]
    after = "Ten walks checked by hand: `docs/walking.md`."
    return "\n\n".join([*parts, f"{' '.join(times).capitalize()}. {after}"])


SECTIONS: dict[str, tuple[str, Callable[[], str]]] = {
    "walking": ("Walking times, Wuhan, beside libraries", walking),
    "porto-alegre": ("Porto Alegre: schools and health care on foot", porto),
    "joint-rooms": ("Da'an: boundaries and rooms together", joint_rooms.joint_daan),
}
