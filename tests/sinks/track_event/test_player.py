"""Player events, fact by fact; the recorded scenarios are in test_recorded.py."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from agent.kernel.activity import Deed, Engaged
from agent.kernel.events import (
    AudioTrackChanged,
    CaptionsChanged,
    Closed,
    Ended,
    Ending,
    Event,
    Failed,
    Fault,
    FlavorSwitched,
    FullscreenChanged,
    Loaded,
    Opened,
    PausedEvent,
    Playhead,
    Progressed,
    RateChanged,
    Recovered,
    Replayed,
    Resumed,
    Seeked,
    SourceSelected,
    SpotEnded,
    SpotProgressed,
    SpotStarted,
    Stalled,
    Started,
    VolumeSet,
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


@pytest.mark.parametrize(
    ("expected", "event"),
    [
        (["PAUSE"], PausedEvent(13.0, 1, HEAD)),
        (["RESUME"], Resumed(13.0, 1, HEAD)),
        (["SEEK"], Seeked(13.0, 1, HEAD, 3.0, 12.0)),
        (["BUFFER_START"], Stalled(13.0, 1, HEAD, False)),
        ([], Stalled(13.0, 1, HEAD, True)),
        ([], Recovered(13.0, 1, HEAD, True, 2.0)),
        (["VIEW"], Watched(13.0, 1, HEAD)),
        (["SPEED"], RateChanged(13.0, 1, HEAD)),
        (["CAPTIONS"], CaptionsChanged(13.0, 1, HEAD, 3)),
        (["AUDIO_SELECTED"], AudioTrackChanged(13.0, 1, HEAD, 3)),
        (["FLAVOR_SWITCH"], FlavorSwitched(13.0, 1, HEAD, 1280, 720)),
        (["ENTER_FULLSCREEN"], FullscreenChanged(13.0, 1, HEAD, True)),
        (["EXIT_FULLSCREEN"], FullscreenChanged(13.0, 1, HEAD, False)),
        (["ERROR"], Failed(13.0, 1, HEAD, Fault.ENDED_EARLY, True)),
        ([], Failed(13.0, 1, HEAD, Fault.CODEC, False)),
        (["PLAY_REACHED_25_PERCENT"], Progressed(13.0, 1, HEAD, MILESTONES[0])),
        ([], Progressed(13.0, 1, HEAD, 0.2)),
        ([], VolumeSet(13.0, 1, HEAD, 0.5, False)),
        ([], SourceSelected(13.0, 1, HEAD, "file:///x")),
        ([], Replayed(13.0, 1, HEAD, 0)),
        ([], SpotStarted(13.0, 1, HEAD, Role.PREROLL)),
        ([], SpotProgressed(13.0, 1, HEAD, Role.PREROLL, 0.25)),
        ([], SpotEnded(13.0, 1, HEAD, Role.PREROLL, Ending.COMPLETED)),
        ([], Closed(13.0, 1, HEAD, Ending.SKIPPED)),
        (["SHARE_CLICKED"], Engaged(13.0, Deed.SHARE_OPENED, HEAD)),
        (["DOWNLOAD"], Engaged(13.0, Deed.DOWNLOAD_OPENED, HEAD)),
        (["RELATED_SELECTED"], Engaged(13.0, Deed.RELATED_CLICKED, HEAD)),
        (["ENTER_FULLSCREEN"], Engaged(13.0, Deed.FULLSCREEN_OPENED, HEAD)),
        (["EXIT_FULLSCREEN"], Engaged(13.0, Deed.FULLSCREEN_CLOSED, HEAD)),
        ([], Engaged(13.0, Deed.PREROLL_CLICKED, HEAD)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_fact_has_its_number_or_is_silent(expected: list[str], event: Event | Engaged) -> None:
    """kaltura.md section 3; what the player does not send must not fill its reports."""
    assert expected == begun().tell(event).names


def test_every_kind_has_its_number() -> None:
    """A wrong number is a wrong statistic for ever."""
    numbers = {1, 2, 3, 4, 11, 12, 13, 14, 15, 21, 23, 31, 32, 33, 34, 35, 37, 38, 41, 42, 43, 45, 46, 98, 99}
    assert numbers | {10002, 10003} == {int(kind) for kind in Kind}


def test_a_long_wait_for_the_first_picture_is_a_pair_before_play() -> None:
    """initial_buffering: the tracker tells it as one number, the service wants two events."""
    telling = Telling().tell(*BEGUN[:2], Started(2.7, 1, Playhead(position=0.0, duration=60.0), 1.5))
    assert ["BUFFER_START", "BUFFER_END", "PLAY"] == telling.names[2:]
    assert ["1.5", "1.5", "1.5"] == telling.last("bufferTime", "bufferTimeSum", "joinTime")


def test_a_view_tells_the_sums_and_what_was_seen_and_heard() -> None:
    """The service reckons viewed minutes from these."""
    telling = begun().tell(Watched(12.5, 1, HEAD, sound=False, fullscreen=True))
    assert ["12", "0", "0", "1", "2"] == telling.last(
        "playTimeSum", "bufferTime", "bufferTimeSum", "soundMode", "screenMode"
    )
    telling.tell(Watched(22.5, 1, replace(HEAD, played=22.0)))
    assert ["22", None, "2"] == telling.last("playTimeSum", "soundMode", "screenMode")


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


def test_captions_that_are_off_are_said_to_be() -> None:
    """The language is not known here, its absence is."""
    telling = begun().tell(CaptionsChanged(13.0, 1, HEAD, 3))
    assert [None] == telling.last("caption")
    telling.tell(CaptionsChanged(13.0, 1, HEAD, None), PausedEvent(14.0, 1, HEAD))
    assert ["off"] == telling.last("caption")


def test_an_error_says_where_and_what() -> None:
    """The number is the web player's, the word ours."""
    telling = Telling().tell(BEGUN[0], Failed(13.0, 1, Playhead(), Fault.OPEN_TIMEOUT, True))
    assert ["1003", "open-timeout", "3"] == telling.last("errorCode", "errorDetails", "errorPosition")
    telling = begun().tell(Failed(13.0, 1, HEAD, Fault.ENDED_EARLY, True))
    assert ["3016", "ended-early", "2"] == telling.last("errorCode", "errorDetails", "errorPosition")


