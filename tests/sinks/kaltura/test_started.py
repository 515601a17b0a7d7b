"""Sessions that are started when needed and renewed before they end, on a clock that is moved by hand."""

import threading
from collections.abc import Iterator
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.delivery.patience import HELD_RETRY as PUMP_HELD_RETRY
from agent.delivery.patience import HELD_SPREAD as PUMP_HELD_SPREAD
from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.kaltura.login import Session
from agent.sinks.kaltura.sessions import SessionSource, SessionState
from agent.sinks.kaltura.started import (
    HELD_RETRY,
    HELD_SPREAD,
    PROVEN_AGE,
    PROVEN_USES,
    REFUSED_AT_MOST,
    RefusedEarly,
    RenewalFails,
    SessionNews,
    Started,
    StartedSessions,
    renewal,
)

HOUR, DAY = 3600.0, 86_400.0
AWAY = Later(Cause.NETWORK, "no session: connection refused", answered=False)
BUSY = Later(Cause.THROTTLED, "no session: HTTP 429", answered=False, retry_after=60.0)
DELETED = Held(Cause.SESSION, "no session: APP_TOKEN_ID_NOT_FOUND", answered=False)


class Desk:
    """A login that answers as it is told and counts its calls; sessions are named k1, k2 …"""

    def __init__(self, *, life: float = HOUR, chance: float = 0.0) -> None:
        self.now = 1000.0
        self.life = life
        self.seconds = 0.0
        self.trouble: Later | Held | None = None
        self.calls = 0
        self.news: list[SessionNews] = []
        self._numbers = count(1)
        self.source = StartedSessions(
            "app-token", self.login, now=lambda: self.now, chance=lambda: chance, tell=self.news.append
        )

    def login(self) -> Session | Later | Held:
        self.calls += 1
        self.now += self.seconds
        return self.trouble or Session(f"k{next(self._numbers)}", self.life, 5_000.0)

    def after(self, seconds: float) -> str | Later | Held:
        """What is there to send with so much later."""
        self.now += seconds
        return self.source.current()


def test_session_is_started_when_it_is_first_wanted() -> None:
    """A kiosk that plays nothing asks for nothing."""
    desk = Desk()
    source: SessionSource = desk.source
    assert SessionState.MISSING is source.status().state
    assert 0 == desk.calls
    assert "k1" == source.current() == source.current()
    status = source.status()
    assert ("app-token", SessionState.FRESH, 5_000.0, 1, "") == (
        status.mode,
        status.state,
        status.expires_wall,
        status.renewals,
        status.text,
    )
    assert [Started(1, HOUR)] == desk.news
    desk.now += 600.0
    assert HOUR - 600.0 == desk.source.status().left


@pytest.mark.parametrize(
    ("due", "life"), [(0.8 * DAY, DAY), (2880.0, HOUR), (600.0, 1200.0), (60.0, 120.0), (30.0, 60.0)]
)
def test_renewal_is_due_while_a_good_part_is_left(due: float, life: float) -> None:
    """Four fifths of a long life, ten minutes before a short one's end, half of a very short one."""
    assert due == renewal(life)
    desk = Desk(life=life)
    assert ["k1", "k1", "k2"] == [desk.after(0.0), desk.after(due - 0.1), desk.after(0.1)]


@given(st.floats(min_value=0.001, max_value=30 * DAY), st.floats(min_value=0.0, max_value=0.999))
def test_no_life_is_too_short_to_be_used(life: float, chance: float) -> None:
    """A fixed lead before the end would renew a short session at each request, for ever."""
    desk = Desk(life=life, chance=chance)
    assert "k1" == desk.after(0.0) == desk.after(0.4 * life)


def test_kiosks_that_were_switched_on_together_do_not_renew_together() -> None:
    """A thousand of them after a power cut."""
    early = Desk(life=DAY, chance=0.99)
    early.after(0.0)
    assert "k2" == early.after(0.75 * DAY)


