"""Opening the connection that a command works with."""

import pytest

from agent.fleet.desk import UnreachableError
from agent.fleet.opening import opened
from agent.remote.settings import BrokerSettings


def test_broker_that_is_not_there_is_one_error() -> None:
    """Nobody listens at port 1; with a broker: test_broker."""
    settings = BrokerSettings(url="mqtt://127.0.0.1:1", client_id="op")
    with pytest.raises(UnreachableError, match="Nobody listens"), opened(settings):
        pytest.fail("there is no broker")
