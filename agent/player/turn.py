"""One item's turn: what its player has said so far, as far as going on depends on it.

Contract: `load` is the command that begins it; `hear` takes the signals of this medium; `due` says when the item has
taken too long, is at its limit, or may be at the end of its opening hours; `begins_again` whether a sample is another
pass's.
Rules: paused time never counts as stuck, from the operator's word on: in mid-stall libvlc says Paused only when data is
back. The playhead must move for an item to count as played (vlc.md R5: a garbage file "plays" to its end too).
"""

from dataclasses import dataclass

from agent.kernel import passes, signals
from agent.kernel.signals import Signal
from agent.player.items import Item, Screen
from agent.player.wire import Load

# A frozen input still sends times that differ by a millisecond or two (vlc.md R3).
STILL_S = 0.005
# A playing host tells the playhead every 0.25 s; what hangs for longer is replaced by the supervisor.
SLEPT_S = 2.0
# A seek has landed by then; a pass that ends meanwhile is followed by one more.
SOUGHT_S = 3.0
# Anything shorter may end before libvlc says a time (measured: an image of 0.1 s, MP3 sound of 0.4 to 1.25 s).
BRIEF_S = 1.5


@dataclass(slots=True)
class Turn:
    """`token`: the load's. `began`: when it was loaded, `hours_due`: when to ask whether it may still be shown
    (boot-time s). `resume_at`: where it goes on (media s) after a spot took its place. `last_pass`: VLC repeats it, and
    it is over with the present pass. `sought_at`: the latest seek of an operator (boot-time s). `loaded`: where the
    player took it from."""

    token: int
    item: Item
    began: float
    playing: bool = False
    paused: bool = False
    told_to_pause: bool = False
    moved: bool = False
    length: float = 0.0
    time: float | None = None
    moved_at: float = 0.0
    heard_at: float | None = None
    limit_due: float | None = None
    hours_due: float | None = None
    resume_at: float | None = None
    last_pass: bool = False
    sought_at: float | None = None
    loaded: str | None = None

    def __post_init__(self) -> None:
        if self.resume_at is not None:
            self.moved, self.time = True, self.resume_at

    def load(self, screen: Screen) -> Load:
        """The command that begins it; what the item does not say is as the screen has it."""
        item = self.item
        options = item.options
        if self.resume_at is not None and not item.media.live:
            options = (*options, f":start-time={self.resume_at:.3f}")  # VLC takes the last one of a name.
        return Load(
            medium=self.token,
            uri=item.media.uri,
            options=options,
            volume=item.volume if item.volume is not None else screen.volume,
            audio_device=item.audio_device if item.audio_device is not None else screen.audio_device,
            rotation=item.rotation if item.rotation is not None else screen.rotation,
            fullscreen=screen.fullscreen,
        )

    def hear(self, signal: Signal) -> None:
        """Note what the signal says about getting on."""
        self._forget_sleep(signal.at)
        match signal:
            case signals.Playing(at):
                if not self.playing and self.item.limit is not None:
                    self.limit_due = at + self.item.limit
                self.playing, self.paused, self.moved_at = True, False, at
            case signals.Paused():
                self.paused = True
            case signals.LengthChanged(_, length):
                self.length = length
            case signals.TimeChanged(at, time) | signals.Sampled(at, time, _, _):
                if self.time is None or abs(time - self.time) > STILL_S:
                    self.moved = self.moved or isinstance(signal, signals.TimeChanged)
                    self.time, self.moved_at = time, at
            case _:
                return

    def begins_again(self, signal: Signal) -> bool:
        """Whether VLC has begun another pass of what it repeats."""
        repeats = self.last_pass or self.item.media.repeats
        if not repeats or not isinstance(signal, signals.TimeChanged | signals.Sampled) or self.time is None:
            return False
        if self.sought_at is not None and signal.at - self.sought_at < SOUGHT_S:
            return False
        return passes.comes_back(signal.time, self.time, self.item.media.start or 0.0)

    def _forget_sleep(self, at: float) -> None:
        """A player whose playhead was heard of, and that then said nothing for long, slept with the whole machine."""
        if self.heard_at is not None and self.time is not None and at - self.heard_at > SLEPT_S:
            self.moved_at += at - self.heard_at
        self.heard_at = at

    @property
    def is_brief(self) -> bool:
        """Whether it plays, and is known to be too short for its playhead to be heard of."""
        media = self.item.media
        ends = self.length if media.stop is None else min(self.length, media.stop)
        return self.playing and 0.0 < ends - (media.start or 0.0) < BRIEF_S

    def pause(self) -> None:
        """The operator's word."""
        self.told_to_pause = True

    def resume(self, now: float) -> None:
        """The operator's word; the picture has as long to come back as after any stall."""
        self.told_to_pause = self.paused = False
        self.moved_at = max(self.moved_at, now)

    def due(self, *, open_within: float, stuck: float) -> float | None:
        """The boot-time second at which somebody must look at this turn; None while paused without a limit."""
        dues = [self.limit_due, self.hours_due]
        if not self.playing:
            dues.append(self.began + open_within)
        elif not (self.paused or self.told_to_pause):
            dues.append(self.moved_at + stuck)
        return min((due for due in dues if due is not None), default=None)
