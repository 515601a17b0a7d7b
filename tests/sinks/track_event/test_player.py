"""Player events, fact by fact; the recorded scenarios are in test_recorded.py."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.events import (
    CaptionsChanged,
    Closed,
    Ended,
    Ending,
    Event,
    Failed,
    Fault,
    Loaded,
    Opened,
    PausedEvent,
    Playhead,
    Progressed,
    Recovered,
    Replayed,
    Resumed,
    Seeked,
    SpotEnded,
    Stalled,
    Started,
    Watched,
)
from agent.kernel.media import Media, Role
from agent.kernel.session import SessionTracker
from agent.kernel.signals import Signal
from agent.sinks.track_event.kinds import Kind
from agent.sinks.track_event.player import MILESTONES, delivery
from tests.support.playback import MEDIA
from tests.support.soup import RATES, soups
from tests.support.track_event import Telling

HEAD = Playhead(position=12.0, duration=60.0, played=12.0)
BEGUN: list[Event] = [
    Opened(1.0, 1, Playhead(), MEDIA),
    Loaded(1.2, 1, Playhead()),
    Started(1.5, 1, Playhead(position=0.0, duration=60.0), 0.3),
]


def begun() -> Telling:
    """A play that has begun; what it sent so far is forgotten."""
    telling = Telling().tell(*BEGUN)
    telling.messages.clear()
    return telling


def test_a_play_begins_with_impression_request_and_play() -> None:
    """The order of the recorded player; joinTime and canPlay are measured from our own request."""
    telling = Telling().tell(*BEGUN)
    assert ["IMPRESSION", "PLAY_REQUEST", "PLAY"] == telling.names
    assert ["0", "0", "0.3", "0.2"] == telling.last("bufferTime", "bufferTimeSum", "joinTime", "canPlay")


def test_every_kind_has_its_number() -> None:
    """A wrong number is a wrong statistic for ever."""
    numbers = {1, 2, 3, 4, 11, 12, 13, 14, 15, 21, 23, 31, 32, 33, 34, 35, 37, 38, 41, 42, 43, 45, 46, 98, 99}
    assert numbers | {10002, 10003} == {int(kind) for kind in Kind}


def test_an_advertisement_before_the_content_is_no_loading_of_it() -> None:
    """canPlay is how long the content took, not how long its pre-roll was."""
    spot = SpotEnded(16.0, 1, Playhead(), Role.PREROLL, Ending.COMPLETED)
    telling = Telling().tell(BEGUN[0], spot, Loaded(16.2, 1, Playhead()), Started(16.5, 1, Playhead(), 0.4))
    assert ["0.2"] == telling.last("canPlay")


def test_a_view_with_which_nothing_was_watched_is_not_sent() -> None:
    """Recorded, and a crash between two beats must not make one either."""
    telling = begun().tell(Watched(12.5, 1, HEAD), Watched(22.5, 1, HEAD))
    assert (["VIEW"], [4]) == (telling.names, telling.indexes)


def test_buffer_time_is_what_no_view_has_told() -> None:
    """stall_25s: 5.5 s in the first VIEW, the rest in the next, the sum in both."""
    telling = begun().tell(Stalled(17.0, 1, HEAD, False), Watched(22.5, 1, HEAD))
    assert ["5.5", "5.5"] == telling.last("bufferTime", "bufferTimeSum")
    telling.tell(Recovered(42.0, 1, HEAD, False, 25.0), Watched(42.5, 1, replace(HEAD, played=12.5)))
    assert ["19.5", "25"] == telling.last("bufferTime", "bufferTimeSum")


@pytest.mark.parametrize(
    ("expected", "event"),
    [
        (["BUFFER_END", "ERROR"], Failed(19.0, 1, HEAD, Fault.ENDED_EARLY, True)),
        (["BUFFER_END"], Closed(19.0, 1, HEAD, Ending.SKIPPED)),
        (["BUFFER_END"], Closed(19.0, 1, HEAD, Ending.INTERRUPTED)),
    ],
)
def test_a_stall_that_is_cut_off_ends_its_pair(expected: list[str], event: Event) -> None:
    """Decision 20: the tracker says no Recovered for it, since it never did recover."""
    telling = begun().tell(Stalled(17.0, 1, HEAD, False), event, Closed(20.0, 1, HEAD, Ending.FAILED))
    assert ["BUFFER_START", *expected] == telling.names


def test_a_wait_inside_a_seek_is_no_buffering() -> None:
    """seek_with_rebuffering: the player counts it as loading."""
    seek = Seeked(17.0, 1, HEAD, 3.0, 12.0)
    telling = begun().tell(seek, Stalled(17.0, 1, HEAD, False), Recovered(20.0, 1, HEAD, False, 3.0))
    assert ["SEEK"] == telling.names
    telling.tell(Stalled(30.0, 1, replace(HEAD, played=22.0), False))
    assert ["SEEK", "BUFFER_START"] == telling.names


def test_a_jump_tells_all_quartiles_it_passed_in_order() -> None:
    """No matter if by seeking: the plugin's published page, and seek_forward_past_quartiles."""
    telling = begun().tell(Seeked(13.0, 1, replace(HEAD, position=58.0), 12.0, 58.0))
    assert ["SEEK", *(f"PLAY_REACHED_{part}_PERCENT" for part in (25, 50, 75, 90))] == telling.names
    assert ["58", None] == telling.last("position", "targetPosition")
    telling.tell(Seeked(15.0, 1, HEAD, 58.0, 12.0), Ended(70.0, 1, replace(HEAD, position=60.0), True))
    assert ["SEEK", "PLAY_REACHED_100_PERCENT"] == telling.names[5:]


