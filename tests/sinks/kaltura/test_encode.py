"""What is on the wire, byte for byte."""

from urllib.parse import parse_qsl, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.sinks.base import Message
from agent.sinks.kaltura.encode import collect_url, form, host_url

PLAY = Message("g-7-0", "PLAY", {"partnerId": "102", "entryId": "0_a", "eventType": "3"}, 1.0)


@pytest.mark.parametrize(
    "service_url",
    [
        "https://www.kaltura.com",
        "https://www.kaltura.com/",
        "https://www.kaltura.com/api_v3",
        "https://www.kaltura.com/api_v3/",
        " https://www.kaltura.com/api_v3/ ",
    ],
)
def test_any_spelling_of_the_service_url_leads_to_collect(service_url: str) -> None:
    """People copy the address with and without /api_v3 (decision 24)."""
    assert collect_url(service_url) == "https://www.kaltura.com/api_v3/service/stats/action/collect"


def test_a_first_try_is_the_guides_form_with_the_identity() -> None:
    """The guide's bracket form in a fixed order: the server's cache key depends on both."""
    expected = (
        b"format=1&clientTag=kiosk&event[objectType]=KalturaStatsEvent&event[partnerId]=102&event[entryId]=0_a"
        b"&event[eventType]=3&eventId=g-7-0"
    )
    assert expected == form(PLAY, attempt=0, ks=None, client_tag="kiosk")


def test_a_resend_without_an_answer_is_identical() -> None:
    """Only an identical request is recognised by the server, so that a lost answer does not count twice."""
    again = Message(PLAY.token, PLAY.name, dict(PLAY.fields), PLAY.time)
    assert form(PLAY, attempt=0, ks=None, client_tag="k") == form(again, attempt=0, ks=None, client_tag="k")


def test_an_answered_error_varies_the_request() -> None:
    """Errors are cached for 120 s: the same request would get the old error from a recovered server."""
    first = form(PLAY, attempt=0, ks=None, client_tag="k")
    assert first + b"&attempt=1" == form(PLAY, attempt=1, ks=None, client_tag="k")


def test_a_session_travels_outside_the_event() -> None:
    """The KS is a parameter of the call, and an empty one is left out."""
    assert ("ks", "abc") in parse_qsl(form(PLAY, attempt=0, ks="abc", client_tag="k").decode())
    assert b"ks=" not in form(PLAY, attempt=0, ks="", client_tag="k")


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_text_arrives_as_it_was(value: str) -> None:
    """Nothing in a value may end its parameter or begin another."""
    message = Message("t", "PLAY", {"referrer": value}, 1.0)
    pairs = parse_qsl(form(message, attempt=0, ks=None, client_tag="k").decode(), keep_blank_values=True)
    assert [("event[referrer]", value)] == [pair for pair in pairs if pair[0] == "event[referrer]"]
    assert len(pairs) == 5


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8")))
def test_any_text_is_quoted_as_it_always_was(value: str) -> None:
    """The quick way for plain values and the memory for the others change no byte."""
    message = Message("t", "PLAY", {"referrer": value}, 1.0)
    for _ in range(2):
        body = form(message, attempt=0, ks=None, client_tag="k").decode()
        assert f"&event[referrer]={quote_plus(value)}&eventId=t" in body


@pytest.mark.parametrize(
    "service_url", ["https://www.kaltura.com", "https://www.kaltura.com/api_v3", " https://www.kaltura.com/a/api_v3/ "]
)
def test_the_front_page_of_the_host_is_asked_for_the_time(service_url: str) -> None:
    """It counts nothing, and every web server dates it."""
    assert "https://www.kaltura.com/" == host_url(service_url)
