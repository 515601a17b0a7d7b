"""The order in which events may follow each other: one table, from which the tracker, the tests and the docs all live.

Contract: `follow` says which phase an event leads to, or None where the event is out of order.
Rules: an event that is out of order is not said and changes nothing, so that whatever a player says, the story of a
session is well formed: it begins with Opened, Loaded comes before Started, Stalled and Recovered alternate, and one
Closed ends it. `MOVES` is the whole truth; `agent.kernel.diagram` draws it.
Reasons: decisions 11, 12, 20; a destination may rely on the order without checking it.
"""

from collections.abc import Mapping
from enum import Enum

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


class Phase(Enum):
    """Where a session stands. ENDING: the end or a fatal fault has been told, and only Closed may follow."""

    IDLE = "idle"
    OPENING = "opening"
    LOADED = "loaded"
    PLAYING = "playing"
    PAUSED = "paused"
    STALLED = "stalled"
    ENDING = "ending"


MOVES: Mapping[Phase, Mapping[type[Event], Phase]] = {
    Phase.IDLE: {Opened: Phase.OPENING},
    Phase.OPENING: {Loaded: Phase.LOADED, Failed: Phase.ENDING, Closed: Phase.IDLE},
    Phase.LOADED: {
        SourceSelected: Phase.LOADED,
        Replayed: Phase.LOADED,
        Started: Phase.PLAYING,
        Failed: Phase.ENDING,
        Closed: Phase.IDLE,
    },
    Phase.PLAYING: {
        Progressed: Phase.PLAYING,
        Seeked: Phase.PLAYING,
        PausedEvent: Phase.PAUSED,
        Stalled: Phase.STALLED,
        Ended: Phase.ENDING,
        Failed: Phase.ENDING,
        Closed: Phase.IDLE,
    },
    Phase.PAUSED: {
        Seeked: Phase.PAUSED,
        Resumed: Phase.PLAYING,
        Ended: Phase.ENDING,
        Failed: Phase.ENDING,
        Closed: Phase.IDLE,
    },
    Phase.STALLED: {
        Seeked: Phase.STALLED,
        Recovered: Phase.PLAYING,
        Failed: Phase.ENDING,
        Closed: Phase.IDLE,
    },
    Phase.ENDING: {Closed: Phase.IDLE},
}
"""The moves of a session. A fault that is not fatal is a detail and moves nothing."""

DETAILS: frozenset[type[Event]] = frozenset(
    {RateChanged, VolumeSet, CaptionsChanged, AudioTrackChanged, FlavorSwitched, FullscreenChanged, Watched}
)
"""Events that may come at any moment of a running session and leave its phase alone."""

SPOTS: frozenset[type[Event]] = frozenset({SpotStarted, SpotProgressed, SpotEnded})
"""A session's advertisements and bumpers: before, in and after its content, whose phase they leave alone."""

RUNNING = frozenset({Phase.PLAYING, Phase.PAUSED, Phase.STALLED})
"""The phases after Started and before the end."""


def follow(phase: Phase, event: Event) -> Phase | None:
    """The phase after `event`, or None where `event` may not come in `phase`."""
    kind = type(event)
    if kind in DETAILS or (isinstance(event, Failed) and not event.fatal):
        return phase if phase in RUNNING else None
    if kind in SPOTS:
        return None if phase is Phase.IDLE else phase
    return MOVES[phase].get(kind)
