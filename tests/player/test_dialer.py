"""The host's end of the link."""

import errno
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from agent.kernel import signals
from agent.player import wire
from agent.player.codec import decode, encode
from agent.player.dialer import Dialer, FromAgent, LinkDown, LinkUp, Outlet
from agent.player.ring import Ring
from tests.support.players import PATIENCE_S, short_folder


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_child_hears_commands_and_ends_with_its_link() -> None:
    """A host whose agent is gone has nobody to report to."""
    with short_folder() as folder:
        inbox: SimpleQueue[LinkUp | LinkDown | FromAgent] = SimpleQueue()
        dialer = Dialer(folder / "s", inbox.put, redial=False)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(folder / "s"))
            listener.listen()
            thread = threading.Thread(target=dialer.run, name="link")
            thread.start()
            agent, _ = listener.accept()
            agent.sendall(b"noise\n" + encode(wire.Beat(1.0, 1, None)) + encode(wire.Stop()))
            agent.close()
            assert isinstance(inbox.get(timeout=PATIENCE_S), LinkUp)
            assert inbox.get(timeout=PATIENCE_S) == FromAgent(wire.Stop())
            assert inbox.get(timeout=PATIENCE_S) == LinkDown(final=True)
            thread.join(PATIENCE_S)
        assert dialer.bad_lines == 2, "noise, and a message that only a host sends"


def test_child_that_finds_nobody_ends() -> None:
    """It was started for an agent that is gone already."""
    inbox: SimpleQueue[LinkUp | LinkDown | FromAgent] = SimpleQueue()
    Dialer(Path("/nowhere/s"), inbox.put, redial=False).run()
    assert inbox.get_nowait() == LinkDown(final=True, why=errno.ENOENT)
    Dialer(Path("/nowhere" * 99), inbox.put, redial=False).run()
    assert isinstance(inbox.get_nowait(), LinkDown), "a path that no socket can have"


def test_nothing_but_hello_is_said_before_the_welcome(pair: tuple[socket.socket, socket.socket]) -> None:
    """Only the welcome says from where on the agent wants to hear."""
    ours, theirs = pair
    ring = Ring()
    outlet = Outlet(ring)
    ring.add(1, signals.Playing(1.0))
    ring.add(1, signals.Paused(2.0))
    outlet.flush()
    outlet.connect(ours, b"hello\n")
    outlet.beat(wire.Beat(1.0, 1, None))
    outlet.flush()
    assert theirs.recv(1000) == b"hello\n"
    outlet.welcome(1)
    outlet.flush()
    assert decode(theirs.recv(1000).strip()) == wire.Said(2, 1, signals.Paused(2.0))
    outlet.beat(wire.Beat(3.0, 1, None))
    assert decode(theirs.recv(1000).strip()) == wire.Beat(3.0, 1, None)


def test_first_heartbeat_comes_behind_all_that_was_left_to_say(pair: tuple[socket.socket, socket.socket]) -> None:
    """It tells an agent that comes back that it has heard everything from before."""
    ours, theirs = pair
    ring = Ring()
    outlet = Outlet(ring)
    for at in range(3):
        ring.add(1, signals.Playing(float(at)))
    outlet.connect(ours, b"hello\n")
    outlet.welcome(1)
    outlet.beat(wire.Beat(9.0, 1, None))
    hello, *said = theirs.recv(1000).splitlines()
    assert b"hello" == hello
    assert [wire.Said(2, 1, signals.Playing(1.0)), wire.Said(3, 1, signals.Playing(2.0)), wire.Beat(9.0, 1, None)] == [
        decode(line) for line in said
    ]


def test_slow_agent_never_holds_the_host_up(pair: tuple[socket.socket, socket.socket]) -> None:
    """The thread that writes also owns libvlc: what the socket does not take waits in the ring, whole and in order."""
    ours, theirs = pair
    ring = Ring()
    outlet = Outlet(ring)
    outlet.connect(ours, b"")
    outlet.welcome(0)
    count = 4000
    for at in range(count):
        ring.add(1, signals.Buffering(float(at), 50.0))
        outlet.flush()
    received = b""
    while received.count(b"\n") < count:
        received += theirs.recv(1 << 16)
        outlet.flush()
    said = [decode(line) for line in received.splitlines()]
    assert [message.number for message in said if isinstance(message, wire.Said)] == list(range(1, count + 1))
    outlet.disconnect()
    outlet.flush()
