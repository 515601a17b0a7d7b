"""Every answer that Kaltura or something in between can give, and what becomes of the event."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, Verdict
from agent.sinks.http.answer import BODY_LIMIT_BYTES, RETRY_AFTER_CEILING, TEXT_LENGTH, Answer, epoch, redact
from agent.sinks.kaltura.judge import judge
from tests.support.answers import JSON, KS, exception


def answered(body: bytes, *, status: int = 200, kind: str = JSON, **headers: Any) -> Verdict:
    """The verdict on an answer."""
    return judge(Answer(status, kind, body, **headers))


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"true", JSON), (b"null", JSON), (b"", JSON), (b"", ""), (b" true\n", "application/json; charset=utf-8")],
)
def test_an_acceptance_is_delivered(body: bytes, kind: str) -> None:
    """The guide says empty or null, the server says true."""
    assert Delivered() == answered(body, kind=kind)


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (200, "text/html", b"<html>Welcome</html>"),
        (200, "text/html; charset=UTF-8", b"Kaltura"),
        (200, "text/html", b""),
        (200, "text/html", b"true"),
        (200, "text/xml;charset=UTF-8", b"<xml><result>1</result></xml>"),
        (200, JSON, b"false"),
        (200, JSON, b"[true]"),
        (200, JSON, b'{"status":"ok"}'),
        (200, JSON, b"\xff\xfe"),
        (200, JSON, b"[" * 100_000),
        (200, JSON, b" " * (BODY_LIMIT_BYTES + 1)),
    ],
)
def test_an_answer_that_is_not_kalturas_waits(status: int, kind: str, body: bytes) -> None:
    """A captive portal answers 200 with HTML: taken for acceptance, it would swallow every event behind it."""
    verdict = judge(Answer(status, kind, body))
    assert isinstance(verdict, Later)
    assert (verdict.cause, verdict.answered, verdict.lost) == (Cause.NOT_KALTURA, False, False)


@pytest.mark.parametrize(
    "code",
    [
        "INVALID_ENUM_VALUE",
        "INVALID_PARAMETER_CHAR",
        "PROPERTY_VALIDATION_WRONG_FORMAT",
        "MISSING_MANDATORY_PARAMETER",
        "INVALID_OBJECT_TYPE",
    ],
)
def test_an_event_that_never_will_be_taken_is_refused_with_its_code(code: str) -> None:
    """A poisoned event must not stop the ones behind it."""
    assert Refused(code, f"{code}: no") == answered(exception(code))


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("SERVICE_FORBIDDEN", Cause.CONFIGURATION),
        ("SERVICE_FORBIDDEN_CONTENT_BLOCKED", Cause.CONFIGURATION),
        ("ACTION_FORBIDDEN", Cause.CONFIGURATION),
        ("SERVICE_DOES_NOT_EXISTS", Cause.CONFIGURATION),
        ("ACTION_DOES_NOT_EXISTS", Cause.CONFIGURATION),
        ("INVALID_KS", Cause.SESSION),
        ("MISSING_KS", Cause.SESSION),
    ],
)
def test_a_fault_that_somebody_must_mend_holds_the_queue(code: str, cause: Cause) -> None:
    """Nothing would get through: to discard events then is to lose them for a setting."""
    verdict = answered(exception(code))
    assert isinstance(verdict, Held)
    assert (cause, True) == (verdict.cause, verdict.answered)


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("INTERNAL_SERVERL_ERROR", Cause.SERVER),
        ("INTERNAL_SERVER_ERROR", Cause.SERVER),
        ("INTERNAL_DATABASE_ERROR", Cause.SERVER),
        ("LOCK_TIMED_OUT", Cause.SERVER),
        ("ACTION_BLOCKED", Cause.THROTTLED),
        ("A_CODE_OF_TOMORROW", Cause.SERVER),
    ],
)
def test_a_transient_or_unknown_error_waits_and_varies_the_next_try(code: str, cause: Cause) -> None:
    """An outage of the database is HTTP 200 with such a body, and the server caches it for 120 s."""
    verdict = answered(exception(code))
    assert isinstance(verdict, Later)
    assert (cause, True, False) == (verdict.cause, verdict.answered, verdict.lost)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 405, 407])
def test_a_redirect_or_client_error_without_kalturas_body_holds(status: int) -> None:
    """The address is wrong or something stands in between; retrying fast or discarding would both be wrong."""
    verdict = answered(b"", status=status, kind="text/html", location="https://login.example/")
    assert isinstance(verdict, Held)
    assert (verdict.cause, verdict.answered) == (Cause.CONFIGURATION, False)


def test_kalturas_body_counts_more_than_the_status() -> None:
    """Gateways change statuses; the body is the service's own word."""
    assert Refused("INVALID_ENUM_VALUE", "INVALID_ENUM_VALUE: no") == answered(
        exception("INVALID_ENUM_VALUE"), status=400
    )


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_gateways_error_waits_and_leaves_the_request_as_it_is(status: int) -> None:
    """A 504 may come after the event was logged: only an identical resend is recognised by the server."""
    verdict = answered(b"<h1>Bad gateway</h1>", status=status, kind="text/html")
    assert isinstance(verdict, Later)
    assert (verdict.cause, verdict.answered, verdict.lost) == (Cause.SERVER, False, True)


