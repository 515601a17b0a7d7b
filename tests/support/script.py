"""A player to script: the signals of a playback that a story wants, in VLC's order and at VLC's pace."""

from collections.abc import Callable
from typing import Self

from agent.kernel.events import Event
from agent.kernel.media import Media
from agent.kernel.session import SessionTracker
from agent.kernel.signals import (
    Buffering,
    EndReached,
    LengthChanged,
    MediaChanged,
    Opening,
    PlayCommanded,
    Playing,
    SeekCommanded,
    Signal,
    Stopped,
    TimeChanged,
    TrackAdded,
    TrackKind,
    TrackSelected,
    VideoOutputsChanged,
)

CLIP = Media(key="A", uri="file:///srv/a.mp4", entry_id="0_aaaa")
STEP = 0.5


class Script:
    """Signals in the making. `at`: the boot-time s of the next one; `time`: where the playhead is (media s)."""

    def __init__(self, media: Media = CLIP, *, owned: bool = False, at: float = 100.0) -> None:
        self.media = media
        self.owned = owned
        self.at = at
        self.time = 0.0
        self.signals: list[Signal] = []

    def say(self, kind: Callable[..., Signal], *parts: object) -> Self:
        """One signal, now."""
        self.signals.append(kind(self.at, *parts))
        return self

    def wait(self, seconds: float) -> Self:
        """Nothing is said for `seconds`."""
        self.at += seconds
        return self

    def open(self, media: Media | None = None, *, length: float = 8.0, replay: bool = False) -> Self:
        """A medium is opened and begins to play; the first picture is not yet there."""
        self.media = self.media if media is None else media
        self.time = self.media.start or 0.0
        if self.owned:
            self.say(PlayCommanded, self.media, replay)
        self.say(MediaChanged, self.media).say(Opening).say(Buffering, 0.0)
        self.say(TrackAdded, TrackKind.VIDEO, 0).say(TrackAdded, TrackKind.AUDIO, 1).say(LengthChanged, length)
        self.wait(0.1).say(TrackSelected, TrackKind.VIDEO, 0).say(TrackSelected, TrackKind.AUDIO, 1).say(Playing)
        return self.pulse().say(VideoOutputsChanged, 1)

    def pulse(self) -> Self:
        """The buffer empties and fills at once."""
        return self.say(Buffering, 0.0).say(Buffering, 100.0)

    def play(self, to: float, *, rate: float = 1.0) -> Self:
        """Playback goes on to the media time `to`, a sample every half second."""
        while self.time < to - 1e-9:
            step = min(STEP * rate, to - self.time)
            self.time += step
            self.wait(step / rate).say(TimeChanged, round(self.time, 3))
        return self

    def seek(self, to: float) -> Self:
        """A jump to the media time `to`: as owner with the command and VLC's echo of it."""
        if self.owned:
            self.say(SeekCommanded, to).say(TimeChanged, to)
        self.time = to
        return self.pulse()

    def end(self) -> Self:
        """The input is over."""
        return self.wait(0.1).say(EndReached).say(Stopped)

    def told(self, *, silence: float = 0.0, tracker: SessionTracker | None = None) -> list[Event]:
        """What a tracker tells of it, with `silence` seconds after the last signal."""
        tracker = SessionTracker() if tracker is None else tracker
        events = [event for signal in self.signals for event in tracker.feed(signal)]
        return events + tracker.tick(self.at + silence)
