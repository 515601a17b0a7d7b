"""How the broker is reached, and as whom.

Contract: `BrokerSettings` is a value; two that are equal need no new connection. `broker_settings` makes it of the
machine's settings. Pure; the files are read at each connection, so that whoever renews them need not restart the agent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from agent.config.broker import PORTS
from agent.config.remote import Protocol, Remote

_DAY_S = 86_400
_WEBSOCKET_PATH = "/mqtt"


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """`url`: as `remote.url` accepts it. `user` None: without a login. `session_expiry_s`: MQTT 5's."""

    url: str
    client_id: str
    user: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    protocol: Protocol = Protocol.AUTO
    keepalive_s: int = 60
    session_expiry_s: int = 7 * _DAY_S

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        url = urlsplit(self.url)
        return url.port or PORTS[url.scheme]

    @property
    def is_encrypted(self) -> bool:
        return urlsplit(self.url).scheme in ("mqtts", "wss")

    @property
    def websocket_path(self) -> str | None:
        """Where websockets are spoken; None where they are not."""
        url = urlsplit(self.url)
        return (url.path or _WEBSOCKET_PATH) if url.scheme in ("ws", "wss") else None

    @property
    def place(self) -> str:
        """The broker, for people."""
        return f"{self.host}:{self.port}"


def broker_settings(remote: Remote, *, device_id: str, locate: Callable[[str], Path]) -> BrokerSettings | None:
    """None without a broker. `locate`: the path of the file that a setting names."""
    if remote.url is None:
        return None
    files = (remote.password_file, remote.ca_file, remote.certificate_file, remote.key_file)
    password, authority, certificate, key = (None if name is None else locate(name) for name in files)
    return BrokerSettings(
        url=remote.url,
        client_id=device_id,
        user=remote.user or device_id,
        password_file=password,
        ca_file=authority,
        certificate_file=certificate,
        key_file=key,
        protocol=remote.protocol,
        keepalive_s=remote.keepalive_s,
        session_expiry_s=round(remote.session_expiry_days * _DAY_S),
    )