def test_life_counts_from_before_the_login() -> None:
    """A slow login eats into the life of what it brings."""
    desk = Desk(life=HOUR)
    desk.seconds = 30.0
    assert "k1" == desk.after(0.0)
    assert "k1" == desk.after(renewal(HOUR) - 31.0)
    assert "k2" == desk.after(1.0)


def test_old_session_serves_while_renewal_fails() -> None:
    """The service that starts sessions may be down while the one that takes events is not."""
    desk = Desk(life=HOUR, chance=0.5)
    desk.after(0.0)
    desk.trouble = AWAY
    assert "k1" == desk.after(renewal(HOUR))
    assert [Started(1, HOUR), RenewalFails(AWAY.text, HOUR - renewal(HOUR))] == desk.news
    status = desk.source.status()
    assert (SessionState.FRESH, AWAY.text) == (status.state, status.text)
    assert ["k1"] * 500 == [desk.after(1.0) for _ in range(500)]
    assert desk.calls < 20, "each event would ask the broken login once more"
    assert 2 == len(desk.news), "the same failure is told once"
    desk.trouble = None
    assert "k2" == desk.after(200.0)
    assert "" == desk.source.status().text


def test_without_a_living_session_the_failure_is_the_answer() -> None:
    """The events wait, and nothing is sent without a session: it would count for nobody."""
    desk = Desk(life=HOUR)
    desk.after(0.0)
    desk.trouble = AWAY
    found = desk.after(HOUR)
    assert isinstance(found, Later)
    assert (AWAY.cause, AWAY.text) == (found.cause, found.text)
    assert SessionState.MISSING is desk.source.status().state


def test_failure_is_told_again_until_its_pause_is_over() -> None:
    """However many destinations ask, the service is asked at the pace of one; each learns when it is worth asking."""
    desk = Desk()
    desk.trouble = AWAY
    first, second = desk.after(0.0), desk.after(0.4)
    assert isinstance(first, Later)
    assert isinstance(second, Later)
    assert 1.0 == first.retry_after
    assert 0.6 == pytest.approx(second.retry_after)
    assert 1 == desk.calls
    desk.after(0.6)
    assert 2 == desk.calls


def test_pauses_grow_up_to_a_ceiling() -> None:
    """A week without the service must not become a week without a try."""
    desk = Desk(chance=0.99)
    desk.trouble = AWAY
    pauses = []
    for _ in range(40):
        found = desk.source.current()
        assert isinstance(found, Later)
        assert found.retry_after is not None
        pauses.append(found.retry_after)
        desk.now += found.retry_after
    assert [1.0, 2.0, 4.0] == pauses[:3]
    assert all(before <= after for before, after in pairwise(pauses[:6]))
    assert 300.0 >= max(pauses) > 250.0


def test_time_that_the_service_asks_for_is_given() -> None:
    """Retry-After, for logins too."""
    desk = Desk()
    desk.trouble = BUSY
    desk.after(0.0)
    found = desk.after(50.0)
    assert isinstance(found, Later)
    assert pytest.approx(10.0) == found.retry_after
    assert 1 == desk.calls


def test_deleted_token_is_asked_for_slowly_and_once_for_all() -> None:
    """Somebody must act. Each try of a destination is one try here: the pump's own pause is the longer one."""
    assert HELD_RETRY * (1 + HELD_SPREAD) < PUMP_HELD_RETRY * (1 - PUMP_HELD_SPREAD)
    desk = Desk(chance=0.5)
    desk.trouble = DELETED
    assert [DELETED] * 3 == [desk.after(0.0), desk.after(1.0), desk.after(100.0)]
    assert 1 == desk.calls
    assert SessionState.REFUSED is desk.source.status().state
    assert DELETED.text == desk.source.status().text
    desk.trouble = None
    assert "k1" == desk.after(HELD_RETRY)


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
