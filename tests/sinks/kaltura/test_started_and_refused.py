"""Sessions that are refused, replaced, forgotten, and wanted by several at once."""

import threading
from collections.abc import Iterator

import pytest

from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.kaltura.login import Session
from agent.sinks.kaltura.sessions import SessionState
from agent.sinks.kaltura.started import (
    HELD_RETRY,
    PROVEN_AGE,
    PROVEN_USES,
    REFUSED_AT_MOST,
    RefusedEarly,
    StartedSessions,
    renewal,
)
from tests.support.logins import AWAY, DELETED, HOUR, Desk


def test_refused_session_is_replaced_at_once() -> None:
    """An event that was refused for its session goes out again with another."""
    desk = Desk()
    desk.after(PROVEN_AGE)
    assert desk.source.refused("k1")
    assert SessionState.MISSING is desk.source.status().state
    assert "k2" == desk.after(0.0)


def test_refusal_of_an_older_session_drops_nothing() -> None:
    """Two destinations sent with the same one; the first to be refused has had it replaced already."""
    desk = Desk()
    desk.after(0.0)
    assert desk.source.refused("k1")
    assert "k2" == desk.after(0.0)
    assert desk.source.refused("k1")
    assert "k2" == desk.after(0.0)
    assert 2 == desk.calls


def test_sessions_that_are_all_refused_hold_with_a_text() -> None:
    """The service wants something else, for example another address; starting sessions for ever would not help."""
    desk = Desk(chance=0.5)
    answers = []
    for _ in range(REFUSED_AT_MOST):
        ks = desk.source.current()
        assert isinstance(ks, str)
        answers.append(desk.source.refused(ks))
    assert [True, True, False] == answers
    assert [RefusedEarly(0.0)] * 2 == [news for news in desk.news if isinstance(news, RefusedEarly)]
    held = desk.after(1.0)
    assert isinstance(held, Held)
    assert (Cause.SESSION, held.text) == (held.cause, desk.source.status().text)
    assert "the service started 3 in a row and refused each" in held.text
    assert not desk.source.refused("k3"), "there will be no other before the pause is over"
    assert 3 == desk.calls
    assert "k4" == desk.after(HELD_RETRY)
    assert not desk.source.refused("k4"), "one try a pause, until one is accepted"
    desk.after(HELD_RETRY)
    desk.now += PROVEN_AGE
    assert desk.source.refused("k5"), "that one had been accepted"


@pytest.mark.parametrize("proof", ["age", "uses"])
def test_session_that_worked_for_a_while_is_no_sign_of_a_fault(proof: str) -> None:
    """A token may limit how long a session lives, or how many actions it is good for (actionslimit)."""
    desk = Desk()
    for number in range(1, 20):
        assert f"k{number}" == desk.after(0.0)
        if proof == "age":
            desk.now += PROVEN_AGE
        else:
            assert [f"k{number}"] * PROVEN_USES == [desk.after(0.0) for _ in range(PROVEN_USES)]
        assert desk.source.refused(f"k{number}")


def test_refused_while_logins_fail_waits_for_the_login() -> None:
    """The failure may pass: the events wait for that, and for nobody."""
    desk = Desk(life=HOUR)
    desk.after(0.0)
    desk.trouble = AWAY
    desk.after(renewal(HOUR))
    assert desk.source.refused("k1")
    assert isinstance(desk.after(0.0), Later)
    desk.trouble = DELETED
    assert isinstance(desk.after(2.0), Held)
    assert not desk.source.refused("k1")


def test_changed_token_makes_a_new_session_at_once() -> None:
    """Whoever put a new token there wants to see whether it works, and not in three minutes."""
    desk = Desk()
    desk.trouble = DELETED
    desk.after(0.0)
    desk.source.forget()
    assert (SessionState.MISSING, "") == (desk.source.status().state, desk.source.status().text)
    desk.trouble = None
    assert "k1" == desk.after(0.0)
    desk.source.forget()
    assert "k2" == desk.after(0.0)


def test_changed_token_ends_the_hold_of_refused_sessions() -> None:
    """The new token's sessions have not been refused by anybody."""
    desk = Desk()
    for number in range(1, REFUSED_AT_MOST + 1):
        desk.after(0.0)
        desk.source.refused(f"k{number}")
    desk.source.forget()
    assert "k4" == desk.after(0.0)
    assert desk.source.refused("k4")


class Slow:
    """A login that waits to be let go."""

    def __init__(self) -> None:
        self.began, self.go = threading.Event(), threading.Event()
        self.outcome: Session | Later | Held = Session("k1", HOUR, None)
        self.calls = 0

    def __call__(self) -> Session | Later | Held:
        self.calls += 1
        self.began.set()
        assert self.go.wait(60)
        return self.outcome


@pytest.fixture
def slow() -> Iterator[Slow]:
    login = Slow()
    yield login
    login.go.set()


def asking(source: StartedSessions, answers: list[object]) -> threading.Thread:
    thread = threading.Thread(target=lambda: answers.append(source.current()))
    thread.start()
    return thread


@pytest.mark.parametrize("outcome", [Session("k1", HOUR, None), DELETED])
def test_two_at_once_start_one_session(slow: Slow, outcome: Session | Held) -> None:
    """Two destinations share the account; the second waits and takes what came of it, a failure too."""
    slow.outcome = outcome
    source = StartedSessions("secret", slow, now=lambda: 1.0, chance=lambda: 0.0)
    answers: list[object] = []
    threads = [asking(source, answers) for _ in range(8)]
    assert slow.began.wait(60)
    slow.go.set()
    for thread in threads:
        thread.join(60)
    assert [DELETED if outcome is DELETED else "k1"] * 8 == answers
    assert 1 == slow.calls


def test_nobody_waits_for_a_renewal_while_the_old_session_lives(slow: Slow) -> None:
    """A hanging login holds up the one destination that came upon it, not all; status and the main loop never."""
    now = [0.0]
    source = StartedSessions("secret", slow, now=lambda: now[0], chance=lambda: 0.0)
    slow.go.set()
    assert "k1" == source.current()
    slow.go.clear()
    slow.began.clear()
    slow.outcome = Session("k2", HOUR, None)
    now[0] = renewal(HOUR)
    answers: list[object] = []
    thread = asking(source, answers)
    assert slow.began.wait(60)
    assert "k1" == source.current()
    assert SessionState.FRESH is source.status().state
    source.forget()
    slow.go.set()
    thread.join(60)
    assert ["k2"] == answers
    assert 2 == slow.calls
    slow.outcome = Session("k3", HOUR, None)
    assert "k3" == source.current(), "what was started with the forgotten token does not count"


def test_close_drops_connections_and_ends_no_session() -> None:
    """Two destinations close the same source; a session dies by itself."""
    closed: list[int] = []
    desk = Desk()
    source = StartedSessions(
        "secret", desk.login, now=lambda: 1.0, chance=lambda: 0.0, close=lambda: closed.append(desk.calls)
    )
    source.current()
    source.close()
    source.close()
    assert [1, 1] == closed


def test_no_representation_shows_a_session() -> None:
    """A crash report shows the representations of values."""
    desk = Desk()
    desk.after(0.0)
    assert "k1" not in repr(vars(desk.source))
