"""The made-up town, once for all tests of the outputs."""

import pytest
from outputs_town import Made, make_town


@pytest.fixture(scope="session")
def made() -> Made:
    """Give about 120 compounds in a few communities."""
    return make_town(120)
