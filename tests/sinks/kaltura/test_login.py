"""What is said to start a session, and what the answers mean."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.kaltura import login
from agent.sinks.kaltura.api import Complaint, Result
from agent.sinks.kaltura.login import Digest, Session, Wanted

BASE = "djJ8MTAyfFdJREdFVA"
TOKEN = "b0f698cd102f347210d41c9009de1999"
PLAIN = Wanted(partner_id=102, lifetime=86_400)
NAMED = Wanted(partner_id=102, lifetime=3600, user_id="kiosk-001", app_id="lobby", privileges="sview:*,foo:bar")
NOW = 1_795_000_000.0
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["ks", "expiry", "privileges"]), inner),
)


def test_token_is_proven_by_the_documented_hash() -> None:
    """Lower-case hex of the hash over session and token, nothing between; each of the four that a token can have."""
    expected = [hashlib.new(name, (BASE + TOKEN).encode()).hexdigest() for name in ("md5", "sha1", "sha256", "sha512")]
    assert expected == [login.token_hash(digest, base=BASE, token=TOKEN) for digest in Digest]


def test_what_is_not_set_is_not_asked_for() -> None:
    """An empty userId is a user without a name, not the token's own."""
    assert {"widgetId": "_102"} == login.widget_parameters(PLAIN)
    assert {"id": "0_x", "tokenHash": "ff", "type": "0", "expiry": "86400"} == login.token_parameters(
        PLAIN, token_id="0_x", proof="ff"
    )
    assert {"secret": "s", "type": "0", "partnerId": "102", "expiry": "86400"} == login.secret_parameters(
        PLAIN, secret="s"
    )


def test_user_application_and_privileges_are_asked_for() -> None:
    """The guide's section 1: appId files what is sent under an application's name."""
    asked = login.token_parameters(NAMED, token_id="0_x", proof="ff")
    assert ("kiosk-001", "appId:lobby,sview:*,foo:bar") == (asked["userId"], asked["sessionPrivileges"])
    asked = login.secret_parameters(NAMED, secret="s")
    assert ("kiosk-001", "appId:lobby,sview:*,foo:bar") == (asked["userId"], asked["privileges"])


def token_answer(**answer: object) -> Session | None:
    return login.read_token_session(Result({"ks": "KS", "expiry": int(NOW) + 3000} | answer, NOW), NAMED)


@pytest.mark.parametrize(
    ("life", "expiry", "server_time"),
    [
        (3000.0, int(NOW) + 3000, NOW),
        (3000.0, str(int(NOW) + 3000), NOW),
        (120.0, int(NOW) + 120, NOW),
        (3600.0, int(NOW) + 90_000, NOW),
        (3600.0, int(NOW) - 500, NOW),
        (3600.0, int(NOW) + 3000, None),
        (3600.0, None, NOW),
        (3600.0, "soon", NOW),
        (3600.0, 10**400, NOW),
        (3600.0, float("nan"), NOW),
    ],
    ids=["shorter", "as text", "short", "Date late", "Date early", "no Date", "no expiry", "words", "huge", "nan"],
)
def test_life_is_reckoned_by_the_servers_clock(life: float, expiry: object, server_time: float | None) -> None:
    """The expiry is an epoch of the server's. Where the two contradict each other, a refusal will tell."""
    answer = {"ks": "KS", "expiry": expiry}
    session = login.read_token_session(Result(answer, server_time), NAMED)
    assert Session("KS", life, None if server_time is None else NOW + life) == session


def test_privileges_of_a_token_are_told() -> None:
    """The server drops what the token does not allow, without a word; doctor wants to say so."""
    session = token_answer(privileges="setrole:X,appId:lobby")
    assert session is not None
    assert "setrole:X,appId:lobby" == session.privileges


def test_secret_gives_a_session_that_lives_as_asked() -> None:
    """session.start answers a bare text."""
    assert Session("KS", 3600.0, NOW + 3600.0) == login.read_secret_session(Result("KS", NOW), NAMED)


@pytest.mark.parametrize("text", ["", "x" * 9000, "a\nb", "ключ", "\ud800"])
def test_text_that_cannot_be_sent_back_is_no_session(text: str) -> None:
    """A portal's JSON may have a field of the same name; with a lone surrogate in it, sending would crash."""
    assert login.read_widget({"ks": text}) is None
    assert login.read_secret_session(Result(text, NOW), PLAIN) is None
    assert token_answer(ks=text) is None


@given(JSON)
def test_no_answer_raises(value: object) -> None:
    """Anything may answer on a port."""
    login.read_widget(value)
    login.read_token_session(Result(value, NOW), PLAIN)
    login.read_secret_session(Result(value, NOW), PLAIN)


def test_session_is_in_no_representation() -> None:
    """A crash report shows the representations of values."""
    assert "KS" not in repr(Session("KS", 1.0, None))


def complaint(code: str) -> Complaint:
    return Complaint(code, f"{code}: in words", "")


@pytest.mark.parametrize(
    ("expected", "code", "remedy"),
    [
        ((Held, Cause.SESSION), "APP_TOKEN_ID_NOT_FOUND", "it was deleted, or app_token_id"),
        ((Held, Cause.SESSION), "APP_TOKEN_NOT_ACTIVE", "activate it"),
        ((Held, Cause.SESSION), "APP_TOKEN_EXPIRED", "make another"),
        ((Held, Cause.SESSION), "INVALID_APP_TOKEN_HASH", "app_token_file holds another token"),
        ((Held, Cause.SESSION), "START_SESSION_ERROR", "secret_file holds another secret"),
        ((Held, Cause.SESSION), "INVALID_WIDGET_ID", "is partner_id right"),
        ((Held, Cause.SESSION), "APP_TOKEN_SOMETHING_NEW", "in words"),
        ((Held, Cause.CONFIGURATION), "SERVICE_FORBIDDEN", "check [kaltura.session]"),
        ((Held, Cause.CONFIGURATION), "MISSING_MANDATORY_PARAMETER", "check [kaltura.session]"),
        ((Held, Cause.CONFIGURATION), "PROPERTY_VALIDATION_MAX_LENGTH", "check [kaltura.session]"),
        ((Later, Cause.SESSION), "INVALID_KS", "in words"),
        ((Later, Cause.THROTTLED), "ACTION_BLOCKED", "in words"),
        ((Later, Cause.SERVER), "INTERNAL_DATABASE_ERROR", "in words"),
        ((Later, Cause.SERVER), "NOBODY_KNOWS", "in words"),
    ],
)
def test_error_says_who_must_act(expected: tuple[type, Cause], code: str, remedy: str) -> None:
    """A deleted token waits for a person, a database for itself; the person is told what to look at."""
    verdict = login.failure(complaint(code))
    assert (*expected, False) == (type(verdict), verdict.cause, verdict.answered)
    assert verdict.text.startswith("no session: ")
    assert remedy in verdict.text


def test_failed_login_says_nothing_of_the_event_that_waits() -> None:
    """Nothing of it was sent: it must not be counted as a resend, nor given up as hopeless."""
    lost = Later(Cause.TIMEOUT, "no answer", answered=True, retry_after=7.0, lost=True)
    assert Later(Cause.TIMEOUT, "no session: no answer", answered=False, retry_after=7.0) == login.failure(lost)
    held = Held(Cause.CONFIGURATION, "HTTP 404", answered=True)
    assert Held(Cause.CONFIGURATION, "no session: HTTP 404", answered=False) == login.failure(held)
