"""Tells the metrics: writes the file now and then, answers on the port.

Contract: `telling(settings, status)` opens what the settings ask for. `ask_of(put)` makes the `status` that asks the
main loop. Imported only where [metrics] asks for something (agent.runtime.metrics.begin).
Rules: what cannot be opened or written costs figures, never the play: it is logged once, its end too, and tried again.
The main loop answers each question, so that an agent whose loop hangs tells nothing, and a scraper sees it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any, Final

import structlog

from agent.config.metrics import Metrics, split
from agent.runtime.control import Request
from agent.runtime.metrics.begin import Telling, Way
from agent.runtime.metrics.reading import process, samples
from agent.runtime.metrics.textfile import write
from agent.service.exposition import exposition
from agent.service.listener import Listener

log = structlog.get_logger()

ANSWER_WITHIN_S: Final = 5.0
"""Half of Prometheus' own patience."""

Status = Callable[[], Mapping[str, Any] | None]


def ask_of(put: Callable[[Request], None]) -> Status:
    """A status from the main loop; None where it does not answer."""

    def ask() -> Mapping[str, Any] | None:
        reply: SimpleQueue[dict[str, Any]] = SimpleQueue()
        put(Request("status", {}, reply))
        try:
            found = reply.get(timeout=ANSWER_WITHIN_S).get("ok")
        except Empty:
            return None
        return found if isinstance(found, Mapping) else None

    return ask


@dataclass(slots=True)
class Writer:
    """Writes the file until `close`."""

    path: Path
    every_s: float
    page: Callable[[], str | None]
    _closed: Event = field(default_factory=Event)
    _is_failing: bool = False

    def serve(self) -> None:
        """Write at once, then every `every_s`."""
        while True:
            self.step()
            if self._closed.wait(self.every_s):
                return

    def step(self) -> None:
        """Write once; a page that cannot be had leaves the old file, whose age tells."""
        page = self.page()
        if page is None:
            return
        try:
            write(self.path, page)
        except OSError as error:
            if not self._is_failing:
                remedy = f"Let the agent's user write into {self.path.parent}."
                log.warning("metrics cannot be written", path=str(self.path), error=str(error), remedy=remedy)
            self._is_failing = True
        else:
            if self._is_failing:
                log.info("metrics are written again", path=str(self.path))
            self._is_failing = False

    def close(self) -> None:
        """Write no more."""
        self._closed.set()


def telling(settings: Metrics, status: Status) -> Telling:
    """Open what `settings` ask for."""

    def page() -> str | None:
        found = status()
        return None if found is None else exposition([*samples(found), *process()])

    ways: list[tuple[str, Way]] = []
    if settings.textfile is not None:
        ways.append(("metrics-file", Writer(Path(settings.textfile), settings.every_s, page)))
    place = None if settings.listen is None else split(settings.listen)
    if place is not None:
        try:
            ways.append(("metrics-web", Listener(*place, page)))
        except OSError as error:
            remedy = "See what listens there (ss -ltnp), or choose another metrics.listen."
            log.error("metrics cannot be served", address=settings.listen, error=error.strerror, remedy=remedy)
    return Telling(ways)
