"""Scenarios of players.jsonl as our own tracker hears them: the reference player's facts in VLC's words.

VLC says nothing of a stall, is asked for a medium and for playing it in one breath, sends no pause at the end, and
opens a medium anew to repeat it. All the rest is translated fact by fact; loading takes as long as it took. In the
recordings the playhead's report comes before the timer of the same instant, and that before every other fact: so here
playing begins a millisecond late, and what else happens comes two milliseconds late.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from agent.kernel.events import Event
from agent.kernel.media import Media
from agent.kernel.session import SessionTracker
from agent.kernel.signals import (
    Buffering,
    EndReached,
    LengthChanged,
    MediaChanged,
    Opening,
    Paused,
    PlaybackFailed,
    PlayCommanded,
    Playing,
    Sampled,
    SeekCommanded,
    Signal,
    StopCommanded,
    TimeChanged,
    TrackAdded,
    TrackKind,
    TrackSelected,
    VideoOutputsChanged,
    VolumeChanged,
)

LATE = 0.001
LOADING = 0.25
BEGAN = 1000.0
"""The boot-time second of the scenario's 0."""


class Translation:
    """One scenario as signals."""

    def __init__(self, scenario: dict[str, Any]) -> None:
        self._script: Sequence[Sequence[Any]] = scenario["script"]
        self._length: float | None = scenario["media"]["duration_s"]
        self._live: bool = scenario["media"]["live"]
        self._number = 1
        self._position = 0.0
        self._rate = 1.0
        self._fullscreen = False
        self._is_playing = self._has_begun = self._has_ended = self._is_open = False

    def signals(self) -> Iterator[Signal]:
        """All of them, by time; where two are at one instant, in the script's order."""
        found: list[Signal] = []
        for at, fact, *rest in self._script:
            late = 0.0 if fact in ("play_requested", "playback") else 2 * LATE
            found += self._fact(BEGAN + at + late, fact, rest[0] if rest else {})
        yield from sorted(found, key=lambda signal: signal.at)

    def _fact(self, at: float, fact: str, given: dict[str, Any]) -> Iterator[Signal]:
        match fact:
            case "play_requested" if not self._is_open:
                yield from self._opened(at)
            case "play_requested" if self._has_ended:
                yield from self._opened(at, replay=True)
            case "playing" if not self._is_playing:
                self._is_playing = True
                yield Playing(at if self._has_begun else at - LATE)
                self._has_begun = True
                yield VideoOutputsChanged(at, 1)
            case "playback":
                yield from self._played(at, **given)
            case "paused":
                self._is_playing = False
                yield Paused(at)
            case "seeking" if not self._has_ended:
                yield SeekCommanded(at, given["to_s"])
            case "seeked" if not self._has_ended:
                self._position = given["at_s"]
                yield TimeChanged(at, self._position)
            case "buffering_start" if self._is_playing:
                yield Buffering(at, 40.0)
            case "buffering_end" if self._is_playing:
                yield TimeChanged(at, self._position + 0.01)
            case "rate_changed":
                self._rate = given["rate"]
                yield self._sampled(at)
            case "fullscreen":
                self._fullscreen = given["on"]
                yield self._sampled(at)
            case "captions" if self._is_open:
                yield TrackSelected(at, TrackKind.TEXT, None if given["language"] == "off" else 3)
            case "duration_changed":
                self._length = given["duration_s"]
                yield LengthChanged(at, self._length)
            case "ended":
                self._has_ended, self._is_playing = True, False
                yield EndReached(at)
            case "error":
                if not self._is_open:
                    yield from self._opened(at, fails=True)
                yield PlaybackFailed(at)
            case "stopped":
                self._is_playing = self._is_open = False
                yield StopCommanded(at)
            case "new_media":
                self._number, self._length, self._is_open = self._number + 1, given["duration_s"], False
            case _:
                return

    def _opened(self, at: float, *, replay: bool = False, fails: bool = False) -> Iterator[Signal]:
        self._is_open, self._has_begun, self._has_ended, self._position = True, False, False, 0.0
        media = Media(
            f"clip-{self._number}", f"file:///clip-{self._number}.mp4", f"0_abcd123{self._number}", self._live
        )
        yield PlayCommanded(at, media, replay)
        yield MediaChanged(at, media)
        yield Opening(at)
        yield VolumeChanged(at, 1.0)
        yield self._sampled(at)
        if fails:
            return
        yield TrackAdded(at + LOADING, TrackKind.VIDEO, 0)
        yield TrackSelected(at + LOADING, TrackKind.VIDEO, 0)
        if self._length is not None:
            yield LengthChanged(at + LOADING, self._length)

    def _played(self, at: float, from_s: float, to_s: float, every_s: float, rate: float) -> Iterator[Signal]:
        for step in range(1, round((to_s - from_s) / (every_s * rate)) + 1):
            self._position = from_s + step * every_s * rate
            yield TimeChanged(at + step * every_s, self._position)

    def _sampled(self, at: float) -> Sampled:
        return Sampled(at, self._position, self._rate, self._fullscreen)


def told(scenario: dict[str, Any], marks: Sequence[float]) -> list[Event]:
    """What our tracker tells of a scenario, up to the end of its script."""
    tracker = SessionTracker(milestones=marks, heartbeat=True)
    events = [event for signal in Translation(scenario).signals() for event in tracker.feed(signal)]
    return events + tracker.tick(BEGAN + scenario["script"][-1][0])
