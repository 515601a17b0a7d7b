"""How each command is executed, and when it is done.

Contract: `begin` does what is ordered and answers how it ended, or a `Work` to be looked at until it has ended. `look`
changes nothing but what the order itself needs.
Rules: what cannot be done now is not begun, and the reason says so. Done is what can be seen: a paused player has said
that it is paused, a next item plays. What is not seen in time has failed, though it may still come. Doing again what is
already so is done. No look waits, and each work ends by itself.
Reasons: an operator who steers hundreds of screens that he does not see must be able to believe a "done".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, assert_never

from agent.player import operations, wire
from agent.player.operations import Operation
from agent.player.surroundings import Phase
from agent.remote.commands import (
    Diagnostics,
    Flush,
    LogLevel,
    Next,
    Order,
    Pause,
    Refresh,
    Report,
    RestartPlayer,
    Resume,
    Volume,
)
from agent.runtime.commanding.hands import Hands, PlayerView

# A pause takes 0.1 s, an item from a slow server some seconds; one that fails to open is noticed later than this, and
# by then nobody waits for the answer.
SEEN_WITHIN_S = 10.0
# A request may take most of this before its destination counts as out of reach.
FLUSHED_WITHIN_S = 30.0
# A host is started within a second, and after many failures in a row within a minute.
RESTARTED_WITHIN_S = 75.0
_NOT_OURS = "the player is not the agent's own (player.source); whoever started it starts it again"
# From these nothing comes by itself.
_AT_REST = frozenset({Phase.RESTING, Phase.SHUT, Phase.FINISHED, Phase.STOPPED})


@dataclass(frozen=True, slots=True)
class Done:
    """It was done. `reason`: what there is to add."""

    reason: str | None = None
    data: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """It was not, or cannot be seen to be."""

    reason: str


Ending = Done | Failed


class Work(Protocol):
    """Something under way."""

    def look(self, now: float) -> Ending | None:
        """How it has ended at `now` (boot-time s), or None."""
        ...


def begin(order: Order, hands: Hands, now: float) -> Ending | Work:
    """Execute `order`."""
    match order:
        case Refresh():
            hands.refresh()
            return Done()
        case Flush():
            newest = hands.queue().newest
            hands.flush()
            return Flushing(hands, newest, now + FLUSHED_WITHIN_S)
        case Next():
            before = hands.player().medium
            return _operate(
                hands,
                operations.Next(),
                now,
                seen=lambda view: view.medium > before and view.playing and not view.paused,
            )
        case Pause():
            return _operate(hands, wire.Pause(), now, seen=lambda view: view.paused, needs_medium=True)
        case Resume():
            # The director takes the pause back before the player does: the playhead tells.
            return _operate(hands, wire.Resume(), now, seen=lambda view: view.moved_at > now and not view.paused)
        case Volume(percent):
            return _turn_to(percent, hands, now)
        case RestartPlayer() if not hands.is_ours:
            return Failed(_NOT_OURS)
        case RestartPlayer():
            run = hands.player().run
            hands.restart_player()
            return Restarting(hands, run, now + RESTARTED_WITHIN_S)
        case LogLevel(level, seconds):
            hands.levels.set(level, until=now + seconds)
            return Done()
        case Diagnostics():
            return Done(data=hands.diagnostics())
        case Report():
            return hands.report(order, now)
        case _:
            assert_never(order)


def _operate(
    hands: Hands, operation: Operation, now: float, *, seen: Callable[[PlayerView], bool], needs_medium: bool = False
) -> Ending | Work:
    view = hands.player()
    if not view.ready:
        return Failed(_no_player(view))
    if needs_medium and not view.medium:
        return Failed(_nothing_plays(view))
    hands.obey(operation)
    return Operating(hands, seen, now + SEEN_WITHIN_S)


def _turn_to(percent: int, hands: Hands, now: float) -> Ending | Work:
    view = hands.player()
    if not view.ready:
        return Failed(_no_player(view))
    hands.obey(wire.SetVolume(percent))
    return Turning(hands, percent, now + SEEN_WITHIN_S)


def _no_player(view: PlayerView) -> str:
    return "no player is running" + (f"; the last one {view.last_loss}" if view.last_loss else "")


def _nothing_plays(view: PlayerView) -> str:
    return f"nothing is on the screen; the playlist: {view.phase.value}"


@dataclass(frozen=True, slots=True)
class Operating:
    """Waits for `seen`, until a boot-time second."""

    hands: Hands
    seen: Callable[[PlayerView], bool]
    until: float

    def look(self, now: float) -> Ending | None:
        view = self.hands.player()
        if self.seen(view):
            return Done()
        if not view.ready:
            return Failed(_no_player(view))
        if not view.medium and view.phase in _AT_REST:
            return Failed(_nothing_plays(view))
        if now >= self.until:
            return Failed(f"asked of the player, but not seen to happen within {SEEN_WITHIN_S:.0f} s")
        return None


@dataclass(frozen=True, slots=True)
class Turning:
    """Waits for the player to tell the volume, as it does while sound comes out; its host keeps it anyhow."""

    hands: Hands
    percent: int
    until: float

    def look(self, now: float) -> Ending | None:
        view = self.hands.player()
        if view.percent == self.percent:
            return Done()
        if not view.ready:
            return Failed(_no_player(view))
        if now >= self.until:
            return Done("the player has it, and has told no change, as while no sound comes out")
        return None


@dataclass(frozen=True, slots=True)
class Flushing:
    """Waits until all destinations are done with what there was when they were asked; not with what came since."""

    hands: Hands
    newest: int
    until: float

    def look(self, now: float) -> Ending | None:
        waiting = [sink for sink in self.hands.queue().sinks if sink.depth and sink.passed < self.newest]
        if not waiting:
            return Done()
        if now < self.until:
            return None
        texts = (f"{sink.name}: {sink.depth} events wait" + (f", {sink.text}" if sink.text else "") for sink in waiting)
        return Failed(f"not all was delivered within {FLUSHED_WITHIN_S:.0f} s; {'; '.join(texts)}")


@dataclass(frozen=True, slots=True)
class Restarting:
    """Waits for a host other than the `run`-th."""

    hands: Hands
    run: int
    until: float

    def look(self, now: float) -> Ending | None:
        view = self.hands.player()
        if view.ready and view.run != self.run:
            return Done()
        if now < self.until:
            return None
        what = "the player of before still runs" if view.ready else _no_player(view)
        return Failed(f"no new player within {RESTARTED_WITHIN_S:.0f} s: {what}")
