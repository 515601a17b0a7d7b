"""`kiosk-fleet history` and `rollback`."""

import json
from typing import Any

import pytest

from agent.fleet import documents
from agent.remote.documents import Document
from agent.remote.topics import Fleet
from tests.support.fleet import TOPICS, Exchange, Kiosk, run


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Exchange:
    """A fleet with two revisions."""
    exchange = Exchange()
    Kiosk(exchange, "dev-a")
    run(exchange, monkeypatch, "set", "player.volume=50", "--all", "--yes", "--note", "quiet")
    run(exchange, monkeypatch, "set", "player.volume=80", "player.loop=false", "--all", "--yes")
    return exchange


def listed(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(exchange, monkeypatch, "history", "--all", "--json").stdout)
    return found


def test_history_lists_revisions_with_note_and_size_of_the_change(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which of them was the one before the trouble began?"""
    found = run(exchange, monkeypatch, "history", "--all")
    assert 0 == found.exit_code
    first, second = found.stdout.splitlines()[1:3]
    assert first.startswith("1 ")
    assert "quiet" in first
    assert second.startswith("2 *")
    assert "2 changes" in second
    report = listed(exchange, monkeypatch)
    assert (True, "fleet", 2, [None, 2]) == (
        *(report[key] for key in ("ok", "level", "current")),
        [each["changes"] for each in report["revisions"]],
    )
    assert {"revision", "config", "by", "note", "published", "changes"} == set(report["revisions"][0])


def test_history_of_nothing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """No empty table."""
    assert "Nothing was published for the group x.\n" == run(Exchange(), monkeypatch, "history", "--group", "x").stdout


def test_damaged_entry_is_listed_as_such(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the others beside it."""
    exchange.retained[TOPICS.history(Fleet(), 1)] = b"nonsense"
    assert "cannot be read" in run(exchange, monkeypatch, "history", "--all").stdout
    found = run(exchange, monkeypatch, "rollback", "--all", "--to", "1", "--yes")
    assert 2 == found.exit_code
    assert "cannot be read" in found.stderr


def test_rollback_publishes_the_old_content_as_a_new_revision(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device takes no revision below the one it has."""
    found = run(exchange, monkeypatch, "rollback", "--to", "1", "--all", "--yes")
    assert 0 == found.exit_code
    document = documents.read(Fleet(), exchange.retained[TOPICS.desired(Fleet())])
    assert isinstance(document, Document)
    assert (3, {"player": {"volume": 50}}, "rollback to revision 1") == (
        document.revision,
        document.tree,
        document.note,
    )


def test_rollback_to_what_is_not_there_names_what_is(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """The history holds the newest twenty."""
    found = run(exchange, monkeypatch, "rollback", "--to", "9", "--all", "--yes")
    assert 2 == found.exit_code
    assert "there are: 1, 2" in found.stderr
