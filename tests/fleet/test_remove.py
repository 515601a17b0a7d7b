"""`kiosk-fleet remove`."""

import json

import pytest

from agent.remote.topics import Device
from tests.support.fleet import TOPICS, Exchange, Kiosk, run


def test_everything_of_a_retired_device_is_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that is gone for good must not stand first in the table for ever; its neighbour stays."""
    exchange = Exchange()
    Kiosk(exchange, "dev-a", online=False)
    Kiosk(exchange, "dev-b")
    run(exchange, monkeypatch, "set", "player.volume=5", "--device", "dev-a", "--yes")
    found = run(exchange, monkeypatch, "remove", "--device", "dev-a", "--yes", "--json")
    assert 0 == found.exit_code
    cleared = [TOPICS.desired(Device("dev-a")), TOPICS.history(Device("dev-a"), 1)]
    cleared += [TOPICS.presence("dev-a"), TOPICS.state("dev-a")]
    assert {"ok": True, "device": "dev-a", "cleared": cleared} == json.loads(found.stdout)
    assert {TOPICS.presence("dev-b"), TOPICS.state("dev-b")} == set(exchange.retained)


def test_device_that_is_there_is_warned_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would report itself again."""
    exchange = Exchange()
    Kiosk(exchange, "dev-a")
    found = run(exchange, monkeypatch, "remove", "--device", "dev-a")
    assert 2 == found.exit_code
    assert "dev-a is online" in found.stderr
    assert 2 == len(exchange.retained)


def test_device_that_nobody_knows_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slip in the name must not look like success."""
    assert 1 == run(Exchange(), monkeypatch, "remove", "--device", "dev-a", "--yes").exit_code
    assert 2 == run(Exchange(), monkeypatch, "remove", "--device", "+", "--yes").exit_code