@pytest.mark.parametrize(
    ("expected", "retry_after", "date"),
    [
        (7.0, "7", None),
        (RETRY_AFTER_CEILING, "86400", None),
        (RETRY_AFTER_CEILING, "9" * 500, None),
        (30.0, "Sat, 21 Nov 2026 10:00:30 GMT", "Sat, 21 Nov 2026 10:00:00 GMT"),
        (0.0, "Sat, 21 Nov 2026 09:00:00 GMT", "Sat, 21 Nov 2026 10:00:00 GMT"),
        (RETRY_AFTER_CEILING, "Sun, 22 Nov 2026 10:00:00 GMT", "Sat, 21 Nov 2026 10:00:00 GMT"),
        (None, "Sat, 21 Nov 2026 10:00:30 GMT", None),
        (None, "-1", None),
        (None, "soon", None),
        (None, None, None),
    ],
)
def test_retry_after_is_honoured_within_reason(
    expected: float | None, retry_after: str | None, date: str | None
) -> None:
    """A maintenance page that says a day must not cost a day."""
    verdict = judge(Answer(429, "text/html", b"", date=date, retry_after=retry_after))
    assert isinstance(verdict, Later)
    assert (Cause.THROTTLED, expected) == (verdict.cause, verdict.retry_after)


def test_the_servers_date_comes_with_the_acceptance() -> None:
    """A device without a set clock may take the time from there (decision 22)."""
    verdict = judge(Answer(200, JSON, b"true", date="Sat, 21 Nov 2026 10:00:00 GMT"))
    assert Delivered(server_time=1_795_255_200.0) == verdict


@pytest.mark.parametrize("date", ["", "yesterday", "Sat, 99 Nov 2026 10:00:00 GMT", None])
def test_a_date_that_makes_no_sense_is_no_date(date: str | None) -> None:
    """A broken header of a proxy must not stop delivery."""
    assert epoch(date) is None


@pytest.mark.parametrize("reason", [KS, "EXPIRED"])
def test_a_session_error_never_shows_the_session(reason: str) -> None:
    """INVALID_KS echoes the KS in its message and arguments: both are secrets."""
    verdict = answered(exception("INVALID_KS", f'Invalid KS "{KS}"', {"KSID": reason}))
    assert isinstance(verdict, Held)
    assert KS not in verdict.text
    assert ("EXPIRED" in verdict.text) == (reason == "EXPIRED")


def test_a_known_secret_and_anything_like_a_session_are_redacted() -> None:
    """Texts of verdicts go to logs, to `status` and to the dead letters."""
    verdict = judge(Answer(200, JSON, exception("SOME_CODE", f"for {KS} and s3cret")), secrets=("s3cret",))
    assert isinstance(verdict, Later)
    assert verdict.text == "SOME_CODE: for [secret] and [secret]"


def test_a_login_in_an_address_is_not_shown() -> None:
    """A proxy's password stands in its URL, and urllib3 repeats the URL in its errors."""
    assert redact("Failed to parse: http://user:hunter2@proxy:1/") == "Failed to parse: http://proxy:1/"


@settings(deadline=None)
@given(st.text(max_size=2000))
def test_any_text_is_one_bounded_printable_line(text: str) -> None:
    """A server's text must not forge log lines or fill the disk."""
    line = redact(text)
    assert len(line) <= TEXT_LENGTH
    assert line == "" or line.isprintable()


@settings(deadline=None)
@given(st.integers(100, 599), st.sampled_from([JSON, "", "text/html"]), st.binary(max_size=200))
def test_any_answer_gets_a_verdict(status: int, kind: str, body: bytes) -> None:
    """Whatever stands between us and Kaltura, judging never fails, and only an acceptance is one."""
    verdict = judge(Answer(status, kind, body))
    assert not isinstance(verdict, Delivered) or body.strip() in (b"", b"true", b"null")


def test_the_services_time_is_that_of_the_request_not_of_the_answer() -> None:
    """A slow server dates its answer; events dated by it must not lie in the future."""
    answer = Answer(200, "application/json", b"true", date="Wed, 18 Nov 2026 09:00:00 GMT", seconds=8.0)
    assert (1_794_992_400.0 - 8.0, None) == (answer.server_time, Answer(200, "", b"").server_time)
    assert Delivered(server_time=answer.server_time) == judge(answer)
