"""A port that can be left and come back to."""

import socket

import pytest

from tests.support.kaltura_client import talk
from tools.standin.listener import Listener


def echo(connection: socket.socket, address: str) -> None:
    """Send back what came."""
    while data := connection.recv(100):
        if data == b"break":
            raise ValueError("broken")
        connection.sendall(data)


def test_away_refuses_and_back_serves_on_the_same_port() -> None:
    """A collector that comes back must be found where it was, again and again."""
    listener = Listener("127.0.0.1", 0, echo, "test")
    port = listener.port
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"a")
            assert client.recv(10) == b"a"
            listener.leave()
            assert client.recv(10) == b""
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port))
        listener.leave()
        listener.back()
        listener.back()
    assert listener.accepted() == 5
    listener.close()
    listener.close()


def test_failure_of_a_connection_is_raised_at_the_end() -> None:
    """A bug in the stand-in must fail the test that met it, not look like a network fault."""
    listener = Listener("127.0.0.1", 0, echo, "test")
    assert talk(listener.port, b"break") == b""
    with pytest.raises(ValueError, match="broken"):
        listener.close()


def test_taken_port_is_an_error() -> None:
    """Two collectors on one port would share the events between them."""
    listener = Listener("127.0.0.1", 0, echo, "test")
    with pytest.raises(OSError, match="in use"):
        Listener("127.0.0.1", listener.port, echo, "second")
    listener.close()
