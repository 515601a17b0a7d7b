"""The `[metrics]` table: figures for Prometheus, as a file or on a port; both off where they are not set.

Contract and rules: as agent.config.model. `split` answers host and port of what `Listen` took; `is_loopback` whether
only this machine reaches it.
Reasons: systemd/health.md. The figures hold no viewer and no secret; still they are this machine's own affair, so a
listener for the network must be asked for in so many words.
"""

import ipaddress
from dataclasses import dataclass
from typing import Any

import attrs

from agent.config.kinds import CONTROL, Flag, MisfitError, Number, quoted
from agent.config.setting import Effect, setting

_LONGEST_PATH = 300
_LONGEST_ADDRESS = 60


@dataclass(frozen=True, slots=True)
class Textfile:
    """A file that node_exporter's textfile collector reads."""

    @property
    def allowed(self) -> str:
        return "an absolute path that ends in .prom"

    def read(self, value: object) -> str:
        if (
            not isinstance(value, str)
            or len(value) > _LONGEST_PATH
            or CONTROL.search(value)
            or not value.startswith("/")
            or not value.endswith(".prom")
            or value.endswith("/.prom")
        ):
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^/.*[^/]\.prom$", "maxLength": _LONGEST_PATH}


@dataclass(frozen=True, slots=True)
class Listen:
    """An address of this machine and a port."""

    @property
    def allowed(self) -> str:
        return "an address and a port, as 127.0.0.1:9479 or [::1]:9479"

    def read(self, value: object) -> str:
        if not isinstance(value, str) or len(value) > _LONGEST_ADDRESS or split(value) is None:
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        return value

    def schema(self) -> dict[str, Any]:
        return {
            "type": "string",
            "pattern": r"^([0-9.]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$",
            "maxLength": _LONGEST_ADDRESS,
        }


def split(text: str) -> tuple[str, int] | None:
    """Host and port of an address as `Listen` takes it; None where it is none."""
    host, colon, port = text.rpartition(":")
    is_sixth = host.startswith("[") and host.endswith("]")
    try:
        found = ipaddress.ip_address(host[1:-1] if is_sixth else host)
    except ValueError:
        return None
    if not colon or not (port.isascii() and port.isdigit()) or not 1 <= int(port) <= 65_535:
        return None
    return (str(found), int(port)) if (found.version == 6) is is_sixth else None


def is_loopback(text: str) -> bool:
    """Whether only this machine reaches the address; text that is none is nobody's."""
    found = split(text)
    return found is None or ipaddress.ip_address(found[0]).is_loopback


@attrs.frozen(kw_only=True)
class Metrics:
    """Figures for Prometheus: as a file for node_exporter, or on a port; both off where they are not set."""

    textfile: str | None = setting(
        Textfile(),
        "The file that is written for node_exporter's textfile collector, whole each time; the agent's user must be "
        "allowed to write in its folder.",
        effect=Effect.AGENT,
        unset="none is written",
        example="/var/lib/prometheus/node-exporter/kiosk-agent.prom",
    )
    every_s: float = setting(
        Number(5, 3600), "How often the file is written.", default=30.0, unit="s", effect=Effect.AGENT
    )
    listen: str | None = setting(
        Listen(),
        "Where Prometheus may fetch them (http, path /metrics).",
        effect=Effect.AGENT,
        unset="nowhere",
        example="127.0.0.1:9479",
    )
    beyond_loopback: bool = setting(
        Flag(),
        "Whether metrics.listen may be an address that other machines reach. Anybody there can read the figures.",
        default=False,
        effect=Effect.AGENT,
    )
