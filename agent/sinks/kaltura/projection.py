"""From an event to stats.collect's words.

Contract: pure. `project` says which messages an event becomes, given the state that earlier events left; the same
state and event always give the same messages, so a crash between two of them repeats nothing.
Rules: two semantics (decision 17). GUIDE is the published guide. PLAYER is what Kaltura's own players do: milliseconds,
quartiles that a jump passed sent at once and in order, a replay in the old session. README.md beside this file has
the whole table. Events that stats.collect has no number for become nothing: other destinations use them.
Reasons: the guide's sections 5 and 7, kaltura.md sections 1 and 4, decisions 11 to 15.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from typing import Final

from agent.kernel.attribution import session_id
from agent.kernel.events import (
    Ended,
    Event,
    FullscreenChanged,
    Loaded,
    Opened,
    Playhead,
    Progressed,
    Recovered,
    Replayed,
    Seeked,
    Stalled,
    Started,
)
from agent.kernel.records import StoredEvent
from agent.sinks.base import Message, Projection
from agent.sinks.kaltura import clean


class Semantics(Enum):
    """Whose rules hold where the guide and Kaltura's players disagree; the words are the configuration's."""

    GUIDE = "guide"
    PLAYER = "player"


class Kind(IntEnum):
    """The numbers of stats.collect that we send (the guide, 5.1)."""

    WIDGET_LOADED = 1
    MEDIA_LOADED = 2
    PLAY = 3
    PLAY_REACHED_25 = 4
    PLAY_REACHED_50 = 5
    PLAY_REACHED_75 = 6
    PLAY_REACHED_100 = 7
    BUFFER_START = 12
    BUFFER_END = 13
    OPEN_FULL_SCREEN = 14
    CLOSE_FULL_SCREEN = 15
    REPLAY = 16
    SEEK = 17


QUARTILES: Final[Mapping[float, Kind]] = {
    0.25: Kind.PLAY_REACHED_25,
    0.5: Kind.PLAY_REACHED_50,
    0.75: Kind.PLAY_REACHED_75,
}

PLAYER_END: Final = 0.98
"""Where the player that speaks stats.collect says 100 % (kaltura.md section 4; 59 of 60 s, 588 of 600 s recorded)."""


def milestones(semantics: Semantics) -> tuple[float, ...]:
    """The fractions of a playback that this destination needs a `Progressed` for."""
    match semantics:
        case Semantics.GUIDE:
            return tuple(QUARTILES)
        case Semantics.PLAYER:
            return (*QUARTILES, PLAYER_END)


@dataclass(frozen=True, slots=True)
class Memory:
    """What PLAYER must remember between events. `own`: the current session's id; `wire`: the id it is sent under.

    `fired`: the last quartile message sent under that id, 0 for none. `replay`: the session repeats an earlier one.
    """

    own: str = ""
    wire: str = ""
    fired: int = 0
    replay: bool = False
    started: bool = False

    @staticmethod
    def read(state: str) -> "Memory":
        """The memory that `written` wrote; an empty state is an empty memory."""
        return Memory(*json.loads(state)) if state else Memory()

    def written(self) -> str:
        """This memory as text."""
        return json.dumps([self.own, self.wire, self.fired, self.replay, self.started], separators=(",", ":"))


def project(state: str, stored: StoredEvent, event: Event, *, time: float, semantics: Semantics) -> Projection:
    """What `event`, which is `stored` decoded, becomes; `time` is its wall time in seconds.

    A session without a usable entry id becomes nothing. It is passed over and counted once, where it opens: whoever
    looks at the number wants to know how many plays are missing, not how many messages.
    """
    match semantics:
        case Semantics.GUIDE:
            memory = Memory()
            kinds = tuple(_guide_kinds(event))
            wire = stored.attribution.session_id
        case Semantics.PLAYER:
            memory, kinds = _player_kinds(Memory.read(state), stored, event)
            wire = memory.wire
    after = "" if memory == Memory() else memory.written()
    entry_id = stored.attribution.entry_id
    if kinds and (entry_id is None or not clean.is_entry_id(entry_id)):
        reason = "no-entry" if entry_id is None else "bad-entry-id"
        return Projection(state=after, messages=(), passed=reason if isinstance(event, Opened) else None)
    messages = tuple(
        Message(
            token=stored.identity.token(part),
            name=kind.name,
            fields=_fields(kind, stored, event, wire=wire, time=time, semantics=semantics),
            time=time,
        )
        for part, kind in enumerate(kinds)
    )
    return Projection(state=after, messages=messages)


def _guide_kinds(event: Event) -> Iterator[Kind]:
    match event:
        case Progressed(fraction=fraction) if fraction in QUARTILES:
            yield QUARTILES[fraction]
        case Ended(complete=True):
            yield Kind.PLAY_REACHED_100
        case _:
            yield from _common_kinds(event)


def _common_kinds(event: Event) -> Iterator[Kind]:
    """What an event is in both semantics; nothing for what stats.collect has no number for (decisions 13 and 14)."""
    match event:
        case Opened():
            yield Kind.WIDGET_LOADED
        case Loaded():
            yield Kind.MEDIA_LOADED
        case Started():
            yield Kind.PLAY
        case Replayed():
            yield Kind.REPLAY
        case Seeked():
            yield Kind.SEEK
        case Stalled(initial=False):
            yield Kind.BUFFER_START
        case Recovered(initial=False):
            yield Kind.BUFFER_END
        case FullscreenChanged(fullscreen=fullscreen):
            yield Kind.OPEN_FULL_SCREEN if fullscreen else Kind.CLOSE_FULL_SCREEN
        case _:
            return


def _player_kinds(memory: Memory, stored: StoredEvent, event: Event) -> tuple[Memory, tuple[Kind, ...]]:
    if memory.own != stored.attribution.session_id:
        memory = _begin(memory, stored, event)
    if isinstance(event, Started):
        memory = replace(memory, started=True)
    silent = memory.replay and isinstance(event, Opened | Loaded | Started)
    own = () if silent else tuple(_common_kinds(event))
    passed = _passed(event) if memory.started else 0
    quartiles = tuple(Kind(number) for number in range(max(memory.fired + 1, Kind.PLAY_REACHED_25), passed + 1))
    return replace(memory, fired=max(memory.fired, passed)), (*own, *quartiles)


def _begin(memory: Memory, stored: StoredEvent, event: Event) -> Memory:
    """A session that was not seen before. A replay keeps the id and the quartiles of the session that it repeats."""
    own = stored.attribution.session_id
    match event:
        case Opened(replays=int(ordinal)):
            repeated = session_id(stored.identity.generation, ordinal)
            if memory.own == repeated:
                return Memory(own=own, wire=memory.wire, fired=memory.fired, replay=True)
            return Memory(own=own, wire=repeated, fired=Kind.PLAY_REACHED_100, replay=True)
        case Opened():
            return Memory(own=own, wire=own)
        case _:  # the semantics were changed in mid-session: what lies behind was sent by the other rules
            fired = _passed(event) - isinstance(event, Progressed | Ended)
            return Memory(own=own, wire=own, fired=max(fired, 0), started=not isinstance(event, Loaded))


def _passed(event: Event) -> int:
    """The highest quartile message whose point the playhead has passed, by playing or by a jump; 0 for none."""
    head = event.head
    reached = 0.0
    if head.position is not None and head.duration:
        reached = head.position / head.duration
    if isinstance(event, Progressed):
        reached = max(reached, event.fraction)
    if reached >= PLAYER_END or (isinstance(event, Ended) and event.complete):
        return Kind.PLAY_REACHED_100
    return max((kind for fraction, kind in QUARTILES.items() if reached >= fraction), default=0)


def _fields(
    kind: Kind, stored: StoredEvent, event: Event, *, wire: str, time: float, semantics: Semantics
) -> dict[str, str]:
    """KalturaStatsEvent's fields in the order in which they are always sent: the server's cache key has that order."""
    owner = stored.attribution
    fields = {
        "partnerId": str(owner.partner_id),
        "entryId": owner.entry_id or "",
        "eventType": str(int(kind)),
        "sessionId": clean.text(wire, length=clean.SESSION_ID_LENGTH),
        "eventTimestamp": str(_scaled(time, semantics)),
    }
    if owner.uiconf_id is not None:
        fields["uiconfId"] = str(owner.uiconf_id)
    for name, value, length in (
        ("clientVer", owner.client_version, clean.CLIENT_VERSION_LENGTH),
        ("referrer", owner.referrer, clean.REFERRER_LENGTH),
        ("userId", owner.user_id, clean.USER_ID_LENGTH),
    ):
        cleaned = clean.text(value or "", length=length)
        if cleaned:
            fields[name] = cleaned
    fields.update(_position(event.head, semantics))
    fields["seek"] = "true" if event.head.seeked else "false"
    if kind is Kind.SEEK and isinstance(event, Seeked):
        fields["newPoint"] = str(_scaled(event.target, semantics))
    return fields


def _position(head: Playhead, semantics: Semantics) -> Iterator[tuple[str, str]]:
    """currentPoint and duration. The guide's are optional and left out while unknown; players send 0 then."""
    if head.position is not None or semantics is Semantics.PLAYER:
        yield "currentPoint", str(_scaled(head.position or 0.0, semantics))
    if head.duration or semantics is Semantics.PLAYER:
        yield "duration", str(round(head.duration or 0.0))


def _scaled(seconds: float, semantics: Semantics) -> int:
    """Whole seconds for GUIDE, whole milliseconds for PLAYER, never below 0; rounded down: the point was reached."""
    match semantics:
        case Semantics.GUIDE:
            return max(int(seconds), 0)
        case Semantics.PLAYER:
            return max(int(seconds * 1000), 0)
