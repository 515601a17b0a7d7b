"""How long a message is tried, and when it is given up."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.delivery.patience import HELD_RETRY, HOPELESS_AGE, HOPELESS_TRIES, Trial, is_hopeless
from agent.kernel.backoff import SEND_PACE
from agent.kernel.verdict import Cause, Held, Later

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


def test_only_answered_errors_vary_the_next_try() -> None:
    """A resend without an answer must stay identical to be recognised by the server."""
    trial = Trial("t").after(AWAY, jitter=0.5).after(LOST, jitter=0.5)
    assert (trial.attempt, trial.lost) == (0, True)
    trial = trial.after(UNKNOWN, jitter=0.5).after(HELD, jitter=0.5)
    assert (trial.attempt, trial.failures, trial.lost) == (2, 4, True)


def test_the_servers_own_time_is_respected() -> None:
    """Retry-After: coming earlier makes an overload worse."""
    asked = Later(Cause.THROTTLED, "429", answered=False, retry_after=77.0)
    assert Trial("t").after(asked, jitter=0.5).wait == 77.0


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
    assert expected == is_hopeless(Trial("t", failures=attempt, attempt=attempt), verdict, age=age)
