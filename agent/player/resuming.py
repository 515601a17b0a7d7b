"""A play that went on while the agent was away is gone on with, not begun again.

Contract: a list whose player is a service of its own (`hands_over`). Its state says what is being played, and what was
last heard of it; a process that starts with such a state waits for that very run of a host. `is_behind`: what was said
while nobody listened has not all been heard yet, and until then no time may pass for the tracker.
Rules
- The run that was awaited is gone on with: nothing is loaded, and what it says again is about the same load. Another
  run, or none within `HANDOVER_WITHIN_S`, or a host that has something else loaded by now: the play is lost, and told
  as over at the last moment that was heard of.
- An operator who wants something else does not wait for it.
- Loads that no state knows of, of a process that was killed before it could commit, are nobody's: each process gives
  tokens of its own (`tokens_from`).
- A midroll or overlay whose moment is long past when it is heard of is passed over, as by a seek.
Reasons: decision 32; the tracker judges silence, and it was ours.
"""

from collections.abc import Mapping
from typing import Any

from agent.kernel import signals
from agent.kernel.signals import Signal
from agent.player import handover
from agent.player.handover import Going
from agent.player.replanning import Replanning
from agent.player.reports import HostCaughtUp
from agent.player.surroundings import Phase
from agent.player.turn import Turn

# A host dials each second, and says hello at once. Ten tries, for a card that is slow when everything starts.
HANDOVER_WITHIN_S = 10.0
# The tracker's clock never goes back, so what happens at this second happens at the last moment that it heard of.
AT_LAST_MOMENT = 0.0


class Resuming(Replanning):
    """`taken`: run and number of the last signal that was taken in."""

    taken: tuple[int, int] = (0, 0)
    _awaited: Going | None = None
    _left: Mapping[str, Any] | None = None
    _until: float | None = None
    _adopted: int | None = None

    def _resume(self, state: Mapping[str, Any]) -> None:
        super()._resume(state)
        if not self._hands_over:
            return
        self.taken = handover.taken(state)
        host = state.get("host")
        if isinstance(host, Mapping) and host.get("boot") == self._boot and self.phase is not Phase.STOPPED:
            orderly = host.get("orderly") is True
            self._awaited = handover.read(host.get("going"), self._items, self._rotation, orderly=orderly)
            self._left = host

    def state(self, *, orderly: bool = False) -> dict[str, Any]:
        state = super().state(orderly=orderly)
        if not self._hands_over:
            return state
        if self._awaited is not None and self._left is not None:
            return {**state, "host": {**self._left, "orderly": orderly or self._left.get("orderly") is True}}
        going, (run, number) = None, self.taken
        if self._host_ready and self._program is not None and self._turn is not None:
            going = handover.write(self._program, self._turn, self._rotation)
        return {**state, "host": {"boot": self._boot, "run": run, "number": number, "orderly": orderly, "going": going}}

    @property
    def is_behind(self) -> bool:
        """Whether there is more to hear of before now."""
        return self._awaited is not None or self._adopted is not None

    @property
    def deadline(self) -> float | None:
        if self._awaited is not None:
            return self._until
        return None if self._adopted is not None else super().deadline

    def tick(self, now: float) -> list[Signal]:
        if self._awaited is not None and self._until is None:
            self._until = now + HANDOVER_WITHIN_S
        if self._awaited is not None and self._until is not None and now >= self._until:
            return self._give_up_waiting()
        return [] if self.is_behind else super().tick(now)

    def _give_up_waiting(self) -> list[Signal]:
        """Nobody goes on with the play."""
        if self._awaited is None:
            return []
        self._awaited = self._left = None
        return [signals.PlayerLost(AT_LAST_MOMENT)]

    def _adopt_play(self) -> None:
        """The host that was awaited is here."""
        going = self._awaited
        if going is None:
            return
        self._awaited = self._left = None
        rotation, now = going.rotation, self._rotation
        if (now.keys, now.loop, now.shuffle) != (rotation.keys, rotation.loop, rotation.shuffle):
            rotation = rotation.replanned(now.keys, loop=now.loop, shuffle=now.shuffle)
        self._rotation, self._program, self._turn = rotation, going.program, going.turn
        self._adopted = going.turn.token
        self.phase, self.last_key, self._seen = Phase.PLAYING, going.program.item.media.key, going.turn.moved

    def _catch_up(self, report: HostCaughtUp, now: float) -> list[Signal]:
        """All has been heard of what was said while nobody listened."""
        adopted, turn, self._adopted = self._adopted, self._turn, None
        if adopted is None or turn is None or turn.token != adopted or report.medium == adopted:
            return []
        # A process that could not commit it any more had the host load something else.
        return [signals.PlayerLost(AT_LAST_MOMENT), *self._leave(now, played=turn.moved)]

    def _watch(self, turn: Turn, signal: Signal, now: float) -> list[Signal]:
        """The playhead moved; what comes at its moment comes, unless that is long past."""
        if self._program is None or not self.is_behind or now - signal.at <= HANDOVER_WITHIN_S:
            return self._look(turn, now)
        if self._is_content(turn):
            self._program.time = turn.time
        return []
