"""Which fact has which of the forty numbers."""

from typing import get_args

import pytest

from agent.kernel.activity import Activity, ButtonClicked, Custom, Deed, Engaged, PageViewed, PortalDeed, PortalUsed
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
from agent.kernel.media import Role
from agent.sinks.kaltura.kinds import Kind, kind_of
from tests.support.playback import MEDIA

HEAD = Playhead(position=12.9, duration=60.4)

GUIDE_5_1 = [
    "WIDGET_LOADED",
    "MEDIA_LOADED",
    "PLAY",
    "PLAY_REACHED_25",
    "PLAY_REACHED_50",
    "PLAY_REACHED_75",
    "PLAY_REACHED_100",
    "OPEN_EDIT",
    "OPEN_VIRAL",
    "OPEN_DOWNLOAD",
    "OPEN_REPORT",
    "BUFFER_START",
    "BUFFER_END",
    "OPEN_FULL_SCREEN",
    "CLOSE_FULL_SCREEN",
    "REPLAY",
    "SEEK",
    "OPEN_UPLOAD",
    "SAVE_PUBLISH",
    "CLOSE_EDITOR",
    "PRE_BUMPER_PLAYED",
    "POST_BUMPER_PLAYED",
    "BUMPER_CLICKED",
    "PREROLL_STARTED",
    "MIDROLL_STARTED",
    "POSTROLL_STARTED",
    "OVERLAY_STARTED",
    "PREROLL_CLICKED",
    "MIDROLL_CLICKED",
    "POSTROLL_CLICKED",
    "OVERLAY_CLICKED",
    "PREROLL_25",
    "PREROLL_50",
    "PREROLL_75",
    "MIDROLL_25",
    "MIDROLL_50",
    "MIDROLL_75",
    "POSTROLL_25",
    "POSTROLL_50",
    "POSTROLL_75",
]

NUMBERS: list[tuple[int, Event | Activity]] = [
    (1, Opened(1.0, 1, HEAD, MEDIA)),
    (2, Loaded(1.0, 1, HEAD)),
    (3, Started(1.0, 1, HEAD, 0.3)),
    (4, Progressed(1.0, 1, HEAD, 0.25)),
    (5, Progressed(1.0, 1, HEAD, 0.5)),
    (6, Progressed(1.0, 1, HEAD, 0.75)),
    (7, Ended(1.0, 1, HEAD, True)),
    (8, Engaged(1.0, Deed.EDIT_OPENED)),
    (9, Engaged(1.0, Deed.SHARE_OPENED)),
    (10, Engaged(1.0, Deed.DOWNLOAD_OPENED)),
    (11, Engaged(1.0, Deed.REPORT_OPENED)),
    (12, Stalled(1.0, 1, HEAD, False)),
    (13, Recovered(1.0, 1, HEAD, False, 2.0)),
    (14, FullscreenChanged(1.0, 1, HEAD, True)),
    (14, Engaged(1.0, Deed.FULLSCREEN_OPENED)),
    (15, FullscreenChanged(1.0, 1, HEAD, False)),
    (15, Engaged(1.0, Deed.FULLSCREEN_CLOSED)),
    (16, Replayed(1.0, 2, HEAD, 1)),
    (17, Seeked(1.0, 1, HEAD, 3.0, 12.9)),
    (18, Engaged(1.0, Deed.UPLOAD_OPENED)),
    (19, Engaged(1.0, Deed.PUBLISHED)),
    (20, Engaged(1.0, Deed.EDITOR_CLOSED)),
    (21, SpotStarted(1.0, 1, HEAD, Role.BUMPER_PRE)),
    (22, SpotStarted(1.0, 1, HEAD, Role.BUMPER_POST)),
    (23, Engaged(1.0, Deed.BUMPER_CLICKED)),
    (24, SpotStarted(1.0, 1, HEAD, Role.PREROLL)),
    (25, SpotStarted(1.0, 1, HEAD, Role.MIDROLL)),
    (26, SpotStarted(1.0, 1, HEAD, Role.POSTROLL)),
    (27, SpotStarted(1.0, 1, HEAD, Role.OVERLAY)),
    (28, Engaged(1.0, Deed.PREROLL_CLICKED)),
    (29, Engaged(1.0, Deed.MIDROLL_CLICKED)),
    (30, Engaged(1.0, Deed.POSTROLL_CLICKED)),
    (31, Engaged(1.0, Deed.OVERLAY_CLICKED)),
    (32, SpotProgressed(1.0, 1, HEAD, Role.PREROLL, 0.25)),
    (33, SpotProgressed(1.0, 1, HEAD, Role.PREROLL, 0.5)),
    (34, SpotProgressed(1.0, 1, HEAD, Role.PREROLL, 0.75)),
    (35, SpotProgressed(1.0, 1, HEAD, Role.MIDROLL, 0.25)),
    (36, SpotProgressed(1.0, 1, HEAD, Role.MIDROLL, 0.5)),
    (37, SpotProgressed(1.0, 1, HEAD, Role.MIDROLL, 0.75)),
    (38, SpotProgressed(1.0, 1, HEAD, Role.POSTROLL, 0.25)),
    (39, SpotProgressed(1.0, 1, HEAD, Role.POSTROLL, 0.5)),
    (40, SpotProgressed(1.0, 1, HEAD, Role.POSTROLL, 0.75)),
]

