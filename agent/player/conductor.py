"""What the main loop needs of whoever knows what is on the screen: the director of our own player, or the watcher of
one that is not ours.

Contract: a protocol. `on_report`, `obey`, `tick` and `replan` return the signals to feed to the tracker, in order.
Rules: whatever is asked of it, it never waits and never raises. What it does not do it says beforehand (`refusal`).
Reasons: ARCHITECTURE.md; the journal, status, commands and the watch over the picture do not care who plays.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from agent.kernel.media import Role
from agent.kernel.signals import Signal
from agent.player.items import Item, Plan
from agent.player.operations import Operation
from agent.player.outcomes import Outcomes
from agent.player.reports import Report
from agent.player.surroundings import Phase
from agent.player.turn import Turn


class Conductor(Protocol):
    """See agent.player.carousel and agent.player.showing for what each of these says."""

    @property
    def phase(self) -> Phase: ...

    @property
    def outcomes(self) -> Outcomes: ...

    @property
    def items(self) -> tuple[Item, ...]: ...

    @property
    def current(self) -> Item | None: ...

    @property
    def turn(self) -> Turn | None: ...

    @property
    def place(self) -> tuple[int, int]: ...

    @property
    def spots(self) -> tuple[tuple[Role, int], ...]: ...

    @property
    def shows(self) -> bool: ...

    @property
    def is_behind(self) -> bool: ...

    @property
    def deadline(self) -> float | None: ...

    def state(self, *, orderly: bool = False) -> Mapping[str, Any]:
        """What must survive a restart, as JSON."""
        ...

    def on_report(self, report: Report, now: float) -> list[Signal]:
        """Take in what the player's link says."""
        ...

    def tick(self, now: float) -> list[Signal]:
        """It is `now` (boot-time s)."""
        ...

    def refusal(self, operation: Operation) -> str | None:
        """Why it will not do what an operator asks, with what helps; None where it will."""
        ...

    def obey(self, operation: Operation, now: float) -> list[Signal]:
        """Do what an operator asks."""
        ...

    def replan(self, plan: Plan, now: float) -> list[Signal]:
        """Go by another list."""
        ...
