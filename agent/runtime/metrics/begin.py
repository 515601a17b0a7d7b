"""Metrics, where they are wanted.

Contract: `begin(settings, put)` opens what [metrics] asks for; each open way is a thread to run, `close` ends them.
Rules: where nothing is asked for nothing is loaded (decision 36).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.config.metrics import Metrics
from agent.runtime.control import Request


class Way(Protocol):
    """A file that is written, or a port that is answered on."""

    def serve(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Telling:
    """`ways`: each with the name of its thread."""

    ways: Sequence[tuple[str, Way]] = ()

    def close(self) -> None:
        """End them."""
        for _, way in self.ways:
            way.close()


def begin(settings: Metrics, put: Callable[[Request], None]) -> Telling:
    """Open what is asked for; `put` leaves a request for the main loop."""
    if settings.textfile is None and settings.listen is None:
        return Telling()
    from agent.runtime.metrics.service import ask_of, telling  # noqa: PLC0415  only where it is wanted

    return telling(settings, ask_of(put))
