"""One visit in which all forty event numbers happen, as the tracker and the kiosk's application would tell it."""

from collections.abc import Sequence
from dataclasses import replace

from agent.kernel.activity import Activity, Deed, Engaged
from agent.kernel.events import (
    Closed,
    Ended,
    Ending,
    Event,
    FullscreenChanged,
    Loaded,
    Opened,
    Playhead,
    Progressed,
    Recovered,
    Replayed,
    Seeked,
    SpotEnded,
    SpotProgressed,
    SpotStarted,
    Stalled,
    Started,
)
from agent.kernel.media import Role
from tests.support.playback import MEDIA, owner

OWNER = replace(
    owner(),
    referrer="kiosk://lobby east/device-001?site=Zürich",
    uiconf_id=23448579,
    user_id="lobby+screens@example.com",
    client_version="kiosk-agent/1.0",
    unique_viewer="3f6d0c1e9a7b4852",
    widget_id="_102",
    context_id="0c9ad862-6a39-4a7c-9b3c-1f0d5a7e4c22",
)
"""Everything that can be configured."""

NOBODY = replace(owner(), referrer="")
"""Nothing of it."""


def head(position: float, *, seeked: bool = False) -> Playhead:
    """Somewhere in a film of a minute."""
    return Playhead(position=position, duration=60.04, seeked=seeked)


def spot(at: float, role: Role, where: Playhead, *, clicked: Deed | None = None) -> list[Event | Activity]:
    """An advertisement of four seconds."""
    marks = [SpotProgressed(at + 4 * fraction, 1, where, role, fraction) for fraction in (0.25, 0.5, 0.75)]
    click = [] if clicked is None else [Engaged(at + 3.5, clicked, where)]
    return [SpotStarted(at, 1, where, role), *marks, *click, SpotEnded(at + 4, 1, where, role, Ending.COMPLETED)]


def deeds(at: float, where: Playhead, *which: Deed) -> list[Event | Activity]:
    """One a second."""
    return [Engaged(at + step, deed, where) for step, deed in enumerate(which)]


def visit() -> Sequence[Event | Activity]:
    """The whole visit: a film with all that may accompany it, and its beginning once more."""
    return [
        Opened(0.0, 1, Playhead(), MEDIA),
        *spot(1.0, Role.BUMPER_PRE, Playhead(), clicked=Deed.BUMPER_CLICKED),
        *spot(5.0, Role.PREROLL, Playhead(), clicked=Deed.PREROLL_CLICKED),
        Loaded(9.0, 1, head(0.0)),
        Started(9.25, 1, head(0.0), 0.25),
        FullscreenChanged(12.0, 1, head(2.75), True),
        *deeds(13.0, head(4.5), Deed.SHARE_OPENED, Deed.DOWNLOAD_OPENED, Deed.REPORT_OPENED),
        Progressed(24.5, 1, head(15.01), 0.25),
        Stalled(25.0, 1, head(15.6), False),
        Recovered(28.0, 1, head(15.6), False, 3.0),
        *spot(29.0, Role.OVERLAY, head(17.2), clicked=Deed.OVERLAY_CLICKED),
        Seeked(33.5, 1, head(24.375, seeked=True), 21.1, 24.375),
        *spot(34.0, Role.MIDROLL, head(25.0, seeked=True), clicked=Deed.MIDROLL_CLICKED),
        Progressed(43.0, 1, head(30.02, seeked=True), 0.5),
        Progressed(58.0, 1, head(45.03, seeked=True), 0.75),
        FullscreenChanged(60.0, 1, head(47.1, seeked=True), False),
        Ended(73.0, 1, head(60.04, seeked=True), True),
        *spot(73.5, Role.POSTROLL, head(60.04, seeked=True), clicked=Deed.POSTROLL_CLICKED),
        *spot(77.5, Role.BUMPER_POST, head(60.04, seeked=True)),
        *deeds(82.0, head(60.04, seeked=True), Deed.EDIT_OPENED, Deed.UPLOAD_OPENED, Deed.PUBLISHED),
        *deeds(85.0, head(60.04, seeked=True), Deed.EDITOR_CLOSED),
        Closed(90.0, 1, head(60.04, seeked=True), Ending.COMPLETED),
        Opened(91.0, 2, Playhead(), MEDIA, replays=1),
        Loaded(91.2, 2, head(0.0)),
        Replayed(91.25, 2, head(0.0), 1),
        Started(91.5, 2, head(0.0), 0.25),
        Closed(92.0, 2, head(0.5), Ending.STOPPED),
    ]
