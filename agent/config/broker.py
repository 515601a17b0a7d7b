"""The kinds of setting about the broker: its address, topics, groups, files, and what documents may name.

Contract: as agent.config.kinds.
Rules: nothing here touches the network or the disk. A user or password in an address is refused, not shown.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from agent.config.addresses import URL_LENGTH, SecretFile
from agent.config.kinds import CONTROL, MisfitError, quoted

PORTS = {"mqtt": 1883, "mqtts": 8883, "ws": 80, "wss": 443}
BASE_LENGTH = 100
_BASE = re.compile("[a-z0-9-]+(/[a-z0-9-]+)*")
NAME_PATTERN = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_PATH_LENGTH = 1000
_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_SETTING = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


@dataclass(frozen=True, slots=True)
class BrokerUrl:
    """The address of an MQTT broker."""

    @property
    def allowed(self) -> str:
        return "an address as mqtts://broker.example.com, with mqtt, mqtts, ws or wss before the host"

    def read(self, value: object) -> str:
        if not isinstance(value, str) or len(value) > URL_LENGTH or CONTROL.search(value) or " " in value:
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        url = _split(value)
        if url is not None and "@" in url.netloc:
            remedy = "Leave them out; see remote.user and remote.password_file."
            raise MisfitError("an address with a user or password in it", self.allowed, remedy=remedy)
        if url is None or url.scheme not in PORTS or not url.hostname or url.query or url.fragment:
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        if url.scheme in ("mqtt", "mqtts") and url.path not in ("", "/"):
            raise MisfitError(f"found {quoted(value)}, with a path, which only ws:// and wss:// have", self.allowed)
        return f"{url.scheme}://{url.netloc.lower()}{url.path.rstrip('/')}"

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "uri", "pattern": "^(mqtts?|wss?)://", "maxLength": URL_LENGTH}


@dataclass(frozen=True, slots=True)
class TopicBase:
    """The levels that all topics begin with."""

    @property
    def allowed(self) -> str:
        return f"lower-case letters, digits and dashes, in levels divided by /, at most {BASE_LENGTH} characters"

    def read(self, value: object) -> str:
        return _matching(value, _BASE, BASE_LENGTH, self.allowed)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_BASE.pattern}$", "maxLength": BASE_LENGTH}


@dataclass(frozen=True, slots=True)
class GroupName:
    """The name of a group of kiosks."""

    @property
    def allowed(self) -> str:
        return "1 to 63 lower-case letters, digits and dashes, with no dash at either end"

    def read(self, value: object) -> str:
        return _matching(value, re.compile(NAME_PATTERN), 63, self.allowed)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{NAME_PATTERN}$"}


@dataclass(frozen=True, slots=True)
class HostName:
    """A host, or all hosts below one."""

    @property
    def allowed(self) -> str:
        return "a host as cdn.example.com, or *.example.com"

    def read(self, value: object) -> str:
        return _matching(value.lower() if isinstance(value, str) else value, _HOST, 253, self.allowed)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": 253}


@dataclass(frozen=True, slots=True)
class SettingName:
    """The name of a setting or of a table; whether there is such a one is looked at across the document."""

    @property
    def allowed(self) -> str:
        return "the name of a setting or table, as kaltura.service_url"

    def read(self, value: object) -> str:
        return _matching(value, _SETTING, 100, self.allowed)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_SETTING.pattern}$", "maxLength": 100}


@dataclass(frozen=True, slots=True)
class FolderPath:
    """The absolute path of a folder."""

    @property
    def allowed(self) -> str:
        return "the absolute path of a folder, as /srv/media"

    def read(self, value: object) -> str:
        if (
            not isinstance(value, str)
            or not value.startswith("/")
            or len(value) > _PATH_LENGTH
            or CONTROL.search(value)
        ):
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        return value.rstrip("/") or "/"

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^/", "maxLength": _PATH_LENGTH}


@dataclass(frozen=True, slots=True)
class PublicFile:
    """The path of a file that is no secret; a relative one starts at the configuration file's folder."""

    @property
    def allowed(self) -> str:
        return "the path of a file"

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not value or len(value) > _PATH_LENGTH or CONTROL.search(value):
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": _PATH_LENGTH}


class KeyFile(SecretFile):
    """The path of a file that holds a private key: a secret of many lines."""

    __slots__ = ()


def _split(value: str) -> SplitResult | None:
    try:
        url = urlsplit(value)
        return url if url.port != 0 else None
    except ValueError:
        return None


def _matching(value: object, pattern: re.Pattern[str], longest: int, allowed: str) -> str:
    if not isinstance(value, str) or len(value) > longest or pattern.fullmatch(value) is None:
        raise MisfitError(f"found {quoted(value)}", allowed)
    return value
