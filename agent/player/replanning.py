"""Another list, or other ways to play it, while something is on the screen.

Contract: `replan` takes what is to be played from now on and returns the signals to feed to the tracker: none where the
present item plays on.
Rules
- An item that is in the new list as it was plays on untouched, and the new list goes on behind it. One that has left,
  or is another now, plays to its natural end as what it was begun, spots and entry included. What has no end (a live
  stream without a limit, a medium without a length) is given up at once, as skipped.
- Hours and an item's own volume hold at once. Of the screen only what is changed does: what an operator set
  meanwhile stays.
- A list that waits (it rests, is shut or has finished) goes on at once with what is new. One that was stopped stays so.
Reasons: decision 12 (a session is one playback, and nobody asked for another one); decision 33 (the playlist is live).
"""

from dataclasses import fields, replace

from agent.kernel.signals import Signal
from agent.player import wire
from agent.player.carousel import Carousel
from agent.player.items import Item, Plan, Screen
from agent.player.program import Program
from agent.player.surroundings import Phase

# VLC's option with which every image of a list has an end.
IMAGE_DURATION = ":image-duration="


class Replanning(Carousel):
    """A carousel whose list may be exchanged."""

    def replan(self, plan: Plan, now: float) -> list[Signal]:
        """Play as `plan` says from now (boot-time s) on."""
        loud = self._loudness()
        self._show_as(plan.screen)
        told = self._relist(plan, now) if self._is_news(plan) else []
        # A medium that was only now loaded came with its volume.
        if not told and loud is not None and (wanted := self._loudness()) is not None and wanted != loud:
            self._link.send(wire.SetVolume(wanted))
        return told

    def _is_news(self, plan: Plan) -> bool:
        rotation = self._rotation
        return (plan.items, plan.loop, plan.shuffle) != (self.items, rotation.loop, rotation.shuffle)

    def _loudness(self) -> int | None:
        """How loud what the player has should be, in percent; None where it has nothing."""
        if self._turn is None:
            return None
        own = self._turn.item.volume
        return own if own is not None else self._screen.volume

    def _show_as(self, screen: Screen) -> None:
        names = [field.name for field in fields(Screen)]
        changed = {
            name: getattr(screen, name) for name in names if getattr(screen, name) != getattr(self._planned, name)
        }
        self._screen, self._planned = replace(self._screen, **changed), screen

    def _relist(self, plan: Plan, now: float) -> list[Signal]:
        self._items = {item.media.key: item for item in plan.items}
        self._rotation = self._rotation.replanned(tuple(self._items), loop=plan.loop, shuffle=plan.shuffle)
        spots = {spot.item.media.key for item in plan.items for spot in item.spots}
        self.outcomes.keep(spots | self._items.keys())
        program = self._program
        if program is None:
            return self._advance(now) if self._goes_on() else []
        found = self._items.get(program.item.media.key)
        if found is not None:
            self._adopt(program, found, now)
        if found == program.item:
            return []
        if self._turn is not None:
            self._turn.last_pass = self._turn.item.media.repeats
        return [] if self._has_end(program) else self._skip(now)

    def _goes_on(self) -> bool:
        """Whether a list that shows nothing has a reason to look again."""
        waits = self.phase is Phase.FINISHED and not self._rotation.finished
        return waits or self.phase in (Phase.RESTING, Phase.SHUT)

    def _adopt(self, program: Program, found: Item, now: float) -> None:
        """What holds at once of an item in its turn."""
        before, turn = program.item, self._turn
        program.item = replace(before, window=found.window, volume=found.volume)
        if turn is None:
            return
        if turn.item is before:
            turn.item = program.item
        if found.window != before.window:
            turn.hours_due = now

    def _has_end(self, program: Program) -> bool:
        item, turn = program.item, self._turn
        if item.media.live or item.limit is not None:
            return item.limit is not None
        bounded = item.media.stop is not None or any(option.startswith(IMAGE_DURATION) for option in item.options)
        if bounded or turn is None or turn.item is not item:
            return True
        # An address does not say that its stream is live; VLC knows the length of whatever has one before it plays.
        return not turn.moved or turn.length > 0
