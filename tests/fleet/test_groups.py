"""`kiosk-fleet groups`."""

import json

import pytest

from agent.fleet import documents
from agent.remote.documents import Document
from agent.remote.topics import Device, Group
from tests.support.fleet import TOPICS, Exchange, Kiosk, run


def test_groups_come_from_devices_and_from_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document for a group that nobody is in is a slip that this shows."""
    exchange = Exchange()
    Kiosk(exchange, "dev-a", groups=["lobby", "berlin"])
    Kiosk(exchange, "dev-b", groups=["lobby"], online=False)
    exchange.retained[TOPICS.desired(Device("dev-c"))] = documents.encode(Document(Device("dev-c"), 1, {}, ("cellar",)))
    exchange.retained[TOPICS.desired(Group("loby"))] = documents.encode(Document(Group("loby"), 4, {}, note="why"))
    found = run(exchange, monkeypatch, "groups", "--json")
    assert {
        "ok": True,
        "groups": [
            {"name": "berlin", "devices": ["dev-a"], "online": 1, "revision": None, "note": None},
            {"name": "cellar", "devices": ["dev-c"], "online": 0, "revision": None, "note": None},
            {"name": "lobby", "devices": ["dev-a", "dev-b"], "online": 1, "revision": None, "note": None},
            {"name": "loby", "devices": [], "online": 0, "revision": 4, "note": "why"},
        ],
    } == json.loads(found.stdout)
    assert "nobody" in run(exchange, monkeypatch, "groups").stdout


def test_fleet_without_groups_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """No empty table."""
    assert "There are no groups" in run(Exchange(), monkeypatch, "groups").stdout
