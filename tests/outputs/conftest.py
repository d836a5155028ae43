"""The made-up town and the browser, once for all tests of the outputs."""

from collections.abc import Iterator
from typing import Any

import pytest
from outputs_browser import start_browser
from outputs_town import Made, make_town


@pytest.fixture(scope="session")
def made() -> Made:
    """Give about 120 compounds in a few communities."""
    return make_town(120)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Give the Chromium of this machine; ended with the module, for two at once cannot be run."""
    yield from start_browser()
