"""What became of a command at each device."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.fleet.answers import Answers, Ending
from tests.support.fleet import TOPICS


def answers(*asked: str, offline: tuple[str, ...] = ()) -> Answers:
    return Answers(TOPICS, "id-1", asked=asked or ("a",), offline=offline)


def told(status: str, *, id: str = "id-1", **more: Any) -> bytes:
    return json.dumps({"v": 1, "id": id, "command": "next", "status": status, **more}).encode()


def test_accepted_is_no_end_and_done_is() -> None:
    """A device that took the command and then died has not done it."""
    found = answers()
    assert found.take(TOPICS.result("a"), told("accepted"))
    assert (Ending.ACCEPTED, False) == (found.final[0].ending, found.is_complete)
    assert found.take(TOPICS.result("a"), told("done", data={"bytes": 3}))
    assert (Ending.DONE, {"bytes": 3}, True) == (found.final[0].ending, found.final[0].data, found.is_complete)


def test_answer_that_comes_twice_or_late_changes_nothing() -> None:
    """QoS 1 may deliver twice, and out of a device's memory."""
    found = answers()
    found.take(TOPICS.result("a"), told("failed", reason="no player"))
    assert not found.take(TOPICS.result("a"), told("accepted"))
    assert ("no player", Ending.FAILED) == (found.final[0].reason, found.final[0].ending)


def test_answers_to_others_and_of_others_are_not_ours() -> None:
    """Another operator's command, a device that was not asked, a topic that anybody may write."""
    found = answers()
    assert not found.take(TOPICS.result("a"), told("done", id="id-2"))
    assert not found.take(TOPICS.result("b"), told("done"))
    assert not found.take("kiosk/v1/device/a/state", told("done"))
    assert not found.take(TOPICS.result("a"), told("silent"))
    assert not found.is_complete


def test_those_that_need_somebody_come_first() -> None:
    """The rest is counted."""
    found = answers("a", "b", "c", offline=("d",))
    found.take(TOPICS.result("a"), told("done"))
    found.take(TOPICS.result("c"), told("failed", reason="\x1b[2J"))
    assert ["c", "b", "d", "a"] == [each.device for each in found.final]
    assert "\\x1b[2J" == found.final[0].reason


@given(st.binary(max_size=60))
def test_any_answer_is_survived(payload: bytes) -> None:
    """Devices answer whatever they like."""
    assert answers().take(TOPICS.result("a"), payload) in (True, False)
