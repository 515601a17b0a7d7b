"""Earns the watchdog's ping.

Contract: `look` is called by the main loop after each step, and by nobody else: a loop that hangs pings no more. Where
everything that must step does, systemd is told, three times in its interval; `status` says how it stands.
Rules: the ping is given for the main loop (it called), for each thread of ours (it lives), and for those that deliver
and that keep the player (they are not at one thing for too long). Waiting for the network, for a pause to pass or for a
player's unit is stepping. What withholds the ping is told in the log, once: it is the reason of the restart that comes.
Reasons: house rule 10.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import structlog

from agent.kernel.liveness import Pulse, stalled
from agent.service.notify import Notifier

log = structlog.get_logger()

WATCHDOG_S: Final = 90.0
"""What `WatchdogSec=` of the unit should be. A step of the main loop waits for the disk: a try of a dying card takes up
to half a minute before the kernel gives it up, and a step makes three at most (the store is opened anew, its bounds are
kept, its events are written) before the journal's pauses come. Less would restart an agent whose only fault is its
card, and it would come back to the same card with a dark screen; more leaves a hung one dark for longer."""

PINGS: Final = 3
"""In each interval: two may be late."""


class Watchdog:
    """`pulses`: of the threads that must step; `gone`: the names of threads that have ended."""

    def __init__(
        self, notifier: Notifier, pulses: Callable[[], Iterable[Pulse]], gone: Callable[[], Sequence[str]]
    ) -> None:
        self._notifier = notifier
        self._pulses = pulses
        self._gone = gone
        self._due = 0.0
        self._withheld: str | None = None

    def look(self, now: float) -> None:
        """The main loop has stepped, at `now` (boot-time s)."""
        if self._notifier.watchdog_s is None or now < self._due:
            return
        self._due = now + self._notifier.watchdog_s / PINGS
        fault = self._fault(now)
        if fault is None:
            self._notifier.tell(WATCHDOG="1")
        if (fault is None) != (self._withheld is None):
            if fault is not None:
                log.error("watchdog is not told that all is well", reason=fault)
            else:
                log.info("watchdog is told again that all is well")
        self._withheld = fault

    def status(self) -> dict[str, Any]:
        """How it stands, as JSON; `every_s` null where nobody watches."""
        return {"every_s": self._notifier.watchdog_s, "withheld": self._withheld}

    def _fault(self, now: float) -> str | None:
        gone = self._gone()
        return f"the thread {gone[0]} has ended" if gone else stalled(self._pulses(), now)
