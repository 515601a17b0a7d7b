"""Recorded tapes of real VLC, translated to signals (tests/tapes; see tests/README.md).

Each tape is told twice (decision 18). `observer`: only what libvlc said, without the echo of the operator's own seeks,
as somebody who attached to a foreign player would hear it. `owner`: with the operator's actions as our own commands,
the echoes left in, and the 250 ms samples that our host takes. `polled`: what is left of it where a player that is not
ours is only asked now and then.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.kernel.media import Media
from agent.kernel.signals import (
    Buffering,
    EndReached,
    LengthChanged,
    MediaChanged,
    MuteChanged,
    Opening,
    Paused,
    PlaybackFailed,
    PlayCommanded,
    Playing,
    Sampled,
    SeekableChanged,
    SeekCommanded,
    Signal,
    SkipCommanded,
    StopCommanded,
    Stopped,
    TimeChanged,
    TrackAdded,
    TrackKind,
    TrackRemoved,
    TrackSelected,
    VideoOutputsChanged,
    VolumeChanged,
)

FOLDER = Path(__file__).parent.parent / "tapes"
STEP = 0.25
TAIL = 20.0
"""A tape's silence counts: so many seconds are ticked after its last row."""

LIVE = ("hls_live", "live_ts_eof", "live_ts_no_duration", "live_ts_pause", "udp_sender_dies")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tape:
    """One recording: its header and its rows, in time order."""

    name: str
    header: Row
    rows: tuple[Row, ...]

    @property
    def end(self) -> float:
        """The time of the last row."""
        return float(self.rows[-1]["t"])

    def media(self, label: str) -> Media:
        """What our playlist would say of the medium with this label. A2 is A, given to the player once more."""
        key = label.rstrip("0123456789")
        partial = self.name == "start_stop_time"
        return Media(
            key=key,
            uri=f"file:///{key}",
            live=self.name in LIVE,
            adaptive=self.name.startswith("hls_"),
            estimated_length=self.name.endswith("_ts") and "live" not in self.name,
            start=2.0 if partial else None,
            stop=6.0 if partial else None,
            holds_last_frame="--play-and-pause" in self.header["vlc_args"],
            repeats=self.name.startswith("input_repeat_"),
        )


def names() -> list[str]:
    """All tapes."""
    return sorted(path.stem for path in FOLDER.glob("*.jsonl"))


def load(name: str) -> Tape:
    """The tape called `name`."""
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    header, *rows = (json.loads(line) for line in lines)
    return Tape(name=name, header=header, rows=tuple(rows))


def observer(tape: Tape) -> list[Signal]:
    """What somebody outside hears."""
    return [
        signal
        for row in tape.rows
        if not (row["thread"] == "main" and row["event"] == "MediaPlayerTimeChanged")
        for signal in _heard(tape, row)
    ]


def polled(tape: Tape, *, phase: float = 0.0) -> list[Signal]:
    """What somebody hears who asks four times a second, beginning `phase` seconds late: MPRIS and HTTP give no more.

    That a medium came to its end is said where its playhead stood there, and else that it stopped.
    """
    return list(_Polled(tape, phase).signals())


def owner(tape: Tape) -> list[Signal]:
    """What we hear when the operator's actions are our own commands."""
    return list(_Owner(tape).signals())


@dataclass
class _Owner:
    tape: Tape
    label: str = ""
    playing: bool = False
    paused: bool = False
    time: float = 0.0
    length: float = 0.0
    rate: float = 1.0
    fullscreen: bool = False
    played: set[str] = field(default_factory=set)
    next_sample: float = 0.0

    def signals(self) -> Iterator[Signal]:
        for row in self.tape.rows:
            yield from self._samples(float(row["t"]))
            if row["kind"] == "op":
                yield from self._command(row)
            else:
                yield from self._event(row)

    def _samples(self, until: float) -> Iterator[Signal]:
        while self.next_sample < until:
            if self.playing:
                yield Sampled(self.next_sample, self.time, self.rate, self.fullscreen)
            self.next_sample += STEP

    def _event(self, row: Row) -> Iterator[Signal]:
        at, name, payload = float(row["t"]), row["event"], row["payload"]
        if name == "MediaPlayerMediaChanged" and self.tape.name.startswith("list_"):
            self.label = payload["media"]
            yield PlayCommanded(at, self.tape.media(self.label))  # The list is driven by us (decision 18).
        if name == "MediaPlayerTimeChanged":
            self.time = payload["new_time"] / 1000
        if name == "MediaPlayerLengthChanged":
            self.length = payload["new_length"] / 1000
        if name == "MediaPlayerPlaying":
            self.playing = True
        if name in ("MediaPlayerEndReached", "MediaPlayerStopped", "MediaPlayerEncounteredError"):
            self.playing = False
        yield from _heard(self.tape, row)

    def _command(self, row: Row) -> Iterator[Signal]:
        at, payload = float(row["t"]), row["payload"]
        match row["event"]:
            case "set_media":
                self.label = payload.get("media", "A")
                yield self._play(at)
            case "play" if self.label in self.played and not self.playing:
                yield self._play(at)
            case "play":
                self.played.add(self.label)
            case "seek":
                self.time = payload["to_ms"] / 1000 if "to_ms" in payload else payload["to_pos"] * self.length
                yield SeekCommanded(at, self.time)
            case "set_rate":
                self.rate = payload["rate"]
            case "set_fullscreen":
                self.fullscreen = bool(payload["on"])
            case "toggle_fullscreen":
                self.fullscreen = not self.fullscreen
            case "next" | "previous":
                yield SkipCommanded(at)
            case "stop" | "list_stop":
                yield StopCommanded(at)
            case "release" if self.playing:
                yield StopCommanded(at)
                self.playing = False
            case _:
                pass

    def _play(self, at: float) -> PlayCommanded:
        media = self.tape.media(self.label)
        replay = any(self.tape.media(label).key == media.key for label in self.played)
        self.time = 0.0
        return PlayCommanded(at, media, replay=replay)


