"""The self-test of the books, now and then: what was produced for a destination is what became of it.

Contract: `Books(outbox).look(now)` is called often and tests every `EVERY_S`; it logs once that the books do not
balance, with the numbers, and once that they do again.
Rules: a difference is a bug of ours or damage. It is shown (`status`, `doctor`, `queue check`) and never mended
silently. A look reads small tables only, and an agent that rests writes nothing because of it.
Reasons: agent.outbox.accounting says what is compared.
"""

from typing import Final

import structlog

from agent.outbox.statistics import Statistics
from agent.outbox.store import Outbox
from agent.runtime.figures import is_balanced

log = structlog.get_logger()

EVERY_S: Final = 60.0
"""As often as the bounds are kept; it costs less than a millisecond."""

REMEDY: Final = "See kiosk-agent status --long and kiosk-agent queue check, and please report it."


class Books:
    """The books of an open store."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._look_at: float | None = None
        self._is_wrong = False

    def look(self, now: float) -> None:
        """Test them if it is time. `now`: the boot-time second. A store in trouble is asked again later."""
        if self._look_at is not None and now < self._look_at:
            return
        self._look_at = now + EVERY_S
        found = self._outbox.statistics()
        if found.trouble is not None or is_balanced(found) is not self._is_wrong:
            return
        self._is_wrong = not self._is_wrong
        if self._is_wrong:
            log.error("books do not balance", unburied=found.unburied, missing=_differences(found), remedy=REMEDY)
        else:
            log.info("books balance again")


def _differences(found: Statistics) -> str:
    """Where and how many; a number below 0: more ended than there ever were."""
    events = [f"{sink.name}: {sink.account.difference} events" for sink in found.sinks if sink.account.difference]
    letters = [
        f"{sink.name}: {sink.account.letters_difference} dead letters"
        for sink in found.sinks
        if sink.account.letters_difference
    ]
    return ", ".join(events + letters) or "none"
