"""The kiosk's own application, and a stand-in for the main loop behind the real intake socket."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent.intake.listening import Listener, open_listener
from agent.intake.server import IntakeServer
from agent.intake.submission import Kept, Submission
from agent.intake.throttle import Throttle

# Far beyond what anything here takes: a test that waits so long has failed.
PATIENCE_S = 60.0


def boottime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def until(done: Callable[[], bool]) -> None:
    """Wait until `done` holds."""
    end = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.005)  # between two looks


class Loop:
    """A stand-in for the main loop: keeps what is told in memory, and answers at once."""

    def __init__(self) -> None:
        self.told: list[Submission] = []
        self._lock = threading.Lock()

    def put(self, submission: Submission) -> None:
        with self._lock:
            self.told.append(submission)
            number = len(self.told)
        submission.reply.put(Kept(f"g-{number}-0"))


@contextmanager
def serving(
    listener: Listener | Path,
    put: Callable[[Submission], None],
    *,
    rate: float = 1e6,
    burst: int = 10_000,
    now: Callable[[], float] = boottime,
) -> Iterator[IntakeServer]:
    """The real server on `listener`, or on a socket of its own in that folder."""
    if isinstance(listener, Path):
        listener = open_listener(None, None, listener, {})
    server = IntakeServer(listener, put=put, throttle=Throttle(rate, burst, now=now()), now=now)
    thread = threading.Thread(target=server.serve, name="intake")
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


class Application:
    """A client in our own words: what an application in any language does."""

    @classmethod
    def patient(cls, folder: Path) -> "Application":
        """Connect as soon as an agent listens, as a good application does."""
        made: list[Application] = []

        def connected() -> bool:
            try:
                made.append(cls(folder))
            except (FileNotFoundError, ConnectionRefusedError):
                return False
            return True

        until(connected)
        return made[0]

    def __init__(self, folder: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(str(folder / "intake.sock"))  # waits while the queue of newcomers is full
        self.socket.settimeout(PATIENCE_S)
        self._answers = self.socket.makefile("rb")

    def say(self, **said: Any) -> Mapping[str, Any]:
        """One line; its answer."""
        self.send(json.dumps(said).encode() + b"\n")
        return self.answer()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> Mapping[str, Any]:
        """The next answer. Raises EOFError where the agent hung up."""
        line = self._answers.readline()
        if not line:
            raise EOFError
        found = json.loads(line)
        assert isinstance(found, dict)
        return found

    def hung_up(self) -> bool:
        """Wait for the agent to say more: True where it hung up instead."""
        try:
            return self._answers.read(1) == b""
        except ConnectionResetError:
            return True

    def ends(self) -> None:
        """No more will be said; answers may still come."""
        self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._answers.close()
        self.socket.close()

    def __enter__(self) -> "Application":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
