"""The actions that the stand-in knows: stats.collect, the sessions that a device may open, report.getTable.

Contract: `Actions.routes()` maps (service, action), in small letters, to what answers; an action takes a `Call` and
gives its result or raises ApiError. Another action is one more entry.

Rules
- Parameters are read before the session is looked at: a bad event under an expired session is a bad event.
- stats.collect needs no session, but one that is sent must be good.
- An application token's own user, type and privileges win over what the request asks for.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from tools.standin import errors, event, php
from tools.standin.answers import Result
from tools.standin.errors import ApiError
from tools.standin.event import Event
from tools.standin.fixtures import ACTIVE, Fixtures
from tools.standin.php import Params
from tools.standin.report import Reports
from tools.standin.sessions import ADMIN, DEFAULT_EXPIRY_S, USER, WIDGET_PRIVILEGES, Session, Sessions

# Privileges that a token's session has from the token alone. Recorded: appId, sview, setrole; the others stand beside
# them in the server's documentation of privileges.
_RESERVED = frozenset({
    "appId", "apptoken", "sessionid", "setrole", "sview", "view", "edit", "download", "list", "disableentitlement",
    "enableentitlement", "iprestrict", "urirestrict", "actionslimit", "privacycontext",
})  # fmt: skip
# A role that may see reports. Its name is made up: an account gives its roles names of its own.
REPORTER = "REPORTS_ROLE"
_NOT_SHOWN = frozenset({"service", "action", "event"})


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an action: its parameters, expanded, and whence it came."""

    service: str
    action: str
    params: Params
    ks: str
    address: str
    uri: str


Route: TypeAlias = Callable[[Call], Result]


class Actions:
    """The actions over one set of fixtures, sessions and one log. Not thread-safe: called under the API's lock."""

    def __init__(
        self,
        fixtures: Fixtures,
        sessions: Sessions,
        log: Callable[[Event], None],
        clock: Callable[[], float],
        *,
        reports: Reports,
    ) -> None:
        self._fixtures = fixtures
        self._sessions = sessions
        self._log = log
        self._clock = clock
        self._reports = reports

    def routes(self) -> dict[tuple[str, str], Route]:
        """Every action by service and name."""
        return {
            ("stats", "collect"): self._collect,
            ("session", "start"): self._start,
            ("session", "startwidgetsession"): self._start_widget_session,
            ("session", "end"): self._end,
            ("session", "get"): _forbid,
            ("apptoken", "startsession"): self._start_token_session,
            ("report", "gettable"): self._table,
        }

    def _collect(self, call: Call) -> Result:
        fields = event.read(call.params)
        self._admit(call)
        rest = {name: value for name, value in call.params.items() if name not in _NOT_SHOWN}
        if "ks" in rest:
            rest["ks"] = "(redacted)"
        unknown = event.unknown_fields(call.params["event"])
        fields["received"] = self._clock()
        fields["remote_ip"] = call.address
        fields["_request"] = rest | ({"event": unknown} if unknown else {})
        self._log(fields)
        return True

    def _admit(self, call: Call) -> Session | None:
        """Check the session, if one was sent, and the partner. Raises ApiError."""
        partner = php.to_int(call.params.get("partnerId"))
        if not call.ks:
            if partner and partner not in self._fixtures.partners:
                raise errors.named("SERVICE_FORBIDDEN_CONTENT_BLOCKED")
            return None
        session = self._sessions.check(call.ks, call.address, call.uri)
        if partner and partner != session.partner:
            _forbid(call)
        return session

    def _start(self, call: Call) -> Result:
        secret = _mandatory(call, "secret")
        kind = _session_type(call, USER)
        number = php.to_int(call.params.get("partnerId"))
        partner = self._fixtures.partners.get(number)
        allowed = partner and (secret == partner.admin_secret or (secret == partner.secret and kind == USER))
        if not allowed:
            raise ApiError("START_SESSION_ERROR", {"PID": str(number)})
        user, privileges = (php.to_text(call.params.get(name)) for name in ("userId", "privileges"))
        return self._sessions.make(number, user, kind, _expiry_s(call), privileges)

    def _start_widget_session(self, call: Call) -> Result:
        widget = _mandatory(call, "widgetId")
        partner = next((p for p in self._fixtures.partners.values() if p.widget == widget), None)
        if partner is None:
            raise ApiError("INVALID_WIDGET_ID", {"WIDGET_ID": widget})
        ks = self._sessions.make(partner.number, "", USER, _expiry_s(call), WIDGET_PRIVILEGES)
        return {
            "partnerId": partner.number,
            "ks": ks,
            "userId": 0,
            "objectType": "KalturaStartWidgetSessionResponse",
        }

    def _end(self, call: Call) -> Result:
        session = self._admit(call)
        if session is None:
            raise errors.named("MISSING_KS")
        self._sessions.end(session)
        return None

    def _start_token_session(self, call: Call) -> Result:
        ident, token_hash = _mandatory(call, "id"), _mandatory(call, "tokenHash")
        kind = _session_type(call, USER)
        session = self._admit(call)
        if session is None:
            raise errors.named("MISSING_KS")
        token = self._fixtures.tokens.get(ident)
        if token is None or token.is_deleted or token.partner != session.partner:
            raise ApiError("APP_TOKEN_ID_NOT_FOUND", {"ID": ident})
        if token.status != ACTIVE:
            raise ApiError("APP_TOKEN_NOT_ACTIVE", {"ID": ident})
        if token.is_expired:
            raise ApiError("APP_TOKEN_EXPIRED", {"ID": ident})
        expected = hashlib.new(token.hash_type.lower(), (call.ks + token.token).encode()).hexdigest()
        if not hmac.compare_digest(expected.encode(), token_hash.encode()):
            raise errors.named("INVALID_APP_TOKEN_HASH")
        duration_s = min(token.duration_s, _expiry_s(call, token.duration_s))
        asked = php.to_text(call.params.get("sessionPrivileges")).split(",")
        kept = [privilege for privilege in asked if privilege and privilege.partition(":")[0] not in _RESERVED]
        given = [token.privileges] if token.privileges else []
        privileges = ",".join([f"sessionid:{ident}", f"apptoken:{ident}", *given, *kept])
        user = token.user or php.to_text(call.params.get("userId"))
        kind = token.session_type if token.user else kind
        return {
            "ks": self._sessions.make(token.partner, user, kind, duration_s, privileges),
            "sessionType": kind,
            "partnerId": str(token.partner),
            "userId": user,
            "expiry": int(self._clock()) + duration_s,
            "privileges": privileges,
            "objectType": "KalturaSessionInfo",
        }

    def _table(self, call: Call) -> Result:
        session = self._admit(call)
        if session is None or not (session.kind == ADMIN or REPORTER in session.values("setrole")):
            _forbid(call)
        return self._reports.table(call.params, session.partner)


def _forbid(call: Call) -> NoReturn:
    raise ApiError("SERVICE_FORBIDDEN", {"SERVICE": f"{call.service}->{call.action}"})


def _mandatory(call: Call, name: str) -> str:
    value = call.params.get(name)
    if value is None:
        raise errors.missing(name)
    return php.to_text(value)


def _expiry_s(call: Call, default_s: int = DEFAULT_EXPIRY_S) -> int:
    return php.to_int(call.params["expiry"]) if "expiry" in call.params else default_s


def _session_type(call: Call, default: int) -> int:
    given = call.params.get("type", default)
    kind = php.to_number_of(given, USER, ADMIN)
    if kind not in (USER, ADMIN):
        raise errors.no_enum(php.to_text(given), "type", "KalturaSessionType")
    return kind
