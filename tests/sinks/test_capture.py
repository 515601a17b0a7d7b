"""The destination in memory keeps a sink's promises, so tests with it mean something."""

from agent.kernel.events import Loaded, Playhead
from agent.kernel.verdict import Cause, Delivered, Later
from agent.sinks.base import Sink
from agent.sinks.capture import Capture, Sent
from tests.support.playback import WALL, stored

EVENT = stored(Loaded(1.0, 1, Playhead()))
LATER = Later(Cause.SERVER, "busy", answered=True)


def test_a_capture_answers_as_it_was_told_and_then_accepts() -> None:
    """Tests script outages with it."""
    sink = Capture([LATER])
    (message,) = sink.project("", EVENT, time=WALL, age=0.0).messages
    assert [LATER, Delivered()] == [sink.send(message, attempt=attempt) for attempt in (0, 1)]
    assert [Sent(message, 0, LATER), Sent(message, 1, Delivered())] == sink.sent
    assert [message] == sink.accepted


def test_a_projection_of_the_same_state_is_the_same() -> None:
    """What the pump relies on after a crash."""
    sink: Sink = Capture(parts={"Loaded": 2})
    first = sink.project("3", EVENT, time=WALL, age=0.0)
    assert first == sink.project("3", EVENT, time=WALL, age=0.0)
    assert (first.state, len(first.messages)) == ("4", 2)


def test_a_silent_kind_is_passed_over_with_a_reason_and_close_is_noted() -> None:
    """Silence is counted, and a worker closes its sink."""
    sink = Capture(parts={"Loaded": 0}, name="other")
    sink.answer(LATER)
    assert (sink.project("", EVENT, time=WALL, age=0.0).passed, sink.name) == ("silent", "other")
    sink.close()
    assert sink.is_closed
