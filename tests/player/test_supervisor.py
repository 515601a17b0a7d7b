"""Keeping a host alive: with hosts that follow a script, over the real socket."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from agent.kernel import signals
from agent.player import wire
from agent.player.codec import LineBuffer, decode, encode
from agent.player.reports import Heard, HostLost, HostReady, Report
from agent.player.supervisor import RestartRules, Supervisor
from tests.support.players import PATIENCE_S, now, short_folder

_RULES = RestartRules(silence=0.5, first=0.01, longest=0.02)


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


Script = Callable[[Actor, int], None]


def _dial(path: Path, said: bytes) -> None:
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

    def start(self, run: int, *, careful: bool, without: tuple[str, ...]) -> None:
        self.starts.append((run, careful, without))
        script = self._scripts[min(len(self.starts), len(self._scripts)) - 1]
        if self._stranger is not None:
            _dial(self._path, self._stranger)
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
def _scene(
    *scripts: Script, put: Callable[[Report], None] | None = None, stranger: bytes | None = None, dead: bytes = b""
) -> Iterator[Scene]:
    inbox: SimpleQueue[Report] = SimpleQueue()
    with short_folder() as folder:
        lifecycle = Scripted(folder / "s", list(scripts), stranger)
        supervisor = Supervisor(lifecycle, folder / "s", put=put or inbox.put, now=now, rules=_RULES)
        if dead:
            _dial(folder / "s", dead)
        thread = threading.Thread(target=supervisor.run, name="player-link")
        thread.start()
        try:
            yield Scene(supervisor, lifecycle, inbox)
        finally:
            supervisor.stop()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


def _obedient(actor: Actor, run: int) -> None:
    """Says hello and two signals, then listens until the line ends."""
    actor.hello(run)
    assert actor.hear() == wire.Welcome(wire.PROTOCOL, 0)
    actor.say(wire.Said(1, 7, wire.MediumSet(1.0)), wire.Said(2, 7, signals.Playing(2.0)), wire.Beat(3.0, 7, 1.5))
    while actor.hear() is not None:
        continue


def _dies_early(_actor: Actor, _run: int) -> None:
    """Ends before its hello."""


def _dies_late(actor: Actor, run: int) -> None:
    actor.hello(run, refused=("--odd",))
    actor.hear()


def _hangs(actor: Actor, run: int) -> None:
    actor.hello(run)
    while actor.hear() is not None:
        continue


def _future(actor: Actor, run: int) -> None:
    actor.hello(run, protocol=99)
    actor.hear()


def _stammers(actor: Actor, run: int) -> None:
    """Says everything twice, as after a reconnection."""
    actor.hello(run)
    actor.hear()
    said = [wire.Said(number, 1, signals.Playing(float(number))) for number in (1, 2, 1, 2, 3)]
    actor.say(*said)
    while actor.hear() is not None:
        continue


def test_what_the_host_says_arrives_in_order_with_its_token() -> None:
    """The main loop believes this order."""
    with _scene(_obedient) as scene:
        ready = scene.next()
        assert isinstance(ready, HostReady)
        assert scene.next() == Heard(ready.run, 1, 7, wire.MediumSet(1.0))
        assert scene.next() == Heard(ready.run, 2, 7, signals.Playing(2.0))
        assert (scene.supervisor.status.ready, scene.supervisor.status.pid) == (True, 4711)


def test_signal_said_twice_is_reported_once() -> None:
    """A resend after a reconnection must not pause a film twice."""
    with _scene(_stammers) as scene:
        scene.next()
        numbers = [report.number for report in (scene.next() for _ in range(3)) if isinstance(report, Heard)]
    assert numbers == [1, 2, 3]


def test_dead_host_is_reported_once_and_replaced() -> None:
    """The screen comes back by itself; options found refused are not tried again."""
    with _scene(_dies_late, _obedient) as scene:
        assert isinstance(scene.next(), HostReady)
        lost = scene.next()
        assert isinstance(lost, HostLost)
        assert lost.reason == "script over"
        assert isinstance(scene.next(), HostReady)
        assert scene.lifecycle.starts == [(1, False, ()), (2, False, ("--odd",))]


def test_host_that_dies_before_its_hello_is_started_with_care() -> None:
    """An option may crash libvlc instead of being refused: then each is tried alone."""
    with _scene(_dies_early, _obedient) as scene:
        assert isinstance(scene.next(), HostLost)
        assert isinstance(scene.next(), HostReady)
        assert [careful for _, careful, _ in scene.lifecycle.starts] == [False, True]


def test_host_is_taken_whoever_dialled_before_it() -> None:
    """A stranger's connection was taken for the host, which was killed, and so left a dead one before the next."""
    with _scene(_dies_late, _obedient, stranger=b"garbage\n" + encode(wire.Beat(1.0, 1, 1.0))) as scene:
        assert [HostReady, HostLost, HostReady] == [type(scene.next()) for _ in range(3)]
        assert 2 == len(scene.lifecycle.starts)


