"""Networks of up to 60 million parameters: each goes before the next comes."""

import pytest
from memory import give_back


@pytest.fixture(autouse=True)
def freed_networks():
    """Give back the memory of a test's networks."""
    yield
    give_back()
