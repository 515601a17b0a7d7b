"""One Learning Record Store for all tests that need a real one: it takes seconds to start."""

from collections.abc import Iterator

import pytest

from tests.support.ralph import Ralph


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
