"""What the host has said and the agent has not yet acknowledged.

Contract: `add` numbers and keeps a signal; `next_line` gives what is to be sent on this connection, in order;
`acknowledge` forgets; `rewind` starts over for a new connection.
Rules: bounded by `CAPACITY`. When full, the oldest position sample goes first (the tracker interpolates); an edge goes
only when there are nothing but edges, and is counted in `lost`.
Reasons: decisions 31 and 32.
"""

from collections import deque

from agent.kernel.signals import Sampled, Signal, TimeChanged
from agent.player.codec import encode
from agent.player.wire import MediumSet, Said

# A play says some ten signals a second, most of them samples: with the samples given up this holds an hour of edges.
CAPACITY = 4096


class Ring:
    """The bounded backlog of one run of the host."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._lines: dict[int, bytes] = {}
        self._samples: deque[int] = deque()
        self._unsent: deque[int] = deque()
        self._last = 0
        self.lost = 0

    def add(self, medium: int, signal: Signal | MediumSet) -> None:
        """Keep `signal` under the next number."""
        self._last += 1
        self._lines[self._last] = encode(Said(self._last, medium, signal))
        self._unsent.append(self._last)
        if isinstance(signal, TimeChanged | Sampled):
            self._samples.append(self._last)
        if len(self._lines) > self._capacity:
            self._give_up_one()

    def _give_up_one(self) -> None:
        while self._samples:
            if self._lines.pop(self._samples.popleft(), None) is not None:
                return
        del self._lines[next(iter(self._lines))]
        self.lost += 1

    def next_line(self) -> bytes | None:
        """The next line that was not sent on this connection, or None."""
        while self._unsent:
            line = self._lines.get(self._unsent.popleft())
            if line is not None:
                return line
        return None

    def acknowledge(self, number: int) -> None:
        """Forget everything up to `number`. A number that was never given is ignored."""
        if number > self._last:
            return
        for known in list(self._lines):
            if known > number:
                break
            del self._lines[known]
        while self._samples and self._samples[0] <= number:
            self._samples.popleft()

    def rewind(self, acknowledged: int) -> None:
        """A new connection: everything after `acknowledged` is to be sent (again)."""
        self.acknowledge(acknowledged)
        self._unsent = deque(self._lines)

    def __len__(self) -> int:
        return len(self._lines)
