"""The process's threads: each has a name, a join and a crash path.

Contract: `spawn` starts a named thread; whatever escapes from any thread, ours or a library's, and whatever a C
callback swallows, meets in `crashed`, which calls `on_crash` once.
Rules: a crash ends the process; start is recovery (house rules 7 and 9).
"""

import sys
import threading
from collections.abc import Callable

import structlog

from agent.runtime.logs import clean

log = structlog.get_logger()


class Crew:
    """All threads of the process."""

    def __init__(self, on_crash: Callable[[str], None]) -> None:
        self._on_crash = on_crash
        self._threads: list[threading.Thread] = []
        self._lasting: list[threading.Thread] = []
        self._lock = threading.Lock()
        self.crash: str | None = None

    def install(self) -> None:
        """Catch what escapes from threads that libraries start and from callbacks that C code calls."""
        threading.excepthook = lambda args: self.crashed(args.thread.name if args.thread else "?", args.exc_value)
        sys.unraisablehook = lambda args: self.crashed("callback", args.exc_value)

    def spawn(self, name: str, target: Callable[[], None], *, lasts: bool = True) -> threading.Thread:
        """Start `target` on a thread of its own. Not `lasts`: it has something to do and then ends."""
        thread = threading.Thread(target=self._run, args=(name, target), name=name, daemon=True)
        self._threads.append(thread)
        if lasts:
            self._lasting.append(thread)
        thread.start()
        return thread

    def _run(self, name: str, target: Callable[[], None]) -> None:
        try:
            target()
        except BaseException as error:  # noqa: BLE001  one place for every failure; it ends the process
            self.crashed(name, error)

    def crashed(self, name: str, error: BaseException | None) -> None:
        """Note the first failure, log it with its traceback, and have the process end."""
        with self._lock:
            if self.crash is not None:
                return
            self.crash = clean(f"{name}: {type(error).__name__}: {error}")
        try:
            log.critical("thread crashed", thread=name, exc_info=error)
        finally:
            self._on_crash(self.crash)  # even where stderr is gone: the process must end

    @property
    def gone(self) -> list[str]:
        """The names of the threads that have ended and should not have."""
        return [thread.name for thread in self._lasting if not thread.is_alive()]

    def join(self, timeout: float) -> list[str]:
        """Wait at most `timeout` seconds for each thread; the names of those that are still at it."""
        for thread in self._threads:
            thread.join(timeout)
        return [thread.name for thread in self._threads if thread.is_alive()]
