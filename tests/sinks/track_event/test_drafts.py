"""What each fact is to the service, and the fields that only its kind has."""

from dataclasses import replace

import pytest

from agent.kernel.activity import Deed, Engaged
from agent.kernel.events import (
    AudioTrackChanged,
    CaptionsChanged,
    Closed,
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
from agent.kernel.media import Role
from agent.sinks.track_event.player import MILESTONES
from tests.support.playback import MEDIA
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
