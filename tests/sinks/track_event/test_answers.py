"""Every answer that the analytics server, or something in its place, can give."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, Verdict
from agent.sinks.http.answer import BODY_LIMIT_BYTES, Answer
from agent.sinks.track_event.answers import SESSIONS, Heard, Reply, judge, reply

JSON = "application/json"
KS = "djJ8MTAyfHwtZXhhbXBsZS1vZi1hLXNlc3Npb24tdGhhdC1pcy1sb25nLWVub3VnaA"


def judged(body: bytes, *, status: int = 200, kind: str = JSON, **headers: Any) -> Verdict:
    """The verdict on an answer."""
    return judge(Answer(status, kind, body, **headers), secrets=[KS])


def exception(code: str) -> bytes:
    """An error as Kaltura's API gives it."""
    return json.dumps({"code": code, "message": f"no {KS}", "objectType": "KalturaAPIException", "args": {}}).encode()


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (Reply(1_795_000_000, True), b'{"time":1795000000,"viewEventsEnabled":true}'),
        (Reply(1_795_000_000, False), b'{"viewEventsEnabled":false,"time":1795000000.7}'),
        (Reply(1_795_000_000), b'{"time":1795000000}'),
        (Reply(1_795_000_000), b"1795000000"),
        (Reply(5, None), b'{"time":5,"viewEventsEnabled":"no"}'),
    ],
)
def test_an_acceptance_is_read(expected: Reply, body: bytes) -> None:
    """kaltura.md section 3: an object or a bare number."""
    assert expected == reply(Answer(200, JSON, body))
    assert Delivered() == judged(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"true",
        b"null",
        b"{}",
        b'{"time":true}',
        b'{"time":"soon"}',
        b"NaN",
        b"[1]",
        b"<html>Welcome</html>",
        b"1" * (BODY_LIMIT_BYTES + 1),
    ],
)
def test_anything_else_with_200_is_no_acceptance(body: bytes) -> None:
    """A captive portal answers 200: taken for acceptance, it would swallow every event behind it."""
    verdict = judged(body, kind="text/html")
    assert isinstance(verdict, Later)
    assert (Cause.NOT_KALTURA, False, False) == (verdict.cause, verdict.answered, verdict.lost)


@pytest.mark.parametrize(
    ("kind", "cause", "status"),
    [
        (Held, Cause.SESSION, 401),
        (Held, Cause.CONFIGURATION, 404),
        (Held, Cause.CONFIGURATION, 403),
        (Held, Cause.CONFIGURATION, 302),
        (Later, Cause.THROTTLED, 429),
        (Later, Cause.SERVER, 500),
        (Later, Cause.SERVER, 503),
    ],
)
def test_a_status_is_what_the_guide_says(kind: type, cause: Cause, status: int) -> None:
    """Section 11.2, and 11.3 for what is transient."""
    verdict = judged(b"<html></html>", status=status, kind="text/html", retry_after="7")
    assert isinstance(verdict, kind)
    assert cause is verdict.cause  # type: ignore[union-attr]


def test_a_bad_request_goes_to_the_dead_letters_with_its_words() -> None:
    """The guide: do not retry 400. A session in the words is not kept."""
    verdict = judged(b'{"error":"missing eventType for ' + KS.encode() + b'"}', status=400)
    assert isinstance(verdict, Refused)
    assert ("HTTP_400", True, False) == (verdict.code, "missing eventType" in verdict.answer, KS in verdict.answer)


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        (Held, "ACTION_DOES_NOT_EXISTS", 200),
        (Held, "INVALID_KS", 200),
        (Held, "INVALID_KS", 400),
        (Refused, "INVALID_ENUM_VALUE", 200),
        (Later, "INTERNAL_DATABASE_ERROR", 200),
        (Later, "ACTION_BLOCKED", 200),
    ],
)
def test_an_error_of_the_api_is_known_by_its_code(kind: type, code: str, status: int) -> None:
    """Recorded: on the API's host trackEvent is ACTION_DOES_NOT_EXISTS with HTTP 200."""
    verdict = judged(exception(code), status=status)
    assert isinstance(verdict, kind)
    assert KS not in repr(verdict)


@given(st.integers(100, 599), st.binary(max_size=200))
def test_any_answer_has_a_verdict_and_shows_no_session(status: int, body: bytes) -> None:
    """Whatever stands in between: nothing is raised, and no secret is kept."""
    assert KS not in repr(judged(body + KS.encode(), status=status))


def test_the_first_answer_gives_the_start_and_later_ones_leave_it() -> None:
    """sessionStartTime is the time of a viewing's beginning."""
    heard = Heard()
    assert heard.start("s", "IMPRESSION") is None
    heard.note("s", "IMPRESSION", Reply(10))
    heard.note("s", "PLAY", Reply(12))
    assert 10 == heard.start("s", "VIEW")
    assert heard.start("other", "VIEW") is None


def test_a_pause_ends_a_viewing_and_a_resume_begins_the_next() -> None:
    """captions and pause_short: what is answered in a pause does not count as its beginning."""
    heard = Heard()
    for name, time in (("IMPRESSION", 10), ("PAUSE", 14), ("CAPTIONS", 15)):
        heard.note("s", name, Reply(time))
    assert heard.start("s", "CAPTIONS") is None
    assert heard.start("s", "RESUME") is None
    heard.note("s", "RESUME", Reply(16))
    assert 16 == heard.start("s", "VIEW")


def test_a_replay_begins_a_viewing_without_a_pause_before_it() -> None:
    """replay_after_end: the player paused at the end, we do not; the start is a new one all the same."""
    heard = Heard()
    heard.note("s", "IMPRESSION", Reply(10))
    assert heard.start("s", "REPLAY") is None
    heard.note("s", "REPLAY", Reply(26))
    assert 26 == heard.start("s", "VIEW")


def test_a_refused_pause_ends_a_viewing_too() -> None:
    """It happened, whether or not the service wanted to know."""
    heard = Heard()
    heard.note("s", "IMPRESSION", Reply(10))
    heard.note("s", "PAUSE", None)
    assert heard.start("s", "CAPTIONS") is None


def test_views_are_wanted_until_an_answer_says_otherwise_and_again() -> None:
    """The plugin's published page: until the server enables them again."""
    heard = Heard()
    assert heard.wants_views("s")
    heard.note("s", "IMPRESSION", Reply(10, views=False))
    heard.note("s", "PLAY", Reply(11))
    assert not heard.wants_views("s")
    assert heard.wants_views("other")
    heard.note("s", "PAUSE", Reply(12, views=True))
    assert heard.wants_views("s")


def test_old_sessions_are_forgotten() -> None:
    """A kiosk plays for years."""
    heard = Heard()
    for number in range(SESSIONS + 1):
        heard.note(str(number), "IMPRESSION", Reply(number))
    assert [None, 1, SESSIONS] == [heard.start(str(number), "VIEW") for number in (0, 1, SESSIONS)]