@dataclass
class _Polled:
    tape: Tape
    next_look: float
    playing: bool = False
    time: float | None = None
    told: float | None = None
    length: float = 0.0
    rate: float = 1.0

    def signals(self) -> Iterator[Signal]:
        for row in self.tape.rows:
            yield from self._looks(float(row["t"]))
            if row["event"] == "set_rate":
                self.rate = row["payload"]["rate"]
            for signal in _heard(self.tape, row):
                yield from self._event(signal)

    def _looks(self, until: float) -> Iterator[Signal]:
        while self.next_look <= until:
            if self.playing and self.time is not None:
                yield Sampled(self.next_look, self.time, self.rate, fullscreen=False)
                if self.time != self.told:
                    yield TimeChanged(self.next_look, self.time)
                    self.told = self.time
            self.next_look += STEP

    def _event(self, signal: Signal) -> Iterator[Signal]:
        match signal:
            case MediaChanged(media=media):
                yield replace(signal, media=replace(media, polled=True))
            case TimeChanged():
                self.time = signal.time
            case Opening():
                self.time = self.told = None
                yield signal
            case Playing():
                self.playing = True
                yield signal
            case EndReached():
                self.playing = False
                yield signal if self._is_at_end() else Stopped(signal.at)
            case PlaybackFailed():
                self.playing = False
                yield Stopped(signal.at)
            case Paused() | Stopped():
                self.playing = False
                yield signal
            case LengthChanged():
                self.length = signal.length
                yield signal
            case SeekableChanged():
                yield signal
            case _:
                pass  # Nobody tells an observer of streams, outputs, buffers and sound.

    def _is_at_end(self) -> bool:
        return self.length > 0.0 and (self.time or 0.0) >= self.length - max(1.6, 0.12 * self.length)


def _heard(tape: Tape, row: Row) -> Iterator[Signal]:
    if row["kind"] != "event":
        return
    at, payload = float(row["t"]), row["payload"]
    match row["event"]:
        case "MediaPlayerMediaChanged":
            yield MediaChanged(at, tape.media(payload["media"]))
        case "MediaPlayerOpening":
            yield Opening(at)
        case "MediaPlayerBuffering":
            yield Buffering(at, payload["new_cache"])
        case "MediaPlayerPlaying":
            yield Playing(at)
        case "MediaPlayerPaused":
            yield Paused(at)
        case "MediaPlayerStopped":
            yield Stopped(at)
        case "MediaPlayerEndReached":
            yield EndReached(at)
        case "MediaPlayerEncounteredError":
            yield PlaybackFailed(at)
        case "MediaPlayerTimeChanged":
            yield TimeChanged(at, payload["new_time"] / 1000)
        case "MediaPlayerLengthChanged":
            yield LengthChanged(at, payload["new_length"] / 1000)
        case "MediaPlayerSeekableChanged":
            yield SeekableChanged(at, bool(payload["new_seekable"]))
        case "MediaPlayerESAdded":
            yield TrackAdded(at, TrackKind(payload["es_type"]), payload["es_id"])
        case "MediaPlayerESDeleted":
            yield TrackRemoved(at, TrackKind(payload["es_type"]), payload["es_id"])
        case "MediaPlayerESSelected":
            number = payload["es_id"]
            yield TrackSelected(at, TrackKind(payload["es_type"]), None if number < 0 else number)
        case "MediaPlayerVout":
            yield VideoOutputsChanged(at, payload["new_count"])
        case "MediaPlayerAudioVolume":
            yield VolumeChanged(at, payload["volume"])
        case "MediaPlayerMuted" | "MediaPlayerUnmuted":
            yield MuteChanged(at, row["event"] == "MediaPlayerMuted")
        case _:
            pass
