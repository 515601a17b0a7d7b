"""Waiting for the first event."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.runtime.setup.arrival import Absent, Arrived, Waiting, await_event
from tests.support.agents import answering

ITEM = {"uri": "file:///srv/a.mp4", "entry_id": "0_abcd1234"}


def status(*, item: Mapping[str, Any] | None = ITEM, delivered: float | None = None, text: str | None = None) -> Any:
    """As much of the agent's status as is looked at."""
    sink = {"name": "stats.collect", "last_delivery_wall": delivered, "text": text}
    return {"player": {"state": "playing", "item": item}, "sinks": [{"name": "off"}, sink]}


class Watch:
    """A clock that goes on only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def waited(folder: Path, answers: list[Any], patience_s: float = 10.0) -> tuple[object, float]:
    """What came of the wait, with these answers one after the other (the last for ever), and how long it took."""
    watch = Watch()

    def answer(_call: str, _arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {"ok": answers.pop(0) if len(answers) > 1 else answers[0]}

    with answering(folder, answer):
        return await_event(folder, patience_s, now=watch.now, sleep=watch.sleep), watch.time


def test_first_delivery_ends_the_wait(tmp_path: Path) -> None:
    """With what plays at that moment, which the person sees on the screen."""
    found, seconds = waited(tmp_path, [status(), status(), status(delivered=1.0)])
    assert (Arrived("stats.collect", "file:///srv/a.mp4", "0_abcd1234"), 1.0) == (found, seconds)


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (status(text="Connection refused"), "stats.collect: Connection refused"),
        (status(item=None), "no item of the list is on"),
        (status(item={**ITEM, "entry_id": None}), "has no Kaltura entry"),
        (status(), "nothing is known to be wrong"),
    ],
)
def test_wait_that_is_over_says_what_was_seen_last(tmp_path: Path, last: Any, words: str) -> None:
    """A time that is over is no reason by itself."""
    found, seconds = waited(tmp_path, [last], 5.0)
    assert isinstance(found, Waiting)
    assert (True, 5.0) == (words in found.why, seconds)


def test_agent_that_does_not_answer_is_waited_for_and_told(tmp_path: Path) -> None:
    """It may still be starting."""
    watch = Watch()
    found = await_event(tmp_path, 3.0, now=watch.now, sleep=watch.sleep)
    assert isinstance(found, Absent)
    assert ("no agent" in found.why, 3.0) == (True, watch.time)
