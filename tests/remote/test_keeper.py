"""The keeper's steps, by hand: its clock is a number. What it does on a real network is in test_brokerline.py."""

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from agent.remote.keeper import FAREWELL_S, Keeper
from agent.remote.letters import Arrived, Letter, Offline, Online, Trouble
from agent.remote.line import Outgoing, Terms
from agent.remote.waiting import Waiting
from tests.support.brokers import free_ports
from tests.support.hostile_brokers import CONNACK_5, greeted, to
from tests.support.lines import DEVICE
from tests.support.raw_server import RawServer

MESSAGE = b"\x32\x07\x00\x01a\x00\x09\x00x"


class Desk:
    """A keeper, its clock and what it told."""

    def __init__(self, server: RawServer) -> None:
        self.time = 100.0
        self.told: list[Letter] = []
        self.waiting = Waiting()
        self.ear, self.bell = socket.socketpair()
        self.keeper = Keeper(
            to(server),
            lambda run: Terms(None, ["a"]),
            put=self.told.append,
            now=lambda: self.time,
            chance=lambda: 0.5,
            waiting=self.waiting,
            ear=self.ear,
            wake=self._wake,
        )

    def _wake(self) -> None:
        with suppress(OSError):  # what was still dialling at the end
            self.bell.send(b"\0")

    def until(self, letter: type[Letter]) -> None:
        """Step until it has told this."""
        while not any(isinstance(each, letter) for each in self.told):
            self.keeper.work(self.keeper.wait())


@pytest.fixture
def server() -> Iterator[RawServer]:
    """Gives a message before it has answered the subscription, and then listens."""

    def behave(connection: socket.socket) -> None:
        greeted(connection)
        connection.sendall(CONNACK_5 + MESSAGE)
        connection.recv(4096)
        connection.sendall(b"\x90\x04\x00\x01\x00\x01")
        while connection.recv(4096):
            pass

    with RawServer(behave) as running:
        yield running


@pytest.fixture
def desk(server: RawServer) -> Iterator[Desk]:
    desk = Desk(server)
    yield desk
    desk.keeper.release()
    desk.ear.close()
    desk.bell.close()


def test_nothing_is_tried_before_its_time(desk: Desk) -> None:
    """The first connection after a start has chance in it: a fleet's power comes back in one second."""
    assert (0, 102.5) == (desk.keeper.status.tries, desk.keeper.status.retry_at)
    desk.keeper.work(0)
    assert 0 == desk.keeper.status.tries
    desk.time = 102.5
    desk.keeper.work(0)
    assert 1 == desk.keeper.status.tries


def test_online_is_told_before_what_the_broker_gave_earlier(desk: Desk) -> None:
    """Mosquitto sends retained messages before it answers the subscription: the main loop hears of the run first."""
    desk.time = 103.0
    desk.until(Arrived)
    assert [Online, Arrived] == [type(each) for each in desk.told]
    assert (True, 1, 103.0) == (desk.keeper.status.online, desk.keeper.status.connects, desk.keeper.status.since)


def test_a_farewell_ends_when_its_time_is_up(desk: Desk) -> None:
    """The broker here answers nothing any more: a stop waits a second for it and no longer."""
    desk.time = 103.0
    desk.until(Online)
    desk.keeper.stop(Outgoing("presence", b"stopped"))
    desk.keeper.work(0)
    assert not desk.keeper.is_over
    desk.time += FAREWELL_S
    desk.keeper.work(0)
    assert desk.keeper.is_over


def test_a_stop_without_a_connection_is_at_once(desk: Desk) -> None:
    """While it dials, too: a name service that hangs must not be waited for."""
    desk.time = 103.0
    desk.keeper.work(0)
    desk.keeper.stop(None)
    desk.keeper.work(0)
    assert desk.keeper.is_over


def test_a_failure_is_told_with_the_next_try(server: RawServer) -> None:
    """What is shown and logged: why, and when it goes on."""
    port = free_ports(1)[0]
    server.port, real = port, server.port
    desk = Desk(server)
    server.port = real
    desk.time = 103.0
    desk.until(Offline)
    (told,) = desk.told
    assert isinstance(told, Offline)
    assert (1, Trouble.UNREACHABLE, 5.5) == (told.run, told.trouble, told.retry_in)
    assert (108.5, told.text, False) == (
        desk.keeper.status.retry_at,
        desk.keeper.status.text,
        DEVICE in told.text,
    )
    desk.keeper.release()


def test_the_same_settings_are_no_new_connection(desk: Desk, server: RawServer) -> None:
    """A document that changes nothing about the broker must not cost a gap."""
    desk.time = 103.0
    desk.until(Online)
    desk.keeper.reconfigure(to(server))
    assert [] == [each for each in desk.told if isinstance(each, Offline)]


def test_hurrying_brings_the_next_try_forward_and_never_puts_it_off(desk: Desk) -> None:
    """The network is back: five minutes of an old wait would be lost; chance keeps a fleet from coming at once."""
    desk.keeper.hurry()
    assert 102.5 == desk.keeper.status.retry_at
    desk.time = 101.0
    desk.keeper.hurry()
    assert 102.5 == desk.keeper.status.retry_at


def test_topics_that_were_ordered_hold_on_later_connections(desk: Desk) -> None:
    """The terms say what a first connection begins with; the groups may have changed since."""
    desk.keeper.subscribe(["b"])
    desk.time = 103.0
    desk.until(Online)
    desk.keeper.work(desk.keeper.wait())
    assert [] == [each for each in desk.told if isinstance(each, Arrived)]
    assert 1 == desk.keeper.status.dropped["unasked"]
