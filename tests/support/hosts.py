"""Player hosts that follow a script, over the real socket."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue

from agent.kernel import signals
from agent.player import wire
from agent.player.codec import LineBuffer, decode, encode
from agent.player.hostoptions import HostOptions
from agent.player.keeper import RestartRules
from agent.player.reports import Report
from agent.player.supervisor import Supervisor
from tests.support.players import PATIENCE_S, now, short_folder

# Most scripts fall silent after their first words, and a busy machine lets time pass before the next step of a test.
RULES = RestartRules(silence=60.0, first=0.01, longest=0.02)
# Those that come after a silent one have so long to speak, too.
HASTY = RestartRules(silence=2.0, first=0.01, longest=0.02)


class Actor:
    """The host's end of a socket, for scripts."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = LineBuffer()
        self._lines: list[bytes] = []
        connection.settimeout(PATIENCE_S)

    def say(self, *messages: wire.Message) -> None:
        self._connection.sendall(b"".join(encode(message) for message in messages))

    def hear(self) -> wire.Message | None:
        while not self._lines:
            chunk = self._connection.recv(1 << 16)
            if not chunk:
                return None
            self._lines += self._buffer.feed(chunk)
        return decode(self._lines.pop(0))

    def hello(self, run: int, *, protocol: int = wire.PROTOCOL, refused: tuple[str, ...] = ()) -> None:
        self.say(wire.Hello(protocol, 4711, run, "3.0 test", 0, refused, 0))


@contextmanager
def dialled(path: Path) -> Iterator[Actor]:
    """A host that has dialled; it hangs up at the end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(str(path))
        yield Actor(connection)


Script = Callable[[Actor, int], None]


def dial(path: Path, said: bytes) -> None:
    """Connect, say this, hang up."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as somebody:
        somebody.connect(str(path))
        somebody.sendall(said)


class Scripted:
    """A lifecycle whose hosts are threads: the n-th start plays the n-th script, the last one again and again."""

    def __init__(self, path: Path, scripts: list[Script], stranger: bytes | None = None) -> None:
        """`stranger`: what somebody else, who dials before each host, says."""
        self._path = path
        self._stranger = stranger
        self._scripts = scripts
        self._connection: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self.starts: list[tuple[int, bool, tuple[str, ...]]] = []
        self.options = HostOptions()

    def configure(self, options: HostOptions) -> None:
        self.options = options

    def start(self, run: int, *, careful: bool, without: tuple[str, ...]) -> None:
        self.starts.append((run, careful, without))
        script = self._scripts[min(len(self.starts), len(self._scripts)) - 1]
        if self._stranger is not None:
            dial(self._path, self._stranger)
        self._connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._connection.connect(str(self._path))
        self._thread = threading.Thread(target=self._play, args=(script, self._connection, run), name="scripted host")
        self._thread.start()

    def _play(self, script: Script, connection: socket.socket, run: int) -> None:
        with suppress(OSError):
            script(Actor(connection), run)
        connection.close()

    def ended(self) -> str | None:
        return None if self._thread is not None and self._thread.is_alive() else "script over"

    def wait(self, timeout: float) -> None:
        if self._thread is not None:
            self._thread.join(timeout)

    def kill(self) -> None:
        if self._connection is not None and self._thread is not None and self._thread.is_alive():
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
            self._thread.join(PATIENCE_S)


class Scene:
    def __init__(self, supervisor: Supervisor, lifecycle: Scripted, inbox: "SimpleQueue[Report]") -> None:
        self.supervisor = supervisor
        self.lifecycle = lifecycle
        self._inbox = inbox

    def next(self) -> Report:
        return self._inbox.get(timeout=PATIENCE_S)


@contextmanager
def scene(
    *scripts: Script,
    put: Callable[[Report], None] | None = None,
    stranger: bytes | None = None,
    dead: bytes = b"",
    rules: RestartRules = RULES,
) -> Iterator[Scene]:
    inbox: SimpleQueue[Report] = SimpleQueue()
    with short_folder() as folder:
        lifecycle = Scripted(folder / "s", list(scripts), stranger)
        supervisor = Supervisor(lifecycle, folder / "s", put=put or inbox.put, now=now, rules=rules)
        if dead:
            dial(folder / "s", dead)
        thread = threading.Thread(target=supervisor.run, name="player-link")
        thread.start()
        try:
            yield Scene(supervisor, lifecycle, inbox)
        finally:
            supervisor.stop()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


def obedient(actor: Actor, run: int) -> None:
    """Says hello and two signals, then listens until the line ends."""
    actor.hello(run)
    assert actor.hear() == wire.Welcome(wire.PROTOCOL, 0)
    actor.say(wire.Said(1, 7, wire.MediumSet(1.0)), wire.Said(2, 7, signals.Playing(2.0)), wire.Beat(3.0, 7, 1.5))
    while actor.hear() is not None:
        continue


def dies_early(_actor: Actor, _run: int) -> None:
    """Ends before its hello."""


def dies_late(actor: Actor, run: int) -> None:
    actor.hello(run, refused=("--odd",))
    actor.hear()


def hangs(actor: Actor, run: int) -> None:
    actor.hello(run)
    while actor.hear() is not None:
        continue


def future(actor: Actor, run: int) -> None:
    actor.hello(run, protocol=99)
    actor.hear()


def stammers(actor: Actor, run: int) -> None:
    """Says everything twice, as after a reconnection."""
    actor.hello(run)
    actor.hear()
    said = [wire.Said(number, 1, signals.Playing(float(number))) for number in (1, 2, 1, 2, 3)]
    actor.say(*said)
    while actor.hear() is not None:
        continue
