"""Makes signals of what a player that is not ours shows of itself.

Contract: `see` is given the player's state whenever it is told, `read` each position, `lose` that it is gone, `tick`
the time; all return what is to be said, each with the token of the medium that it is about. `due` is when `tick` is
wanted. `plays`: whether positions are worth asking for. Pure: it is told the time (boot-time s).
Rules: a playback begins when the player has an item and plays or pauses it, and again when it does so after a stop:
each has a token of its own, and is told from the beginning. VLC stops between any two items. That stop was the item's
end where the playhead had come near it; else it is said at once that the picture is gone (Halted), and the reason is
held back: it is a skip if another item follows soon, and only then a stop. (Holding it for less than the tracker waits
for a stall would not do: on a slow Pi the next item may take longer.) A change of rate or of the screen is said at
once. A volume that becomes known in mid-play is no change.
What a step of the playhead was (a seek, another pass, nothing) is judged by the tracker, as everything else.
Reasons: vlc.md section 7, R2, R5.
"""

from dataclasses import dataclass

from agent.kernel import signals
from agent.kernel.signals import Signal
from agent.player.attached.playhead import Playhead
from agent.player.attached.state import Item, State, Status
from agent.player.wire import MediumFound

Told = tuple[int, Signal | MediumFound]

STOP_HELD = 2.0
"""The next item came 0.1 to 0.2 s after the stop before it; on a busy Pi that may take ten times as long (s)."""

END_NEAR = 1.6
"""So near (s) to its end an item has come to it (R5: a sound card that is not drained ends 1.3 s early)..."""

END_PART, END_NEAR_SHORT = 0.25, 0.5
"""... but not more than this part of it, and never less than this many seconds, which are one of VLC's steps. A player
that is gone without a word (--play-and-exit, or somebody killed it) must have come as near as that."""

LONGEST, LONGEST_NAME = 4096, 256
"""Signs of an address, and of a title or place: the agent takes lines of 64 KiB, and a film's address is shorter."""

RATE_DIGITS = 2
"""VLC counts in thousandths of a second a second: 1.5 comes back as 1.5015."""


@dataclass(slots=True)
class _Playback:
    item: Item
    playhead: Playhead


class Observer:
    """One player's story, whichever player it is at the time."""

    def __init__(self) -> None:
        self.token = 0
        self._state = State()
        self._playback: _Playback | None = None
        self._stopped_at: float | None = None
        self._told: list[Told] = []

    @property
    def plays(self) -> bool:
        """Whether the playhead runs."""
        return self._playback is not None and self._state.status is Status.PLAYING

    @property
    def position(self) -> float | None:
        """The last position (media s) of what plays; None where nothing does, or it has not moved yet."""
        return self._playback.playhead.position if self._playback is not None and self.plays else None

    @property
    def due(self) -> float | None:
        """When a stop that is held back counts as one."""
        return None if self._stopped_at is None else self._stopped_at + STOP_HELD

    def see(self, state: State, at: float) -> list[Told]:
        """The player is in `state`."""
        before, self._state = self._state, state
        self._flush_stop(at)
        playback, item = self._playback, state.item
        gone = state.status is Status.STOPPED or item is None
        if playback is not None and (gone or item is None or not item.is_the_same(playback.item)):
            self._leave(playback, before, at)
            playback = None
        if gone or item is None:
            pass
        elif playback is None:
            self._begin(item, state, at)
        else:
            self._compare(playback, item, before, state, at)
        return self._drain()

    def read(self, position: float, at: float, *, pushed: bool = False) -> list[Told]:
        """The playhead was at `position` (media s). `pushed`: the player said so without being asked."""
        playback, state = self._playback, self._state
        if playback is None or state.status is not Status.PLAYING:
            return []
        is_news = playback.playhead.take(position, at, pushed=pushed)
        if is_news:
            self._say(signals.TimeChanged(at, position))
        if is_news or not pushed:
            self._sample(playback, state, at)
        return self._drain()

    def lose(self, at: float) -> list[Told]:
        """The player is gone; nothing more is known of what it played."""
        self._flush_stop(at, now=True)
        if self._playback is not None:
            is_over = _is_over(self._playback, self._state, at, END_NEAR_SHORT)
            self._say(signals.EndReached(at) if is_over else signals.PlayerLost(at))
        self._playback, self._state = None, State()
        return self._drain()

    def tick(self, now: float) -> list[Told]:
        """It is `now`."""
        self._flush_stop(now)
        return self._drain()

    def _flush_stop(self, at: float, *, now: bool = False) -> None:
        """Say the stop that was held back, once its time has come."""
        stopped_at = self._stopped_at
        if stopped_at is not None and (now or at >= stopped_at + STOP_HELD):
            self._stopped_at = None
            self._say(signals.Stopped(stopped_at))

    def _begin(self, item: Item, state: State, at: float) -> None:
        self._stopped_at = None  # Another item has come, or the same once more: that was a skip.
        self.token += 1
        self._playback = _Playback(item, Playhead(changed=at))
        title = None if item.title is None else item.title[:LONGEST_NAME]
        self._say(MediumFound(at, item.uri[:LONGEST], title, item.place[:LONGEST_NAME]), signals.Opening(at))
        if item.length is not None:
            self._say(signals.LengthChanged(at, item.length))
        if state.seekable is not None:
            self._say(signals.SeekableChanged(at, state.seekable))
        if state.volume is not None:
            self._say(signals.VolumeChanged(at, state.volume))
        self._say(signals.Playing(at) if state.status is Status.PLAYING else signals.Paused(at))

    def _compare(self, playback: _Playback, item: Item, before: State, state: State, at: float) -> None:
        if item.length is not None and item.length != playback.item.length:
            self._say(signals.LengthChanged(at, item.length))
        playback.item = item if item.length is not None else playback.item
        if state.seekable is not None and state.seekable != before.seekable:
            self._say(signals.SeekableChanged(at, state.seekable))
        if state.volume is not None and before.volume is not None and state.volume != before.volume:
            self._say(signals.VolumeChanged(at, state.volume))
        if state.status is not before.status:
            self._say(signals.Playing(at) if state.status is Status.PLAYING else signals.Paused(at))
            playback.playhead.unsettle(at)
        if state.rate != before.rate:
            playback.playhead.unsettle(at)
        if (state.rate, state.fullscreen) != (before.rate, before.fullscreen):
            self._sample(playback, state, at)

    def _leave(self, playback: _Playback, before: State, at: float) -> None:
        self._playback = None
        if _is_over(playback, before, at, END_NEAR):
            self._say(signals.EndReached(at))
        elif self._state.status is Status.STOPPED:
            self._stopped_at = at
            self._say(signals.Halted(at))

    def _sample(self, playback: _Playback, state: State, at: float) -> None:
        position = playback.playhead.position
        if position is not None:
            self._say(signals.Sampled(at, position, round(state.rate, RATE_DIGITS), state.fullscreen))

    def _say(self, *told: Signal | MediumFound) -> None:
        self._told += [(self.token, each) for each in told]

    def _drain(self) -> list[Told]:
        told, self._told = self._told, []
        return told


def _is_over(playback: _Playback, before: State, at: float, near: float) -> bool:
    """Whether the playhead, in the state `before`, had come by `at` as `near` to the end as an end is (s)."""
    length, rate = playback.item.length, before.rate
    reached = playback.playhead.reached(at, rate=rate if before.status is Status.PLAYING else 0.0)
    if length is None or reached is None:
        return False
    return reached >= length - min(near, max(END_NEAR_SHORT, END_PART * length)) * max(rate, 1.0)
