"""Sessions that the local collector hands out as the recorded server does."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.kaltura import api
from agent.sinks.kaltura.login import Digest, Session
from tests.support.sessions import SECRET, START, TOKEN, WANTED, WIDGET, app_token, called, secret_login, token_login
from tests.support.wires import PATIENT, QUICK, wire
from tools.standin.faults import Drip, Fault, Half, Hang, Page, Refuse, Reset, http_error
from tools.standin.php import Value
from tools.standin.server import Collector

NOW = 1_795_000_000.0
NO_FILE = Held(Cause.SESSION, "no session: the file is gone", answered=False)


@pytest.fixture
def service() -> Iterator[Collector]:
    with Collector(clock=lambda: NOW) as running:
        yield running


def accepts(service: Collector, ks: str) -> bool:
    """Whether an event is logged that comes with `ks`."""
    before = service.total
    api.call(wire(), service.url, "stats", "collect", {"event[eventType]": "3"}, ks=ks, client_tag="test")
    return service.total > before


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha512", "default"])
def test_token_of_each_hash_gives_a_session_that_is_accepted(service: Collector, name: str) -> None:
    """A token has one of four hash types, whoever made it chose; one made without saying has SHA1."""
    session = token_login(service, name)()
    assert isinstance(session, Session)
    assert accepts(service, session.ks)
    assert 3600.0 == pytest.approx(session.life, abs=2)
    assert NOW + 3600.0 == pytest.approx(session.expires, abs=2)


def test_tokens_shorter_session_wins(service: Collector) -> None:
    """What was asked for does not count: the token's owner decided."""
    session = token_login(service, "short")()
    assert isinstance(session, Session)
    assert 120.0 == pytest.approx(session.life, abs=2)


def test_privileges_that_a_token_does_not_give_are_not_there(service: Collector) -> None:
    """appId is the token's own (recorded case tok-07): asking for another is ignored without a word."""
    session = token_login(service)()
    assert isinstance(session, Session)
    assert "appId:kiosk-fleet" in str(session.privileges)
    assert "appId:lobby" not in str(session.privileges)


def test_secret_gives_a_session_that_is_accepted(service: Collector) -> None:
    """The way for a server."""
    session = secret_login(service)()
    assert isinstance(session, Session)
    assert accepts(service, session.ks)
    assert 3600.0 == session.life


def test_each_login_gives_another_session(service: Collector) -> None:
    """The server caches answers for 600 s by their parameters, the session that was just refused among them."""
    tokens, secrets = token_login(service), secret_login(service)
    found = [login() for login in (tokens, tokens, secrets, secrets)]
    assert 4 == len({session.ks for session in found if isinstance(session, Session)})


def test_token_and_its_hash_type_travel_in_no_request(service: Collector) -> None:
    """Only the proof does."""
    token_login(service)()
    assert not [request for request in service.requests if app_token("sha256").token.encode() in request.body]
    assert not [request for request in service.requests if "ks=" in request.target or "Hash" in request.target]


def test_user_and_application_are_asked_for(service: Collector) -> None:
    """What the settings say reaches the service, in the request's body."""
    token_login(service)()
    secret_login(service)()
    bodies = [parse_qs(request.body.decode()) for request in service.requests]
    assert [None, ["kiosk-001"], ["kiosk-001"]] == [body.get("userId") for body in bodies]
    assert ["appId:lobby"] == bodies[1]["sessionPrivileges"] == bodies[2]["privileges"]


@pytest.mark.parametrize(
    ("words", "name", "token", "digest"),
    [
        ("APP_TOKEN_ID_NOT_FOUND", "deleted", None, None),
        ("APP_TOKEN_EXPIRED", "expired", None, None),
        ("INVALID_APP_TOKEN_HASH", "sha256", "another token", None),
        ("INVALID_APP_TOKEN_HASH", "sha256", None, Digest.SHA1),
    ],
)
def test_token_that_is_no_good_holds_and_says_why(
    service: Collector, words: str, name: str, token: str | None, digest: Digest | None
) -> None:
    """Somebody must act; until then nothing may be lost."""
    verdict = token_login(service, name, token=None if token is None else lambda: token, digest=digest)()
    assert isinstance(verdict, Held)
    assert Cause.SESSION is verdict.cause
    assert verdict.text.startswith(f"no session: {words}: ")


