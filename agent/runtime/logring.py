"""The last lines of the log, kept in memory for whoever asks for diagnostics.

Contract: `LogRing.add` takes a line as it was written, redacted; `lines` gives what is kept, oldest first. For any
thread; neither waits for I/O nor raises.
Rules: bounded by number and by bytes, whichever is less. Lines of the levels that are logged, no others.
Reasons: the journal belongs to the machine and may be closed to the agent; diagnostics must not need it.
"""

import threading
from collections import deque

LINES = 200
# 200 usual lines have 30 kB; this leaves half of a bundle for the rest (agent.runtime.diagnostics).
BYTES = 100 * 1024
# A traceback is one line here; its end says what it was.
LONGEST_LINE = 4096


class LogRing:
    """At most `LINES` lines and `BYTES` bytes (UTF-8)."""

    def __init__(self) -> None:
        self._lines: deque[tuple[str, int]] = deque()
        self._bytes = 0
        self._changing = threading.Lock()

    def add(self, line: str) -> None:
        """Keep `line`, and let the oldest go where there are too many."""
        line = line if len(line) <= LONGEST_LINE else "…" + line[-LONGEST_LINE:]
        size = len(line.encode("utf-8", "replace"))
        with self._changing:
            self._lines.append((line, size))
            self._bytes += size
            while len(self._lines) > LINES or self._bytes > BYTES:
                self._bytes -= self._lines.popleft()[1]

    def lines(self) -> list[str]:
        """What is kept, oldest first."""
        with self._changing:
            return [line for line, _ in self._lines]
