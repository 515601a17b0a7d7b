"""How long a message is tried, and when it is given up."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.delivery.patience import (
    ASKED_SPREAD,
    HELD_RETRY,
    HOPELESS_AGE,
    HOPELESS_TRIES,
    Trial,
    is_hopeless,
    tried_after,
)
from agent.kernel.backoff import SEND_PACE
from agent.kernel.verdict import Cause, Held, Later
from agent.outbox.trials import UNTRIED, Tried

UNKNOWN = Later(Cause.SERVER, "SOME_CODE: no", answered=True)
AWAY = Later(Cause.NETWORK, "refused", answered=False)
LOST = Later(Cause.TIMEOUT, "no answer", answered=False, lost=True)
HELD = Held(Cause.SESSION, "INVALID_KS: EXPIRED", answered=True)


def test_quick_tries_come_at_1_2_and_4_seconds() -> None:
    """The guide's 11.3."""
    trial, waits = Trial("t"), []
    for _ in range(3):
        trial = trial.after(AWAY, jitter=0.5)
        waits.append(trial.wait)
    assert waits == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("expected", "before", "verdict", "batched"),
    [
        (UNTRIED, UNTRIED, AWAY, True),
        (Tried(attempt=1), UNTRIED, UNKNOWN, True),
        (Tried(attempt=3), Tried(attempt=2), HELD, False),
        (Tried(lost=True), UNTRIED, LOST, False),
        (Tried(lost=True, batched=True), UNTRIED, LOST, True),
        (Tried(attempt=1, lost=True, batched=True), Tried(lost=True, batched=True), UNKNOWN, False),
        (Tried(lost=True, batched=True), Tried(lost=True, batched=True), AWAY, False),
    ],
)
def test_only_what_changes_the_next_request_is_kept(
    expected: Tried, before: Tried, verdict: Later | Held, batched: bool
) -> None:
    """An answered error varies it; a lost answer ties it to its road; silence must leave it identical."""
    assert expected == tried_after(before, verdict, batched=batched)


def test_the_servers_own_time_is_respected_and_spread() -> None:
    """Retry-After: coming earlier makes an overload worse, and so does coming all at the same second."""
    asked = Later(Cause.THROTTLED, "429", answered=False, retry_after=100.0)
    waits = [Trial("t").after(asked, jitter=jitter).wait for jitter in (0.0, 0.5, 0.99)]
    assert [100.0, 110.0] == pytest.approx(waits[:2])
    assert 100.0 * (1.0 + ASKED_SPREAD) > waits[2]


def test_what_is_mended_is_tried_again_at_once_but_only_once() -> None:
    """A renewed session must not cost a second a message; one that is refused again and again must not spin."""
    mended = Later(Cause.SESSION, "INVALID_KS: EXPIRED", answered=True, mended=True)
    first = Trial("t").after(mended, jitter=0.5)
    second = first.after(mended, jitter=0.5)
    assert [0.0, 2.0] == [first.wait, second.wait]


def test_a_held_message_is_tried_slowly() -> None:
    """Somebody must act; a try now and then notices that they have."""
    assert [Trial("t").after(HELD, jitter=jitter).wait for jitter in (0.0, 0.5)] == [HELD_RETRY * 0.8, HELD_RETRY]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([UNKNOWN, AWAY, LOST, HELD]), st.floats(0, 1, exclude_max=True))))
def test_any_failures_keep_the_wait_within_bounds(failures: list[tuple[Later | Held, float]]) -> None:
    """Neither a busy loop nor a day of silence."""
    trial = Trial("t")
    for verdict, jitter in failures:
        trial = trial.after(verdict, jitter=jitter)
        assert 1.0 <= trial.wait <= max(SEND_PACE.ceiling, HELD_RETRY * 1.2)


@pytest.mark.parametrize(
    ("expected", "verdict", "attempt", "age"),
    [
        (True, UNKNOWN, HOPELESS_TRIES, HOPELESS_AGE),
        (False, UNKNOWN, HOPELESS_TRIES - 1, HOPELESS_AGE),
        (False, UNKNOWN, HOPELESS_TRIES, HOPELESS_AGE - 1),
        (False, AWAY, HOPELESS_TRIES, HOPELESS_AGE),
        (False, LOST, HOPELESS_TRIES, HOPELESS_AGE),
        (False, HELD, HOPELESS_TRIES, HOPELESS_AGE),
        (False, Later(Cause.THROTTLED, "ACTION_BLOCKED", answered=True), HOPELESS_TRIES, HOPELESS_AGE),
    ],
)
def test_only_an_old_message_that_kaltura_itself_keeps_rejecting_is_hopeless(
    expected: bool, verdict: Later | Held, attempt: int, age: float
) -> None:
    """Decision 23: an outage, however long, is no reason to give up an event."""
    assert expected == is_hopeless(attempt, verdict, age=age)
