"""How the broker is reached: what a person wrote once, read in one way everywhere."""

from pathlib import Path

import pytest

from agent.config.remote import Protocol, Remote
from agent.remote.settings import BrokerSettings, broker_settings


@pytest.mark.parametrize(
    ("url", "place", "encrypted", "path"),
    [
        ("mqtts://broker.example.com", "broker.example.com:8883", True, None),
        ("mqtt://10.0.0.1:2883", "10.0.0.1:2883", False, None),
        ("wss://broker.example.com/mqtt/v5", "broker.example.com:443", True, "/mqtt/v5"),
        ("ws://broker.example.com", "broker.example.com:80", False, "/mqtt"),
    ],
)
def test_an_address_says_port_encryption_and_path(url: str, place: str, encrypted: bool, path: str | None) -> None:
    """The port is left out by most, and a websocket's path too: both have one meaning."""
    settings = BrokerSettings(url=url, client_id="d")
    assert (place, encrypted, path) == (settings.place, settings.is_encrypted, settings.websocket_path)


def test_the_machines_settings_become_ours() -> None:
    """The id is the client id, and the user unless another is named; days become seconds, names become paths."""
    remote = Remote(url="mqtts://b", password_file="secret", session_expiry_days=0.5, protocol=Protocol.V5)
    settings = broker_settings(remote, device_id="device-001", locate=lambda name: Path("/etc") / name)
    assert settings == BrokerSettings(
        url="mqtts://b",
        client_id="device-001",
        user="device-001",
        password_file=Path("/etc/secret"),
        protocol=Protocol.V5,
        session_expiry_s=43_200,
    )


def test_without_an_address_there_is_no_broker() -> None:
    """No broker configured: everything else works the same."""
    assert broker_settings(Remote(), device_id="d", locate=Path) is None
