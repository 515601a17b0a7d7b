"""What the host has said and the agent has not yet acknowledged.

Contract: `add` numbers and keeps a signal; `next_line` gives what is to be sent on this connection, in order;
`acknowledge` forgets; `rewind` starts over for a new connection.
Rules: bounded by `CAPACITY`. From `CROWDED` on a position sample takes the place of the one before it of its kind and
second: one a second is left, for a longer hole would look like a stall (vlc.md R3). No sample takes the place of one
beyond an edge. When full all the same, the oldest sample goes first; an edge goes only when there are nothing but
edges, and is counted in `lost`.
Reasons: decisions 31 and 32.
"""

from collections import deque

from agent.kernel.signals import Sampled, Signal, TimeChanged
from agent.player.codec import encode
from agent.player.wire import MediumFound, MediumSet, Said

# At two samples a second more than half an hour of play; then the tracker finds a hole in what is long past.
CAPACITY = 4096
# An agent that keeps up acknowledges every 30 s at the latest, and a play says some ten signals a second.
CROWDED = 512


class Ring:
    """The bounded backlog of one run of the host."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._lines: dict[int, bytes] = {}
        self._samples: deque[int] = deque()
        self._unsent: deque[int] = deque()
        # The newest sample of each kind since the last edge: its number and second.
        self._newest: dict[type, tuple[int, int]] = {}
        self._last = 0
        self.lost = 0

    def add(self, medium: int, signal: Signal | MediumSet | MediumFound) -> None:
        """Keep `signal` under the next number."""
        self._last += 1
        self._lines[self._last] = encode(Said(self._last, medium, signal))
        self._unsent.append(self._last)
        if isinstance(signal, TimeChanged | Sampled):
            self._thin(type(signal), int(signal.at))
            self._samples.append(self._last)
        else:
            self._newest.clear()
        if len(self._lines) > self._capacity:
            self._give_up_one()
        if len(self._unsent) > 2 * self._capacity:
            self._unsent = deque(number for number in self._unsent if number in self._lines)
        if len(self._samples) > 2 * self._capacity:
            self._samples = deque(number for number in self._samples if number in self._lines)

    def _thin(self, kind: type, second: int) -> None:
        number, its_second = self._newest.get(kind, (0, second))
        if its_second == second and len(self._lines) > CROWDED:
            self._lines.pop(number, None)
        self._newest[kind] = self._last, second

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
