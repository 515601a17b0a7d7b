"""Whether a device is there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.remote.presence import (
    MOST_REBIRTHS,
    Vigil,
    birth,
    contradicts,
    farewell,
    next_start,
    session,
    will,
)


def test_payloads_are_those_of_the_wire() -> None:
    """The operator's table is made of them."""
    assert {"v": 1, "online": True, "session": 12, "since": 5.0, "version": "0.1.0"} == json.loads(
        birth(12, since=5.0, version="0.1.0")
    )
    assert {"v": 1, "online": False, "session": 12, "reason": "lost"} == json.loads(will(12))
    assert {"v": 1, "online": False, "session": 12, "reason": "stopped"} == json.loads(farewell(12))


def test_session_rises_with_every_connection_across_restarts() -> None:
    """Whoever sees two births knows the later one."""
    first = next_start(0, 0.0)
    numbers = [session(start, run) for start in (first, next_start(first, 0.0)) for run in (1, 2, 1000)]
    assert numbers == sorted(set(numbers))


def test_session_rises_after_the_state_was_wiped() -> None:
    """A new card must not be taken for the past of the old one; a clock that was ahead must not stop the count."""
    old = next_start(4, 1_700_000_000.0)
    assert next_start(0, 1_700_000_100.0) > old
    ahead = next_start(4, 4_000_000_000.0)
    assert ahead + 1 == next_start(ahead, 1_700_000_000.0)


@given(st.integers(0, 2**60), st.floats(0, 1e18), st.integers(1, 2**20 - 1))
def test_session_is_a_number_that_every_reader_keeps(starts: int, wall: float, run: int) -> None:
    """JavaScript knows whole numbers up to 2^53."""
    assert session(next_start(starts, wall), run) < 2**53


def test_own_birth_contradicts_nothing() -> None:
    """The broker gives each of our own messages back to us."""
    assert not contradicts(birth(12, since=5.0, version="0.1.0"), 12)


@pytest.mark.parametrize(
    "payload",
    [
        will(12),
        will(11),
        farewell(12),
        birth(11, since=5.0, version="0.1.0"),
        birth(13, since=5.0, version="0.1.0"),
        b"",
        b"nonsense",
        b"[]",
        b"[" * 100_000,
        b"\xff",
        b'{"online": true, "session": true}',
        b'{"online": 1, "session": 12}',
        b'{"online": true, "session": 12.0}',
    ],
)
def test_anything_else_on_our_topic_contradicts(payload: bytes) -> None:
    """A late will must not mark a living device dead, nor may an operator's slip."""
    assert contradicts(payload, 12)


@given(st.binary())
def test_any_bytes_are_answered(payload: bytes) -> None:
    """Whoever may publish must not be able to end the agent."""
    contradicts(payload, 12)


def test_contradiction_is_answered_at_once() -> None:
    """The usual case: one late will after each bad connection."""
    assert None is Vigil().due()
    vigil = Vigil().contradicted()
    assert 0.0 == vigil.due()
    assert None is vigil.published(100.0).due()
    assert not vigil.published(100.0).is_disputed(100.0)


def test_two_devices_of_one_identity_do_not_shout_for_ever() -> None:
    """The rate is bounded, the dispute has a name, and a device that is alone again says that it lives."""
    vigil, published = Vigil(), 0
    for second in range(600):
        vigil = vigil.contradicted()
        due = vigil.due()
        if due is not None and due <= second:
            vigil, published = vigil.published(float(second)), published + 1
    assert published <= 10 * MOST_REBIRTHS
    assert vigil.is_disputed(599.0)
    due = vigil.contradicted().due()
    assert due is not None
    assert due < 660.0
    assert not vigil.is_disputed(700.0)
