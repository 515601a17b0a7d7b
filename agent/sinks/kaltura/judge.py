"""From an HTTP answer to a verdict.

Contract: pure. `judge` is for an answer to one message, `judge_batch` to many, `judge_beacon` to a beacon. They look at
the body first and at the status second, and never let a session (KS) into a text.
Rules: every error of Kaltura's API is HTTP 200 with an exception object, and a captive portal answers 200 with HTML:
accepted is only `true`, `null`, or nothing at all. Unknown codes are transient (decision 23). 3xx, and 4xx without
Kaltura's body, are a configuration fault: redirects are never followed. Only Kaltura's own errors are cached by it, so
only they count as answered; a 5xx of something in between does not, and there the event may already have been logged.
Of a batch every item must be answered, or nothing is known of any.
A beacon's answer says nothing: any 2xx that is no page will do, and is marked unverified (decision 23). Two things are
told apart all the same. The page of 7 bytes with which a stock Apache answers every beacon is an acceptance, although
it is HTML: the line in its log is what counts there, and no portal answers so. An exception object is none: it is
Kaltura's own word that the event was not taken, and where a log counted it nevertheless the next try is a repeat.
Reasons: kaltura.md sections 1 and 5, the guide's section 11.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, Verdict
from agent.sinks.http.answer import BODY_LIMIT_BYTES, Answer, redact
from agent.sinks.kaltura.complaint import SESSION_CODES, THROTTLED, Complaint, complaint, is_configuration, parsed

_PERMANENT: Final = frozenset(
    {"INVALID_ENUM_VALUE", "INVALID_PARAMETER_CHAR", "MISSING_MANDATORY_PARAMETER", "INVALID_OBJECT_TYPE"}
)
_PERMANENT_PREFIX: Final = "PROPERTY_VALIDATION_"

_TOO_LARGE: Final = 413
"""Of a batch: fewer may fit."""

_STATIC_PAGE: Final = b"Kaltura"
"""What a stock Apache answers for index.php, of POST as of GET (kaltura.md section 1)."""

_PAGES: Final = (b"<!doctype html", b"<html")


def judge(answer: Answer, *, secrets: Sequence[str] = ()) -> Verdict:
    """The verdict on `answer`; `secrets` are texts that must not appear in it."""
    found = complaint(parsed(answer.body))
    if found is not None:
        return _on_complaint(found, answer, secrets)
    if 200 <= answer.status < 300 and _is_acceptance(answer):
        return Delivered(server_time=answer.server_time)
    return _unanswered(answer, secrets)


def judge_batch(answer: Answer, count: int, *, secrets: Sequence[str] = ()) -> list[Verdict] | Later | Held | Refused:
    """A verdict for each of `count` messages, or one for the whole request.

    An answer that is too long to be read, for all items echo a session, is known by its first item.
    """
    value = parsed(answer.body)
    found = complaint(value)
    if found is None and len(answer.body) > BODY_LIMIT_BYTES:
        first = complaint(_first_item(answer.body))
        found = first if first is not None and first.code in SESSION_CODES else None
    if found is not None:
        return _on_complaint(found, answer, secrets)
    if answer.status == _TOO_LARGE and count > 1:
        return Refused("HTTP_413", "the server or a proxy takes no request of this size")
    if not 200 <= answer.status < 300 or not isinstance(value, list) or _is_foreign(answer):
        verdict = _unanswered(answer, secrets)
        if isinstance(verdict, Later) and len(answer.body) > BODY_LIMIT_BYTES:
            return replace(verdict, lost=True)
        return verdict
    if len(value) != count:
        text = f"{len(value)} answers to {count} events"
        return Later(Cause.SERVER, text, answered=False, retry_after=answer.retry_after_s, lost=True)
    accepted = Delivered(server_time=answer.server_time)
    return [accepted if each is True or each is None else _on_item(each, answer, secrets) for each in value]


def judge_beacon(answer: Answer) -> Verdict:
    """The verdict on what a beacon was answered with."""
    found = complaint(parsed(answer.body))
    if found is not None:
        verdict = _on_complaint(found, answer, ())
        return replace(verdict, lost=True) if isinstance(verdict, Later) else verdict
    if 200 <= answer.status < 300 and (answer.body.strip() == _STATIC_PAGE or not _is_page(answer)):
        return Delivered(server_time=answer.server_time, verified=False)
    return _unanswered(answer, ())


def _on_item(value: object, answer: Answer, secrets: Sequence[str]) -> Verdict:
    found = complaint(value)
    if found is not None:
        return _on_complaint(found, answer, secrets)
    return Later(Cause.SERVER, "neither true, null nor an error of Kaltura's", answered=False, lost=True)


def _is_acceptance(answer: Answer) -> bool:
    is_whole = len(answer.body) <= BODY_LIMIT_BYTES
    return is_whole and not _is_foreign(answer) and answer.body.strip() in (b"", b"true", b"null")


def _is_foreign(answer: Answer) -> bool:
    kind = answer.content_type.lower()
    return "html" in kind or "xml" in kind


def _is_page(answer: Answer) -> bool:
    return "html" in answer.content_type.lower() or answer.body.lstrip()[:20].lower().startswith(_PAGES)


def _first_item(body: bytes) -> object:
    """The first item of an array of which only the beginning was read; None where it begins otherwise."""
    text = body.decode("utf-8", "replace").lstrip()
    if not text.startswith("["):
        return None
    try:
        return json.JSONDecoder().raw_decode(text, len(text) - len(text[1:].lstrip()))[0]
    except (ValueError, RecursionError):
        return None


def _on_complaint(found: Complaint, answer: Answer, secrets: Sequence[str]) -> Later | Held | Refused:
    code = found.code
    if code in SESSION_CODES:
        return Held(Cause.SESSION, f"{code}: {found.reason or 'not a valid session'}", answered=True)
    text = redact(f"{code}: {found.message}", secrets)
    if code in _PERMANENT or code.startswith(_PERMANENT_PREFIX):
        return Refused(code, text)
    if is_configuration(code):
        return Held(Cause.CONFIGURATION, text, answered=True)
    cause = Cause.THROTTLED if code == THROTTLED or answer.status == 429 else Cause.SERVER
    return Later(cause, text, answered=True, retry_after=answer.retry_after_s)


def _unanswered(answer: Answer, secrets: Sequence[str]) -> Later | Held:
    """What an answer means that is neither an acceptance nor an error of Kaltura's."""
    status = answer.status
    if status == 429:
        text = "HTTP 429: the server asks for fewer requests"
        return Later(Cause.THROTTLED, text, answered=False, retry_after=answer.retry_after_s)
    if status >= 500:
        text = f"HTTP {status} without an answer of Kaltura's"
        return Later(Cause.SERVER, text, answered=False, retry_after=answer.retry_after_s, lost=True)
    if 300 <= status < 400:
        target = redact((answer.location or "nowhere").partition("?")[0], secrets)
        return Held(
            Cause.CONFIGURATION, f"HTTP {status}: redirected to {target}; is service_url right?", answered=False
        )
    if status >= 400:
        return Held(
            Cause.CONFIGURATION, f"HTTP {status} without an answer of Kaltura's; check service_url", answered=False
        )
    return Later(Cause.NOT_KALTURA, _strange(answer, secrets), answered=False)


def _strange(answer: Answer, secrets: Sequence[str]) -> str:
    kind = redact(answer.content_type, secrets) or "no content type"
    if len(answer.body) > BODY_LIMIT_BYTES:
        return f"HTTP {answer.status} with more than {BODY_LIMIT_BYTES // 1024} KiB of {kind}: not Kaltura's answer"
    return f"HTTP {answer.status} with {kind}, {len(answer.body)} bytes: not Kaltura's answer (a portal or a proxy?)"
