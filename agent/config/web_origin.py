"""The kind of setting that names a page's origin, as a browser writes it in `Origin`.

Contract: as agent.config.kinds. `web_origin` is the rule by itself.
Rules: a listener compares origins letter by letter, so only the browser's own spelling is taken: scheme, host and port
in lower case, the scheme's own port left out, nothing behind it. Anything else is a misfit that suggests that spelling.
No patterns, and not `null`: that is what every sandboxed frame and every page from a file says of itself.
Reasons: the WHATWG's URL standard (serialization of origins, "ends in a number" for hosts).
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from agent.config.kinds import MisfitError, quoted

# Scheme, a DNS name of 253 characters and a port, with room.
LONGEST = 300
_OWN_PORTS = {"http": 80, "https": 443}
_LABEL = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")


@dataclass(frozen=True, slots=True)
class WebOrigin:
    """The origin of a page: its scheme, host and port."""

    @property
    def allowed(self) -> str:
        return "an origin, as https://kiosk.example.com or http://localhost:8080"

    def read(self, value: object) -> str:
        meant = web_origin(value) if isinstance(value, str) and len(value) <= LONGEST else None
        if meant != value or meant is None:
            suggestion = quoted(meant) if meant is not None else None
            # An address that holds a user's password is not quoted.
            shown = "an address (not shown)" if isinstance(value, str) and "@" in value else quoted(value)
            raise MisfitError(f"found {shown}", self.allowed, suggestion=suggestion)
        return meant

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^https?://[a-z0-9_.\[\]:-]+$", "maxLength": LONGEST}


def web_origin(address: str) -> str | None:
    """The origin of a page at `address`, as browsers spell it; None where it has none that could be allowed."""
    try:
        url = urlsplit(address.strip())
        host, port = url.hostname, url.port
    except ValueError:
        return None
    spelt = _host(host) if host and url.scheme in _OWN_PORTS else None
    if spelt is None or port == 0:
        return None
    beside = "" if port is None or port == _OWN_PORTS[url.scheme] else f":{port}"
    return f"{url.scheme}://{spelt}{beside}"


def _host(name: str) -> str | None:
    """A name or an address of the Internet as browsers spell it; None where it is neither."""
    try:
        found = ipaddress.ip_address(name)
    except ValueError:
        # A browser takes a name whose last part is a number for an address, and reads 010 and 0x10 in ways of its own.
        last = name.rpartition(".")[2]
        is_name = len(name) <= 253 and _NAME.fullmatch(name) and not re.fullmatch("[0-9]+|0x[0-9a-f]*", last)
        return name if is_name else None
    if found.version == 6:
        return None if "%" in name else f"[{found.compressed}]"
    return str(found)
