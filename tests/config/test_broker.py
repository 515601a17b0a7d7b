"""The kinds of setting about the broker."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.broker import BrokerUrl, FolderPath, GroupName, HostName, KeyFile, PublicFile, SettingName, TopicBase
from agent.config.kinds import Kind, MisfitError

KINDS: list[Kind] = [
    *(BrokerUrl(), TopicBase(), GroupName(), HostName(), SettingName(), FolderPath(), PublicFile(), KeyFile()),
]


@pytest.mark.parametrize(
    ("expected", "kind", "value"),
    [
        ("mqtts://broker.example.com", BrokerUrl(), "mqtts://Broker.Example.com/"),
        ("mqtt://10.0.0.1:1884", BrokerUrl(), "mqtt://10.0.0.1:1884"),
        ("wss://broker.example.com/mqtt", BrokerUrl(), "wss://broker.example.com/mqtt"),
        ("kiosk", TopicBase(), "kiosk"),
        ("acme/signage-1", TopicBase(), "acme/signage-1"),
        ("lobby-2", GroupName(), "lobby-2"),
        ("cdn.example.com", HostName(), "CDN.example.com"),
        ("*.example.com", HostName(), "*.example.com"),
        ("kaltura.service_url", SettingName(), "kaltura.service_url"),
        ("/srv/media", FolderPath(), "/srv/media/"),
        ("/", FolderPath(), "/"),
        ("ca.pem", PublicFile(), "ca.pem"),
        ("device.key", KeyFile(), "device.key"),
    ],
)
def test_value_is_taken_in_one_spelling(expected: str, kind: Kind, value: str) -> None:
    """What is compared later must not differ by a slash or a capital letter."""
    assert expected == kind.read(value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((BrokerUrl(), each) for each in ("broker", "http://h", "mqtt://", "mqtt://h:0", "mqtt://h/x", "wss://h?x")),
        *((TopicBase(), each) for each in ("", "/kiosk", "kiosk/", "a//b", "a/+", "#", "Kiosk", "$SYS", "x" * 101)),
        *((GroupName(), each) for each in ("", "-a", "a-", "A", "a/b", "+", "x" * 64)),
        *((HostName(), each) for each in ("", "*", "*.", "a/b", "h:80", "http://h", "*.*.com", "-h", "h.")),
        *((SettingName(), each) for each in ("", "Kaltura", "kaltura.", ".kaltura", "player.playlist[0]", "*")),
        *((FolderPath(), each) for each in ("", "media", "/a\0", "/\ud800", "/" * 2000)),
        *((PublicFile(), each) for each in ("", "a\nb", 5)),
    ],
)
def test_anything_else_is_a_misfit(kind: Kind, value: Any) -> None:
    """A wildcard in a topic would hear other devices; a wrong host would let everything through."""
    with pytest.raises(MisfitError):
        kind.read(value)


def test_user_and_password_in_an_address_are_not_shown() -> None:
    """They belong into a file."""
    with pytest.raises(MisfitError) as raised:
        BrokerUrl().read("mqtts://kiosk:hunter2@broker.example.com")
    assert "hunter2" not in f"{raised.value.what}{raised.value.remedy}"
    assert "password_file" in str(raised.value.remedy)


anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())


@given(st.sampled_from(KINDS), anything | st.from_regex(r"(mqtts?|wss?)://[a-z:@/\[\]?#%0-9.]*"))
def test_any_value_is_read_or_is_a_misfit(kind: Kind, value: object) -> None:
    """Documents may name these where the machine's file allows it."""
    try:
        kind.read(value)
    except MisfitError as misfit:
        assert misfit.what


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
def test_kind_describes_itself(kind: Kind) -> None:
    """Example, schema and documentation are made of it."""
    assert kind.allowed
    assert "string" == kind.schema()["type"]
