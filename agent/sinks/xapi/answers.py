"""What a Learning Record Store answers, judged.

Contract: pure. `judge` gives a verdict for each statement of a request, or one for the whole of it.
Rules: 200 with a list of ids, or with a part of them, is success, and so is 204: an LRS leaves out what it knew
already, as after a resend whose first answer was lost. One wrong statement refuses the whole request (400; 422 by
some): a single one is refused for good, several are sent in smaller requests until it is found. 409 says that an id is
known with another content: counted under its own name, it is as final. 413: a smaller request. 401 and 403 hold the
queue. What is no LRS's answer (a page, other JSON) proves nothing: tried again.
Reasons: xAPI 1.0.3, part 3, sections 2.1.1 and 3.2; kaltura.md section 6; decision 23.
"""

import json
from collections.abc import Sequence
from typing import Final

from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, Verdict
from agent.sinks.http.answer import Answer, redact

CONFLICT: Final = "HTTP_409"

# These name the statement, or the batch, and not the way to the LRS.
_REFUSALS: Final = {400: "HTTP_400", 409: CONFLICT, 413: "HTTP_413", 422: "HTTP_422"}
_AUTHORITY: Final = (401, 403)
_SHOWN: Final = 1000


def judge(
    answer: Answer, ids: Sequence[str], *, secrets: Sequence[str] = ()
) -> Sequence[Verdict] | Later | Held | Refused:
    """The verdicts on the statements with `ids`; `secrets` are texts that must not appear in them."""
    status, words = answer.status, _words(answer, secrets)
    if status == 204 or (status == 200 and _names(answer, ids)):
        return [Delivered(server_time=answer.server_time) for _ in ids]
    if status in _REFUSALS:
        return Refused(_REFUSALS[status], f"HTTP {status}: {words or 'no words'}")
    if status in _AUTHORITY:
        return Held(Cause.SESSION, f"HTTP {status}: the LRS does not take these credentials", answered=True)
    if status == 429:
        return Later(Cause.THROTTLED, "HTTP 429", answered=True, retry_after=answer.retry_after_s)
    if status in (408, 425) or status >= 500:
        text = f"HTTP {status}: {words}" if words else f"HTTP {status}"
        return Later(Cause.SERVER, text, answered=True, retry_after=answer.retry_after_s)
    if 200 <= status < 300:
        return Later(Cause.NOT_KALTURA, f"HTTP {status}, which is no answer of an LRS", answered=False)
    return Held(Cause.CONFIGURATION, f"HTTP {status}; check xapi.endpoint: {words}".rstrip(": "), answered=False)


def _names(answer: Answer, ids: Sequence[str]) -> bool:
    """Whether the answer is a list of ids, all of them ours."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return False
    known = {each.lower() for each in ids}
    return isinstance(found, list) and all(isinstance(each, str) and each.lower() in known for each in found)


def _words(answer: Answer, secrets: Sequence[str]) -> str:
    if "html" in answer.content_type.lower():
        return ""
    return redact(answer.body[:_SHOWN].decode("utf-8", "replace"), secrets)