SILENT: list[Event | Activity] = [
    Progressed(1.0, 1, HEAD, 0.9),
    Ended(1.0, 1, HEAD, False),
    Stalled(1.0, 1, HEAD, True),
    Recovered(1.0, 1, HEAD, True, 2.0),
    PausedEvent(1.0, 1, HEAD),
    Resumed(1.0, 1, HEAD),
    RateChanged(1.0, 1, HEAD),
    VolumeSet(1.0, 1, HEAD, 0.5, False),
    CaptionsChanged(1.0, 1, HEAD, None),
    AudioTrackChanged(1.0, 1, HEAD, 1),
    SourceSelected(1.0, 1, HEAD, "file:///a"),
    FlavorSwitched(1.0, 1, HEAD, 640, 360),
    Failed(1.0, 1, HEAD, Fault.CODEC, True),
    Watched(1.0, 1, HEAD),
    SpotStarted(1.0, 1, HEAD, Role.CONTENT),
    SpotProgressed(1.0, 1, HEAD, Role.BUMPER_PRE, 0.25),
    SpotProgressed(1.0, 1, HEAD, Role.BUMPER_POST, 0.5),
    SpotProgressed(1.0, 1, HEAD, Role.OVERLAY, 0.75),
    SpotEnded(1.0, 1, HEAD, Role.PREROLL, Ending.COMPLETED),
    Closed(1.0, 1, HEAD, Ending.SKIPPED),
    Engaged(1.0, Deed.RELATED_CLICKED),
    PageViewed(1.0),
    ButtonClicked(1.0),
    Custom(1.0, "coin-inserted"),
    PortalUsed(1.0, PortalDeed.LOGIN),
]


def test_the_numbers_and_names_are_the_guides() -> None:
    """A wrong number is a wrong statistic for ever; 0, 41, 98 and 99 are INVALID_ENUM_VALUE."""
    assert list(enumerate(GUIDE_5_1, start=1)) == [(kind.value, kind.name) for kind in Kind]


@pytest.mark.parametrize(("expected", "fact"), NUMBERS, ids=lambda value: str(value)[:40])
def test_a_fact_has_the_guides_number(expected: int, fact: Event | Activity) -> None:
    """The guide's table 5.1."""
    assert expected == kind_of(fact)


@pytest.mark.parametrize("fact", SILENT, ids=lambda value: str(value)[:40])
def test_what_stats_collect_has_no_number_for_is_silent(fact: Event | Activity) -> None:
    """trackEvent tells it, or the local log keeps it; a number that is nearly right would be a lie."""
    assert kind_of(fact) is None


def test_every_number_can_be_reached_and_every_fact_is_decided_on() -> None:
    """A number that nothing leads to is one that the documentation promises in vain."""
    assert set(range(1, 41)) == {number for number, _ in NUMBERS}
    facts = [fact for _, fact in NUMBERS] + SILENT
    assert {*get_args(Event), *get_args(Activity)} == {type(fact) for fact in facts}
    assert set(Deed) == {fact.deed for fact in facts if isinstance(fact, Engaged)}
