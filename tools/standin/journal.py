"""What the stand-in has logged: kept in order for tests, written to files, told to whoever watches.

Contract: `append` logs one event; `wait_for` sleeps on a condition, never on a clock; `close` closes the files.

Rules: an event is a dict with the field names of KalturaStatsEvent, those that were sent, and three more: `received`
(epoch seconds by the server's clock), `remote_ip`, and `_request` (every parameter beside the event's fields, such as
the one that identifies an event; a session is redacted). A line of a file is flushed before the answer goes out.
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from tools.standin.event import Event, csv_line

# A demo may run for weeks. Beyond this the oldest are forgotten here; the files keep everything.
EVENTS_MAX = 200_000


class Journal:
    """The log of one collector. Thread-safe."""

    def __init__(self, record: Path | None, log: Path | None, tell: Callable[[Event], None] | None) -> None:
        """Open the files, which are appended to. Raises OSError."""
        self._changed = threading.Condition()
        self._events: deque[Event] = deque(maxlen=EVENTS_MAX)
        self._total = 0
        self._record = _opened(record)
        self._log = _opened(log)
        self._tell = tell

    def append(self, event: Event) -> None:
        """Log an event."""
        with self._changed:
            self._events.append(event)
            self._total += 1
            if self._record:
                self._record.write(json.dumps(event, ensure_ascii=False) + "\n")
                self._record.flush()
            if self._log:
                self._log.write(csv_line(event) + "\n")
                self._log.flush()
            if self._tell:
                self._tell(event)
            self._changed.notify_all()

    def events(self) -> list[Event]:
        """The events so far, oldest first."""
        with self._changed:
            return list(self._events)

    def total(self) -> int:
        """How many events were ever logged."""
        with self._changed:
            return self._total

    def wait_for(self, predicate: Callable[[Sequence[Event]], bool], timeout_s: float) -> bool:
        """Wait until the predicate holds for the events so far; whether it did within `timeout_s` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: predicate(self._events), timeout_s)

    def close(self) -> None:
        """Close the files."""
        with self._changed:
            for file in (self._record, self._log):
                if file:
                    file.close()
            self._record = self._log = None


def _opened(path: Path | None) -> IO[str] | None:
    # Lone surrogates of a text that was not UTF-8 never get this far; `backslashreplace` is for what slips through.
    return path.open("a", encoding="utf-8", errors="backslashreplace") if path else None