def test_an_end_that_is_not_the_contents_is_not_100_percent() -> None:
    """Decision 16: a film that drops at 53 of 60 minutes did not reach its end."""
    assert [] == begun().tell(Ended(13.0, 1, HEAD, False)).names


def test_a_playback_that_begins_late_tells_what_lies_behind_it() -> None:
    """An item with a start time: the plugin's page says, by seeking or by a start time."""
    late = Started(1.5, 1, Playhead(position=31.0, duration=60.0), 0.3)
    assert ["PLAY_REACHED_25_PERCENT", "PLAY_REACHED_50_PERCENT"] == Telling().tell(*BEGUN[:2], late).names[3:]


def test_a_replay_goes_on_in_the_old_session() -> None:
    """replay_after_end: REPLAY alone, the index and the sums go on, no quartile a second time."""
    over = Playhead(position=60.0, duration=60.0, played=60.0)
    telling = begun().tell(Ended(61.5, 1, over, True), Closed(61.5, 1, over, Ending.COMPLETED))
    first = telling.messages[0].fields["sessionId"]
    telling.messages.clear()
    again = Playhead(position=0.0, duration=60.0)
    telling.tell(Opened(70.0, 2, Playhead(), MEDIA, replays=1), Loaded(70.1, 2, again), Replayed(70.1, 2, again, 1))
    telling.tell(Started(70.2, 2, again, 0.2), Watched(70.2, 2, again))
    telling.tell(Progressed(86.0, 2, replace(again, position=15.0, played=15.0), MILESTONES[0]))
    telling.tell(Watched(81.2, 2, replace(again, position=11.0, played=11.0)))
    assert (["REPLAY", "VIEW"], [9, 10], {first}) == (
        telling.names,
        telling.indexes,
        {message.fields["sessionId"] for message in telling.messages},
    )
    assert ["71"] == telling.last("playTimeSum")


def test_a_replay_of_what_never_played_is_a_play() -> None:
    """The service was told of no play that could go on."""
    telling = Telling().tell(BEGUN[0], Failed(2.0, 1, Playhead(), Fault.UNPLAYABLE, True))
    telling.messages.clear()
    telling.tell(Opened(3.0, 2, Playhead(), MEDIA, replays=1))
    assert (["IMPRESSION", "PLAY_REQUEST"], [1, 2]) == (telling.names, telling.indexes)


def test_31_seconds_of_pause_begin_another_viewing() -> None:
    """pause_31s: eventIndex 1, and the sums from nothing."""
    waited = Recovered(11.0, 1, replace(HEAD, played=6.0), False, 5.0)
    telling = begun().tell(Stalled(6.0, 1, replace(HEAD, played=5.0), False), waited, PausedEvent(14.0, 1, HEAD))
    telling.tell(CaptionsChanged(44.4, 1, HEAD, None), Resumed(45.6, 1, HEAD))
    telling.tell(Watched(56.5, 1, replace(HEAD, played=22.25)))
    assert [4, 5, 6, 7, 1, 2] == telling.indexes
    assert ["10.25", "0", "0"] == telling.last("playTimeSum", "bufferTime", "bufferTimeSum")


@pytest.mark.parametrize(
    ("expected", "uri", "adaptive"),
    [
        ("url", "file:///a.mp4", False),
        ("hls", "https://example.com/a.m3u8?x=1", True),
        ("hls", "https://example.com/format/applehttp/a", True),
        ("dash", "https://example.com/a.mpd", True),
        ("dash", "https://example.com/format/mpegdash/a", True),
        ("url", "udp://239.0.0.1", False),
    ],
)
def test_the_way_of_delivery_is_seen_from_the_address(expected: str, uri: str, adaptive: bool) -> None:
    """deliveryType: reports tell streams from files by it."""
    assert expected == delivery(Media("k", uri, adaptive=adaptive))


@settings(deadline=None, max_examples=150)
@given(soups(), st.data())
def test_any_story_counts_up_and_pairs_and_never_overcounts(soup: list[Signal], data: st.DataObject) -> None:
    """Whatever a player does, and however late or unwanted it is: eventIndex rises by one, no BUFFER_END stands alone,
    and nobody watches faster than time."""
    tracker = SessionTracker(milestones=MILESTONES, heartbeat=True)
    events = [event for signal in soup for event in tracker.feed(signal)] + tracker.interrupt(tracker.deadline)
    punctual = data.draw(st.booleans())
    telling, index, waits = Telling(), 0, False
    began: dict[str, float] = {}
    for event in events:
        if not punctual:
            telling.age, telling.views = data.draw(st.sampled_from([0.0, 400.0, 4000.0])), data.draw(st.booleans())
        before = len(telling.messages)
        telling.tell(event)
        for message in telling.messages[before:]:
            session, fields = message.fields["sessionId"], message.fields
            began.setdefault(session, event.at)
            assert int(fields["eventIndex"]) in (index + 1, 1)
            index = int(fields["eventIndex"])
            if message.name == "BUFFER_END":
                assert waits
            elif message.name == "BUFFER_START":
                assert not (waits and punctual)
            waits = (waits or message.name == "BUFFER_START") and message.name != "BUFFER_END"
            if message.name == "VIEW":
                # The tracker allows a sample 1.5 s of lead, once a session; a replay goes on in the first one's sums.
                most = (event.at - (began[session] if punctual else soup[0].at)) * max(RATES) + 1.51 * event.session
                assert 0.0 <= float(fields["playTimeSum"]) <= most
                assert 0.0 <= float(fields["bufferTime"]) <= float(fields["bufferTimeSum"])
    assert not (waits and punctual)
