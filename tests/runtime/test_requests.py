"""What the command line asks of a running agent, and what anybody may throw at its socket."""

import json
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.kernel.records import Cursor
from agent.outbox.letters import Refusal
from agent.outbox.store import Outbox
from agent.player import wire
from agent.player.operations import Next, Operation, Previous
from agent.runtime.control import Request
from agent.runtime.requests import LONGEST_SEEK_S, OPERATIONS, Desk
from tests.support.loops import Rig
from tests.support.outbox import a_record, open_outbox
from tests.support.script import Script

SINK = "stats.collect"


class Counter:
    """A desk and what it told others to do."""

    def __init__(self, outbox: Outbox) -> None:
        self.obeyed: list[Operation] = []
        self.woken = 0
        self.desk = Desk(outbox, status=lambda: {"pid": 1}, obey=self.obeyed.append, wake=self._wake)

    def _wake(self) -> None:
        self.woken += 1

    def ask(self, call: str, **arguments: Any) -> dict[str, Any]:
        return self.desk.answer(Request(call, arguments, SimpleQueue()))


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    found = open_outbox(tmp_path / "state")
    found.register(SINK)
    yield found
    found.close()


def test_each_call_is_answered(outbox: Outbox) -> None:
    """The names are what scripts rely on."""
    desk = Counter(outbox)
    assert {"ok": {"pid": 1}} == desk.ask("status")
    for call, operation in OPERATIONS.items():
        assert {"ok": None} == desk.ask(call)
        assert operation == desk.obeyed[-1]
    assert {"ok": None} == desk.ask("player.seek", to=12)
    assert {"ok": None} == desk.ask("player.rate", to=1.5)
    assert [wire.Seek(12.0), wire.SetRate(1.5)] == desk.obeyed[-2:]
    assert "ok" in desk.ask("queue.stats")


@pytest.mark.parametrize(
    "to", [None, "5", True, -1, -0.001, float("nan"), float("inf"), 10**400, LONGEST_SEEK_S + 1, [5], {"to": 5}]
)
def test_seek_to_nowhere_is_refused_and_nothing_is_done(outbox: Outbox, to: object) -> None:
    """JSON has numbers that no float holds: one of them must not end the process."""
    desk = Counter(outbox)
    assert "error" in desk.ask("player.seek", to=to)
    assert [] == desk.obeyed


@pytest.mark.parametrize("to", [None, "2", True, 0, -1, 0.2, 4.1, float("nan"), 10**400])
def test_speed_that_nothing_plays_at_is_refused_and_nothing_is_done(outbox: Outbox, to: object) -> None:
    """A film that stands still, or that a small board cannot follow, is a screen that is broken."""
    desk = Counter(outbox)
    assert "error" in desk.ask("player.rate", to=to)
    assert [] == desk.obeyed


def test_unknown_call_is_answered_with_what_there_is(outbox: Outbox) -> None:
    """A later version's command line, or a slip, learns what this agent understands."""
    answer = Counter(outbox).ask("player.explode")
    assert "player.explode" in answer["error"]
    assert "player.next" in answer["error"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=5,
)
CALLS = st.sampled_from(
    [
        "player.seek",
        "player.rate",
        "queue.list",
        "queue.show",
        "queue.dead.list",
        "queue.dead.retry",
        "queue.dead.discard",
        "queue.stats",
        "queue.",
        "status",
    ]
) | st.text(max_size=200)
NAMES = st.sampled_from(["to", "sink", "limit", "after", "dead", "number", "numbers"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(call=CALLS, arguments=st.dictionaries(NAMES, ANY_JSON, max_size=4))
def test_whatever_is_asked_there_is_an_answer_in_json(outbox: Outbox, call: str, arguments: dict[str, Any]) -> None:
    """Whoever may open the socket must not be able to end the agent with a line."""
    answer = Counter(outbox).ask(call, **arguments)
    assert {"ok"} == answer.keys() or {"error"} == answer.keys()
    json.dumps(answer)


def test_retried_letters_are_sent_at_once(outbox: Outbox) -> None:
    """Whoever retries by hand looks at the result; delivery asleep would let a minute pass."""
    outbox.append([a_record()])
    outbox.settle(SINK, Cursor(1), projection="", refusals=[_refusal()])
    desk = Counter(outbox)
    assert {"ok": {"retried": 1}} == desk.ask("queue.dead.retry", sink=SINK)
    assert 1 == desk.woken


def _refusal() -> Refusal:
    return Refusal(sequence=1, part=0, message="PLAY", code="X", answer="no", projection="")


def test_operations_reach_the_player_through_the_loop(outbox: Outbox) -> None:
    """The whole way: a request in the mailbox, the director's command, the answer."""
    rig = Rig(outbox)
    rig.ready()
    rig.play(Script().open().play(1.0))
    assert {"ok": None} == rig.ask("player.seek", to=4)
    assert wire.Seek(4.0) == rig.line.sent[-1]
    assert {"ok": None} == rig.ask("player.next")
    assert isinstance(rig.line.sent[-1], wire.Load)


def test_order_that_the_player_cannot_be_given_is_answered_with_the_reason(outbox: Outbox) -> None:
    """Whoever asked must not wait for what will not come."""
    obeyed: list[Operation] = []
    reasons: dict[Operation, str] = {Previous(): "its list is its own"}
    desk = Desk(outbox, status=dict, obey=obeyed.append, refusal=lambda order: reasons.get(order), wake=lambda: None)
    assert {"error": "its list is its own"} == desk.answer(Request("player.previous", {}, SimpleQueue()))
    assert {"ok": None} == desk.answer(Request("player.next", {}, SimpleQueue()))
    assert [Next()] == obeyed
