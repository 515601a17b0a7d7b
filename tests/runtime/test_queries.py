"""What may be asked about the queue, against a real store."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.kernel.records import Cursor
from agent.outbox.letters import Refusal
from agent.outbox.schema import SCHEMA
from agent.outbox.store import Outbox
from agent.runtime.queries import CALLS, LARGEST_LIMIT, answer
from tests.support.stores import SINK, STORY, record, refuse_first, store_with_story


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = store_with_story(tmp_path)
    yield opened
    opened.close()


def asked(outbox: Outbox, call: str, **arguments: Any) -> Any:
    """The `ok` of an answer, which must be JSON."""
    reply = answer(outbox, call, arguments)
    assert "error" not in reply, reply
    return json.loads(json.dumps(reply["ok"]))


def test_list_shows_what_waits_in_order_and_for_whom(outbox: Outbox) -> None:
    """The first look when reports lag behind."""
    found = asked(outbox, "queue.list")
    assert ["opened", "playing", "progressed", "closed"] == [event["kind"] for event in found["events"]]
    assert [[SINK]] * 4 == [event["waits_for"] for event in found["events"]]
    assert 4 == found["total"]


def test_delivered_events_are_not_listed_although_their_rows_may_linger(outbox: Outbox) -> None:
    """The store deletes passed rows in batches; a person must not take them for undelivered."""
    outbox.settle(SINK, Cursor(2), projection="", delivered=2)
    found = asked(outbox, "queue.list")
    assert [3, 4] == [event["sequence"] for event in found["events"]]
    assert 2 == found["total"]


def test_pages_follow_each_other_without_a_gap(outbox: Outbox) -> None:
    """A long queue is read in pages."""
    first = asked(outbox, "queue.list", limit=3)
    rest = asked(outbox, "queue.list", limit=3, after=first["events"][-1]["sequence"])
    assert [1, 2, 3, 4] == [event["sequence"] for page in (first, rest) for event in page["events"]]


def test_each_sink_waits_for_its_own_events(outbox: Outbox) -> None:
    """One destination that is behind must not be confused with one that is not."""
    outbox.register("xapi")
    outbox.settle(SINK, Cursor(3), projection="")
    assert [["xapi"], ["xapi"], ["xapi"], [SINK, "xapi"]] == [
        event["waits_for"] for event in asked(outbox, "queue.list")["events"]
    ]
    assert [4] == [event["sequence"] for event in asked(outbox, "queue.list", sink=SINK)["events"]]


def test_looking_takes_nothing_out_of_deliverys_hands(outbox: Outbox) -> None:
    """A listing must not mark events as handed out: those could then never be dropped on a full disk."""
    asked(outbox, "queue.list")
    assert {} == outbox._core.handed_out


def test_show_decodes_the_event_and_its_owner(outbox: Outbox) -> None:
    """Support asks what exactly would be sent, and for whom."""
    shown = asked(outbox, "queue.show", number=3)
    assert 0.25 == shown["fact"]["fraction"]
    assert 15.0 == shown["fact"]["head"]["position"]
    assert ("0_abcd1234", "kiosk://device-001", 102) == (shown["entry_id"], shown["referrer"], shown["partner_id"])


@pytest.mark.parametrize(("call", "number"), [("queue.show", 99), ("queue.show", 0), ("queue.dead.show", 1)])
def test_show_of_what_is_not_there_says_so(outbox: Outbox, call: str, number: int) -> None:
    """Delivered events leave the queue; that is no fault."""
    assert "error" in answer(outbox, call, {"number": number})


def test_stats_have_the_words_of_status(outbox: Outbox) -> None:
    """`status` and `queue stats` must never disagree."""
    outbox.settle(SINK, Cursor(2), projection="", delivered=1, passed={"no-entry": 1})
    found = asked(outbox, "queue.stats")
    assert (2, SCHEMA) == (found["queue"]["events"], found["queue"]["schema"])
    (sink,) = found["sinks"]
    assert (SINK, 2, 1, {"no-entry": 1}) == (sink["name"], sink["depth"], sink["delivered"], sink["passed"])


def test_dead_letter_is_listed_shown_and_retried_with_its_old_identity(outbox: Outbox) -> None:
    """A refused message must not be a lost one: somebody mends the cause and sends it again (decision 9)."""
    refuse_first(outbox)
    (letter,) = asked(outbox, "queue.dead.list")["letters"]
    assert ("WIDGET_LOADED", "INVALID_ENUM_VALUE", SINK) == (letter["message"], letter["code"], letter["sink"])
    assert "no such type" == asked(outbox, "queue.dead.show", number=letter["number"])["answer"]
    assert {"retried": 1} == asked(outbox, "queue.dead.retry", numbers=[letter["number"]])
    again = asked(outbox, "queue.list")["events"][-1]
    assert (5, 1, SINK) == (again["sequence"], again["identity"]["sequence"], again["redelivery"])
    assert [] == asked(outbox, "queue.dead.list")["letters"]


def test_all_letters_of_one_sink_are_retried_at_once(outbox: Outbox) -> None:
    """After an outage of the other kind there may be hundreds."""
    refuse_first(outbox)
    assert {"retried": 1} == asked(outbox, "queue.dead.retry", sink=SINK)


def test_unknown_number_changes_nothing_at_all(outbox: Outbox) -> None:
    """A typing error must not do half of what was asked."""
    refuse_first(outbox)
    for call in ("queue.dead.retry", "queue.dead.discard"):
        assert "no dead letter 77; nothing was changed" in answer(outbox, call, {"numbers": [1, 77]})["error"]
    assert 1 == len(asked(outbox, "queue.dead.list")["letters"])


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("queue.frobnicate", {}),
        ("queue.list", {"limit": LARGEST_LIMIT + 1}),
        ("queue.list", {"limit": True}),
        ("queue.list", {"sink": "nobody"}),
        ("queue.show", {}),
        ("queue.show", {"number": "1"}),
        ("queue.dead.retry", {}),
        ("queue.dead.retry", {"numbers": []}),
        ("queue.dead.retry", {"numbers": "12"}),
        ("queue.dead.retry", {"numbers": [1.0]}),
        ("queue.dead.discard", {}),
        ("queue.dead.discard", {"sink": "nobody"}),
        ("queue.dead.list", {"sink": "nobody"}),
        ("queue.dead.show", {"number": None}),
        ("queue.retry", {"sink": SINK}),
    ],
)
def test_nonsense_is_refused_with_what_would_make_sense(outbox: Outbox, call: str, arguments: dict[str, Any]) -> None:
    """Arguments come over a socket."""
    assert answer(outbox, call, arguments)["error"]


json_values = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.lists(st.integers())
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.sampled_from([*CALLS, "x"]),
    st.dictionaries(st.sampled_from(["sink", "limit", "after", "dead", "number", "numbers"]), json_values),
)
def test_whatever_is_asked_gives_an_answer(outbox: Outbox, call: str, arguments: dict[str, Any]) -> None:
    """An asker must not be able to end the main loop."""
    assert answer(outbox, call, arguments).keys() in ({"ok"}, {"error"})


def test_page_is_full_although_other_sinks_redeliveries_stand_between(outbox: Outbox) -> None:
    """Redeliveries belong to one sink; a listing for another skips them and still fills its page."""
    outbox.register("xapi")
    refuse_first(outbox)
    asked(outbox, "queue.dead.retry", sink=SINK)
    outbox.append([record(STORY[0])])
    outbox.settle("xapi", Cursor(4), projection="")
    assert [6] == [event["sequence"] for event in asked(outbox, "queue.list", sink="xapi", limit=1)["events"]]


def test_discarded_letters_are_in_the_account(outbox: Outbox) -> None:
    """What an operator threw away must not look as if it had never been."""
    refuse_first(outbox)
    assert {"discarded": 1} == asked(outbox, "queue.dead.discard", numbers=[1, 1])
    (sink,) = asked(outbox, "queue.stats")["sinks"]
    assert ({"discarded": 1}, {"INVALID_ENUM_VALUE": 1}, 0) == (sink["dropped"], sink["dead"], sink["dead_letters"])


def test_letters_of_each_sink_are_told_apart(outbox: Outbox) -> None:
    """A page for one destination is full although others' letters stand between."""
    outbox.register("xapi")
    for sequence, sink in ((1, SINK), (1, "xapi"), (2, SINK), (2, "xapi")):
        refusal = Refusal(sequence, 0, "A", "X", "no", "", fields={"eventType": "1"})
        outbox.settle(sink, Cursor(sequence), projection="", refusals=[refusal])
    found = asked(outbox, "queue.dead.list", sink="xapi", limit=1, after=2)
    assert ([4], 2) == ([letter["number"] for letter in found["letters"]], found["total"])
    assert {"eventType": "1"} == found["letters"][0]["fields"]
    assert {"retried": 2} == asked(outbox, "queue.dead.retry", sink="xapi")
    assert {"discarded": 1} == asked(outbox, "queue.dead.discard", sink=SINK, numbers=[3])
    assert "nothing was changed" in answer(outbox, "queue.dead.discard", {"sink": "xapi", "numbers": [1]})["error"]


def test_a_page_of_letters_costs_a_few_statements_however_many_there_are(outbox: Outbox) -> None:
    """A thousand refused messages are what one wrong setting makes; the main loop answers between two frames."""
    counted: list[int] = []
    outbox.append([record(STORY[2]) for _ in range(1000)])
    refusals = [Refusal(sequence, 0, "A", "X", "no", "") for sequence in range(5, 1005)]
    outbox.settle(SINK, Cursor(1004), projection="", refusals=refusals)
    for limit in (10, 1000):
        statements: list[str] = []
        outbox._core.database.conn.set_trace_callback(statements.append)
        assert limit == len(asked(outbox, "queue.dead.list", limit=limit)["letters"])
        outbox._core.database.conn.set_trace_callback(None)
        counted.append(len(statements))
    assert counted[0] == counted[1]


def test_reports_are_answered_by_the_same_door(outbox: Outbox) -> None:
    """A running agent and a store at rest, as for the queue."""
    assert asked(outbox, "report.slice")["done"]
    assert "yesterday" in answer(outbox, "report.slice", {"from": "yesterday"})["error"]
    assert "report.verify" in answer(outbox, "report.everything", {})["error"]