def test_one_change_of_the_screen_is_told_once() -> None:
    """The application and the player may both say it."""
    telling = begun().tell(Engaged(13.0, Deed.FULLSCREEN_OPENED, HEAD), FullscreenChanged(13.1, 1, HEAD, True))
    assert ["ENTER_FULLSCREEN"] == telling.names


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
@given(soups())
def test_any_story_counts_up_and_pairs_and_never_overcounts(soup: list[Signal]) -> None:
    """Whatever a player does: eventIndex rises by one, BUFFER events alternate, nobody watches faster than time."""
    tracker = SessionTracker(milestones=MILESTONES, heartbeat=True)
    events = [event for signal in soup for event in tracker.feed(signal)] + tracker.interrupt(tracker.deadline)
    telling, index, waits = Telling(), 0, False
    began: dict[str, float] = {}
    for event in events:
        before = len(telling.messages)
        telling.tell(event)
        for message in telling.messages[before:]:
            session, fields = message.fields["sessionId"], message.fields
            began.setdefault(session, event.at)
            assert int(fields["eventIndex"]) in (index + 1, 1)
            index = int(fields["eventIndex"])
            if message.name in ("BUFFER_START", "BUFFER_END"):
                assert waits is (message.name == "BUFFER_END")
                waits = not waits
            if message.name == "VIEW":
                # The tracker allows a sample 1.5 s of lead, once a session; a replay goes on in the first one's sums.
                most = (event.at - began[session]) * max(RATES) + 1.51 * event.session
                assert 0.0 <= float(fields["playTimeSum"]) <= most
                assert 0.0 <= float(fields["bufferTime"]) <= float(fields["bufferTimeSum"])
    assert not waits
