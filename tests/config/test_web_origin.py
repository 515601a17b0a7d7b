"""Origins: only a browser's own spelling is ever equal to what a browser sends."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.kinds import MisfitError
from agent.config.web_origin import WebOrigin, web_origin

KIND = WebOrigin()


@pytest.mark.parametrize(
    "origin",
    [
        "https://kiosk.example.com",
        "http://localhost:8080",
        "http://127.0.0.1:3000",
        "https://192.168.1.20",
        "https://[fd00::2]:8443",
        "http://kiosk_7",
        "https://xn--mnchen-3ya.example",
    ],
)
def test_browsers_spelling_is_taken_as_it_is(origin: str) -> None:
    """These are what a browser's `Origin` header says of such pages."""
    assert origin == KIND.read(origin)
    assert re.search(str(KIND.schema()["pattern"]), origin)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://kiosk.example.com/", "https://kiosk.example.com"),
        ("https://kiosk.example.com/app/index.html?x#y", "https://kiosk.example.com"),
        ("https://Kiosk.Example.com", "https://kiosk.example.com"),
        ("HTTPS://kiosk.example.com", "https://kiosk.example.com"),
        ("https://kiosk.example.com:443", "https://kiosk.example.com"),
        ("http://kiosk:80", "http://kiosk"),
        ("http://kiosk:0080/", "http://kiosk"),
        (" https://kiosk.example.com", "https://kiosk.example.com"),
        ("https://[FD00:0::2]", "https://[fd00::2]"),
    ],
)
def test_another_spelling_is_refused_with_the_right_one(written: str, meant: str) -> None:
    """Taken silently it would never match, and the page would be refused without anybody knowing why."""
    with pytest.raises(MisfitError) as misfit:
        KIND.read(written)
    assert f'"{meant}"' == misfit.value.suggestion
    assert meant == KIND.read(meant)


@pytest.mark.parametrize(
    "value",
    [
        *("", "null", "*", "https://*", "https://*.example.com", "[*.]example.com", "kiosk.example.com", "https://"),
        *("file:///opt/kiosk/index.html", "ftp://kiosk", "javascript://kiosk", "chrome-extension://abcdef"),
        *("https://kiosk:0", "https://kiosk:70000", "https://kiosk:x", "https://[fd00::2", "https://[fe80::1%25eth0]"),
        *("https://010.0.0.1", "https://1.2.3", "https://0x7f.1", "https://0x7f", "https://-kiosk", "https://ki osk"),
        *("https://kiosk..example", "https://kiosk.example.", "https://münchen.example", "https://" + "a" * 400),
        *(7, None, True, ["https://kiosk"]),
    ],
)
def test_what_is_no_origin_is_refused(value: object) -> None:
    """A pattern that looks as if it allowed a page and allows none, or worse, allows more than was meant."""
    with pytest.raises(MisfitError):
        KIND.read(value)


def test_password_in_an_address_is_not_shown() -> None:
    """What `config check` prints ends in tickets and chats."""
    with pytest.raises(MisfitError) as misfit:
        KIND.read("https://user:hunter2@kiosk.example.com")
    assert "hunter2" not in f"{misfit.value.what} {misfit.value.suggestion}"
    assert '"https://kiosk.example.com"' == misfit.value.suggestion


@given(st.text(max_size=40).map(lambda rest: f"https://{rest}") | st.text(max_size=40))
def test_origin_of_an_origin_is_itself(text: str) -> None:
    """Whatever is suggested must be accepted, or the person is sent in circles."""
    meant = web_origin(text)
    if meant is not None:
        assert meant == web_origin(meant)
        assert meant == KIND.read(meant)
        assert re.search(str(KIND.schema()["pattern"]), meant)