def test_hello_of_a_dead_host_is_not_taken_for_the_next_ones() -> None:
    """A host that was killed while it dialled leaves its hello in the socket's queue."""
    with _scene(_obedient, dead=encode(wire.Hello(wire.PROTOCOL, 4711, 77, "3.0 test", 0, (), 0))) as scene:
        ready = scene.next()
        assert isinstance(ready, HostReady)
        assert 1 == ready.run


def test_silent_host_is_killed() -> None:
    """A hang inside libvlc shows as nothing at all."""
    with _scene(_hangs, _obedient) as scene:
        assert isinstance(scene.next(), HostReady)
        lost = scene.next()
        assert isinstance(lost, HostLost)
        assert lost.reason == "silent for 0.5 s"


def test_host_of_another_protocol_is_refused_in_words() -> None:
    """After half an upgrade the reason must stand in the log."""
    with _scene(_future, _obedient) as scene:
        lost = scene.next()
        assert isinstance(lost, HostLost)
        assert "protocol 99" in lost.reason


def test_acknowledgement_goes_to_the_run_that_it_is_of() -> None:
    """A number of the last run would make the new host forget what nobody has."""
    heard: SimpleQueue[wire.Message | None] = SimpleQueue()

    def listens(actor: Actor, run: int) -> None:
        actor.hello(run)
        actor.hear()
        actor.say(wire.Said(1, 1, signals.Playing(1.0)))
        while (message := actor.hear()) is not None:
            heard.put(message)

    with _scene(listens) as scene:
        ready = scene.next()
        assert isinstance(ready, HostReady)
        scene.next()
        scene.supervisor.acknowledge(ready.run + 1, 1)
        scene.supervisor.acknowledge(ready.run, 1)
        scene.supervisor.acknowledge(ready.run, 1)
        assert scene.supervisor.send(wire.Pause())
        assert heard.get(timeout=PATIENCE_S) == wire.Acknowledge(1)
        assert heard.get(timeout=PATIENCE_S) == wire.Pause()


def test_full_mailbox_is_no_hang_of_the_host() -> None:
    """When the main loop is held up by a slow card, a healthy player must not be killed for it."""
    gate = threading.Event()
    inbox: SimpleQueue[Report] = SimpleQueue()

    def reluctant(report: Report) -> None:
        if isinstance(report, Heard):
            gate.wait(PATIENCE_S)
        inbox.put(report)

    with _scene(_beating, put=reluctant) as scene:
        assert isinstance(inbox.get(timeout=PATIENCE_S), HostReady)
        with suppress(Empty):
            inbox.get(timeout=4 * _RULES.silence)
        gate.set()
        assert isinstance(inbox.get(timeout=PATIENCE_S), Heard)
        assert scene.supervisor.status.losses == 0


def _beating(actor: Actor, run: int) -> None:
    actor.hello(run)
    actor.hear()
    actor.say(wire.Said(1, 1, signals.Playing(1.0)))
    rest = threading.Event()
    while not rest.wait(0.1):
        actor.say(wire.Beat(1.0, 1, None))


def test_pauses_between_restarts_double_up_to_a_ceiling() -> None:
    """A player that cannot start must not keep a Pi's processor busy for a week."""
    rules = RestartRules(silence=3.0, first=1.0, longest=60.0)
    assert [rules.pause(losses) for losses in (0, 1, 2, 3, 7, 10_000)] == [0.0, 1.0, 2.0, 4.0, 60.0, 60.0]


def test_commands_without_a_host_are_refused_at_once() -> None:
    """The director asks and goes on; it is told of the next host."""
    with short_folder() as folder:
        lifecycle = Scripted(folder / "s", [])
        supervisor = Supervisor(lifecycle, folder / "s", put=lambda _: None, now=now, rules=_RULES)
        assert supervisor.send(wire.Stop()) is False
        supervisor.stop()
        supervisor.run()
        assert lifecycle.starts == []
