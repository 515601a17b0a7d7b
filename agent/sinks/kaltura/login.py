"""What is said to start a Kaltura session (KS), and what the answers mean.

Contract: pure. Parameters of the three calls, a session read from an answer, and `failure`, from an outcome to why
there is no session: `Held` where somebody must act, and the text says what; `Later` where it may pass.
Rules: an app token proves itself by a hash over a session of no rights and the token, so the token never travels.
No failure here is `answered` or `lost`: that would be said of the event that waits for the session, and nothing of that
one was sent. A session's life is reckoned by the service's own clock, from its Date; the kiosk's may be years off.
Reasons: kaltura.md section 2, recorded cases tok-01 to tok-12.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final, assert_never

from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.http.answer import redact
from agent.sinks.kaltura import complaint
from agent.sinks.kaltura.api import Complaint, Result

USER: Final = "0"
"""KalturaSessionType: a device is never an administrator."""

SESSION_LENGTH: Final = 8192
"""Characters. The longest sessions are below 4 KiB."""

_REMEDIES: Final = {
    "APP_TOKEN_ID_NOT_FOUND": "it was deleted, or app_token_id, partner_id or service_url is wrong",
    "APP_TOKEN_NOT_ACTIVE": "activate it, or make another app token",
    "APP_TOKEN_EXPIRED": "make another app token",
    "INVALID_APP_TOKEN_HASH": "app_token_file holds another token, or app_token_hash is not what it was made with",
    "START_SESSION_ERROR": "secret_file holds another secret, or partner_id or service_url is wrong",
    "INVALID_WIDGET_ID": "is partner_id right, and service_url the service of that account?",
}
_SESSION_PREFIXES: Final = ("APP_TOKEN_", "INVALID_APP_TOKEN", "START_SESSION_", "INVALID_PARTNER")
_SETTING_CODES: Final = frozenset({"MISSING_MANDATORY_PARAMETER", "INVALID_ENUM_VALUE", "INVALID_PARAMETER_CHAR"})
_SETTING_PREFIX: Final = "PROPERTY_VALIDATION_"


class Digest(Enum):
    """The hash that an app token was made with; the values are hashlib's names."""

    MD5 = "md5"
    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA512 = "sha512"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a session is asked to be. `lifetime` in seconds; the service may allow less, and fix user and privileges."""

    partner_id: int
    lifetime: int
    user_id: str | None = None
    app_id: str | None = None
    privileges: str | None = None

    @property
    def all_privileges(self) -> str:
        """As the service takes them; "" for none."""
        return ",".join(each for each in (f"appId:{self.app_id}" if self.app_id else "", self.privileges or "") if each)


@dataclass(frozen=True, slots=True)
class Session:
    """A started session. `life`: seconds from the moment at which its start was begun, by whoever's clock.

    `expires`: its end by the service's clock (epoch s), None where the answers had no Date. `privileges`: what it was
    given, None where the service does not say.
    """

    ks: str = field(repr=False)
    life: float
    expires: float | None
    privileges: str | None = None


Login = Callable[[], Session | Later | Held]


def widget_parameters(wanted: Wanted) -> dict[str, str]:
    """What session.startWidgetSession is asked for: the account's session of no rights."""
    return {"widgetId": f"_{wanted.partner_id}"}


def token_hash(digest: Digest, *, base: str, token: str) -> str:
    """The proof that one holds `token`: lower-case hex, nothing between `base` and the token (recorded)."""
    return hashlib.new(digest.value, (base + token).encode(), usedforsecurity=False).hexdigest()


def token_parameters(wanted: Wanted, *, token_id: str, proof: str) -> dict[str, str]:
    """What appToken.startSession is asked for."""
    given = {"id": token_id, "tokenHash": proof, "type": USER, "expiry": str(wanted.lifetime)}
    return given | _named("userId", wanted.user_id) | _named("sessionPrivileges", wanted.all_privileges)


def secret_parameters(wanted: Wanted, *, secret: str) -> dict[str, str]:
    """What session.start is asked for."""
    given = {"secret": secret, "type": USER, "partnerId": str(wanted.partner_id), "expiry": str(wanted.lifetime)}
    return given | _named("userId", wanted.user_id) | _named("privileges", wanted.all_privileges)


def read_widget(value: object) -> str | None:
    """The session in an answer to session.startWidgetSession."""
    match value:
        case {"ks": str(ks)} if _is_session(ks):
            return ks
        case _:
            return None


def read_token_session(result: Result, wanted: Wanted) -> Session | None:
    """The session in an answer to appToken.startSession; its `expiry` is an epoch by the service's clock."""
    match result.value:
        case {"ks": str(ks), **rest} if _is_session(ks):
            privileges = rest.get("privileges")
            said = privileges if isinstance(privileges, str) else None
            life = _life(rest.get("expiry"), result.server_time, wanted)
            return Session(ks, life, _end(result.server_time, life), said)
        case _:
            return None


def read_secret_session(result: Result, wanted: Wanted) -> Session | None:
    """The session in an answer to session.start, a bare text: it lives as long as it was asked to."""
    match result.value:
        case str(ks) if _is_session(ks):
            return Session(ks, float(wanted.lifetime), _end(result.server_time, wanted.lifetime))
        case _:
            return None


def failure(outcome: Complaint | Later | Held) -> Later | Held:
    """What a login that came to nothing means for whoever waits for the session."""
    match outcome:
        case Complaint():
            return _on_complaint(outcome)
        case Later():
            return replace(outcome, text=_said(outcome.text), answered=False, lost=False)
        case Held():
            return replace(outcome, text=_said(outcome.text), answered=False)
        case _:
            assert_never(outcome)


def _on_complaint(found: Complaint) -> Later | Held:
    code = found.code
    if code in _REMEDIES:
        return Held(Cause.SESSION, _said(f"{found.text}; {_REMEDIES[code]}"), answered=False)
    if code.startswith(_SESSION_PREFIXES):
        return Held(Cause.SESSION, _said(found.text), answered=False)
    if complaint.is_configuration(code) or code in _SETTING_CODES or code.startswith(_SETTING_PREFIX):
        return Held(Cause.CONFIGURATION, _said(f"{found.text}; check [kaltura.session]"), answered=False)
    if code in complaint.SESSION_CODES:
        # The widget session was refused, a moment after it was started: no setting of ours can be wrong about it.
        return Later(Cause.SESSION, _said(found.text), answered=False)
    cause = Cause.THROTTLED if code == complaint.THROTTLED else Cause.SERVER
    return Later(cause, _said(found.text), answered=False, retry_after=found.retry_after)


def _said(text: str) -> str:
    return redact(f"no session: {text}")


def _named(name: str, value: str | None) -> dict[str, str]:
    return {name: value} if value else {}


def _is_session(text: str) -> bool:
    """Opaque, but something that can be sent back: a portal's JSON may hold anything under the same name."""
    return 0 < len(text) <= SESSION_LENGTH and text.isascii() and text.isprintable()


def _life(expiry: object, server_time: float | None, wanted: Wanted) -> float:
    """Seconds; as asked where the answer does not say, or says what cannot be (a proxy may set a Date of its own)."""
    asked = float(wanted.lifetime)
    if server_time is None or not isinstance(expiry, int | float | str):
        return asked
    try:
        life = float(expiry) - server_time
    except (ValueError, OverflowError):
        return asked
    return min(life, asked) if life > 0 else asked


def _end(server_time: float | None, life: float) -> float | None:
    return None if server_time is None else server_time + life
