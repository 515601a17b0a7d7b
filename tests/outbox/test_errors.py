"""The errors."""

from pathlib import Path

import pytest

from agent.outbox.errors import StoreBusy, StoreDamaged, StoreError, StoreFailed, StoreFull, StoreTooNew, StoreUnusable


@pytest.mark.parametrize(
    "error",
    [
        StoreBusy(Path("/var/lib/kiosk-agent"), None),
        StoreTooNew(3, 1),
        StoreUnusable("no", remedy="Do this."),
        StoreFull("no", remedy="Do this."),
        StoreDamaged("no", remedy="Do this."),
        StoreFailed("no", remedy="Do this."),
    ],
)
def test_every_error_is_a_store_error_with_a_remedy(error: StoreError) -> None:
    """Whoever reads it at night needs to know what to do."""
    assert error.remedy.endswith(".")
    assert str(error)
