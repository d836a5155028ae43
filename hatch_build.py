"""Refuse to build a wheel without the page's scripts: it would install and then fail at a hearing."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface[Any]):
    """Checks that ``tools/fetch_assets.py`` was run; an editable install may fetch them later."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Look for the assets before a wheel is built."""
        del build_data
        assets = Path(self.root) / "src" / "commplan" / "outputs" / "assets"
        if version == "standard" and not (assets / "leaflet.js").is_file():
            raise RuntimeError(
                "the page's scripts are missing: run python tools/fetch_assets.py first"
            )
