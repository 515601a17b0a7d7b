"""The destination as a whole, against a Learning Record Store in memory. tests/e2e has a real one."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from agent.kernel import codec
from agent.kernel.events import PausedEvent, Playhead
from agent.kernel.records import StoredEvent
from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, ServerTime
from agent.sinks.base import Message, Outgoing
from agent.sinks.http.client import Wire
from agent.sinks.xapi.authority import Authority, Basic, ClientCredentials, Nobody
from agent.sinks.xapi.sink import LARGEST, UNREADABLE, Xapi, XapiSettings
from tests.support.lrs import Lrs
from tests.support.playback import WALL
from tests.support.statements import rules
from tests.support.track_event import as_stored
from tests.support.wires import PATIENT

HEAD = Playhead(position=30.0, duration=60.0)


@pytest.fixture
def lrs() -> Iterator[Lrs]:
    with Lrs() as running:
        yield running


def wire() -> Wire:
    return Wire(user_agent="test", monotonic=time.monotonic, timeouts=PATIENT, proxy="")


def sink(lrs: Lrs, authority: Authority | None = None, **options: int) -> Xapi:
    return Xapi(XapiSettings(lrs.url, rules(), **options), wire(), authority or Nobody())


def paused(sequence: int) -> StoredEvent:
    event = PausedEvent(float(sequence), 1, HEAD)
    kind, body = codec.encode(event)
    return replace(as_stored(event, sequence), kind=kind, body=body)


def messages(destination: Xapi, count: int, first: int = 1) -> list[Message]:
    found: list[Message] = []
    for sequence in range(first, first + count):
        event = paused(sequence)
        found += destination.project("", event, time=WALL + sequence, age=None).messages
    return found


def outgoing(told: list[Message]) -> list[Outgoing]:
    return [Outgoing(message, 0) for message in told]


def test_statements_arrive_in_order_and_a_resend_changes_nothing(lrs: Lrs) -> None:
    """An answer was lost; the LRS has them once."""
    destination = sink(lrs)
    told = messages(destination, 3)
    for _ in range(2):
        found = destination.send_all(outgoing(told))
        assert isinstance(found, list)
        assert all(isinstance(each, Delivered) for each in found)
    assert [each.fields["statement"][7:43] for each in told] == list(lrs.statements)
    both = destination.send_all(outgoing(told + messages(destination, 1, first=9)))
    assert isinstance(both, list)
    assert 4 == len(lrs.statements)


def test_bad_statement_refuses_the_batch_and_alone_itself(lrs: Lrs) -> None:
    """The pump sends smaller ones until it stands alone."""
    destination = sink(lrs)
    told = messages(destination, 3)
    text = told[1].fields["statement"].replace("paused", "bad")
    wrong = Message(told[1].token, told[1].name, {"statement": text}, told[1].time)
    assert isinstance(destination.send_all(outgoing([told[0], wrong, told[2]])), Refused)
    assert not lrs.statements
    assert isinstance(destination.send(wrong, attempt=0), Refused)
    alone = destination.send_all(outgoing([wrong]))
    assert isinstance(alone, list)
    assert isinstance(alone[0], Refused)


def test_same_id_with_other_content_is_a_conflict(lrs: Lrs) -> None:
    """Somebody changed the templates, and an answer was lost."""
    destination = sink(lrs)
    (told,) = messages(destination, 1)
    destination.send(told, attempt=0)
    text = told.fields["statement"].replace("30.0", "31.0")
    found = destination.send(Message(told.token, told.name, {"statement": text}, told.time), attempt=0)
    assert isinstance(found, Refused)
    assert "HTTP_409" == found.code


def test_password_is_sent_and_a_wrong_one_holds(lrs: Lrs) -> None:
    """With the version that the standard wants."""
    lrs.login = ("kiosk", "right")
    (told,) = messages(sink(lrs), 1)
    assert isinstance(sink(lrs, Basic("kiosk", lambda: "right")).send(told, attempt=0), Delivered)
    found = sink(lrs, Basic("kiosk", lambda: "wrong")).send(told, attempt=0)
    assert isinstance(found, Held)
    assert (Cause.SESSION, True) == (found.cause, "wrong" not in found.text)
    held = Held(Cause.SESSION, "no file", answered=False)
    assert held is sink(lrs, Basic("kiosk", lambda: held)).send(told, attempt=0)


def test_token_that_ran_out_is_renewed_and_the_statement_goes_again(lrs: Lrs) -> None:
    """No play is lost to an expired token."""
    lrs.tokens = {"two"}
    lrs.issue = [{"access_token": "one"}, {"access_token": "two"}]
    authority = ClientCredentials(wire(), lrs.token_url, "kiosk", lambda: "x", scope=None, monotonic=time.monotonic)
    authority.header()
    authority.accepted()
    destination = sink(lrs, authority)
    (told,) = messages(destination, 1)
    found = destination.send(told, attempt=0)
    assert isinstance(found, Later)
    assert (Cause.SESSION, True) == (found.cause, found.mended)
    assert isinstance(destination.send(told, attempt=0), Delivered)


def test_size_of_a_batch_is_bounded(lrs: Lrs) -> None:
    """The answer has to fit what is read."""
    assert [1, 50, LARGEST] == [sink(lrs, batch=size).batch for size in (0, 50, 10_000)]


def test_time_is_asked_for_without_counting_anything(lrs: Lrs) -> None:
    """Decision 22."""
    found = sink(lrs).ask_time()
    assert isinstance(found, ServerTime)
    assert not lrs.statements


@pytest.mark.parametrize(
    ("status", "kind", "there"), [(404, "application/json", True), (404, "text/html", False), (401, "", False)]
)
def test_store_that_answers_is_there(lrs: Lrs, status: int, kind: str, there: bool) -> None:
    """A trial of new settings asks this."""
    lrs.answer(status, Content_Type=kind)
    assert there == sink(lrs).is_there()


def test_event_of_a_later_version_is_passed_over(lrs: Lrs) -> None:
    """A downgrade must not hold the queue for ever."""
    unknown = replace(paused(1), kind="danced")
    assert UNREADABLE == sink(lrs).project("s", unknown, time=WALL, age=None).passed
    assert "statement" in json.dumps(messages(sink(lrs), 1)[0].fields)
