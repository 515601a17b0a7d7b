"""The session bus: a real one, and ends of lines that are none."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

import pytest
from jeepney import DBusAddress, new_signal

from agent.player.attached import bus as bus_module
from agent.player.attached import mpris
from agent.player.attached.bus import Answered, Bus, BusDown, BusUp, Emitted, Heard
from agent.player.attached.roster import VLC
from tests.support import ordinary
from tests.support.buses import PATIENCE_S, Puppet, running_bus, session_bus
from tests.support.players import short_folder


class Ear:
    """A bus's thread at work, and what it has heard."""

    def __init__(self, address: str) -> None:
        self.inbox: SimpleQueue[Heard] = SimpleQueue()
        self.bus = Bus({"DBUS_SESSION_BUS_ADDRESS": address}, os.geteuid(), self.inbox.put)
        threading.Thread(target=self.bus.run, daemon=True).start()

    def take(self) -> Heard:
        return self.inbox.get(timeout=PATIENCE_S)

    def rise(self) -> None:
        """Wait for the bus, and listen to it."""
        while not isinstance(up := self.take(), BusUp):
            pass
        self.bus.use(up.connection)
        self.bus.watch()

    def answer(self, number: int) -> Answered:
        while True:
            heard = self.take()
            if isinstance(heard, Answered) and heard.number == number:
                return heard

    def emitted(self, member: str) -> Emitted:
        while True:
            heard = self.take()
            if isinstance(heard, Emitted) and heard.member == member:
                return heard


@pytest.fixture(autouse=True)
def _quickly_again_and_patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_module, "REDIAL_S", 0.05)
    # What is given no time is not what is silent; a test of that has a limit of its own.
    monkeypatch.setattr(bus_module, "ANSWER_S", PATIENCE_S)


def test_player_on_a_real_bus_is_asked_and_heard() -> None:
    """Names, properties, signals and calls: all that a VLC is followed with."""
    with session_bus() as address:
        ear = Ear(address)
        ear.rise()
        player = Puppet(address, VLC, {"PlaybackStatus": ("s", "Playing")})
        came = ear.emitted("NameOwnerChanged")
        assert (VLC, "") == came.body[:2]
        owner = came.body[2]
        assert VLC in (ear.answer(ear.bus.names()).body or ([],))[0]
        assert (owner,) == ear.answer(ear.bus.owner(VLC)).body
        properties = ear.answer(ear.bus.call(owner, mpris.GET_PLAYER)).body
        assert ({"PlaybackStatus": ("s", "Playing")},) == properties
        player.say(Rate=("d", 2.0))
        assert (mpris.PLAYER, {"Rate": ("d", 2.0)}, []) == ear.emitted("PropertiesChanged").body
        player.seeked(5000000)
        assert Emitted(owner, "Seeked", (5000000,)) == ear.emitted("Seeked")
        ear.answer(ear.bus.call(owner, mpris.Call(mpris.PLAYER, "Pause")))
        assert [("Pause", ())] == player.called
        player.leave()
        assert (VLC, owner, "") == ear.emitted("NameOwnerChanged").body
        assert None is ear.answer(ear.bus.call(owner, mpris.GET_POSITION)).body, "an error is an answer, too"


def test_bus_that_ends_is_told_and_the_next_one_found() -> None:
    """A desktop's user logs out and in again: nobody restarts us."""
    with short_folder() as folder:
        with running_bus(folder) as address:
            ear = Ear(address)
            ear.rise()
        while not isinstance(down := ear.take(), BusDown):
            pass
        assert "has ended" in down.problem
        ear.bus.use(None)
        ear.bus.names()  # Nobody is there to be asked: nothing happens.
        with running_bus(folder):
            ear.rise()
            assert ear.answer(ear.bus.names()).body


def test_missing_bus_is_named_with_the_remedy(tmp_path: Path) -> None:
    """A kiosk without a desktop has none."""
    ear = Ear(f"unix:path={tmp_path}/nothing")
    down = ear.take()
    assert isinstance(down, BusDown)
    assert "no session bus" in down.problem
    assert "dbus-run-session" in down.problem


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can have a bus of another user's")
def test_bus_of_another_user_is_named_with_the_remedy() -> None:
    """Root, too, is refused: the most likely mistake in a system service."""
    with session_bus(ordinary.become()) as address:
        down = Ear(address).take()
    assert isinstance(down, BusDown)
    assert "refuses user root" in down.problem
    assert "User=" in down.problem


@contextmanager
def _impostor(folder: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(folder / "bus"))
        server.listen(1)
        yield server


def test_what_does_not_speak_as_a_bus_ends_the_line_and_nothing_else() -> None:
    """The address may lead to anything."""
    with short_folder() as folder, _impostor(folder) as server:
        ear = Ear(f"unix:path={folder}/bus")
        for answer in (b"REJECTED\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b""):
            line, _ = server.accept()
            with line:
                line.settimeout(PATIENCE_S)
                line.recv(100)
                line.sendall(answer)
            assert isinstance(ear.take(), BusDown)


@pytest.mark.parametrize(("place", "value"), [(12, 12), (4, 0)])
def test_message_that_is_none_ends_the_line_and_nothing_else(place: int, value: int) -> None:
    """The parser asserts of some, and of others it unpacks more than there is: no kinds of ValueError."""
    signal = DBusAddress("/a", bus_name="a.b", interface="a.b")
    message = bytearray(new_signal(signal, "S", "x", (5,)).serialise(serial=2))
    message[place] = value
    with short_folder() as folder, _impostor(folder) as server:
        ear = Ear(f"unix:path={folder}/bus")
        line, _ = server.accept()
        with line:
            line.settimeout(PATIENCE_S)
            line.recv(100)
            line.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")
            line.recv(1000)
            line.sendall(message)
            down = ear.take()
    assert isinstance(down, BusDown)
    assert "that is no bus" in down.problem


def test_bus_that_does_not_answer_is_told_from_one_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user would not help."""
    monkeypatch.setattr(bus_module, "ANSWER_S", 0.05)
    with short_folder() as folder, _impostor(folder):
        down = Ear(f"unix:path={folder}/bus").take()
    assert isinstance(down, BusDown)
    assert "does not answer" in down.problem


@pytest.mark.parametrize("place", ["/" + "x" * 200, "/a%00b"])
def test_address_that_no_socket_can_have_is_a_problem_and_no_crash(place: str) -> None:
    """Its unit would start us again, for ever."""
    down = Ear(f"unix:path={place}").take()
    assert isinstance(down, BusDown)
