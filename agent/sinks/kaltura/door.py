"""The service's door: where sessions are started, with an app token or with the account's secret.

Contract: `TokenLogin` and `SecretLogin` make the calls, each time anew, and answer with a `Session` or with why there
is none; they never raise. Used by one thread at a time.
Rules: each call carries a nonce. The service answers an equal request with what it answered before, an error for 120 s
and a session for 600 s, even if that session is the one that has just been refused.
A session is never ended: that would end every session of its app token, new ones included, for 24 h.
Reasons: kaltura.md sections 1 and 2.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.kernel.verdict import Held, Later
from agent.sinks.http.client import Wire
from agent.sinks.kaltura import api, login
from agent.sinks.kaltura.api import Outcome, Result
from agent.sinks.kaltura.login import Digest, Session, Wanted

Secret = Callable[[], str | Held]
"""Reads a token or a secret, or says why it cannot be read."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where sessions are started. `service_url` with or without /api_v3."""

    wire: Wire
    service_url: str
    client_tag: str

    def call(
        self, service: str, action: str, parameters: Mapping[str, str], *, secret: str, ks: str | None = None
    ) -> Outcome:
        """One call, past the cache; `secret` appears in no text."""
        given = {**parameters, api.NONCE: api.nonce()}
        return api.call(
            self.wire, self.service_url, service, action, given, ks=ks, client_tag=self.client_tag, secrets=[secret]
        )


class TokenLogin:
    """Starts sessions with an app token: the way for a device."""

    def __init__(self, door: Door, wanted: Wanted, *, token_id: str, digest: Digest, token: Secret) -> None:
        self._door = door
        self._wanted = wanted
        self._token_id = token_id
        self._digest = digest
        self._token = token

    def __call__(self) -> Session | Later | Held:
        """A widget session first, then the token's own over it."""
        token = self._token()
        if isinstance(token, Held):
            return token
        widget = self._door.call("session", "startWidgetSession", login.widget_parameters(self._wanted), secret=token)
        if not isinstance(widget, Result):
            return login.failure(widget)
        base = login.read_widget(widget.value)
        if base is None:
            return login.failure(api.not_kaltura("session.startWidgetSession"))
        proof = login.token_hash(self._digest, base=base, token=token)
        parameters = login.token_parameters(self._wanted, token_id=self._token_id, proof=proof)
        started = self._door.call("appToken", "startSession", parameters, ks=base, secret=token)
        if not isinstance(started, Result):
            return login.failure(started)
        session = login.read_token_session(started, self._wanted)
        return session or login.failure(api.not_kaltura("appToken.startSession"))


class SecretLogin:
    """Starts sessions with the account's secret: for servers only."""

    def __init__(self, door: Door, wanted: Wanted, *, secret: Secret) -> None:
        self._door = door
        self._wanted = wanted
        self._secret = secret

    def __call__(self) -> Session | Later | Held:
        """One call."""
        secret = self._secret()
        if isinstance(secret, Held):
            return secret
        parameters = login.secret_parameters(self._wanted, secret=secret)
        started = self._door.call("session", "start", parameters, secret=secret)
        if not isinstance(started, Result):
            return login.failure(started)
        session = login.read_secret_session(started, self._wanted)
        return session or login.failure(api.not_kaltura("session.start"))
