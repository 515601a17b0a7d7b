"""Looks at what comes next while a batch is under way.

Contract: within `meanwhile` a thread of its own looks; it has ended when `meanwhile` does. `taken` gives what it saw if
that is still what would be seen, once; else None, and whoever asks looks anew.
Rules: only looks, never writes or sends, so a guess that was wrong costs nothing but itself. It is right where the
whole batch was accepted, which in a drain is nearly always. A store that fails is met again, and told, by the next
look; any other exception of the thread is a bug and goes the way of all of them.
Reasons: in a drain half of the time was the service's and half ours, one after the other (tools/bench/drain.py).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from agent.delivery.look import Look, Start
from agent.outbox.errors import StoreError


class Ahead:
    """One look ahead at a time. `name`: the thread's."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._seen: Look | None = None

    @contextmanager
    def meanwhile(self, guess: Callable[[], Look]) -> Iterator[None]:
        """Have `guess` look while the caller does something else."""
        thread = Thread(target=self._guess, args=(guess,), name=self._name, daemon=True)
        thread.start()
        try:
            yield
        finally:
            thread.join()

    def taken(self, start: Start) -> Look | None:
        """What was seen ahead, if it began where `start` is."""
        seen, self._seen = self._seen, None
        return seen if seen is not None and seen.begun == start else None

    def _guess(self, guess: Callable[[], Look]) -> None:
        try:
            self._seen = guess()
        except StoreError:
            self._seen = None
