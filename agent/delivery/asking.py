"""What is known of the service's clock, and how it is asked.

Contract: `ask` is one request that counts nothing at the service; None: it was answered, and `server` is known now.
Rules: whoever took the question `ASK_AT_MOST` times and never answered it will not; then our own clock dates. Nothing
of a message was in that request, so none of its answers can be lost.
Reasons: decision 22.
"""

from dataclasses import replace
from typing import Final, assert_never

from agent.delivery.dating import Dated, ServerClock, heard, present
from agent.kernel.boots import NO_BOOTS, Boots
from agent.kernel.instants import Instant
from agent.kernel.verdict import Held, Later, ServerTime
from agent.sinks.base import Sink

ASK_AT_MOST: Final = 3
"""A service that took the question for its time this often and never answered will not; then our own clock dates."""


class ServiceTime:
    """The service's clock as far as it is known."""

    def __init__(self) -> None:
        self.server: ServerClock | None = None
        self._unanswered = 0

    def heard(self, time: float | None, now: Instant) -> None:
        """An answer came with this time of the service, or without one."""
        self.server = heard(self.server, time, now)

    def present(self, now: Instant, boots: Boots = NO_BOOTS) -> float:
        """The present wall time by the best clock there is."""
        moment = present(now, self.server, boots)
        return moment.time if isinstance(moment, Dated) else now.wall

    def ask(self, sink: Sink, now: Instant) -> Later | Held | None:
        """Ask the service for its time; why it did not tell."""
        answer = sink.ask_time()
        match answer:
            case ServerTime(time=time):
                self.heard(time, now)
                return None
            case Later(lost=lost):
                self._unanswered += lost
                if self._unanswered >= ASK_AT_MOST:
                    self.heard(None, now)
                return replace(answer, lost=False)
            case Held():
                return answer
            case _:
                assert_never(answer)
