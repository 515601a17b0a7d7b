"""Who may ask the listener for browsers."""

from http import HTTPStatus
from pathlib import Path

import pytest

from agent.config.secrets import SecretError
from agent.intake.web_access import PREFLIGHT_AGE_S, Access, Pass, read_token
from agent.intake.web_http import Head, Response

TOKEN = "correct-horse-battery-staple"
PAGE = "https://kiosk.example.com"
ACCESS = Access(8337, [PAGE, "http://localhost:8080"], TOKEN)
GOOD = {"host": "127.0.0.1:8337", "origin": PAGE, "authorization": f"Bearer {TOKEN}"}
READABLE = ("Access-Control-Allow-Origin", PAGE)


def ask(method: str = "POST", path: str = "/v1/events", **changed: str | None) -> Pass | Response:
    """What is made of a request that is right but for what is `changed`; None takes a header away."""
    headers = {**GOOD, **{name.replace("_", "-"): value for name, value in changed.items()}}
    return ACCESS.judge(Head(method, path, {name: value for name, value in headers.items() if value is not None}, 0))


def refused(found: Pass | Response) -> HTTPStatus:
    assert isinstance(found, Response)
    return found.status


def may_read(found: Pass | Response) -> bool:
    """Whether any page at all could read the answer."""
    return "Access-Control-Allow-Origin" in dict(found.headers)


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/events"), ("GET", "/v1/health")])
def test_configured_page_with_the_token_is_heard(method: str, path: str) -> None:
    """The usual case; its answers may be read by that page, and by that page only."""
    found = ask(method, path)
    assert isinstance(found, Pass)
    assert (path, PAGE, True) == (found.path, found.who, READABLE in found.headers)


def test_program_that_is_no_browser_needs_the_token_and_nothing_else() -> None:
    """curl on the kiosk sends no origin."""
    found = ask(origin=None)
    assert isinstance(found, Pass)
    assert ("a local program", ()) == (found.who, found.headers)
    assert HTTPStatus.UNAUTHORIZED == refused(ask(origin=None, authorization=None))


@pytest.mark.parametrize("host", ["localhost:8337", "LocalHost:8337", "127.0.0.1:8337"])
def test_listeners_own_names_are_taken(host: str) -> None:
    """A page may say either."""
    assert isinstance(ask(host=host), Pass)


@pytest.mark.parametrize(
    "host",
    [None, "", "evil.example", "evil.example:8337", "127.0.0.1", "127.0.0.1:80", "localhost", "localhost:8337, a"],
)
def test_another_name_is_refused_even_with_the_token(host: str | None) -> None:
    """DNS rebinding: a page's own name, pointed at 127.0.0.1, makes the page and the listener one origin."""
    found = ask(host=host)
    assert HTTPStatus.FORBIDDEN == refused(found)
    assert not may_read(found)


@pytest.mark.parametrize(
    "origin",
    [
        *("https://evil.example", "null", "*", "", "http://kiosk.example.com", "https://kiosk.example.com:8443"),
        *("https://kiosk.example.com.evil.example", "https://KIOSK.example.com", f"{PAGE}, {PAGE}", f"{PAGE}/"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_another_page_is_refused_and_reads_nothing(origin: str, method: str) -> None:
    """Whatever a visitor gets the browser to open must not speak for the kiosk, even where it knows the token."""
    found = ask(method, origin=origin, access_control_request_method="POST")
    assert HTTPStatus.FORBIDDEN == refused(found)
    assert not may_read(found)


@pytest.mark.parametrize(
    "authorization",
    [
        *(None, "", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", TOKEN, f"Basic {TOKEN}"),
        *(f"bearer  {TOKEN}", f"Bearer {TOKEN}, Bearer {TOKEN}", "Bearer \xe4\xff"),
    ],
)
def test_wrong_token_is_refused_and_the_page_may_read_why(authorization: str | None) -> None:
    """Without the CORS header the developer would see a network error and nothing else."""
    found = ask(authorization=authorization)
    assert HTTPStatus.UNAUTHORIZED == refused(found)
    assert isinstance(found, Response)
    assert READABLE in found.headers
    assert ("WWW-Authenticate", "Bearer") in found.headers
    assert TOKEN not in repr(found)


def test_preflight_is_answered_without_a_token_and_allows_no_more_than_is_taken() -> None:
    """A browser asks first and brings no token; credentials are never allowed."""
    found = ask("OPTIONS", authorization=None, access_control_request_method="POST")
    assert isinstance(found, Response)
    assert HTTPStatus.NO_CONTENT == found.status
    headers = dict(found.headers)
    assert (PAGE, "POST", "Authorization, Content-Type", str(PREFLIGHT_AGE_S)) == (
        headers["Access-Control-Allow-Origin"],
        headers["Access-Control-Allow-Methods"],
        headers["Access-Control-Allow-Headers"],
        headers["Access-Control-Max-Age"],
    )
    assert "Access-Control-Allow-Credentials" not in headers
    assert "Access-Control-Allow-Private-Network" not in headers


def test_browser_that_asks_for_the_private_network_is_told_yes() -> None:
    """Chromium before Local Network Access."""
    found = ask("OPTIONS", access_control_request_private_network="true")
    assert ("Access-Control-Allow-Private-Network", "true") in found.headers


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v1/events", HTTPStatus.METHOD_NOT_ALLOWED),
        ("PUT", "/v1/events", HTTPStatus.METHOD_NOT_ALLOWED),
        ("POST", "/v1/health", HTTPStatus.METHOD_NOT_ALLOWED),
        ("POST", "/", HTTPStatus.NOT_FOUND),
        ("POST", "/v1/events?token=x", HTTPStatus.NOT_FOUND),
        ("POST", "/v1/events/", HTTPStatus.NOT_FOUND),
    ],
)
def test_nothing_else_is_there(method: str, path: str, expected: HTTPStatus) -> None:
    """A typing error is answered with what there is."""
    found = ask(method, path)
    assert expected == refused(found)
    assert READABLE in found.headers


def test_token_is_read_from_its_file(tmp_path: Path) -> None:
    """As a person writes it, with a line end."""
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    assert TOKEN == read_token(tmp_path / "token")


@pytest.mark.parametrize("content", ["short", "with a blank in its middle", "späť" * 8, "two\nlines-of-enough-length"])
def test_token_that_cannot_work_is_refused_without_being_shown(tmp_path: Path, content: str) -> None:
    """A short one could be guessed, since guessing is not slowed down; the others would never match."""
    (tmp_path / "token").write_text(content)
    with pytest.raises(SecretError) as refusal:
        read_token(tmp_path / "token")
    assert content not in str(refusal.value)