def test_wrong_secret_holds_and_is_not_repeated(service: Collector) -> None:
    """The error names the partner, never what was sent."""
    verdict = secret_login(service, "not-the-secret")()
    assert isinstance(verdict, Held)
    assert "START_SESSION_ERROR" in verdict.text
    assert "not-the-secret" not in verdict.text


def test_account_without_a_widget_holds(service: Collector) -> None:
    """A mistyped partner id."""
    verdict = token_login(service, wanted=replace(WANTED, partner_id=7))()
    assert isinstance(verdict, Held)
    assert "Unknown widget [_7]; is partner_id right" in verdict.text


def test_file_without_a_secret_asks_nobody(service: Collector) -> None:
    """There is nothing to prove oneself with."""
    assert NO_FILE == token_login(service, token=lambda: NO_FILE)() == secret_login(service, NO_FILE)()
    assert [] == called(service)


@pytest.mark.parametrize("where", [WIDGET, TOKEN, START], ids=["widget", "token", "secret"])
@pytest.mark.parametrize(
    ("cause", "fault"),
    [
        (Cause.SERVER, http_error(503)),
        (Cause.THROTTLED, http_error(429)),
        (Cause.THROTTLED, Refuse("ACTION_BLOCKED")),
        (Cause.SERVER, Refuse("INTERNAL_DATABASE_ERROR")),
        (Cause.TIMEOUT, Hang()),
        (Cause.TIMEOUT, Drip(gap_ms=100)),
        (Cause.NETWORK, Reset()),
        (Cause.NETWORK, Half()),
        (Cause.NOT_KALTURA, Page()),
        (Cause.NOT_KALTURA, Page(200, "true", "application/json")),
        (Cause.NOT_KALTURA, Page(200, '{"ks": 7}', "application/json")),
    ],
    ids=["503", "429", "blocked", "database", "hang", "drip", "reset", "half", "portal", "true", "number"],
)
def test_trouble_at_either_call_passes_and_leaves_nothing_behind(
    service: Collector, where: dict[str, Value], cause: Cause, fault: Fault
) -> None:
    """The next try begins anew and is no repeat: the server's cache keeps an error for 120 s."""
    service.fault(fault, times=1, where=where)
    begin = secret_login if where is START else token_login
    login = begin(service, timeouts=QUICK if cause is Cause.TIMEOUT else PATIENT)
    verdict = login()
    assert isinstance(verdict, Later)
    assert (cause, False, False) == (verdict.cause, verdict.answered, verdict.lost)
    again = begin(service) if cause is Cause.TIMEOUT else login  # so quick a one may run out of time on a busy machine
    assert isinstance(again(), Session)


def test_refused_widget_session_passes(service: Collector) -> None:
    """Another node may not know it yet; no setting of ours can be wrong about it."""
    service.fault(Refuse("INVALID_KS", (("KSID", "EXPIRED"),)), times=1, where=TOKEN)
    login = token_login(service)
    assert Later(Cause.SESSION, "no session: INVALID_KS: EXPIRED", answered=False) == login()
    assert isinstance(login(), Session)


def test_server_without_the_service_holds(service: Collector) -> None:
    """Not every account may use app tokens."""
    service.fault(Refuse("SERVICE_FORBIDDEN"), where=TOKEN)
    verdict = token_login(service)()
    assert isinstance(verdict, Held)
    assert Cause.CONFIGURATION is verdict.cause


def test_no_failure_shows_a_secret(service: Collector) -> None:
    """An error's words, a redirect's target, a page: whatever comes back may repeat what was sent."""
    token = app_token("sha256").token
    echo = f'{{"code": "X", "message": "{token} {SECRET}", "objectType": "KalturaAPIException", "args": []}}'
    service.fault(Page(200, echo, "application/json"), times=1)
    service.fault(Page(302, "", headers=(("Location", f"http://h/{token}/{SECRET}"),)), times=1)
    for login in (token_login(service), token_login(service), secret_login(service)):
        verdict = login()
        assert token not in repr(verdict)
    service.fault(Page(200, echo, "application/json"), times=1)
    assert SECRET not in repr(secret_login(service)())


def test_session_is_never_ended(service: Collector) -> None:
    """session.end with a token's session kills every session of that token for 24 h, new ones included."""
    token_login(service)()
    secret_login(service)()
    assert ["startWidgetSession", "startSession", "start"] == called(service)
