"""What is remembered between two events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sinks.track_event.memory import Memory

NUMBERS = st.floats(0.0, 1e6)


def test_nothing_is_remembered_as_nothing() -> None:
    """The state of a new destination is the empty text."""
    assert "" == Memory().written()
    assert Memory() == Memory.read("")


@given(st.builds(Memory, own=st.text(), index=st.integers(0), began_at=st.none() | NUMBERS, viewed=st.none() | NUMBERS))
def test_any_memory_is_read_back(memory: Memory) -> None:
    """It commits with each message; a restart goes on from it."""
    assert memory == Memory.read(memory.written())


def test_a_later_versions_memory_is_read_as_far_as_it_is_known() -> None:
    """After a downgrade the queue must not stand still."""
    assert Memory(own="s", index=3) == Memory.read('{"own":"s","index":3,"hologram":true}')


def test_sums_count_the_wait_that_still_lasts() -> None:
    """A VIEW in a stall tells how long it has been waiting so far (stall_25s)."""
    memory = Memory(buffered=2.0, told_buffered=1.5, stalled_at=100.0)
    assert (7.0, 5.5) == (memory.buffer_sum(105.0), memory.buffer_time(105.0))
    assert (2.0, 0.5) == (memory.buffer_sum(99.0), memory.buffer_time(99.0))


@pytest.mark.parametrize(
    ("expected", "at", "memory"),
    [
        (False, 500.0, Memory(began_at=1.0)),
        (False, 43.9, Memory(began_at=1.0, paused_at=13.5)),
        (True, 44.0, Memory(began_at=1.0, paused_at=13.5)),
        (False, 44.0, Memory(began_at=1.0, paused_at=13.5, expired=True)),
        (False, 44.0, Memory(began_at=1.0, paused_at=14.0)),
    ],
)
def test_the_31st_second_of_a_pause_ends_a_viewing_once(expected: bool, at: float, memory: Memory) -> None:
    """pause_31s: the ticks from 14 to 44 are paused; a tick at the pause itself is not."""
    assert expected == memory.idles(at)
