"""A store that somebody looks into is waited for; one that an agent has is not."""

import threading
from pathlib import Path

import pytest

from agent.outbox.errors import StoreBusy
from agent.outbox.lock import Lock
from agent.runtime.opening import open_outbox
from tests.support.configuration import SMALLEST, loaded


def test_store_in_use_for_a_moment_is_waited_for(tmp_path: Path) -> None:
    """A person's `queue list` at boot time must not cost the kiosk its start."""
    settings = loaded(tmp_path, SMALLEST).settings
    state = tmp_path / "state"
    state.mkdir()
    lock = Lock.take(state)
    threading.Timer(0.3, lock.release).start()
    outbox = open_outbox(state, settings, patience_s=60.0)
    assert 0 == outbox.statistics().newest
    outbox.close()


def test_store_in_use_for_good_is_refused_with_its_holder(tmp_path: Path) -> None:
    """A second agent must end and say which process is in its way."""
    settings = loaded(tmp_path, SMALLEST).settings
    first = open_outbox(tmp_path / "state", settings)
    with pytest.raises(StoreBusy, match=r"in use by process \d+"):
        open_outbox(tmp_path / "state", settings, patience_s=0.2)
    first.close()


def test_bounds_of_the_settings_hold(tmp_path: Path) -> None:
    """An operator's `queue.max_bytes` must reach the store."""
    settings = loaded(tmp_path, SMALLEST + "[queue]\nmax_bytes = 4194304\n").settings
    outbox = open_outbox(tmp_path / "state", settings)
    assert 4_194_304 == outbox.statistics().bytes_bound
    outbox.close()
