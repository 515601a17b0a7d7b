"""What waits to be published.

Contract: `put` from the main loop; `open`, `take` and `lose` from the connection's thread; `dropped` counts what was
not taken in, by reason.
Rules: bounded, in messages and in bytes. A retained message takes the place of the one before it on its topic, since
only the last one counts. Without a connection nothing is taken in. When it is lost, what is retained is forgotten, for
whoever owns it publishes it again; what is not, and was not acknowledged, goes first on the next connection.
Reasons: edge.md section 5: 50,000 publications without a connection are 86 MiB in paho.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from typing import Final

from agent.remote.line import Outgoing

MESSAGES: Final = 200
"""Answers to commands: far more than operators can ask for in one outage."""

BYTES: Final = 4 * 1024 * 1024
"""A redacted bundle of diagnostics is the largest answer; some of them fit."""

OFFLINE: Final = "offline"
FULL: Final = "full"


class Waiting:
    """The queue; it begins closed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: OrderedDict[object, Outgoing] = OrderedDict()
        self._bytes = 0
        self._is_open = False
        self._dropped: Counter[str] = Counter({OFFLINE: 0, FULL: 0})

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def dropped(self) -> Mapping[str, int]:
        """By reason; all of them are there from the beginning."""
        return dict(self._dropped)

    def open(self) -> None:
        """There is a connection."""
        with self._lock:
            self._is_open = True

    def put(self, message: Outgoing) -> None:
        """Take it in; drop and count it where there is no room, or no connection and nobody who publishes it again."""
        with self._lock:
            if self._is_open:
                self._take_in(message)
            elif not message.retain:
                self._dropped[OFFLINE] += 1

    def take(self) -> Outgoing | None:
        """The next one."""
        with self._lock:
            if not self._messages:
                return None
            _, message = self._messages.popitem(last=False)
            self._bytes -= len(message.payload)
            return message

    def lose(self, under_way: Iterable[Outgoing]) -> None:
        """The connection is gone, with these unacknowledged."""
        with self._lock:
            left = [*under_way, *self._messages.values()]
            self._messages.clear()
            self._bytes = 0
            self._is_open = False
            for message in left:
                if not message.retain:
                    self._take_in(message)

    def _take_in(self, message: Outgoing) -> None:
        key = message.topic if message.retain else id(message)
        before = self._messages.get(key)
        size = self._bytes + len(message.payload) - (len(before.payload) if before is not None else 0)
        if size > BYTES or (before is None and len(self._messages) >= MESSAGES):
            self._dropped[FULL] += 1
            return
        self._messages[key] = message
        self._bytes = size
