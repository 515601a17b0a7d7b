"""Every recorded tape of real VLC, through the real tracker, in stats.collect's words."""

from collections import defaultdict

import pytest

from agent.kernel.events import Event
from agent.kernel.session import SessionTracker
from agent.sinks.kaltura.projection import project
from agent.sinks.kaltura.semantics import Semantics, milestones
from tests.support import tapes
from tests.support.playback import WALL, owner, stored


def told(name: str, semantics: Semantics) -> dict[str, list[int]]:
    """The numbers that were sent, by session id."""
    tracker = SessionTracker(milestones=milestones(semantics))
    events: list[Event] = []
    for signal in tapes.owner(tapes.load(name)):
        events += tracker.feed(signal)
    sessions: dict[str, list[int]] = defaultdict(list)
    state = ""
    for sequence, event in enumerate(events, start=1):
        record = stored(event, sequence, attribution=owner(event.session))
        found = project(state, record, event, time=WALL + event.at, semantics=semantics)
        state = found.state
        for message in found.messages:
            sessions[message.fields["sessionId"]].append(int(message.fields["eventType"]))
    return sessions


@pytest.mark.parametrize("semantics", list(Semantics))
@pytest.mark.parametrize("name", tapes.names())
def test_a_tape_begins_every_session_and_has_each_quartile_once_in_order(name: str, semantics: Semantics) -> None:
    """Kaltura's reports divide quartiles by plays: a quartile twice or without a play makes them nonsense."""
    for numbers in told(name, semantics).values():
        quartiles = [number for number in numbers if 4 <= number <= 7]
        assert numbers[0] == 1
        assert quartiles == sorted(set(quartiles))
        assert numbers.count(3) <= 1
        assert 3 in numbers or not quartiles


def test_a_replay_on_tape_is_three_sessions_by_the_guide_and_one_by_the_players() -> None:
    """The largest difference between the two semantics, on a real recording."""
    first = [1, 2, 3, 4, 5, 6, 7]
    again = [1, 2, 16, 3, 4, 5, 6, 7]
    assert [first, again, again] == list(told("replay_after_end", Semantics.GUIDE).values())
    assert [[*first, 16, 16]] == list(told("replay_after_end", Semantics.PLAYER).values())
