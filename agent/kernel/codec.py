"""Events as text: what the outbox stores.

Contract: `encode` and `decode` are inverse. The kind is a stable lower-case word; the body is compact JSON with the
event's fields, those at their default left out.
Rules: a kind's word and a field's short name never change their meaning, since queues outlive upgrades. Keys that this
version does not know are passed over, so a queue also survives a downgrade.
Raises: `UnknownKindError` for a kind that this version does not know, `BadBodyError` for a body that is no event.
Reasons: decisions 1, 3, 26.
"""

import json
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from enum import Enum
from typing import Any

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
from agent.kernel.media import Media, Role
from agent.kernel.records import Priority

KINDS: dict[type[Event | Activity], str] = {
    Opened: "opened",
    Loaded: "loaded",
    Started: "playing",
    Progressed: "progressed",
    PausedEvent: "paused",
    Resumed: "resumed",
    Seeked: "seeked",
    Stalled: "stalled",
    Recovered: "recovered",
    Ended: "ended",
    Closed: "closed",
    Replayed: "replayed",
    RateChanged: "rate",
    VolumeSet: "volume",
    CaptionsChanged: "captions",
    AudioTrackChanged: "audio-track",
    SourceSelected: "source",
    FlavorSwitched: "flavor",
    FullscreenChanged: "fullscreen",
    Failed: "error",
    Watched: "watched",
    SpotStarted: "spot-playing",
    SpotProgressed: "spot-progressed",
    SpotEnded: "spot-ended",
    Engaged: "engaged",
    PageViewed: "page",
    ButtonClicked: "button",
    Custom: "custom",
    PortalUsed: "portal",
}
"""The words of decision 1, and those of what the kiosk's application tells."""

_read = json.JSONDecoder().decode

_TYPES: dict[str, type[Event | Activity]] = {kind: event for event, kind in KINDS.items()}

_PLAY = frozenset(
    {
        Opened,
        Loaded,
        Started,
        Progressed,
        Seeked,
        Stalled,
        Recovered,
        Ended,
        Closed,
        Replayed,
        FullscreenChanged,
        Failed,
        SpotStarted,
        SpotProgressed,
        SpotEnded,
        Engaged,
        PageViewed,
        ButtonClicked,
        Custom,
        PortalUsed,
    }
)


class CodecError(ValueError):
    """A stored event cannot be read."""


class UnknownKindError(CodecError):
    """The kind belongs to another version."""


class BadBodyError(CodecError):
    """The body is not an event of its kind."""


def priority(event: Event | Activity) -> Priority:
    """PLAY for what counts a play or a visit, TELEMETRY for a heartbeat, DETAIL for the rest."""
    if isinstance(event, Watched):
        return Priority.TELEMETRY
    return Priority.PLAY if type(event) in _PLAY else Priority.DETAIL


def encode(event: Event | Activity) -> tuple[str, str]:
    """The kind and the body of `event`."""
    return KINDS[type(event)], json.dumps(_plain(event), separators=(",", ":"), ensure_ascii=False)


def decode(kind: str, body: str) -> Event | Activity:
    """The event that `encode` was given. Raises UnknownKindError and BadBodyError."""
    if kind not in _TYPES:
        raise UnknownKindError(kind)
    try:
        return _build(_TYPES[kind], _read(body))  # type: ignore[no-any-return]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadBodyError(f"{kind}: {error}") from error


def _plain(value: Event | Activity | Playhead | Media) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for field in fields(value):
        item = getattr(value, field.name)
        if item == _default(field):
            continue
        if isinstance(item, Playhead | Media):
            plain[field.name] = _plain(item)
        else:
            plain[field.name] = item.value if isinstance(item, Enum) else item
    return plain


def _default(field: Field[Any]) -> Any:
    return _REQUIRED if field.default is MISSING else field.default


_REQUIRED = object()


def _build(kind: type, plain: dict[str, Any]) -> Any:
    shape = _SHAPES[kind]
    return kind(
        **{name: item if (read := shape[name]) is None else read(item) for name, item in plain.items() if name in shape}
    )


_READERS: dict[str, Callable[[Any], Any]] = {
    "head": lambda item: _build(Playhead, item),
    "media": lambda item: _build(Media, item),
    "ending": Ending,
    "fault": Fault,
    "role": Role,
    "deed": Deed,
    "portal_deed": PortalDeed,
    "segments": lambda item: tuple((float(low), float(high)) for low, high in item),
    "fields": lambda item: tuple((str(key), str(text)) for key, text in item),
}
"""How a field is read whose JSON is not its value."""

_SHAPES: dict[type, dict[str, Callable[[Any], Any] | None]] = {
    kind: {field.name: _READERS.get(field.name) for field in fields(kind)} for kind in (*KINDS, Playhead, Media)
}
"""What is known of each kind, found out once: a backlog of a million events asks for it a million times."""
