"""From an HTTP answer to a verdict.

Contract: pure. `judge` looks at the body first and at the status second, and never lets a session (KS) into a text.
Rules: every error of Kaltura's API is HTTP 200 with an exception object, and a captive portal answers 200 with HTML:
accepted is only `true`, `null`, or nothing at all. Unknown codes are transient (decision 23). 3xx, and 4xx without
Kaltura's body, are a configuration fault: redirects are never followed. Only Kaltura's own errors are cached by it, so
only they count as answered; a 5xx of something in between does not, and there the event may already have been logged.
Reasons: kaltura.md section 1, the guide's section 11.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, Verdict
from agent.sinks.http.answer import BODY_LIMIT_BYTES, Answer, redact

_PERMANENT: Final = frozenset(
    {"INVALID_ENUM_VALUE", "INVALID_PARAMETER_CHAR", "MISSING_MANDATORY_PARAMETER", "INVALID_OBJECT_TYPE"}
)
_PERMANENT_PREFIX: Final = "PROPERTY_VALIDATION_"
_CONFIGURATION: Final = frozenset({"SERVICE_DOES_NOT_EXISTS", "ACTION_DOES_NOT_EXISTS"})
_CONFIGURATION_PREFIXES: Final = ("SERVICE_FORBIDDEN", "ACTION_FORBIDDEN")
_SESSION: Final = frozenset({"INVALID_KS", "MISSING_KS"})
_SESSION_REASONS: Final = frozenset(
    {
        "EXPIRED",
        "LOGOUT",
        "EXCEEDED_ACTIONS_LIMIT",
        "EXCEEDED_RESTRICTED_IP",
        "EXCEEDED_RESTRICTED_URI",
        "INVALID_PARTNER",
        "INVALID_USER",
    }
)
_THROTTLED: Final = "ACTION_BLOCKED"
_CODE: Final = re.compile(r"[A-Z0-9_]{1,80}")


@dataclass(frozen=True, slots=True)
class Complaint:
    """Kaltura's exception object. `reason`: `args.KSID`, which names why a session was not taken, or echoes it."""

    code: str
    message: str
    reason: str


def judge(answer: Answer, *, secrets: Sequence[str] = ()) -> Verdict:
    """The verdict on `answer`; `secrets` are texts that must not appear in it."""
    complaint = _complaint(answer)
    if complaint is not None:
        return _on_complaint(complaint, answer, secrets)
    status = answer.status
    if 200 <= status < 300:
        if _is_acceptance(answer):
            return Delivered(server_time=answer.server_time)
        return Later(Cause.NOT_KALTURA, _strange(answer, secrets), answered=False)
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


def _complaint(answer: Answer) -> Complaint | None:
    match _parsed(answer.body):
        case {"objectType": "KalturaAPIException", "code": str(code), **rest} if _CODE.fullmatch(code):
            args = rest.get("args")
            reason = args.get("KSID") if isinstance(args, dict) else None
            return Complaint(code, str(rest.get("message", "")), str(reason or ""))
        case _:
            return None


def _parsed(body: bytes) -> object:
    if len(body) > BODY_LIMIT_BYTES:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _is_acceptance(answer: Answer) -> bool:
    kind = answer.content_type.lower()
    if "html" in kind or "xml" in kind or len(answer.body) > BODY_LIMIT_BYTES:
        return False
    return answer.body.strip() in (b"", b"true", b"null")


def _on_complaint(complaint: Complaint, answer: Answer, secrets: Sequence[str]) -> Verdict:
    code = complaint.code
    if code in _SESSION:
        reason = complaint.reason if complaint.reason in _SESSION_REASONS else "not a valid session"
        return Held(Cause.SESSION, f"{code}: {reason}", answered=True)
    text = redact(f"{code}: {complaint.message}", secrets)
    if code in _PERMANENT or code.startswith(_PERMANENT_PREFIX):
        return Refused(code, text)
    if code in _CONFIGURATION or code.startswith(_CONFIGURATION_PREFIXES):
        return Held(Cause.CONFIGURATION, text, answered=True)
    cause = Cause.THROTTLED if code == _THROTTLED or answer.status == 429 else Cause.SERVER
    return Later(cause, text, answered=True, retry_after=answer.retry_after_s)


def _strange(answer: Answer, secrets: Sequence[str]) -> str:
    kind = redact(answer.content_type, secrets) or "no content type"
    if len(answer.body) > BODY_LIMIT_BYTES:
        return f"HTTP {answer.status} with more than {BODY_LIMIT_BYTES // 1024} KiB of {kind}: not Kaltura's answer"
    return f"HTTP {answer.status} with {kind}, {len(answer.body)} bytes: not Kaltura's answer (a portal or a proxy?)"
