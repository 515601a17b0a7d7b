"""When messages leave the road of batches, and when they come back to it."""

import pytest

from agent.delivery.detour import FORGOTTEN, LONGEST, PATIENCE, STRAIGHT, Detour
from agent.kernel.verdict import Cause, Held, Later
from tests.support.pumping import AWAY, HELD, LOST

PORTAL = Later(Cause.NOT_KALTURA, "a page", answered=False)
FEWER = Later(Cause.SERVER, "1 answer to 2 events", answered=False, lost=True)
EXPIRED = Held(Cause.SESSION, "INVALID_KS: EXPIRED", answered=True)
THROTTLED = Later(Cause.THROTTLED, "429", answered=False)


def failing(verdict: Later | Held, *, times: int = PATIENCE) -> Detour:
    """Batches that fail from second 100 on."""
    detour = STRAIGHT
    for second in range(times):
        detour = detour.failed(verdict, 100.0 + second)
    return detour


@pytest.mark.parametrize("verdict", [PORTAL, HELD, FEWER, LOST])
def test_batches_that_fail_in_a_row_send_the_head_alone(verdict: Later | Held) -> None:
    """They may fail for ever, and the queue grows until it is full."""
    assert not failing(verdict, times=PATIENCE - 1).leads(100.0 + FORGOTTEN, lost=False)
    assert failing(verdict).leads(110.0, lost=False)


def test_what_may_have_been_accepted_in_a_batch_stays_on_its_road_while_the_service_would_know_it() -> None:
    """Alone it would be counted twice, at once and for certain."""
    assert not failing(FEWER).leads(99.0 + FORGOTTEN, lost=True)
    assert failing(FEWER).leads(100.0 + FORGOTTEN, lost=True)


def test_first_loss_counts_and_not_what_failed_before_it() -> None:
    """A portal took its time before the answer was lost; the service has known the batch for as long as since then."""
    detour = STRAIGHT.failed(PORTAL, 100.0).failed(LOST, 400.0).failed(PORTAL, 401.0).failed(LOST, 500.0)
    assert not detour.leads(399.0 + FORGOTTEN, lost=True)
    assert detour.leads(400.0 + FORGOTTEN, lost=True)


@pytest.mark.parametrize("verdict", [AWAY, EXPIRED, THROTTLED])
def test_a_dead_line_a_session_and_a_service_that_asks_for_less_say_nothing_about_batches(
    verdict: Later | Held,
) -> None:
    """Each of them would fail just so alone."""
    assert STRAIGHT == failing(verdict, times=20)


def test_a_message_that_gets_through_alone_proves_nothing_yet() -> None:
    """The portal may be gone: the next is a batch, of one."""
    detour = failing(PORTAL).passed_alone()
    assert detour.is_suspected
    assert not detour.leads(200.0, lost=True)
    assert STRAIGHT == STRAIGHT.passed_alone()


def test_trial_that_may_have_been_accepted_is_waited_for_on_its_road() -> None:
    """A bad line just after a portal must not make two of one."""
    detour = failing(PORTAL).passed_alone().failed(FEWER, 200.0).failed(PORTAL, 201.0).failed(FEWER, 203.0)
    assert not detour.leads(199.0 + FORGOTTEN, lost=True)
    assert detour.leads(200.0 + FORGOTTEN, lost=True)
    assert Detour(0, 200.0, run=2, left=0) == detour.passed_alone()


def test_batches_that_are_not_taken_are_tried_ever_more_rarely() -> None:
    """One batch to a thousand single calls costs nothing, and a proxy that was mended is noticed."""
    detour, runs = failing(PORTAL).passed_alone(), []
    for _ in range(13):
        detour, run = detour.failed(PORTAL, 200.0), 0
        while detour.leads(200.0, lost=False):
            detour, run = detour.passed_alone(), run + 1
        runs.append(run)
    assert [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, LONGEST, LONGEST, LONGEST] == runs
