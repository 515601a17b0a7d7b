"""The service's clock."""

from dataclasses import replace

from agent.delivery.asking import ASK_AT_MOST, ServiceTime
from agent.kernel.verdict import ServerTime
from agent.sinks.capture import Capture
from tests.support.playback import NOW
from tests.support.pumping import AWAY, HELD, LOST

ADRIFT = replace(NOW, wall=NOW.wall - 86_400.0, synced=False)


def test_an_answered_question_tells_the_present() -> None:
    """A clock that nobody sets must not report yesterday."""
    time, sink = ServiceTime(), Capture()
    sink.time = ServerTime(NOW.wall)
    assert ADRIFT.wall == time.present(ADRIFT)
    assert time.ask(sink, ADRIFT) is None
    assert NOW.wall == time.present(ADRIFT)


def test_a_question_without_an_answer_loses_no_message_and_is_not_put_for_ever() -> None:
    """Nothing of a message was in it; and some proxies drop every HEAD."""
    time, sink = ServiceTime(), Capture()
    sink.time = LOST
    assert [replace(LOST, lost=False)] * ASK_AT_MOST == [time.ask(sink, ADRIFT) for _ in range(ASK_AT_MOST)]
    assert time.server is not None
    assert ADRIFT.wall == time.present(ADRIFT)


def test_what_never_reached_the_service_is_asked_again() -> None:
    """Offline says nothing about the service's manners."""
    time, sink = ServiceTime(), Capture()
    for answer in (AWAY, HELD) * ASK_AT_MOST:
        sink.time = answer
        assert answer == time.ask(sink, ADRIFT)
    assert time.server is None
