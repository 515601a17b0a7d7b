"""What may be asked over the control socket, and that nothing is handed over while a message is under way."""

from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from agent.outbox.store import Outbox
from agent.runtime import queries
from agent.runtime.control import Request
from agent.runtime.portable.asking import BEGIN, BUSY, at_rest, export_of, moment, page_of
from agent.runtime.requests import Desk
from tests.support.carrying import NOW, SINK, a_session, bodies
from tests.support.outbox import open_outbox


class Hand:
    """A worker that can be held, or not. `log`: what was asked of it."""

    def __init__(self, name: str, *, free: bool = True) -> None:
        self.name = name
        self.free = free
        self.log: list[str] = []

    def hold(self) -> bool:
        """As Worker.hold."""
        self.log.append("hold")
        return self.free

    def let_go(self) -> None:
        """As Worker.let_go."""
        self.log.append("let go")


def a_store(folder: Path) -> Outbox:
    """A store in which a play waits."""
    outbox = open_outbox(folder)
    outbox.register(SINK)
    outbox.append(a_session("s1", "a"))
    return outbox


def asked(outbox: Outbox, call: str, **arguments: Any) -> Any:
    """The answer, which must be a good one."""
    return queries.answer(outbox, call, arguments)["ok"]


def test_export_goes_through_all_its_calls(tmp_path: Path) -> None:
    """As the command makes them, one after the other."""
    outbox = a_store(tmp_path)
    export = export_of(asked(outbox, BEGIN, now=moment(NOW)))
    assert (export,) == outbox.exports.known()
    page = page_of(asked(outbox, "queue.export.page", id=export.id, after=None))
    assert (3, None) == ([row[0] for row in page.rows].count("events"), page.after)
    asked(outbox, "queue.export.written", id=export.id)
    assert asked(outbox, BEGIN, now=moment(NOW)) is None
    asked(outbox, "queue.export.forget", id=export.id)
    assert [] == asked(outbox, "queue.export.known")


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (BEGIN, {}),
        (BEGIN, {"now": [1, 2, 3, 4]}),
        ("queue.export.page", {}),
        ("queue.export.page", {"id": 7}),
        ("queue.export.page", {"id": "x", "after": "1"}),
        ("queue.export.page", {"id": "x", "after": -1}),
        ("queue.export.page", {"id": "x", "after": True}),
        ("queue.export.written", {"id": None}),
        ("queue.export.forget", {"id": "nothing"}),
    ],
)
def test_nonsense_is_answered_with_an_error(tmp_path: Path, call: str, arguments: dict[str, Any]) -> None:
    """Anything may come over a socket; nothing is handed over by it."""
    outbox = a_store(tmp_path)
    assert "error" in queries.answer(outbox, call, arguments)
    assert 3 == len(bodies(outbox))


def test_nothing_is_handed_over_while_a_message_is_under_way(tmp_path: Path) -> None:
    """Its answer may still come; then it would have been delivered and stand in the file."""
    outbox = a_store(tmp_path)
    hands = [Hand("deliver a"), Hand("deliver b", free=False), Hand("deliver c")]
    desk = Desk(outbox, status=dict, obey=lambda _: None, wake=lambda: None, workers=lambda: hands)  # type: ignore[arg-type, return-value]
    request = Request(BEGIN, {"now": moment(NOW)}, SimpleQueue())
    said = desk.answer(request)["error"]
    assert said.startswith(BUSY) and said.endswith("deliver b")
    assert 3 == len(bodies(outbox))
    assert [["hold", "let go"], ["hold"], []] == [hand.log for hand in hands]
    hands[1].free = True
    assert 3 == desk.answer(request)["ok"]["last"]
    assert [] == bodies(outbox)


def test_workers_are_let_go_whatever_happens() -> None:
    """A destination that is held for ever delivers nothing any more."""
    hand = Hand("deliver a")
    with pytest.raises(ValueError, match="oh"), at_rest([hand]):  # type: ignore[list-item]
        raise ValueError("oh")
    assert ["hold", "let go"] == hand.log
