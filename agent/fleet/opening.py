"""Opens the connection that a command works with.

Contract: `opened` is a context: the desk inside, the farewell at its end; `UnreachableError` where there is none.
Rules: paho is imported here, when the broker is first asked: `--help` and a wrong file are answered without it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from agent.fleet.desk import Desk
from agent.remote.settings import BrokerSettings


@contextmanager
def opened(settings: BrokerSettings) -> Iterator[Desk]:
    """The broker at `settings`."""
    desk = import_module("agent.fleet.broker").BrokerDesk(settings)
    try:
        yield desk
    finally:
        desk.close()
