"""What is said of an answer to a batch, and to a beacon."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused
from agent.sinks.http.answer import BODY_LIMIT_BYTES, Answer
from agent.sinks.kaltura.judge import judge_batch, judge_beacon
from tests.support.answers import JSON, KS, exception


def batch(*items: bytes, count: int | None = None, status: int = 200, kind: str = JSON) -> object:
    """The verdict on a batch's answer."""
    answer = Answer(status, kind, b"[" + b",".join(items) + b"]")
    return judge_batch(answer, len(items) if count is None else count, secrets=("s3cret",))


def test_each_item_of_a_batch_is_judged_like_a_single_answer() -> None:
    """One that fails stops none of the others, so each has its own fate."""
    found = batch(b"true", b"null", exception("INVALID_ENUM_VALUE"), exception("ACTION_BLOCKED", "s3cret"))
    refused, blocked = Refused("INVALID_ENUM_VALUE", "INVALID_ENUM_VALUE: no"), "ACTION_BLOCKED: [secret]"
    assert [Delivered(), Delivered(), refused, Later(Cause.THROTTLED, blocked, answered=True)] == found


@pytest.mark.parametrize("item", [b"false", b"1", b"0", b'""', b"[]", b"[true]", b"{}", b'{"code":"X"}'])
def test_an_item_that_is_no_answer_may_have_been_accepted(item: bytes) -> None:
    """Nobody knows, so its next try may be a repeat."""
    found = batch(b"true", item)
    assert isinstance(found, list)
    assert Delivered() == found[0]
    assert isinstance(found[1], Later)
    assert (False, True) == (found[1].answered, found[1].lost)


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_that_is_not_answered_item_by_item_is_not_answered_at_all(count: int) -> None:
    """The server drops silently what it does not read: a shorter answer says nothing of which."""
    found = batch(b"true", b"true", count=count)
    assert Later(Cause.SERVER, f"2 answers to {count} events", answered=False, lost=True) == found


@pytest.mark.parametrize(
    ("cause", "lost", "answer"),
    [
        (Cause.NOT_KALTURA, False, Answer(200, JSON, b"true")),
        (Cause.NOT_KALTURA, False, Answer(200, JSON, b"")),
        (Cause.NOT_KALTURA, False, Answer(200, "text/html", b"<html>Welcome</html>")),
        (Cause.NOT_KALTURA, False, Answer(200, "text/html", b"[true,true]")),
        (Cause.NOT_KALTURA, True, Answer(200, JSON, b"[" + b" " * BODY_LIMIT_BYTES)),
        (Cause.NOT_KALTURA, True, Answer(200, JSON, b"x" * (BODY_LIMIT_BYTES + 1))),
        (Cause.SERVER, True, Answer(502, "text/html", b"<h1>Bad gateway</h1>")),
        (Cause.SERVER, True, Answer(502, JSON, b"[true,true]")),
        (Cause.THROTTLED, False, Answer(429, "text/html", b"")),
        (Cause.SERVER, False, Answer(200, JSON, exception("INTERNAL_DATABASE_ERROR"))),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_batch_without_its_list_is_one_failure(cause: Cause, lost: bool, answer: Answer) -> None:
    """`true` alone is an acceptance of one event, not of sixty."""
    found = judge_batch(answer, 2)
    assert isinstance(found, Later)
    assert (cause, lost) == (found.cause, found.lost)


def test_an_error_for_a_whole_batch_is_the_batchs() -> None:
    """A permanent one says that fewer must be sent to find what it is about; a setting's holds them all."""
    assert isinstance(judge_batch(Answer(200, JSON, exception("INVALID_PARAMETER_CHAR")), 2), Refused)
    assert isinstance(judge_batch(Answer(200, JSON, exception("SERVICE_FORBIDDEN")), 2), Held)


def test_a_request_that_is_too_large_is_sent_in_parts() -> None:
    """A proxy with a small limit takes half of it; one event that is too large is a setting's fault."""
    answer = Answer(413, "text/html", b"")
    assert isinstance(judge_batch(answer, 2), Refused)
    assert isinstance(judge_batch(answer, 1), Held)


@pytest.mark.parametrize("space", [b"", b"\n ", b" "])
def test_a_refused_session_is_known_by_the_first_item_of_an_answer_that_is_too_long(space: bytes) -> None:
    """Each item echoes the session twice: 200 of them are more than is read, and must still renew it."""
    item = exception("INVALID_KS", f'Invalid KS "{KS * 5}"', {"KSID": "EXPIRED"})
    body = space + b"[" + space + b",".join([item] * 200)
    assert len(body) > BODY_LIMIT_BYTES
    found = judge_batch(Answer(200, JSON, body[: BODY_LIMIT_BYTES + 1]), 200)
    assert Held(Cause.SESSION, "INVALID_KS: EXPIRED", answered=True) == found


@settings(deadline=None)
@given(st.integers(100, 599), st.sampled_from([JSON, "", "text/html"]), st.binary(max_size=200), st.integers(1, 9))
def test_any_answer_to_a_batch_gets_a_verdict(status: int, kind: str, body: bytes, count: int) -> None:
    """Whatever stands between us and Kaltura, nothing is taken for accepted that was not answered."""
    found = judge_batch(Answer(status, kind, body), count)
    assert isinstance(found, Later | Held | Refused) or len(found) == count


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html; charset=UTF-8", b"Kaltura"),
        ("text/html", b"Kaltura\n"),
        ("image/gif", b"GIF89a"),
        (JSON, b"true"),
        ("text/plain", b""),
        ("", b""),
        ("text/xml", b"<xml><result>1</result></xml>"),
    ],
)
def test_a_beacon_is_answered_by_anything_but_a_page_and_never_verified(kind: str, body: bytes) -> None:
    """The log's line is what counts; that it was counted, no answer says (decision 23, kaltura.md section 5)."""
    assert Delivered(verified=False) == judge_beacon(Answer(200, kind, body))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"<html>Welcome</html>"),
        ("text/html", b""),
        ("text/html", b"true"),
        ("text/plain", b"\n<!DOCTYPE HTML><title>Accept our terms</title>"),
        ("", b"<HTML>"),
        ("application/xhtml+xml", b"Kaltura welcomes you"),
    ],
)
def test_a_page_in_answer_to_a_beacon_waits(kind: str, body: bytes) -> None:
    """A captive portal answers everything; its log is nobody's statistics."""
    found = judge_beacon(Answer(200, kind, body))
    assert isinstance(found, Later)
    assert Cause.NOT_KALTURA is found.cause


def test_kalturas_own_error_is_no_acceptance_of_a_beacon() -> None:
    """It says that the event was not taken; where a log counted it nevertheless, the next try is a repeat."""
    found = judge_beacon(Answer(200, JSON, exception("INTERNAL_DATABASE_ERROR")))
    assert isinstance(found, Later)
    assert (Cause.SERVER, True, True) == (found.cause, found.answered, found.lost)
    assert isinstance(judge_beacon(Answer(200, JSON, exception("SERVICE_FORBIDDEN"))), Held)


@pytest.mark.parametrize("status", [301, 404, 414, 429, 503])
def test_a_beacon_that_is_not_answered_with_a_2xx_waits(status: int) -> None:
    """As for a POST."""
    assert isinstance(judge_beacon(Answer(status, "text/html", b"Kaltura")), Later | Held)
