"""One item on the screen, with its spots: which medium of it the player has, and when that is over.

Contract: `Showing` is the carousel's lower half: `_begin` shows an item, `_over` goes on from a medium, `_leave` is
called when everything of the item has been shown.
Rules
- A spot that is not there, is closed now or fails is gone on from, even where it took the player with it; it never
  fails its content. A content that fails ends its program. What is missing is not given to libvlc, but it is told.
- A midroll or overlay that its content ends before is counted: its moment in the list is wrong. One that a seek went
  over is not.
- A midroll takes the content's place; the content is then loaded again, at where it was. An overlay is drawn over it.
- Order: the signal that ends a medium, then the command that begins the next. Each load has a token of its own.
Reasons: decisions 2, 11; libvlc has one player (vlc.md section 6), and its logo filter keeps one image.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace

from agent.kernel import signals
from agent.kernel.media import Role
from agent.kernel.signals import Signal
from agent.player import wire
from agent.player.items import Item, Screen, Spot
from agent.player.kinds import file_of
from agent.player.outcomes import Outcomes, Reason
from agent.player.program import Program
from agent.player.surroundings import Link, Phase, Surroundings
from agent.player.turn import Turn

# A Pi without a battery clock plays before it knows the time of day.
ASK_AGAIN_S = 60.0


class Showing(ABC):
    """`phase` and `outcomes` are the carousel's too. `run`: the latest player that was ready; 0: there was none.

    `nearest`: where the player is to take a medium from; all else goes by its address.
    """

    def __init__(self, *, link: Link, screen: Screen, around: Surroundings) -> None:
        self._link = link
        self._screen = screen
        self._around = around
        self._program: Program | None = None
        self._turn: Turn | None = None
        self._tokens = 0
        self._host_ready = self._seen = False
        self.run = 0
        self.phase = Phase.WAITING
        self.nearest: Callable[[str], str] = str
        self.outcomes = Outcomes(around.tell)

    @property
    def current(self) -> Item | None:
        """What is being played: the content, also while one of its spots is on the screen."""
        return self._program.item if self._program is not None else None

    @property
    def turn(self) -> Turn | None:
        """The medium that the player has, of the item or of a spot; to be looked at only."""
        return self._turn

    @property
    def shows(self) -> bool:
        """Whether the present player has shown a picture that moved, or rightly shows nothing."""
        return self._host_ready and (self._seen or self.phase in (Phase.SHUT, Phase.FINISHED, Phase.STOPPED))

    @property
    def spots(self) -> tuple[tuple[Role, int], ...]:
        """What is seen of the item's spots, by role and by place among them (from 1): one in its place, one over it."""
        program, turn = self._program, self._turn
        if program is None:
            return ()
        seen = [spot for spot in program.item.spots if turn is not None and spot.item is turn.item]
        return tuple((spot.item.media.role, program.place(spot)) for spot in (*seen, program.overlay) if spot)

    def _begin(self, item: Item, now: float) -> list[Signal]:
        program = self._program = Program(item)
        return [*self._sift(program, now), *self._proceed(program, now)]

    @abstractmethod
    def _leave(self, now: float, *, played: bool) -> list[Signal]:
        """Everything of the item has been shown, or its content failed; `played`: it could be played."""

    def _is_content(self, turn: Turn) -> bool:
        return self._program is not None and turn.item is self._program.item

    def _is_open(self, turn: Turn, now: float) -> bool:
        """Whether the item may still be shown; notes when to ask again."""
        left = self._around.closes_in(self._program.item if self._program is not None else turn.item)
        turn.hours_due = None if left is None else now + min(left, ASK_AGAIN_S)
        return left is None or left > 0

    def _failed(self, turn: Turn, now: float) -> list[Signal]:
        return self._over(turn, now, Reason.FAILED if turn.moved else Reason.UNPLAYABLE)

    def _ended(self, turn: Turn, now: float) -> list[Signal]:
        if not (turn.moved or turn.is_brief):
            return self._over(turn, now, Reason.UNPLAYABLE)
        self._plays(turn, now)
        self.outcomes.ended(turn.item)
        return self._over(turn, now, None)

    def _plays(self, turn: Turn, now: float) -> None:
        if self._is_content(turn):
            self.outcomes.plays(now)

    def _over(self, turn: Turn, now: float, reason: Reason | None) -> list[Signal]:
        """The medium is over: the next one, once there is a player for it. `reason`: why it is counted as given up."""
        if reason is not None:
            self.outcomes.gave_up(turn.item, reason)
        program, self._turn = self._program, None
        if program is None or (reason is not None and turn.item is program.item):
            return self._leave(now, played=reason is not Reason.UNPLAYABLE)
        if turn.item is not program.item:
            return self._proceed(program, now)
        for spot in program.end_content(turn):
            self.outcomes.gave_up(spot.item, Reason.UNREACHED)
        return [*self._sift(program, now), *self._proceed(program, now)]

    def _sift(self, program: Program, now: float) -> list[Signal]:
        """Leave out of what plays next the spots that may not be shown now, and tell those that are not there."""
        told: list[Signal] = []
        may_play = [spot for spot in program.queue if self._around.may_play(spot.item)]
        program.queue = [spot for spot in may_play if self._around.may_exist(spot.item)]
        for spot in may_play:
            if spot not in program.queue:
                self.outcomes.gave_up(spot.item, Reason.MISSING)
                told.append(signals.SpotMissed(now, spot.item.media))
        return told

    def _proceed(self, program: Program, now: float) -> list[Signal]:
        """Play the next medium of the program, or the next program, once there is a player for it."""
        if not self._host_ready:
            self.phase = Phase.WAITING
            return []
        self.phase = Phase.PLAYING
        if program.queue:
            spot = program.queue.pop(0)
            self._load(spot.item, now)
            return [signals.SpotCommanded(now, spot.item.media)]
        if not program.content_over:
            self._load(program.item, now, resume_at=program.time)
            return [signals.ContentCommanded(now)] if program.item.spots else []
        over: list[Signal] = [signals.ProgramOver(now)] if program.item.spots else []
        return [*over, *self._leave(now, played=True)]

    def _load(self, item: Item, now: float, *, resume_at: float | None = None) -> None:
        self._tokens += 1
        self._turn = Turn(self._tokens, item, began=now, resume_at=resume_at)
        self._is_open(self._turn, now)
        # Where the line is cut, the host's loss is on its way to us, and goes on from here.
        self._turn.loaded = self.nearest(item.media.uri)
        self._link.send(replace(self._turn.load(self._screen), uri=self._turn.loaded))

    def _look(self, turn: Turn, now: float) -> list[Signal]:
        """The content's playhead moved: what comes at its moment."""
        program = self._program
        if program is None or not program.item.spots or turn.item is not program.item or turn.time is None:
            return []
        program.queue = program.reached(turn.time)
        told = self._sift(program, now)
        if program.queue:
            program.overlay = None
            return [*told, *self._proceed(program, now)]
        overlay = program.overlay_due()
        if overlay is not program.overlay:
            told += self._draw(program, overlay, now)
        return told

    def _draw(self, program: Program, overlay: Spot | None, now: float) -> list[Signal]:
        program.show(overlay)
        may_play = overlay is not None and self._around.may_play(overlay.item)
        if overlay is not None and may_play and self._around.may_exist(overlay.item):
            self._link.send(wire.Overlay(str(file_of(overlay.item.media.uri))))
            return [signals.OverlayShown(now, overlay.item.media)]
        program.overlay = None
        self._link.send(wire.Overlay(None))
        told: list[Signal] = [signals.OverlayHidden(now)]
        if overlay is not None and may_play:
            self.outcomes.gave_up(overlay.item, Reason.MISSING)
            told.append(signals.SpotMissed(now, overlay.item.media))
        return told
