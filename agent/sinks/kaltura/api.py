"""One call of Kaltura's API that is no event: starting a session, asking a report.

Contract: `call` makes a form POST and returns what came of it; it raises nothing that a network or a server can cause.
`read` is its pure half, from an HTTP answer to an outcome.
Rules: the body is judged before the status, since every error of the API is HTTP 200 and a captive portal answers 200
with HTML. What is neither Kaltura's result nor its error gets the verdict that it would get for an event (judge.py).
Texts are redacted, and `secrets` never stand in them; a result is the caller's to keep.
Every call here may be answered from the server's cache: 600 s for a result, 120 s for an error, by all parameters but
`ks` and `clientTag`. Whoever wants a new answer varies one, for example with `nonce`.
Reasons: kaltura.md sections 1 and 2.
"""

import secrets as chance
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, assert_never
from urllib.parse import quote_plus

from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.http.answer import BODY_LIMIT_BYTES, Answer, redact
from agent.sinks.http.client import Wire
from agent.sinks.kaltura import complaint as complaints
from agent.sinks.kaltura.encode import api_url
from agent.sinks.kaltura.judge import judge

NONCE: Final = "nonce"
"""An unknown parameter is ignored by the service, but stands in its cache's key."""


@dataclass(frozen=True, slots=True)
class Result:
    """The service's answer, read from JSON; it may hold a session, so it is not shown.

    `server_time`: what the service's clock read when the call began (epoch s), None without a Date.
    """

    value: object = field(repr=False)
    server_time: float | None


@dataclass(frozen=True, slots=True)
class Complaint:
    """The service's own error. `text` is fit to be shown; `reason`: why a session was not taken, a known word or "".

    `retry_after`: seconds that were asked for, clamped.
    """

    code: str
    text: str
    reason: str
    retry_after: float | None = None


Outcome = Result | Complaint | Later | Held


def call(
    wire: Wire,
    service_url: str,
    service: str,
    action: str,
    parameters: Mapping[str, str],
    *,
    client_tag: str,
    ks: str | None = None,
    secrets: Sequence[str] = (),
) -> Outcome:
    """Call `service.action` at `service_url` (with or without /api_v3), with `ks` where there is one.

    `secrets`: what of `parameters`, besides `ks`, must not appear in any text.
    """
    url = action_url(service_url, service, action)
    answer = wire.post(url, form(parameters, client_tag=client_tag, ks=ks))
    match answer:
        case Answer():
            return read(answer, secrets=(*secrets, ks) if ks else secrets)
        case Later() | Held():
            return answer
        case _:
            assert_never(answer)


def action_url(service_url: str, service: str, action: str) -> str:
    """The address of an action; never index.php, whose body a stock Apache drops."""
    return f"{api_url(service_url)}/service/{service}/action/{action}"


def form(parameters: Mapping[str, str], *, client_tag: str, ks: str | None) -> bytes:
    """The form body."""
    pairs = {"format": "1", "clientTag": client_tag, **({"ks": ks} if ks else {}), **parameters}
    return "&".join(f"{name}={quote_plus(value, errors='replace')}" for name, value in pairs.items()).encode("ascii")


def read(answer: Answer, *, secrets: Sequence[str] = ()) -> Outcome:
    """What `answer` says."""
    found = complaints.complaint(complaints.parsed(answer.body))
    if found is not None:
        text = redact(f"{found.code}: {found.message}", secrets)
        if found.code in complaints.SESSION_CODES:
            # Its message echoes the session that was refused.
            text = f"{found.code}: {found.reason or 'not a valid session'}"
        return Complaint(found.code, text, found.reason, answer.retry_after_s)
    if 200 <= answer.status < 300 and _is_data(answer):
        return Result(complaints.parsed(answer.body), answer.server_time)
    verdict = judge(answer, secrets=secrets)
    return verdict if isinstance(verdict, Later | Held) else not_kaltura(f"HTTP {answer.status}")


def not_kaltura(what: str) -> Later:
    """The failure of a call (`what`) whose answer is not what the action answers."""
    return Later(Cause.NOT_KALTURA, f"{what}: not Kaltura's answer (a portal or a proxy?)", answered=False)


def nonce() -> str:
    """A value that no request had before."""
    return chance.token_hex(8)


def _is_data(answer: Answer) -> bool:
    kind = answer.content_type.lower()
    if "html" in kind or "xml" in kind or len(answer.body) > BODY_LIMIT_BYTES:
        return False
    body = answer.body.strip()
    # An action without a result answers nothing, or null.
    return body in (b"", b"null") or complaints.parsed(body) is not None
