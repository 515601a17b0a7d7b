"""Events as an ideal tracker would make them: from nothing for single tests, from the scripts of players.jsonl.

The real tracker has its own tests; here a destination's rules are tested, so what the kernel says must be beyond doubt.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.kernel.activity import Activity
from agent.kernel.attribution import Attribution, Identity, session_id
from agent.kernel.events import (
    Closed,
    Ended,
    Ending,
    Event,
    Fact,
    FullscreenChanged,
    Loaded,
    Opened,
    PausedEvent,
    Playhead,
    Progressed,
    Recovered,
    Replayed,
    Seeked,
    Stalled,
    Started,
)
from agent.kernel.instants import Instant
from agent.kernel.media import Media
from agent.kernel.records import Origin, Priority, StoredEvent

GENERATION = "6f2a3e0e-6d35-4b7b-9d3c-0b8f6e1c2a11"
BOOT = "0c9ad862-6a39-4a7c-9b3c-1f0d5a7e4c22"
WALL = 1_795_000_000.0  # 2026-11-18, after the program's build
MEDIA = Media(key="clip", uri="file:///clip.mp4", entry_id="0_abcd1234")
NOW = Instant(BOOT, 10_000.0, WALL + 10_000.0, synced=True)


def owner(ordinal: int = 1, *, entry_id: str | None = "0_abcd1234") -> Attribution:
    """The attribution of the `ordinal`-th session."""
    return Attribution(
        device_id="device-001",
        session_id=session_id(GENERATION, ordinal),
        referrer="kiosk://device-001",
        partner_id=102,
        entry_id=entry_id,
        media_uri="file:///clip.mp4",
    )


def stored(event: Event | Activity, sequence: int = 1, *, attribution: Attribution | None = None) -> StoredEvent:
    """`event` as the log would give it back, dated by a synchronised clock; an activity is the first session's."""
    return StoredEvent(
        sequence=sequence,
        identity=Identity(GENERATION, sequence),
        kind=type(event).__name__,
        body="",
        priority=Priority.PLAY,
        attribution=attribution or owner(event.session if isinstance(event, Fact) else 1),
        instant=Instant(BOOT, event.at, WALL + event.at, synced=True),
        frozen_time=None,
        origin=Origin.LOCAL,
    )


@dataclass
class Ideal:
    """Turns the facts of one script into events. Quartiles by natural forward playback only."""

    marks: Sequence[float]
    duration: float | None
    session: int = 1
    position: float = 0.0
    has_begun: bool = False
    has_ended: bool = False
    stalled_at: float | None = None
    head: Playhead = field(default_factory=Playhead)
    fired: set[float] = field(default_factory=set)

    def events(self, script: Sequence[Sequence[Any]]) -> Iterator[Event]:
        """The events of a whole script."""
        for at, fact, *rest in script:
            arguments: dict[str, Any] = rest[0] if rest else {}
            yield from self._fact(float(at), str(fact), arguments)

    def _fact(self, at: float, fact: str, arguments: dict[str, Any]) -> Iterator[Event]:
        match fact:
            case "source_selected":
                yield Opened(at, self.session, self._head(), MEDIA)
            case "loaded":
                self.duration = arguments.get("duration_s")
                yield Loaded(at, self.session, self._head())
            case "duration_changed":
                self.duration = arguments["duration_s"]
            case "playing" if not self.has_begun:
                self.has_begun = True
                yield Started(at, self.session, self._head(), 0.25)
            case "playing" if self.has_ended:
                yield from self._again(at)
            case "playback":
                yield from self._played(at, **arguments)
            case "paused":
                yield PausedEvent(at, self.session, self._head())
            case "seeked" if not self.has_ended:
                origin, self.position = self.position, float(arguments["at_s"])
                self.head = replace(self.head, seeked=True)
                yield Seeked(at, self.session, self._head(), origin, self.position)
            case "buffering_start":
                self.stalled_at = at
                yield Stalled(at, self.session, self._head(), not self.has_begun)
            case "buffering_end" if self.stalled_at is not None:
                yield Recovered(at, self.session, self._head(), not self.has_begun, at - self.stalled_at)
            case "fullscreen":
                yield FullscreenChanged(at, self.session, self._head(), bool(arguments["on"]))
            case "ended":
                self.position, self.has_ended = float(arguments["position_s"]), True
                yield Ended(at, self.session, self._head(), True)
                yield Closed(at, self.session, self._head(), Ending.COMPLETED)
            case "stopped":
                yield Closed(at, self.session, self._head(), Ending.STOPPED)
            case "new_media":
                self._next(arguments["duration_s"])
            case _:
                return

    def _played(self, at: float, from_s: float, to_s: float, every_s: float, rate: float) -> Iterator[Event]:
        steps = round((to_s - from_s) / (every_s * rate))
        for step in range(1, steps + 1):
            self.position = from_s + step * every_s * rate
            for mark in self.marks:
                if self.duration and mark not in self.fired and self.position >= mark * self.duration > from_s:
                    self.fired.add(mark)
                    yield Progressed(at + step * every_s, self.session, self._head(), mark)

    def _again(self, at: float) -> Iterator[Event]:
        previous = self.session
        self._next(self.duration)
        yield Opened(at, self.session, self._head(), MEDIA, replays=previous)
        yield Loaded(at, self.session, self._head())
        yield Replayed(at, self.session, self._head(), previous)
        self.has_begun = True
        yield Started(at, self.session, self._head(), 0.0)

    def _next(self, duration: float | None) -> None:
        self.session += 1
        self.duration, self.position, self.head = duration, 0.0, Playhead()
        self.has_begun = self.has_ended = False
        self.fired = set()

    def _head(self) -> Playhead:
        return replace(self.head, position=self.position, duration=self.duration)


def scenarios() -> list[dict[str, Any]]:
    """The recorded scenarios of Kaltura's players."""
    path = Path(__file__).parent.parent / "vectors" / "players.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
