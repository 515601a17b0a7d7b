"""The list on the screen: which item is played, and when it is over.

Contract: what the director drives. `tick` goes on where something took too long or a wait is over; `deadline` says when
it must be called at the latest; `state` is what must survive a restart, saved with the tracker's checkpoint. `outcomes`
counts the items that were given up and has the news. No thread, no clock, no file of its own.
Rules
- An item is over by EndReached, a failure, its player's loss, or because it does not come on: opening for
  `OPEN_WITHIN_S`, or a playhead that stands still for `STUCK_S`. Then the next one is played. Nothing ever stops the
  list: a bad item is fed as a failed playback, the wait after a pass of nothing but bad ones is the rotation's.
- What is on the screen at closing time is given up, whatever it does. Until then the question is asked again every
  `showing.ASK_AGAIN_S`, for the clock on the wall may be set meanwhile.
- A load's token is never given twice.
- An item is shown with its spots (agent.player.showing): what an operator or the hours do concerns all of it.
- A local file that plainly is not there is not given to libvlc, but its failure is told all the same.
- Order: the signal that ends a playback, then the command that begins the next.
Reasons: decisions 11, 12, 19; vlc.md sections 0 (5) and 3 (R6).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

from agent.kernel import signals
from agent.kernel.rotation import Finished, Rest, Rotation, Shut, Take
from agent.kernel.signals import Signal
from agent.player import wire
from agent.player.items import Item, Screen
from agent.player.outcomes import Reason
from agent.player.showing import Showing
from agent.player.surroundings import Link, Phase, Surroundings

# The tracker's own word for a medium that does not open comes first (vlc.md R6: 10 to 15 s), then we go on.
OPEN_WITHIN_S = 16.0
# Longer than any rebuffering that a visitor would wait for.
STUCK_S = 60.0
# Opening hours have minutes; a quarter of one is soon enough.
LOOK_AGAIN_S = 15.0
# Of a list of thousands that are not there each costs some milliseconds; the main loop has others to serve meanwhile.
MISSING_AT_ONCE = 10


class Carousel(Showing):
    """`items` have different keys. `state` is an earlier process's `state()`, `boot` this boot's id.

    `hands_over`: the player goes on without us (agent.player.resuming). `tokens_from`: no process before has given a
    load's token that is larger.
    """

    def __init__(
        self,
        items: Sequence[Item],
        rotation: Rotation,
        *,
        link: Link,
        screen: Screen,
        around: Surroundings,
        boot: str,
        state: Mapping[str, Any] | None = None,
        hands_over: bool = False,
        tokens_from: int = 0,
    ) -> None:
        super().__init__(link=link, screen=screen, around=around)
        self._items = {item.media.key: item for item in items}
        self._boot = boot
        self._hands_over = hands_over
        self._tokens = tokens_from
        self._rotation = replace(rotation, keys=tuple(self._items))
        self._planned = screen
        self._wake: float | None = None
        self.last_key: str | None = None
        if state is not None:
            self._resume(state)

    def _resume(self, state: Mapping[str, Any]) -> None:
        same_boot = state.get("boot") == self._boot
        rotation, tokens = state.get("rotation"), state.get("tokens")
        if isinstance(rotation, Mapping):
            self._rotation = self._rotation.resumed(rotation, same_boot=same_boot)
        if type(tokens) is int:
            self._tokens = max(self._tokens, tokens)
        if same_boot and state.get("stopped") is True:
            self.phase = Phase.STOPPED

    def state(self, *, orderly: bool = False) -> dict[str, Any]:
        """What must survive a restart, as JSON.

        `orderly`: the process was asked to end. That is as good as a reboot, so a finished list begins anew, and the
        item is not counted as cut short.
        """
        rotation = self._rotation.again() if orderly and self._program is not None else self._rotation
        return {
            "boot": "" if orderly else self._boot,
            "tokens": self._tokens,
            "stopped": self.phase is Phase.STOPPED,
            "rotation": rotation.state(),
        }

    @property
    def items(self) -> tuple[Item, ...]:
        """The list."""
        return tuple(self._items.values())

    @property
    def place(self) -> tuple[int, int]:
        """Where the current or last item stands in the list (from 1; 0 before the first), and the list's length."""
        keys = list(self._items)
        return (keys.index(self.last_key) + 1 if self.last_key in self._items else 0), len(keys)

    @property
    def deadline(self) -> float | None:
        """The boot-time second at which `tick` is due, or None."""
        if self._turn is None:
            return self._wake
        return self._turn.due(open_within=OPEN_WITHIN_S, stuck=STUCK_S)

    def tick(self, now: float) -> list[Signal]:
        """Go on where something took too long, or where a wait is over."""
        if self.deadline is None or now < self.deadline:
            return []
        turn = self._turn
        if turn is None:
            return self._advance(now)
        if turn.hours_due is not None and now >= turn.hours_due and not self._is_open(turn, now):
            return self._skip(now, Reason.CLOSED)
        if turn.limit_due is not None and now >= turn.limit_due:
            if self._program is not None and self._program.item.spots:
                # In a program that is its end: something may come after it.
                return [signals.EndReached(now), *self._ended(turn, now)]
            self.outcomes.ended(turn.item)
            return self._skip(now)
        if now < (self.deadline or now):
            return []
        # Nothing else ends a playback that hangs; the tracker takes it as the failure that it is.
        return [signals.PlaybackFailed(now), *self._failed(turn, now)]

    def _leave(self, now: float, *, played: bool) -> list[Signal]:
        """The program is over: the next one."""
        self._program = self._turn = None
        self._rotation = self._rotation.ended(played=played)
        return self._advance(now)

    def _skip(self, now: float, reason: Reason = Reason.SKIPPED) -> list[Signal]:
        self._rotation = self._rotation.skipped()
        return [*self._give_up(now, reason), *self._advance(now)]

    def _give_up(self, now: float, reason: Reason = Reason.SKIPPED) -> list[Signal]:
        if self._program is None:
            return []
        self.outcomes.gave_up(self._program.item, reason)
        self._program = self._turn = None
        return [signals.SkipCommanded(now)]

    def _may_play(self, key: str) -> bool:
        return self._around.may_play(self._items[key])

    def _advance(self, now: float, *, replay: bool = False) -> list[Signal]:
        """Play the next item that can be played, if there is a player; told are also those that are not there."""
        self._wake = None
        if not self._host_ready:
            self.phase = Phase.WAITING
            return []
        told: list[Signal] = []
        # After one failure for each item the rotation rests or has finished.
        for number in range(len(self._items) + 1):
            if number == MISSING_AT_ONCE:
                self._wake = now
                break
            self._rotation, choice = self._rotation.choose(self._may_play)
            match choice:
                case Take(key):
                    told += self._open(self._items[key], now, replay=replay)
                    if self._program is not None:
                        return told
                case Rest(seconds):
                    self.phase, self._wake = Phase.RESTING, now + seconds
                    self.outcomes.rests(now)
                    break
                case Shut():
                    self.phase, self._wake = Phase.SHUT, now + LOOK_AGAIN_S
                    break
                case Finished():
                    self.phase = Phase.FINISHED
                    break
                case _:
                    assert_never(choice)
        self._link.send(wire.Stop())
        return told

    def _open(self, item: Item, now: float, *, replay: bool) -> list[Signal]:
        media = item.media
        begin = signals.ProgramCommanded if item.spots else signals.PlayCommanded
        commanded = begin(now, media, replay and media.key == self.last_key)
        self.last_key = media.key
        if not self._around.may_exist(item):
            self._rotation = self._rotation.ended(played=False)
            self.outcomes.gave_up(item, Reason.MISSING)
            return [commanded, signals.MediaChanged(now, media), signals.PlaybackFailed(now)]
        return [commanded, *self._begin(item, now)]
