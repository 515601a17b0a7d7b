"""From messages to what is posted to the Learning Record Store.

Contract: pure. The same message always gives the same bytes: its id, its time and its words are settled when it is
projected and first tried (decision 6).
Rules: a statement's id is a UUIDv5 of the event's identity, so that a resend, an import or a replay changes nothing in
the LRS (decision 3). `timestamp` is the event's corrected time, so months offline stay right. A statement without an
actor's session still has its own id.
Reasons: xAPI 1.0.3, part 2, sections 2.4.1 and 2.4.7; kaltura.md section 6.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from agent.kernel.attribution import Identity
from agent.sinks.base import Message

VERSION: Final = "1.0.3"
"""What X-Experience-API-Version says."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

STATEMENT: Final = "statement"
"""The one field of a message: the statement without its timestamp, as JSON text."""


def statement_id(identity: Identity, part: int) -> str:
    """The id of the event's `part`-th statement, UUID text."""
    return str(uuid5(UUID(identity.generation), f"statement/{identity.sequence}/{part}"))


def message(identity: Identity, part: int, name: str, body: Mapping[str, Any], time: float) -> Message:
    """The message that carries a statement. `time` in wall seconds."""
    statement = {"id": statement_id(identity, part), **body}
    text = json.dumps(statement, separators=(",", ":"), ensure_ascii=False)
    return Message(identity.token(part), name, {STATEMENT: text}, time)


def body(messages: Sequence[Message]) -> bytes:
    """The JSON array of `messages`, which is what is posted even for one."""
    return b"[" + b",".join(_dated(each) for each in messages) + b"]"


def ids(messages: Sequence[Message]) -> list[str]:
    """The statements' ids, in order."""
    return [str(json.loads(each.fields[STATEMENT])["id"]) for each in messages]


def _dated(each: Message) -> bytes:
    # The text ends with a brace of ours: the timestamp goes before it.
    return f'{each.fields[STATEMENT][:-1]},"timestamp":"{timestamp(each.time)}"}}'.encode("utf-8", "replace")


def timestamp(seconds: float) -> str:
    """Epoch seconds as RFC 3339 in UTC, with milliseconds. Beyond the year 2038 too, on every board (edge.md 3)."""
    moment = _EPOCH + timedelta(milliseconds=round(seconds * 1000))
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
