"""From a body to submissions, and back to one answer."""

import json
from collections import Counter
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.intake.submission import NO_ROOM, UNANSWERED, VISITS_OFF, Answer, Declined, Kept, Misfit, Reason, Submission
from agent.intake.throttle import Throttle
from agent.intake.web_events import MAX_EVENTS, Events, Hearing, status_of
from agent.intake.web_http import Response, encoded

EVENT = {"type": "page", "page_name": "main"}


class Desk:
    """Events with a mailbox that is a list, and a clock that stands still."""

    def __init__(self, *, burst: int = 1000) -> None:
        self.box: list[Submission] = []
        self.counts: Counter[str] = Counter()
        self.woken = 0
        throttle = Throttle(2.0, burst, now=0.0)
        self._events = Events(
            put=self.box.append, throttle=throttle, count=self._count, now=lambda: 0.0, wake=self._wake
        )

    def _count(self, reason: str) -> None:
        self.counts[reason] += 1

    def _wake(self) -> None:
        self.woken += 1

    def hear(self, body: Any) -> Hearing:
        return self._events.hear(body if isinstance(body, bytes) else json.dumps(body).encode(), who="a page")


def said(hearing: Hearing) -> Response:
    found = hearing.response()
    assert found is not None
    return found


def test_event_is_answered_once_it_is_durable_and_not_before() -> None:
    """Decision 27: 200 means that a power cut does not lose it."""
    desk = Desk()
    hearing = desk.hear({**EVENT, "id": "mine"})
    assert None is hearing.response()
    assert ["a page"] == [submission.who for submission in desk.box]
    desk.box[0].reply.put(Kept("7-1", visit="v"))
    assert 1 == desk.woken
    expected = Response(HTTPStatus.OK, {"id": "mine", "ok": {"id": "7-1", "visit": "v"}})
    assert expected == hearing.response()
    assert {"accepted": 1} == desk.counts


def test_mistake_names_its_field_and_keeps_nothing() -> None:
    """The developer sees in the browser's console what is wrong."""
    desk = Desk()
    found = said(desk.hear({"type": "page", "page_nam": "main"}))
    assert HTTPStatus.BAD_REQUEST == found.status
    assert ("malformed", "page_nam", "page_name") == tuple(
        found.body["error"][name] for name in ("reason", "field", "did_you_mean")
    )
    assert ([], {"malformed": 1}) == (desk.box, desk.counts)


@pytest.mark.parametrize("body", [b"", b"hello", b"\xff", b"3", b"null", b"[" * 60_000, b'{"a":1,"a":2}', [], [[]]])
def test_body_that_is_no_event_is_refused(body: Any) -> None:
    """Nothing that a page can send ends the listener."""
    desk = Desk()
    assert HTTPStatus.BAD_REQUEST == said(desk.hear(body)).status
    assert [] == desk.box


def test_list_is_answered_with_a_list_each_event_by_itself() -> None:
    """One mistake must not cost its neighbours; the status says that not all is well."""
    desk = Desk()
    hearing = desk.hear([{**EVENT, "id": 1}, {"type": "pag"}, {**EVENT, "id": 3}])
    assert None is hearing.response()
    for submission in reversed(desk.box):
        submission.reply.put(Kept(f"7-{submission.mark}"))
    found = said(hearing)
    assert HTTPStatus.BAD_REQUEST == found.status
    assert [{"id": 1, "ok": {"id": "7-1"}}, {"id": 3, "ok": {"id": "7-3"}}] == [found.body[0], found.body[2]]
    assert "type" == found.body[1]["error"]["field"]


def test_list_of_one_is_still_answered_with_a_list() -> None:
    """A program that sends lists reads lists."""
    desk = Desk()
    hearing = desk.hear([EVENT])
    desk.box[0].reply.put(Kept("7-1"))
    assert [{"ok": {"id": "7-1"}}] == said(hearing).body


def test_list_that_is_too_long_is_refused_whole() -> None:
    """What one request may leave in the mailbox is bounded."""
    desk = Desk()
    assert HTTPStatus.REQUEST_ENTITY_TOO_LARGE == said(desk.hear([EVENT] * (MAX_EVENTS + 1))).status
    assert [] == desk.box
    desk.hear([EVENT] * MAX_EVENTS)
    assert MAX_EVENTS == len(desk.box)


def test_throttled_events_say_when_and_are_not_overtaken() -> None:
    """Sent again, the second would otherwise stand behind the third."""
    desk = Desk(burst=1)
    hearing = desk.hear([EVENT, EVENT, EVENT])
    assert 1 == len(desk.box)
    desk.box[0].reply.put(Kept("7-1"))
    found = said(hearing)
    assert (HTTPStatus.TOO_MANY_REQUESTS, (("Retry-After", "1"),)) == (found.status, found.headers)
    assert [0.5, 0.5] == [answer["error"]["retry_after_s"] for answer in found.body[1:]]
    assert {"accepted": 1, "throttled": 2} == desk.counts


def test_full_disk_is_unavailable_and_says_when_to_try_again() -> None:
    """The page can keep the event meanwhile; the agent keeps nothing in memory."""
    desk = Desk()
    hearing = desk.hear(EVENT)
    desk.box[0].reply.put(NO_ROOM)
    found = said(hearing)
    assert (HTTPStatus.SERVICE_UNAVAILABLE, (("Retry-After", "60"),)) == (found.status, found.headers)


def test_answer_that_does_not_come_is_owned_up_to() -> None:
    """Whether it is durable is not known: neither yes nor no would be true."""
    desk = Desk()
    hearing = desk.hear([EVENT, EVENT])
    desk.box[0].reply.put(Kept("7-1"))
    found = hearing.late()
    assert HTTPStatus.GATEWAY_TIMEOUT == found.status
    assert ["ok", "error"] == [next(iter(answer)) for answer in found.body]
    desk.box[1].reply.put(Kept("7-2"))  # later; nobody is there any more, and nothing breaks


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Kept(), 200),
        (Misfit("a", "b", "c"), 400),
        (Misfit(None, "b", "c", reason=Reason.OVERSIZED), 413),
        (VISITS_OFF, 409),
        (Declined(Reason.THROTTLED, ""), 429),
        (Declined(Reason.BUSY, ""), 503),
        (NO_ROOM, 503),
        (UNANSWERED, 504),
    ],
)
def test_each_answer_has_its_status(answer: Answer, expected: int) -> None:
    """The table of agent/intake/web.md."""
    assert expected == status_of(answer)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["type", "id", "a"]), inner),
    max_leaves=10,
)


@given(st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_every_body_has_an_answer_or_a_submission_for_each_event(body: bytes) -> None:
    """No soup may leave a page waiting for nothing, or raise on the listener's thread."""
    desk = Desk()
    hearing = desk.hear(body)
    for submission in desk.box:
        submission.reply.put(Kept("7-1"))
    assert encoded(said(hearing)).startswith(b"HTTP/1.1 ")
