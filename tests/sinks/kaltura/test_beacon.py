"""A message as an address."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.sinks.base import Message
from agent.sinks.kaltura import clean
from agent.sinks.kaltura.beacon import REFERRER_BYTES, beacon_url

PLAY = Message("g-7-0", "PLAY", {"partnerId": "102", "eventType": "3", "referrer": "kiosk://a b"}, 1.0)
REQUEST_LINE_BYTES = 8190
"""What Apache takes by default; nginx takes 8 KiB."""


def query(url: str) -> dict[str, str]:
    """The parameters of an address."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True, errors="strict"))


@pytest.mark.parametrize("service_url", ["https://www.kaltura.com", " https://www.kaltura.com/api_v3/ "])
def test_a_beacon_has_the_call_first_and_the_event_with_colons(service_url: str) -> None:
    """The only public consumer of access logs looks for exactly these keys."""
    expected = (
        "https://www.kaltura.com/api_v3/index.php?service=stats&action=collect&format=1&clientTag=kiosk"
        "&event:objectType=KalturaStatsEvent&event:partnerId=102&event:eventType=3"
        "&event:referrer=kiosk%3A%2F%2Fa%20b&eventId=g-7-0"
    )
    assert expected == beacon_url(service_url, PLAY, attempt=0, client_tag="kiosk")
    assert f"{expected}&attempt=2" == beacon_url(service_url, PLAY, attempt=2, client_tag="kiosk")


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=1024))
def test_any_referrer_arrives_whole_letters_only(value: str) -> None:
    """It is cut where the address would not fit, never within a letter, and nothing of it ends its parameter."""
    fields = {"eventType": "3", "referrer": value}
    found = query(beacon_url("http://a", Message("t", "PLAY", fields, 1.0), attempt=0, client_tag="k"))
    assert value.startswith(found["event:referrer"])
    assert len(value) > REFERRER_BYTES // 12 or value == found["event:referrer"]


def test_the_longest_beacon_fits_into_a_request_line() -> None:
    """A web server answers a longer one with 414, for ever."""
    lengths = {
        "sessionId": clean.SESSION_ID_LENGTH,
        "clientVer": clean.CLIENT_VERSION_LENGTH,
        "referrer": clean.REFERRER_LENGTH,
        "userId": clean.USER_ID_LENGTH,
        "uniqueViewer": clean.UNIQUE_VIEWER_LENGTH,
        "widgetId": clean.WIDGET_ID_LENGTH,
        "contextId": clean.CONTEXT_ID_LENGTH,
    }
    numbers = dict.fromkeys(("partnerId", "eventTimestamp", "uiconfId", "currentPoint", "newPoint"), "9" * 13)
    texts = {name: "🎬" * length for name, length in lengths.items()}
    message = Message(f"{'g' * 36}-{'9' * 19}-0", "SEEK", {**numbers, **texts}, 1.0)
    url = beacon_url("https://" + "h" * 253, message, attempt=10**6, client_tag="🎬" * clean.CLIENT_VERSION_LENGTH)
    assert len(f"GET {url} HTTP/1.1") <= REQUEST_LINE_BYTES
