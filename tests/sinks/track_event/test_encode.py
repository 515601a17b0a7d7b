"""The form that is posted."""

from base64 import b64decode
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sinks.base import Message
from agent.sinks.track_event import encode
from tests.support.playback import owner

MESSAGE = Message("g-7-0", "PAGE_LOAD", {"eventType": "10003", "partnerId": "102", "pageName": "Ärger & Co, 5 %"}, 1.0)


@pytest.mark.parametrize(
    "url",
    [
        "https://analytics.example.com",
        "https://analytics.example.com/",
        "https://analytics.example.com/api_v3",
        " https://analytics.example.com/api_v3/ ",
    ],
)
def test_the_address_is_the_guides_however_it_is_written(url: str) -> None:
    """The guide names the host alone, people paste more (decision 24)."""
    expected = "https://analytics.example.com/api_v3/index.php?service=analytics&action=trackEvent"
    assert expected == encode.track_url(url)


def test_everything_stands_in_the_body_in_order() -> None:
    """An address is logged by every proxy on the way: neither a session nor a viewer may stand there."""
    body = encode.form(MESSAGE, attempt=2, ks="djJ8", client_tag="kiosk", start=1_795_000_000)
    expected = [
        ("format", "1"),
        ("clientTag", "kiosk"),
        ("ks", "djJ8"),
        ("eventType", "10003"),
        ("partnerId", "102"),
        ("pageName", "Ärger & Co, 5 %"),
        ("sessionStartTime", "1795000000"),
        ("eventId", "g-7-0"),
        ("attempt", "2"),
    ]
    assert expected == parse_qsl(body.decode("ascii"), strict_parsing=True)


def test_what_there_is_not_is_left_out() -> None:
    """An empty ks is an invalid one to the service, and attempt 0 would vary the first request for nothing."""
    body = encode.form(MESSAGE, attempt=0, ks=None, client_tag="k", start=None)
    assert not {"ks", "sessionStartTime", "attempt"} & dict(parse_qsl(body.decode())).keys()


@pytest.mark.parametrize(
    ("expected", "value"), [("0", 0.0), ("0", -0.0), ("0", -0.0001), ("12", 12.0), ("12.25", 12.25), ("0.333", 1 / 3)]
)
def test_numbers_have_no_more_digits_than_they_need(expected: str, value: float) -> None:
    """As the player prints them; -0 would be a position before the beginning."""
    assert expected == encode.number(value)


@given(st.floats(-1e9, 1e9))
def test_any_number_is_read_back_to_the_millisecond(value: float) -> None:
    """No exponent, no locale, no loss."""
    assert abs(float(encode.number(value)) - value) <= 0.00051


@given(st.text())
def test_any_text_becomes_one_bounded_line(value: str) -> None:
    """An application's text goes into somebody's log: no line of it may be forged, no byte of it be invalid."""
    found = encode.text(value)
    assert len(found) <= encode.TEXT_LENGTH
    assert found == encode.text(found)
    assert not any(ord(letter) < 32 for letter in found)
    found.encode("utf-8")


def test_a_referrer_is_encoded_as_the_player_encodes_it() -> None:
    """The plugin's published page of parameters says Base64."""
    assert "kiosk://device-001" == b64decode(encode.referrer("kiosk://device-001")).decode()
    assert "" == encode.referrer("")


def test_what_people_share_is_said_where_it_is_known() -> None:
    """Neither user nor visit is sent by default."""
    assert [] == list(encode.owner_fields(owner()))
    known = replace(owner(), user_id="lobby", context_id="visit-1")
    assert [("playbackContext", "visit-1"), ("userId", "lobby")] == list(encode.owner_fields(known))


@pytest.mark.parametrize(
    ("expected", "entry_id"),
    [((None, "no-entry"), None), (("0_a", None), "0_a"), ((None, "bad-entry-id"), "http://x")],
)
def test_an_entry_is_sent_as_it_is_or_not_at_all(expected: tuple[str | None, str | None], entry_id: str | None) -> None:
    """A cleaned one would be another entry."""
    assert expected == encode.entry(owner(entry_id=entry_id))
