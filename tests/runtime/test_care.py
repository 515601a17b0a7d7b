"""The check of the queue, a part at a time."""

from pathlib import Path

import pytest

from agent.outbox.errors import StoreDamaged
from agent.outbox.store import Outbox
from agent.runtime import care
from agent.runtime.care import check, check_ledger, head
from tests.support.outbox import a_record, open_outbox
from tests.support.plays import play


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return open_outbox(tmp_path)


def test_long_queue_is_checked_in_several_calls(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The main loop answers, and must get on with its work."""
    monkeypatch.setattr(care, "SLICES_A_CALL", 2)
    outbox.append([a_record() for _ in range(2600)])
    calls, after = 0, 0
    while after is not None:
        found = check(outbox, {"after": after})
        assert found["problem"] is None
        after, calls = found["after"], calls + 1
    assert 3 == calls
    outbox.close()


@pytest.mark.parametrize("after", [None, -1, "x", 1.5, True, []])
def test_whatever_comes_over_the_socket_is_answered(outbox: Outbox, after: object) -> None:
    """Anybody of the agent's user may write there."""
    assert {"after": None, "problem": None} == check(outbox, {"after": after})
    outbox.close()


def test_damage_is_the_answer_and_no_failure_of_the_call(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks wants to know that very thing."""

    def damaged(_: int) -> int:
        raise StoreDamaged("page 7", remedy="")

    monkeypatch.setattr(outbox, "check", damaged)
    assert {"after": None, "problem": "page 7"} == check(outbox, {"after": 0})
    outbox.close()


@pytest.mark.parametrize("plays", [None, -1, "x", 7, 10**9])
def test_newest_plays_of_the_ledger_are_gone_through(outbox: Outbox, plays: object) -> None:
    """Doctor asks a running agent, whose main loop waits for the answer."""
    play(outbox, 1, 70)
    found = check_ledger(outbox, {"plays": plays})
    assert (70, []) == (found["through"], found["faults"])
    outbox._core.database.conn.execute("DELETE FROM plays WHERE id = 69")
    assert [69] == [fault["number"] for fault in check_ledger(outbox, {"plays": plays})["faults"]]
    outbox.close()


def test_head_of_the_ledger_says_whose_it_is(outbox: Outbox) -> None:
    """A hash that was kept of one kiosk is held against the card of another."""
    assert "device-001" == head(outbox, {})["device"]
