"""The fence round the tests."""

import socket

import pytest

from tests.conftest import leaves_the_machine


@pytest.mark.parametrize(
    ("family", "address", "expected"),
    [
        (socket.AF_INET, ("127.0.0.1", 80), False),
        (socket.AF_INET, ("127.8.9.10", 80), False),
        (socket.AF_INET, ("localhost", 80), False),
        (socket.AF_INET6, ("::1", 80, 0, 0), False),
        (socket.AF_UNIX, "/run/some.sock", False),
        (socket.AF_INET, ("192.0.2.1", 80), True),
        (socket.AF_INET, ("www.example.com", 80), True),
        (socket.AF_INET6, ("2001:db8::1", 80, 0, 0), True),
    ],
)
def test_only_loopback_is_inside(family: int, address: object, *, expected: bool) -> None:
    """A test that needs the network fails on the next machine."""
    assert expected is leaves_the_machine(family, address)


def test_connection_to_the_world_fails_at_once() -> None:
    """The fixture is in force without being asked for. The address is one of those kept for documentation."""
    with socket.socket() as outwards, pytest.raises(OSError, match="stay on this machine"):
        outwards.connect(("192.0.2.1", 80))
