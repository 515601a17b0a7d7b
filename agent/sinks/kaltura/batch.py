"""Several messages in one request: Kaltura's multirequest.

Contract: pure. `body` is the request's body; a message's own bytes are the same whatever its place in the batch,
whatever travels with it, and whichever batch it is sent in again.
Rules: JSON, not a form. A form is cut without a word at PHP's `max_input_vars` (1000 by default, some 45 events), and
the last event of it is logged in part; JSON has no such limit and is read whole or not at all. Its type must then be
exactly application/json. `format`, `clientTag` and `ks` stand at the top and are inherited. Items are numbered from 1
without a gap, for the server stops at the first number that is missing. Each item has its `eventId`, and its `attempt`:
items are cached one by one, by their own parameters. Neither the number of an item nor its neighbours, the session or
the client tag are part of that key, so an item whose answer was lost is recognised in any later batch (for 600 s), even
in a batch of one. A single call has another key: whoever sent a message by one road and heard nothing must send it
again by the same road. Texts hold no braces (clean.py): `{1:result:ks}` would be replaced.
Reasons: kaltura.md section 1; mr-01 to mr-34 of tests/vectors/kaltura.jsonl.
"""

import json
from collections.abc import Sequence
from typing import Final

from agent.sinks.base import Message, Outgoing
from agent.sinks.http.answer import BODY_LIMIT_BYTES
from agent.sinks.kaltura.encode import OBJECT_TYPE, ROUTE, collect_url

MULTIREQUEST: Final = "/service/multirequest"
"""The name is case-sensitive."""

ITEM_ANSWER_BYTES: Final = 320
"""What one item's error takes at most in the answer: INVALID_ENUM_VALUE, the longest that was recorded, takes 284.
Those of a session echo the session and may take more: `judge.judge_batch` needs only the first of them."""

LARGEST: Final = BODY_LIMIT_BYTES // ITEM_ANSWER_BYTES
"""Messages in one batch at most, 204: if all of them are refused, the answer can still be read."""


def multirequest_url(service_url: str) -> str:
    """The address for batches."""
    return collect_url(service_url).removesuffix(ROUTE) + MULTIREQUEST


def body(messages: Sequence[Outgoing], *, ks: str | None, client_tag: str) -> bytes:
    """The JSON body. `ks` None or empty: the batch goes without a session."""
    whole: dict[str, object] = {"format": 1, "clientTag": client_tag, **({"ks": ks} if ks else {})}
    for number, one in enumerate(messages, start=1):
        whole[str(number)] = item(one.message, attempt=one.attempt)
    return _json(whole).encode()


def item(message: Message, *, attempt: int) -> dict[str, object]:
    """One message as a sub-request, its parameters in the order in which they are always sent."""
    event = {"objectType": OBJECT_TYPE, **message.fields}
    call: dict[str, object] = {"service": "stats", "action": "collect", "event": event, "eventId": message.token}
    if attempt:
        call["attempt"] = attempt
    return call


# One call for all of a batch: an encoder made for each item took a tenth of a drain.
_json: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
