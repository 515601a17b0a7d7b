"""Every event of the guide's table, and every verb of the video profile, comes from the fact that it means."""

import pytest

from agent.kernel.activity import ButtonClicked, PortalDeed, PortalUsed
from agent.kernel.events import (
    CaptionsChanged,
    Closed,
    Ended,
    Ending,
    Event,
    FullscreenChanged,
    Loaded,
    Opened,
    PausedEvent,
    Playhead,
    Progressed,
    RateChanged,
    Resumed,
    Seeked,
    Stalled,
    Started,
    VolumeSet,
)
from agent.sinks.xapi.facts import NAMES, Profile, said, segments
from tests.support.playback import MEDIA

MARKS = (0.25, 0.5, 0.75)
HEAD = Playhead(position=30.0, duration=60.0, rate=1.5, played=30.0, segments=((0.0, 20.0), (40.0, 50.0)))
WHOLE = Playhead(position=60.0, duration=60.0, played=58.0, segments=((0.0, 30.0), (32.0, 60.0)))
ENDLESS = Playhead(position=60.0, played=10.0, segments=((50.0, 60.0),))
TABLE: list[tuple[Event, list[str], list[str]]] = [
    (Opened(1.0, 1, Playhead(), MEDIA), [], []),
    (Loaded(1.0, 1, Playhead(duration=60.0)), [], ["initialized"]),
    (Started(1.0, 1, HEAD, 0.2), ["play", "playProgress"], ["played"]),
    (Resumed(1.0, 1, HEAD), ["play"], ["played"]),
    (PausedEvent(1.0, 1, HEAD), ["pause"], ["paused"]),
    (Progressed(1.0, 1, HEAD, 0.25), ["playProgress"], []),
    (Progressed(1.0, 1, HEAD, 0.895), [], []),
    (Ended(1.0, 1, WHOLE, complete=True), ["playProgress"], ["completed"]),
    (Ended(1.0, 1, HEAD, complete=True), ["playProgress"], []),
    (Ended(1.0, 1, ENDLESS, complete=True), ["playProgress"], ["completed"]),
    (Ended(1.0, 1, HEAD, complete=False), [], []),
    (Seeked(1.0, 1, HEAD, 5.0, 30.0), ["seek"], ["seeked"]),
    (RateChanged(1.0, 1, HEAD), ["playbackRateChange"], ["interacted"]),
    (VolumeSet(1.0, 1, HEAD, 0.5, False), [], ["interacted"]),
    (FullscreenChanged(1.0, 1, HEAD, True), [], ["interacted"]),
    (CaptionsChanged(1.0, 1, HEAD, None), [], ["interacted"]),
    (Stalled(1.0, 1, HEAD, initial=False), [], []),
    (Closed(1.0, 1, HEAD, Ending.SKIPPED), [], ["terminated"]),
]


@pytest.mark.parametrize(("event", "kaltura", "video"), TABLE, ids=lambda value: type(value).__name__)
def test_fact_is_told_in_each_vocabulary(event: Event, kaltura: list[str], video: list[str]) -> None:
    """The guide's table and the profile's, line by line."""
    assert kaltura == [each.name for each in said(Profile.KALTURA, event, MARKS)]
    assert video == [each.name for each in said(Profile.VIDEO, event, MARKS)]


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("deed", PortalDeed)
def test_deed_in_a_portal_is_told_by_its_name(profile: Profile, deed: PortalDeed) -> None:
    """The application's words are the guide's."""
    event = PortalUsed(1.0, deed, category_id="7", comment="good")
    (found,) = said(profile, event, MARKS)
    assert (deed.value, "7", "good") == (found.name, found.values["category_id"], found.values["comment"])
    assert found.name in NAMES[profile]


def test_click_is_nobodys_statement() -> None:
    """The guide's table has none for it."""
    assert [] == list(said(Profile.KALTURA, ButtonClicked(1.0), MARKS))


def test_progress_is_what_was_watched_each_second_once() -> None:
    """Who sees one half twice has not seen the whole."""
    twice = Playhead(position=30.0, duration=60.0, segments=((0.0, 30.0), (0.0, 30.0)))
    (found,) = said(Profile.VIDEO, PausedEvent(1.0, 1, twice), MARKS)
    assert (0.5, 50) == (found.values["progress"], found.values["percent"])


def test_first_progress_is_nothing_and_the_last_is_all() -> None:
    """0 and 100 of the guide's marks have no Progressed."""
    first = list(said(Profile.KALTURA, Started(1.0, 1, HEAD, 0.2), MARKS))[-1]
    (last,) = said(Profile.KALTURA, Ended(1.0, 1, HEAD, complete=True), MARKS)
    assert [0, 100] == [first.values["percent"], last.values["percent"]]


def test_live_medium_has_no_progress() -> None:
    """It has no length that one could be at half of."""
    (found,) = said(Profile.VIDEO, PausedEvent(1.0, 1, Playhead(position=3.0)), MARKS)
    assert (None, None) == (found.values["progress"], found.values["duration"])


def test_segments_are_written_as_the_profile_does() -> None:
    """Its example: 0[.]12[,]14[.]21."""
    assert "0[.]12.5[,]20[.]30" == segments(((0.0, 12.5), (20.0, 30.0)))
    assert "0[.]12.346" == segments(((0.0, 12.3456),))
