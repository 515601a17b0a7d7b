"""Sessions that are started when needed and renewed before they end, on a clock that is moved by hand."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.delivery.patience import HELD_RETRY as PUMP_HELD_RETRY
from agent.delivery.patience import HELD_SPREAD as PUMP_HELD_SPREAD
from agent.kernel.verdict import Cause, Later
from agent.sinks.kaltura.sessions import SessionSource, SessionState
from agent.sinks.kaltura.started import (
    HELD_RETRY,
    HELD_SPREAD,
    RenewalFails,
    Started,
    renewal,
)
from tests.support.logins import AWAY, DELETED, HOUR, Desk

DAY = 86_400.0
BUSY = Later(Cause.THROTTLED, "no session: HTTP 429", answered=False, retry_after=60.0)


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
