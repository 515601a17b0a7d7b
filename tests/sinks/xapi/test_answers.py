"""What an LRS says, and what is done about it."""

import json

import pytest

from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused
from agent.sinks.http.answer import Answer
from agent.sinks.xapi.answers import CONFLICT, judge

IDS = ["a1", "b2", "c3"]


def said(status: int, body: bytes = b"", kind: str = "application/json", retry_after: str | None = None) -> Answer:
    return Answer(status, kind, body, retry_after=retry_after)


@pytest.mark.parametrize(
    "answer", [said(204), said(200, json.dumps(IDS).encode()), said(200, b'["C3"]'), said(200, b"[]")]
)
def test_all_or_a_part_of_the_ids_is_success(answer: Answer) -> None:
    """On a resend an LRS names only what was new to it."""
    found = judge(answer, IDS)
    assert [Delivered()] * 3 == found


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_what_one_statement_may_have_caused_refuses_the_request(status: int) -> None:
    """Smaller ones find it."""
    found = judge(said(status, b"no"), IDS)
    assert isinstance(found, Refused)
    assert f"HTTP_{status}" == found.code


def test_conflict_has_a_name_of_its_own() -> None:
    """An id that is known with other content: somebody else's, or a bug."""
    found = judge(said(409), IDS)
    assert isinstance(found, Refused)
    assert CONFLICT == found.code


@pytest.mark.parametrize("status", [401, 403])
def test_refused_authority_holds_the_queue(status: int) -> None:
    """Nothing is lost to a password that was changed."""
    found = judge(said(status), IDS)
    assert isinstance(found, Held)
    assert Cause.SESSION is found.cause


@pytest.mark.parametrize(
    ("answer", "cause", "after"),
    [
        (said(429, retry_after="7"), Cause.THROTTLED, 7.0),
        (said(503, retry_after="9"), Cause.SERVER, 9.0),
        (said(500, b"oops"), Cause.SERVER, None),
        (said(408), Cause.SERVER, None),
        (said(200, b"<html>", "text/html"), Cause.NOT_KALTURA, None),
        (said(200, b'["x9"]'), Cause.NOT_KALTURA, None),
        (said(200, b'{"ok": true}'), Cause.NOT_KALTURA, None),
        (said(200, b"[" * 100_000), Cause.NOT_KALTURA, None),
        (said(202), Cause.NOT_KALTURA, None),
    ],
)
def test_what_may_pass_is_tried_again(answer: Answer, cause: Cause, after: float | None) -> None:
    """A portal's page at night is no acceptance."""
    found = judge(answer, IDS)
    assert isinstance(found, Later)
    assert (cause, after) == (found.cause, found.retry_after)


@pytest.mark.parametrize("status", [301, 404, 405, 410])
def test_wrong_address_waits_for_somebody(status: int) -> None:
    """xapi.endpoint is wrong; trying faster does not help."""
    found = judge(said(status), IDS)
    assert isinstance(found, Held)
    assert "xapi.endpoint" in found.text


def test_secrets_stay_out_of_texts() -> None:
    """Some servers repeat what they were sent."""
    found = judge(said(400, b"bad header Basic YTpi"), IDS, secrets=("Basic YTpi",))
    assert isinstance(found, Refused)
    assert "YTpi" not in found.answer
