"""A Learning Record Store whose settings cannot be used."""

from agent.kernel.events import PausedEvent, Playhead
from agent.kernel.verdict import Cause, Held
from agent.sinks.base import Outgoing
from agent.sinks.xapi.sink import NAME
from agent.sinks.xapi.unready import Unready
from tests.support.playback import WALL
from tests.support.track_event import as_stored


def test_event_becomes_one_message_that_is_held_and_changes_no_state() -> None:
    """What it means is found out once the settings are right; until then it is neither sent nor passed over."""
    destination = Unready("xapi.templates_file: no such file")
    event = as_stored(PausedEvent(1.0, 1, Playhead()), 7)
    found = destination.project("before", event, time=WALL, age=None)
    (message,) = found.messages
    assert ("before", None, WALL) == (found.state, found.passed, message.time)
    held = Held(Cause.CONFIGURATION, "xapi.templates_file: no such file", answered=False)
    assert held == destination.send(message, attempt=0)
    assert held == destination.send_all([Outgoing(message, 0)])
    assert held == destination.ask_time()


def test_it_stands_in_for_the_destination_under_its_name() -> None:
    """Its cursor and counters are the destination's."""
    destination = Unready("wrong")
    assert (NAME, 1) == (destination.name, destination.batch)
    destination.close()
