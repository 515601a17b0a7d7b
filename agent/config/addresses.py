"""The kinds of setting that name a place: a service, a proxy, a medium, a secret's file.

Contract: as agent.config.kinds.
Rules: nothing here touches the network or the disk. A relative path stays relative; `agent.config.resolve` makes it
absolute against the configuration file's folder. A service URL comes out without a slash at its end and with
`/api_v3`, however it was written (decision 24). A value that may be a secret pasted by mistake is never quoted.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from agent.config import suggest
from agent.config.kinds import CONTROL, MisfitError, either, quoted
from agent.config.redact import MASK

URL_LENGTH = 2048
# What VLC opens and a kiosk may want; not `vlc:` (vlc://quit ends the player) and not `fd:` or `window:`.
MEDIA_SCHEMES = (
    *("file", "http", "https", "rtsp", "rtsps", "rtp", "udp", "rtmp", "rtmps", "mms", "mmsh", "srt", "ftp", "sftp"),
    *("smb", "nfs", "dvb", "dvb-t", "dvb-s", "dvb-c", "v4l2", "alsa", "screen", "satip"),
)

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_SECRET_FILE = re.compile(r"[A-Za-z0-9._@/ -]+")
# No file name of ours is longer, and most sessions and tokens are.
_SECRET_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class ServiceUrl:
    """An HTTP address of Kaltura's API."""

    @property
    def allowed(self) -> str:
        return "an http:// or https:// address, as https://www.kaltura.com/api_v3"

    def read(self, value: object) -> str:
        url = _web_address(value, self.allowed)
        if "@" in url.netloc:
            raise MisfitError("an address with a user or password in it", self.allowed, remedy="Leave them out.")
        if url.query or url.fragment:
            raise MisfitError(f"found {quoted(value)}, with something after ? or #", self.allowed)
        path = url.path.rstrip("/")
        path = path if path.endswith("/api_v3") else f"{path}/api_v3"
        return f"{url.scheme.lower()}://{url.netloc.lower()}{path}"

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "uri", "pattern": "^https?://", "maxLength": URL_LENGTH}


@dataclass(frozen=True, slots=True)
class WebUrl:
    """An http(s) address, which comes out without a slash at its end. `placeholder`: what must stand in it."""

    placeholder: str = ""

    @property
    def allowed(self) -> str:
        return "an http:// or https:// address" + (f" with {self.placeholder} in it" if self.placeholder else "")

    def read(self, value: object) -> str:
        url = _web_address(value, self.allowed)
        if "@" in url.netloc:
            raise MisfitError("an address with a user or password in it", self.allowed, remedy="Leave them out.")
        if url.fragment or (url.query and not self.placeholder) or str(value).count(self.placeholder or "://") != 1:
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        return str(value).rstrip("/")

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "uri-template", "pattern": "^https?://", "maxLength": URL_LENGTH}


@dataclass(frozen=True, slots=True)
class Proxy:
    """`environment`, `none`, or the address of an HTTP proxy."""

    @property
    def allowed(self) -> str:
        return '"environment", "none" or an http:// address with host and port'

    def read(self, value: object) -> str:
        if value in ("environment", "none"):
            return str(value)
        meant = suggest.closest(value, ("environment", "none")) if isinstance(value, str) else None
        if meant is not None:
            raise MisfitError(f"found {quoted(value)}", self.allowed, suggestion=quoted(meant))
        _web_address(value, self.allowed)
        return str(value).rstrip("/")

    def schema(self) -> dict[str, Any]:
        address = {"type": "string", "format": "uri", "pattern": "^https?://", "maxLength": URL_LENGTH}
        return {"anyOf": [{"enum": ["environment", "none"]}, address]}


@dataclass(frozen=True, slots=True)
class MediaUri:
    """A file, folder or M3U list, as a path or URL, or the URL of a stream."""

    @property
    def allowed(self) -> str:
        return "the path of a file, folder or M3U list, or a URL"

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not value or len(value) > URL_LENGTH or CONTROL.search(value):
            raise MisfitError(f"found {quoted(value)}", f"{self.allowed}, of at most {URL_LENGTH} characters")
        scheme = scheme_of(value)
        if scheme is None:
            return value
        if scheme not in MEDIA_SCHEMES:
            meant = suggest.closest(scheme, ("file", "http", "https", "rtsp", "udp", "rtmp", "srt"))
            raise MisfitError(
                f'found the scheme "{scheme}:"',
                f"{either(f'{name}:' for name in MEDIA_SCHEMES)}",
                suggestion=f'"{meant}:"' if meant else None,
                remedy="A file whose name begins so is written with ./ before it.",
            )
        try:
            address = urlsplit(value)
        except ValueError:
            raise MisfitError(f"found {_safe(value)}, which has no valid host", self.allowed) from None
        if scheme == "file" and (address.netloc not in ("", "localhost") or not address.path.startswith("/")):
            rest = value[len("file:") :].lstrip("/")
            raise MisfitError(
                f"found {quoted(value)}, which names a host and not a folder",
                "file:/// and a path",
                suggestion=quoted(f"file:///{rest}"),
            )
        if scheme in ("http", "https"):
            _web_address(value, "an http:// or https:// address")
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": URL_LENGTH}


@dataclass(frozen=True, slots=True)
class SecretFile:
    """The path of a file that holds a secret, or the name of a systemd credential. The value is never quoted."""

    @property
    def allowed(self) -> str:
        return "the path of a file, or the name of a systemd credential"

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not value:
            found = "nothing" if value == "" else f"a value of another type ({_type_of(value)})"
            raise MisfitError(f"found {found}", self.allowed)
        if len(value) > _SECRET_NAME_LENGTH or _SECRET_FILE.fullmatch(value) is None:
            raise MisfitError(
                "found what looks like the secret itself (not shown)",
                self.allowed,
                remedy="Put the secret into a file that only the agent may read, and name that file here.",
            )
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": _SECRET_NAME_LENGTH}


def scheme_of(uri: str) -> str | None:
    """The scheme of a URL in lower case; None for a path (a single letter is a drive, not a scheme)."""
    found = _SCHEME.match(uri)
    return found.group(1).lower() if found else None


def _web_address(value: object, allowed: str) -> SplitResult:
    if not isinstance(value, str):
        raise MisfitError(f"found {quoted(value)}", allowed)
    if len(value) > URL_LENGTH or CONTROL.search(value) or " " in value:
        raise MisfitError(f"found {_safe(value)}", allowed)
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:
        raise MisfitError(f"found {_safe(value)}, which has no valid host and port", allowed) from None
    if url.scheme.lower() not in ("http", "https"):
        meant = suggest.closest(url.scheme, ("http", "https")) if "://" in value else None
        raise MisfitError(f"found {_safe(value)}", allowed, suggestion=f'"{meant}://…"' if meant else None)
    if not url.hostname or port == 0:
        raise MisfitError(f"found {_safe(value)}, which names no host", allowed)
    return url


def _safe(value: str) -> str:
    """An address too odd to be masked is not quoted when it could hold a password."""
    return quoted(value) if "@" not in value or MASK in quoted(value) else "an address (not shown)"


def _type_of(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case dict():
            return "a table"
    return "a date"
