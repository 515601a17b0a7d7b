"""Passwords and tokens: read from their files, renewed in time, shown to nobody."""

import time
from collections.abc import Iterator

import pytest

from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.http.client import Wire
from agent.sinks.xapi.authority import Basic, ClientCredentials, Nobody
from tests.support.lrs import Lrs
from tests.support.wires import PATIENT

SECRET = "s3cret:/&"


@pytest.fixture
def lrs() -> Iterator[Lrs]:
    with Lrs() as running:
        yield running


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def client(lrs: Lrs, clock: Clock | None = None, scope: str | None = None) -> ClientCredentials:
    wire = Wire(user_agent="test", monotonic=time.monotonic, timeouts=PATIENT, proxy="")
    url = lrs.token_url
    return ClientCredentials(wire, url, "kiosk one", lambda: SECRET, scope=scope, monotonic=clock or Clock())


def test_nobody_sends_nothing() -> None:
    """An LRS in a closed network."""
    assert Nobody().header() is None
    assert not Nobody().refused()


def test_password_goes_as_the_standard_says() -> None:
    """RFC 7617's example."""
    assert "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" == Basic("Aladdin", lambda: "open sesame").header()
    held = Held(Cause.SESSION, "no file", answered=False)
    assert held is Basic("Aladdin", lambda: held).header()


def test_token_is_asked_for_once_and_again_before_its_end(lrs: Lrs) -> None:
    """An hour's token serves an hour's batches."""
    lrs.issue = [{"access_token": "one", "expires_in": 3600}, {"access_token": "two", "expires_in": "3600"}]
    clock = Clock()
    authority = client(lrs, clock, scope="all write")
    assert ["Bearer one", "Bearer one"] == [authority.header(), authority.header()]
    assert b"grant_type=client_credentials&scope=all+write" == lrs.asked[0].body
    assert "s3cret" not in str(lrs.asked[0])
    clock.now += 3575.0
    assert "Bearer two" == authority.header()


def test_refused_token_is_renewed_once(lrs: Lrs) -> None:
    """One that was revoked; a fresh one that is refused means that the client may not write at all."""
    lrs.issue = [{"access_token": name} for name in ("one", "two", "three")]
    authority = client(lrs)
    authority.header()
    authority.accepted()
    assert authority.refused()
    assert "Bearer two" == authority.header()
    assert not authority.refused()


@pytest.mark.parametrize(
    "given", [{"access_token": "a b"}, {"access_token": 7}, {"token": "x"}, {"access_token": ""}, {"access_token": "ä"}]
)
def test_answer_without_a_usable_token_waits_for_somebody(lrs: Lrs, given: dict[str, object]) -> None:
    """A line break in a token would be a header of its own."""
    lrs.issue = [given]
    found = client(lrs).header()
    assert isinstance(found, Held)
    assert "xapi.token_url" in found.text


def test_refused_client_waits_for_somebody(lrs: Lrs) -> None:
    """A wrong secret."""
    found = client(lrs).header()
    assert isinstance(found, Held)
    assert (Cause.SESSION, True) == (found.cause, SECRET not in found.text)


def test_server_of_tokens_that_is_away_is_tried_again() -> None:
    """It comes back."""
    with Lrs() as gone:
        authority = client(gone)
    assert isinstance(authority.header(), Later)


@pytest.mark.parametrize("expires", [None, "soon", -5, float("inf"), True])
def test_lifetime_that_makes_no_sense_is_a_short_one(lrs: Lrs, expires: object) -> None:
    """Asking anew is cheap; a token used for ever is refused."""
    lrs.issue = [{"access_token": "one", "expires_in": expires}, {"access_token": "two"}]
    clock = Clock()
    authority = client(lrs, clock)
    authority.header()
    clock.now += 280.0
    assert "Bearer two" == authority.header()
