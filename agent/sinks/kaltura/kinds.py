"""The numbers of stats.collect, all forty, and which fact has which.

Contract: pure. `kind_of` is the guide's number for a fact, None for a fact that stats.collect has no number for: those
reach Kaltura by trackEvent, or stand in the local log only.
Rules: a number never depends on what happened before; what does (PLAYER's quartiles and replays) is `players.py`.
Buffering before the first picture is not told (decision 13), nor is how a play was cut short (decision 14). Of a spot
only its start and its quartiles have numbers; bumpers and overlays have no quartiles, and a spot has no 100 %.
Reasons: the guide's 5.1; decisions 11 to 15.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, assert_never

from agent.kernel.activity import Activity, ButtonClicked, Custom, Deed, Engaged, PageViewed, PortalUsed
from agent.kernel.events import (
    AudioTrackChanged,
    CaptionsChanged,
    Closed,
    Ended,
    Event,
    Failed,
    FlavorSwitched,
    FullscreenChanged,
    Loaded,
    Opened,
    PausedEvent,
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


class Kind(IntEnum):
    """The numbers and names of the guide's 5.1."""

    WIDGET_LOADED = 1
    MEDIA_LOADED = 2
    PLAY = 3
    PLAY_REACHED_25 = 4
    PLAY_REACHED_50 = 5
    PLAY_REACHED_75 = 6
    PLAY_REACHED_100 = 7
    OPEN_EDIT = 8
    OPEN_VIRAL = 9
    OPEN_DOWNLOAD = 10
    OPEN_REPORT = 11
    BUFFER_START = 12
    BUFFER_END = 13
    OPEN_FULL_SCREEN = 14
    CLOSE_FULL_SCREEN = 15
    REPLAY = 16
    SEEK = 17
    OPEN_UPLOAD = 18
    SAVE_PUBLISH = 19
    CLOSE_EDITOR = 20
    PRE_BUMPER_PLAYED = 21
    POST_BUMPER_PLAYED = 22
    BUMPER_CLICKED = 23
    PREROLL_STARTED = 24
    MIDROLL_STARTED = 25
    POSTROLL_STARTED = 26
    OVERLAY_STARTED = 27
    PREROLL_CLICKED = 28
    MIDROLL_CLICKED = 29
    POSTROLL_CLICKED = 30
    OVERLAY_CLICKED = 31
    PREROLL_25 = 32
    PREROLL_50 = 33
    PREROLL_75 = 34
    MIDROLL_25 = 35
    MIDROLL_50 = 36
    MIDROLL_75 = 37
    POSTROLL_25 = 38
    POSTROLL_50 = 39
    POSTROLL_75 = 40


QUARTILES: Final[Mapping[float, Kind]] = {
    0.25: Kind.PLAY_REACHED_25,
    0.5: Kind.PLAY_REACHED_50,
    0.75: Kind.PLAY_REACHED_75,
}

SPOTS: Final[Mapping[Role, Kind]] = {
    Role.BUMPER_PRE: Kind.PRE_BUMPER_PLAYED,
    Role.BUMPER_POST: Kind.POST_BUMPER_PLAYED,
    Role.PREROLL: Kind.PREROLL_STARTED,
    Role.MIDROLL: Kind.MIDROLL_STARTED,
    Role.POSTROLL: Kind.POSTROLL_STARTED,
    Role.OVERLAY: Kind.OVERLAY_STARTED,
}

SPOT_QUARTILES: Final[Mapping[tuple[Role, float], Kind]] = {
    (Role.PREROLL, 0.25): Kind.PREROLL_25,
    (Role.PREROLL, 0.5): Kind.PREROLL_50,
    (Role.PREROLL, 0.75): Kind.PREROLL_75,
    (Role.MIDROLL, 0.25): Kind.MIDROLL_25,
    (Role.MIDROLL, 0.5): Kind.MIDROLL_50,
    (Role.MIDROLL, 0.75): Kind.MIDROLL_75,
    (Role.POSTROLL, 0.25): Kind.POSTROLL_25,
    (Role.POSTROLL, 0.5): Kind.POSTROLL_50,
    (Role.POSTROLL, 0.75): Kind.POSTROLL_75,
}

DEEDS: Final[Mapping[Deed, Kind]] = {
    Deed.EDIT_OPENED: Kind.OPEN_EDIT,
    Deed.SHARE_OPENED: Kind.OPEN_VIRAL,
    Deed.DOWNLOAD_OPENED: Kind.OPEN_DOWNLOAD,
    Deed.REPORT_OPENED: Kind.OPEN_REPORT,
    Deed.FULLSCREEN_OPENED: Kind.OPEN_FULL_SCREEN,
    Deed.FULLSCREEN_CLOSED: Kind.CLOSE_FULL_SCREEN,
    Deed.UPLOAD_OPENED: Kind.OPEN_UPLOAD,
    Deed.PUBLISHED: Kind.SAVE_PUBLISH,
    Deed.EDITOR_CLOSED: Kind.CLOSE_EDITOR,
    Deed.BUMPER_CLICKED: Kind.BUMPER_CLICKED,
    Deed.PREROLL_CLICKED: Kind.PREROLL_CLICKED,
    Deed.MIDROLL_CLICKED: Kind.MIDROLL_CLICKED,
    Deed.POSTROLL_CLICKED: Kind.POSTROLL_CLICKED,
    Deed.OVERLAY_CLICKED: Kind.OVERLAY_CLICKED,
}
"""All deeds but RELATED_CLICKED, for which trackEvent alone has a number."""


def kind_of(fact: Event | Activity) -> Kind | None:
    """The guide's number for `fact`."""
    match fact:
        case Progressed(fraction=fraction):
            return QUARTILES.get(fraction)
        case SpotProgressed(role=role, fraction=fraction):
            return SPOT_QUARTILES.get((role, fraction))
        case SpotStarted(role=role):
            return SPOTS.get(role)
        case Engaged(deed=deed):
            return DEEDS.get(deed)
        case Opened():
            return Kind.WIDGET_LOADED
        case Loaded():
            return Kind.MEDIA_LOADED
        case Started():
            return Kind.PLAY
        case Ended(complete=complete):
            return Kind.PLAY_REACHED_100 if complete else None
        case Replayed():
            return Kind.REPLAY
        case Seeked():
            return Kind.SEEK
        case Stalled(initial=initial):
            return None if initial else Kind.BUFFER_START
        case Recovered(initial=initial):
            return None if initial else Kind.BUFFER_END
        case FullscreenChanged(fullscreen=fullscreen):
            return Kind.OPEN_FULL_SCREEN if fullscreen else Kind.CLOSE_FULL_SCREEN
        case (
            PausedEvent() | Resumed() | RateChanged() | VolumeSet() | CaptionsChanged() | AudioTrackChanged()
            | SourceSelected() | FlavorSwitched() | Failed() | Watched() | SpotEnded() | Closed()
            | PageViewed() | ButtonClicked() | Custom() | PortalUsed()
        ):  # fmt: skip
            return None
        case _:  # named one by one above, so that a fact of tomorrow must be decided on here
            assert_never(fact)
