"""Where every other thread leaves what the main loop must know.

Contract: `put` is one statement for a foreign thread and cannot fail; `take` is the main loop's.
Rules: bounded. When many wait, a position sample replaces the sample before it; an edge is never dropped: beyond
`CAPACITY` the putting thread waits, so the player link stops reading its socket (decision 31).
What counts as the same sample is the caller's: ours are thinned to one a second, since a longer hole between samples
would look like a stall.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

# A play emits some ten signals a second: room for several minutes of a main loop held up by a slow card.
CAPACITY = 4096
# Below this many waiting items, some fifty seconds of a play, every sample is kept.
COALESCE_FROM = 512


class Mailbox(Generic[T]):
    """A bounded queue with many writers and one reader. `coalesced` and `waits` count what pressure did.

    `sample_kind` gives the kind of an item that a later one of its kind may replace, and None for an edge.
    """

    def __init__(self, sample_kind: Callable[[T], object | None], capacity: int = CAPACITY) -> None:
        self._items: deque[T] = deque()
        self._sample_kind = sample_kind
        self._capacity = capacity
        self._changed = threading.Condition()
        self._closed = False
        self.coalesced = 0
        self.waits = 0

    def put(self, item: T) -> None:
        """Leave an item; waits while the box is full. After `close` the item is dropped: the process is ending."""
        with self._changed:
            items = self._items
            if len(items) >= COALESCE_FROM:
                self._drop_stale_sample(self._sample_kind(item))
            if len(items) >= self._capacity:
                self.waits += 1
                self._changed.wait_for(lambda: len(items) < self._capacity or self._closed)
            if not self._closed:
                items.append(item)
                self._changed.notify_all()

    def _drop_stale_sample(self, kind: object | None) -> None:
        """Take the sample of `kind` out again that stands at the tail, the two kinds of sample taking turns there."""
        items = self._items
        for index in (-1, -2):
            found = self._sample_kind(items[index])
            if kind is None or found is None:
                return
            if found == kind:
                del items[index]
                self.coalesced += 1
                return

    def take(self, timeout: float | None) -> list[T]:
        """Everything that waits, in order; waits at most `timeout` seconds (None: for ever) for the first item."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._items) or self._closed, timeout)
            taken = list(self._items)
            self._items.clear()
            self._changed.notify_all()
            return taken

    def close(self) -> None:
        """Let every waiting thread go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        return len(self._items)
