"""commplan: the toolkit with which planners redraw communities (社区)."""

import os
import tempfile
from pathlib import Path

__version__ = "0.1.0"


def _give_compiled_code_a_place() -> None:
    """Let numba cache in the temporary folder where neither package nor home can be written.

    Without a place numba refuses to compile at all; a container's nameless user has neither.
    """
    home = Path.home() if os.environ.get("HOME") or os.name == "nt" else Path("/")
    writable = any(os.access(place, os.W_OK) for place in (Path(__file__).parent, home))
    if not writable:
        user = os.getuid() if hasattr(os, "getuid") else "user"
        place = Path(tempfile.gettempdir()) / f"commplan-numba-{user}"
        os.environ.setdefault("NUMBA_CACHE_DIR", str(place))


_give_compiled_code_a_place()
