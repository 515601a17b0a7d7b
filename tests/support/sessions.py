"""Sessions as the local collector hands them out, with the tokens of the recordings."""

import json
from collections.abc import Callable
from pathlib import Path

from agent.kernel.verdict import Held
from agent.sinks.http.client import Timeouts
from agent.sinks.kaltura.door import Door, SecretLogin, TokenLogin
from agent.sinks.kaltura.login import Digest, Wanted
from tests.support.wires import PATIENT, wire
from tools.standin import fixtures
from tools.standin.fixtures import AppToken
from tools.standin.server import Collector

SECRET = "usersecret102"
WANTED = Wanted(partner_id=102, lifetime=3600, user_id="kiosk-001", app_id="lobby")
WIDGET = {"service": "session", "action": "startWidgetSession"}
TOKEN = {"service": "appToken", "action": "startSession"}
START = {"service": "session", "action": "start"}
COLLECT = {"service": "stats", "action": "collect"}


def app_token(name: str) -> AppToken:
    """The token that the recordings call so: sha1, sha256, md5, sha512, short, expired, deleted …"""
    rows = json.loads((Path(fixtures.__file__).parent / "fixtures.json").read_text(encoding="utf-8"))["app_tokens"]
    return fixtures.load().tokens[rows[name]["id"]]


def token_login(
    collector: Collector,
    name: str = "sha256",
    *,
    token: Callable[[], str | Held] | None = None,
    digest: Digest | None = None,
    wanted: Wanted = WANTED,
    timeouts: Timeouts = PATIENT,
) -> TokenLogin:
    """A login with the token of that name; `token`, `digest`: others than its own."""
    found = app_token(name)
    return TokenLogin(
        Door(wire(timeouts), collector.url, "kiosk-agent"),
        wanted,
        token_id=found.ident,
        digest=digest or Digest(found.hash_type.lower()),
        token=token or (lambda: found.token),
    )


def secret_login(
    collector: Collector, secret: str | Held = SECRET, *, wanted: Wanted = WANTED, timeouts: Timeouts = PATIENT
) -> SecretLogin:
    """A login with the account's secret."""
    return SecretLogin(Door(wire(timeouts), collector.url, "kiosk-agent"), wanted, secret=lambda: secret)


def called(collector: Collector) -> list[str]:
    """The actions that were asked for, oldest first, whatever became of them."""
    return [request.target.rpartition("/")[2] for request in collector.requests if request.method == "POST"]
