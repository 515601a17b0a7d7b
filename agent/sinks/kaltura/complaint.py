"""Kaltura's own errors.

Contract: pure. `parsed` reads a body as JSON; `complaint` finds the error in what was read, a whole answer or one item
of a batch. Neither raises.
Rules: every error of the API is HTTP 200 with an exception object. `args.KSID` of INVALID_KS says why a session was not
taken, in capitals, or echoes the session itself: a reason that is none of the known words is dropped here, and
`message`, which may hold it too, is to be redacted by whoever shows it.
Reasons: kaltura.md sections 1 and 2.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Final

from agent.sinks.http.answer import BODY_LIMIT_BYTES

SESSION_CODES: Final = frozenset({"INVALID_KS", "MISSING_KS"})

CONFIGURATION_CODES: Final = frozenset({"SERVICE_DOES_NOT_EXISTS", "ACTION_DOES_NOT_EXISTS"})
CONFIGURATION_PREFIXES: Final = ("SERVICE_FORBIDDEN", "ACTION_FORBIDDEN")
"""Nothing gets through until somebody acts."""

THROTTLED: Final = "ACTION_BLOCKED"

_REASONS: Final = frozenset(
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
_CODE: Final = re.compile(r"[A-Z0-9_]{1,80}")


@dataclass(frozen=True, slots=True)
class Complaint:
    """An exception object. `reason`: why a session was not taken, one of the known words or "".

    `message` is the server's, not redacted, so no representation shows it.
    """

    code: str
    message: str = field(repr=False)
    reason: str = ""


def parsed(body: bytes) -> object:
    """`body` as JSON; None where it is too long or is none, as for `null`."""
    if len(body) > BODY_LIMIT_BYTES:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def complaint(value: object) -> Complaint | None:
    """The error that `value`, read from JSON, is; None where it is none."""
    match value:
        case {"objectType": "KalturaAPIException", "code": str(code), **rest} if _CODE.fullmatch(code):
            args = rest.get("args")
            reason = args.get("KSID") if isinstance(args, dict) else None
            known = reason if isinstance(reason, str) and reason in _REASONS else ""
            return Complaint(code, str(rest.get("message", "")), known)
        case _:
            return None


def is_configuration(code: str) -> bool:
    """Whether nothing will get through, whatever is sent, until a setting or a permission has changed."""
    return code in CONFIGURATION_CODES or code.startswith(CONFIGURATION_PREFIXES)
