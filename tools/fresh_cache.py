"""Drop compiled code that may be stale.

numba's cache watches only the file in which a function stands, not those of the functions that it
calls. Where a file with compiled functions is newer than compiled code, all of that is dropped.
"""

from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src" / "commplan"


def drop_stale(source: Path = SOURCE) -> int:
    """Return how many files of compiled code were dropped."""
    cached = list(source.rglob("__pycache__/*.nb[ic]"))
    files = [p for p in source.rglob("*.py") if "njit" in p.read_text(encoding="utf-8")]
    if not cached or not files:
        return 0
    oldest = min(p.stat().st_mtime for p in cached)
    if max(p.stat().st_mtime for p in files) <= oldest:
        return 0
    for path in cached:
        path.unlink(missing_ok=True)
    return len(cached)


if __name__ == "__main__":
    drop_stale()
