"""Looks at what comes next while a batch is under way.

Contract: within `meanwhile` a thread of its own looks; it has ended when `meanwhile` does. `taken` gives what it saw if
that is still what would be seen, once; else None, and whoever asks looks anew.
Rules: only looks, never writes or sends, so a guess that was wrong costs nothing but itself. It is right where the
whole batch was accepted, which in a drain is nearly always. What the thread raises comes out of the next `taken`: it
must neither be lost nor keep what was answered meanwhile from being settled.
Reasons: in a drain half of the time was the service's and half ours, one after the other (tools/bench/drain.py).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from agent.delivery.look import Look, Start


class Ahead:
    """One look ahead at a time. `name`: the thread's."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._seen: Look | None = None
        self._raised: Exception | None = None

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
        """What was seen ahead, if it began where `start` is. Raises what looking ahead raised."""
        seen, self._seen = self._seen, None
        raised, self._raised = self._raised, None
        if raised is not None:
            raise raised
        return seen if seen is not None and seen.begun == start else None

    def _guess(self, guess: Callable[[], Look]) -> None:
        try:
            self._seen = guess()
        except Exception as error:  # noqa: BLE001  it is raised where the step's own failures are
            self._raised = error
