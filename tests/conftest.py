"""For all tests: nothing leaves this machine, and chance is not hurried."""

import ipaddress
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from hypothesis import settings

# A shell that starts the tests in the background has them ignore Ctrl-C, and every program that they start inherits
# that: a test that ends one with SIGINT would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Shared cores make any deadline a dice roll; what is slow shows in pytest's durations. CI asks the same questions each
# time, so that a change is judged by what it changed; everybody else's runs go on looking for new ones.
settings.register_profile("shared-cores", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("shared-cores")


def leaves_the_machine(family: int, address: Any) -> bool:
    """Whether a connection to `address` would go out; a name counts as out, since asking for it already does."""
    if family not in (socket.AF_INET, socket.AF_INET6):
        return False
    host = address[0]
    if host == "localhost":
        return False
    try:
        return not (ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified)
    except ValueError:
        return True


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anywhere else fails, as on a machine without a network: tests must not need one."""

    def guarded(connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
        def guard(self: socket.socket, address: Any) -> Any:
            if leaves_the_machine(self.family, address):
                raise OSError(f"tests stay on this machine, and this goes to {address}")
            return connect(self, address)

        return guard

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    """A test that sets logging up, as an agent's start does, must not silence those that come after it."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
