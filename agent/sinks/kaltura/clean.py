"""Text that Kaltura's log can hold.

Contract: pure. Every function takes any text, even one with lone surrogates, and returns text that is valid UTF-8,
one line, without commas and braces, within its length; cleaning twice changes nothing more.
Rules: the server writes one unescaped CSV line an event, so a comma or a line break shifts columns or forges a line; a
control character is refused with INVALID_PARAMETER_CHAR, invalid UTF-8 blanks the field, and `{1:result:ks}` is
replaced when the event travels in a batch. Control characters and line separators become a space, since they stand
between words; commas and braces go.
Reasons: kaltura.md section 1.
"""

import re
from typing import Final

SESSION_ID_LENGTH: Final = 50
CLIENT_VERSION_LENGTH: Final = 31
USER_ID_LENGTH: Final = 64
UNIQUE_VIEWER_LENGTH: Final = 40
WIDGET_ID_LENGTH: Final = 31
CONTROL_ID_LENGTH: Final = 15
ENTRY_ID_LENGTH: Final = 20
"""What the server's log and the old pipeline keep; an entry id that is longer is no entry id at all."""

REFERRER_LENGTH: Final = 1024
"""The server names no bound. This one holds any referrer a person would write, and keeps a request small."""

CONTEXT_ID_LENGTH: Final = 50
"""The server logs no context; a UUID fits."""

_BREAKS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_FORBIDDEN: Final = re.compile("[,{}]")
_SPACES: Final = re.compile(" {2,}")
_NOT_AN_ENTRY: Final = ("http:", "https:", "rtmp:")


def text(value: str, *, length: int) -> str:
    """`value` as one harmless line of at most `length` characters."""
    valid = value.encode("utf-8", "ignore").decode("utf-8")
    plain = _FORBIDDEN.sub("", _BREAKS.sub(" ", valid))
    return _SPACES.sub(" ", plain).strip()[:length].strip()


def is_entry_id(value: str) -> bool:
    """Whether the server takes `value` for an entry id. It is never cleaned: another id would be another entry."""
    return len(value) > 0 and value == text(value, length=ENTRY_ID_LENGTH) and not value.startswith(_NOT_AN_ENTRY)
