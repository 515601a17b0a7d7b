"""For all tests of whole agents: the time that they have, and one Learning Record Store for all of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.ralph import Ralph

# What hangs is found all the same; what is only slow, on a machine that is busy with others, is no fault.
WITHIN_S = 600


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Each of these tests waits for real processes again and again, and each wait has a patience of its own."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(WITHIN_S))


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ralph]:
    """As it is; `ralph` empties it."""
    with Ralph(tmp_path_factory.mktemp("ralph")) as running:
        yield running


@pytest.fixture
def ralph(store: Ralph) -> Ralph:
    """Nothing in it."""
    store.forget()
    return store
