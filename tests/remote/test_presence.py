"""Whether a device is there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.remote.presence import (
    FOREIGN_BIRTHS,
    MOST_REBIRTHS,
    RIVAL_S,
    Born,
    Rival,
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
    assert not contradicts(birth(12, since=5.0, version="0.1.0"), Born(12, 5.0))


@pytest.mark.parametrize(
    "payload",
    [
        will(12),
        will(11),
        farewell(12),
        birth(11, since=5.0, version="0.1.0"),
        birth(13, since=5.0, version="0.1.0"),
        birth(12, since=6.0, version="0.1.0"),
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
    assert contradicts(payload, Born(12, 5.0))


@given(st.binary())
def test_any_bytes_are_answered(payload: bytes) -> None:
    """Whoever may publish must not be able to end the agent."""
    contradicts(payload, Born(12, 5.0))


def test_contradiction_is_answered_at_once() -> None:
    """The usual case: one late will after each bad connection."""
    assert None is Vigil().due()
    vigil = Vigil().contradicted()
    assert 0.0 == vigil.due()
    assert None is vigil.published(100.0).due()


def test_two_devices_of_one_identity_do_not_shout_for_ever() -> None:
    """The rate is bounded, and a device that is alone again says that it lives."""
    vigil, published = Vigil(), 0
    for second in range(600):
        vigil = vigil.contradicted()
        due = vigil.due()
        if due is not None and due <= second:
            vigil, published = vigil.published(float(second)), published + 1
    assert published <= 10 * MOST_REBIRTHS
    due = vigil.contradicted().due()
    assert due is not None
    assert due < 660.0


def listens(start: int = 50, runs: int = 1) -> Rival:
    """A device that has connected `runs` times since its start."""
    rival = Rival()
    for run in range(1, runs + 1):
        rival = rival.came(Born(session(start, run), run + 0.25))
    return rival


def heard(rival: Rival, *births: int, since: float = 0.5) -> Rival:
    """What it makes of the births of these sessions, one a minute."""
    for minute, number in enumerate(births):
        rival = rival.heard(birth(number, since=since, version="1"), minute * 60.0)
    return rival


@pytest.mark.parametrize("start", [49, 51])
def test_births_of_another_start_again_and_again_are_another_machines(start: int) -> None:
    """A copied card: whichever of the two started later, both can say so."""
    births = [session(start, run) for run in range(1, FOREIGN_BIRTHS + 1)]
    assert heard(listens(), *births).is_there(180.0)
    assert not heard(listens(), *births[:-1]).is_there(180.0)


@pytest.mark.parametrize("ahead", [-1, 0, 1])
def test_copies_that_were_switched_on_in_the_same_minute_are_told_apart(ahead: int) -> None:
    """Power came back to the whole site: the starts have one number, and the connections are in step."""
    rival = listens(runs=2)
    for run in range(2, 5):
        rival = rival.heard(birth(session(50, run + ahead), since=run + 0.5, version="1"), 0.0)
        rival = rival.came(Born(session(50, run + 1), run + 1.25))
    assert rival.is_there(0.0)


def test_own_births_and_leftovers_of_an_earlier_start_are_no_rival() -> None:
    """A kiosk whose agent was killed finds its old birth, and its own ones come back to it."""
    rival = listens(runs=40)
    for run in range(1, 41):
        rival = rival.heard(birth(session(50, run), since=run + 0.25, version="1"), 0.0)
    assert 0 == rival.births
    assert not heard(rival, session(49, 5), session(49, 5), session(49, 6)).is_there(0.0)


def test_will_or_nonsense_is_no_rival() -> None:
    """Late wills are the broker's, and anybody may slip."""
    rival = listens()
    for payload in (will(session(51, 1)), will(session(51, 2)), will(session(51, 3)), b"nonsense", b""):
        rival = rival.heard(payload, 0.0)
    assert listens() == rival


def test_rival_that_is_gone_is_forgotten() -> None:
    """Somebody gave it another identity: the complaint must end."""
    rival = heard(listens(), *[session(51, run) for run in (1, 2, 3)])
    assert not rival.is_there(121.0 + RIVAL_S)
    late = birth(session(51, 4), since=1.0, version="1")
    assert 1 == rival.heard(late, 121.0 + RIVAL_S).births
