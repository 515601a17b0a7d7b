"""The way to the broker, up to where MQTT begins: nothing waits for it, and nothing of it stays."""

import socket
import threading

import pytest

from agent.remote.dial import Dial
from agent.remote.failures import Failure
from agent.remote.letters import Trouble
from agent.remote.settings import BrokerSettings
from agent.remote.transport import Transport
from tests.support.brokers import free_ports
from tests.support.hostile_brokers import to
from tests.support.raw_server import RawServer


def listen(connection: socket.socket) -> None:
    """Until the other side closes."""
    while connection.recv(100):
        pass


def settings(url: str) -> BrokerSettings:
    return BrokerSettings(url=url, client_id="device-001")


def test_a_way_that_is_there_is_found() -> None:
    """TCP, not blocking from then on, and probed by the kernel where the line goes dead."""
    with RawServer(listen) as server:
        answer = Dial(to(server)).run()
        assert isinstance(answer, Transport)
        with pytest.raises(BlockingIOError):
            answer.recv(1)
        answer.close()


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "x" * 70])
def test_a_name_that_leads_nowhere_is_named(host: str) -> None:
    """A typo, or a name service that is not there yet: whatever the reason, the thread lives."""
    answer = Dial(settings(f"mqtt://{host}")).run()
    assert isinstance(answer, Failure)
    assert (Trouble.UNREACHABLE, True) == (answer.trouble, host in answer.text)


def test_nobody_there_is_an_answer() -> None:
    """Trap: connect() with no broker raises."""
    answer = Dial(settings(f"mqtt://127.0.0.1:{free_ports(1)[0]}")).run()
    assert isinstance(answer, Failure)
    assert "nobody listens" in answer.text


def test_what_was_given_up_is_closed_when_it_comes() -> None:
    """New settings came meanwhile: the old broker must not keep a connection that nobody uses."""
    ended = threading.Event()

    def behave(connection: socket.socket) -> None:
        listen(connection)
        ended.set()

    for gives_up_first in (True, False):
        ended.clear()
        with RawServer(behave) as server:
            dial = Dial(to(server))
            done = threading.Event()
            if gives_up_first:
                dial.give_up()
            dial.start(done.set)
            assert done.wait(20)
            if not gives_up_first:
                assert isinstance(dial.answer, Transport)
                dial.give_up()
                assert ended.wait(20)


def test_what_escapes_comes_out_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug on the dialling thread must end the process, not leave a line that waits for ever."""

    def broken(self: Dial) -> None:
        raise AssertionError("a bug")

    monkeypatch.setattr(Dial, "run", broken)
    dial, done = Dial(settings("mqtt://b")), threading.Event()
    dial.start(done.set)
    assert done.wait(20)
    with pytest.raises(AssertionError, match="a bug"):
        _ = dial.answer
