"""What Kaltura's own players do where the guide says otherwise: PLAYER's quartiles and replays.

Contract: pure. `follow` says which numbers a fact has by the players' rules and under which session's id they go, given
a `Memory` of the facts before; the memory's text is the projection's state.
Rules: quartiles that a jump passed are sent at once and in order; 100 % is at `PLAYER_END`; a replay keeps the id and
the quartiles of the session that it repeats. A session is followed from where it opened; what began by other rules is
none of ours (projection.py). Spots and deeds go under the same id and leave the memory as it is: an advertisement's
quartile is none of the content's, and a visitor may open a dialog between two plays.
Reasons: kaltura.md section 4, decision 12; the recorded players in tests/vectors/players.jsonl.
"""

import json
from dataclasses import dataclass, replace
from typing import Final

from agent.kernel.activity import Activity, ButtonClicked, Custom, Engaged, PageViewed, PortalUsed
from agent.kernel.attribution import session_id
from agent.kernel.events import (
    Ended,
    Event,
    Loaded,
    Opened,
    Progressed,
    SpotEnded,
    SpotProgressed,
    SpotStarted,
    Started,
)
from agent.kernel.records import StoredEvent
from agent.sinks.kaltura.kinds import QUARTILES, Kind, kind_of
from agent.sinks.kaltura.semantics import PLAYER_END

Bystander = SpotStarted | SpotProgressed | SpotEnded | Engaged | PageViewed | ButtonClicked | Custom | PortalUsed
"""What accompanies a playback and is no part of it."""


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
        """This memory as text; an empty one is an empty state."""
        if not self.own:
            return ""
        return _written([self.own, self.wire, self.fired, self.replay, self.started])


_written: Final = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Followed:
    """What a fact became. `wire`: the id of the session under which `kinds` are sent."""

    memory: Memory
    kinds: tuple[Kind, ...]
    wire: str


def follow(memory: Memory, stored: StoredEvent, fact: Event | Activity) -> Followed:
    """`fact`, which is `stored` decoded, after what `memory` remembers."""
    session = stored.attribution.session_id
    kind = kind_of(fact)
    own = () if kind is None else (kind,)
    if isinstance(fact, Bystander):
        return Followed(memory, own, memory.wire if memory.own == session else session)
    if isinstance(fact, Opened) and memory.own != session:
        memory = _begun(stored, fact, before=memory)
    if isinstance(fact, Started):
        memory = replace(memory, started=True)
    if isinstance(fact, Progressed | Ended) or (memory.replay and isinstance(fact, Opened | Loaded | Started)):
        own = ()
    passed = _passed(fact) if memory.started else 0
    quartiles = tuple(Kind(number) for number in range(max(memory.fired + 1, Kind.PLAY_REACHED_25), passed + 1))
    if passed > memory.fired:
        memory = replace(memory, fired=passed)
    return Followed(memory, (*own, *quartiles), memory.wire)


def _begun(stored: StoredEvent, opened: Opened, *, before: Memory) -> Memory:
    """A session that was not seen before. A replay keeps the id and the quartiles of the session that it repeats."""
    own = stored.attribution.session_id
    if opened.replays is None:
        return Memory(own=own, wire=own)
    repeated = session_id(stored.identity.generation, opened.replays)
    if before.own == repeated:
        return Memory(own=own, wire=before.wire, fired=before.fired, replay=True)
    return Memory(own=own, wire=repeated, fired=Kind.PLAY_REACHED_100, replay=True)


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
