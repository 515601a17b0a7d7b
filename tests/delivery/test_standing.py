"""How a sink stands."""

from agent.delivery.standing import Standing
from agent.delivery.status import OutageEnded, SinkState
from tests.support.delivery import later
from tests.support.playback import NOW
from tests.support.pumping import AWAY, HELD


def test_a_wait_begins_with_the_step_after_the_failure_and_ends_with_a_kick() -> None:
    """A send that took its whole timeout must not use up the pause after it."""
    standing = Standing("capture")
    standing.failed(AWAY, NOW, pause=4.0, tries=1)
    assert [NOW.boottime + 34.0] * 2 == [standing.waits(later(30.0)), standing.waits(later(33.9))]
    assert standing.waits(later(34.0)) is None
    standing.failed(AWAY, later(34.0), pause=4.0, tries=2)
    standing.kick()
    assert standing.waits(later(34.0)) is None


def test_an_outage_has_one_end_however_many_causes() -> None:
    """House rule 5."""
    standing = Standing("capture")
    told = [standing.failed(verdict, NOW, pause=1.0, tries=1) for verdict in (AWAY, AWAY, HELD)]
    assert [1, 0, 1] == [len(news) for news in told]
    assert SinkState.HELD is standing.status.state
    assert (OutageEnded(3, 9.0),) == standing.answered(later(9.0))
    assert () == standing.answered(later(10.0))


def test_the_rate_is_what_was_settled_since_the_first_batch() -> None:
    """Without the last batch, whose time is not known yet; a new drain counts anew."""
    standing = Standing("capture")
    rates = []
    for second in (0.0, 1.0, 2.0):
        standing.drain(later(second), batched=True)
        standing.drained(60)
        rates.append(standing.status.rate)
    assert [None, 60.0, 60.0] == rates
    standing.be(SinkState.IDLE, later(3.0))
    assert (False, None, 3) == (standing.status.draining, standing.status.rate, standing.status.batches)
    standing.drain(later(100.0), batched=False)
    assert (None, 3, False) == (standing.status.rate, standing.status.batches, standing.status.is_batched)
