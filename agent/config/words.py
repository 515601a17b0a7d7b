"""The kinds of setting with a small grammar of their own: hours, moments, ids, patterns, templates, options.

Contract: as agent.config.kinds.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from agent.config import suggest
from agent.config.entries import ENTRY_ID_LENGTH, is_entry_id
from agent.config.hours import Opening, opening
from agent.config.kinds import CONTROL, MisfitError, either, quoted

PATTERN_LENGTH = 500
OPTION_LENGTH = 500
DEVICE_ID_PATTERN = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Hours:
    """One stretch of opening hours."""

    @property
    def allowed(self) -> str:
        return 'hours as "08:00-20:00" or "Mon-Fri 08:00-20:00"'

    def read(self, value: object) -> Opening:
        if not isinstance(value, str) or len(value) > 100:
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        try:
            return opening(value)
        except ValueError as error:
            raise MisfitError(f"found {quoted(value)}: {error}", self.allowed) from None

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": 100, "examples": ["08:00-20:00", "Mon-Fri 08:00-20:00"]}


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, or a date and time; without an offset it is local time. As a TOML date, or as ISO 8601 text."""

    @property
    def allowed(self) -> str:
        return "a date as 2026-12-24, or a date and time as 2026-12-24T18:00:00"

    def read(self, value: object) -> date | datetime:
        if isinstance(value, date):
            return value
        if isinstance(value, str):
            for reader in (date.fromisoformat, datetime.fromisoformat):
                try:
                    return reader(value)
                except ValueError:
                    continue
        raise MisfitError(f"found {quoted(value)}", self.allowed)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}


@dataclass(frozen=True, slots=True)
class DeviceId:
    """The name of a kiosk; it becomes part of a host name in referrers and of topics at a broker."""

    @property
    def allowed(self) -> str:
        return "1 to 63 lower-case letters, digits and dashes, with no dash at either end"

    def read(self, value: object) -> str:
        if isinstance(value, str) and re.fullmatch(DEVICE_ID_PATTERN, value):
            return value
        meant = re.sub("[^a-z0-9]+", "-", value.lower())[:63].strip("-") if isinstance(value, str) else ""
        raise MisfitError(f"found {quoted(value)}", self.allowed, suggestion=quoted(meant) if meant else None)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{DEVICE_ID_PATTERN}$"}


@dataclass(frozen=True, slots=True)
class EntryId:
    """A Kaltura entry id."""

    @property
    def allowed(self) -> str:
        return f"an entry id as 0_abcd1234, of at most {ENTRY_ID_LENGTH} characters"

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not is_entry_id(value):
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9A-Za-z]+(_[0-9A-Za-z]+)?$", "maxLength": ENTRY_ID_LENGTH}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression (Python's), or "" for none."""

    @property
    def allowed(self) -> str:
        return f"a regular expression of at most {PATTERN_LENGTH} characters"

    def read(self, value: object) -> str:
        if not isinstance(value, str) or len(value) > PATTERN_LENGTH:
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        try:
            re.compile(value)
        except (re.error, OverflowError, RecursionError) as error:
            raise MisfitError(f"found {quoted(value)}: {error}", self.allowed) from None
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "regex", "maxLength": PATTERN_LENGTH}


@dataclass(frozen=True, slots=True)
class Template:
    """A text in which `{name}` stands for one of `names`."""

    names: tuple[str, ...]
    longest: int

    @property
    def allowed(self) -> str:
        return f"a text of 1 to {self.longest} characters, with {either(f'{{{name}}}' for name in self.names)} in it"

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not value or len(value) > self.longest or CONTROL.search(value):
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        for name in _PLACEHOLDER.findall(value):
            if name not in self.names:
                meant = suggest.closest(name, self.names)
                raise MisfitError(f"found {{{name}}}", self.allowed, suggestion=f"{{{meant}}}" if meant else None)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.longest}


@dataclass(frozen=True, slots=True)
class VlcOption:
    """One option of VLC, with its dashes (for the player) or its colon (for one medium)."""

    mark: str
    example: str

    @property
    def allowed(self) -> str:
        return f"an option of VLC that begins with {self.mark}, as {self.example}"

    def read(self, value: object) -> str:
        if not isinstance(value, str) or len(value) > OPTION_LENGTH or CONTROL.search(value):
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        if re.fullmatch(rf"{self.mark}[A-Za-z0-9][A-Za-z0-9-]*(=.*)?", value) is None:
            bare = value.lstrip("-:")
            meant = f'"{self.mark}{bare}"' if re.match("[A-Za-z0-9]", bare) else None
            raise MisfitError(f"found {quoted(value)}", self.allowed, suggestion=meant)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self.mark}[A-Za-z0-9][A-Za-z0-9-]*(=.*)?$", "maxLength": OPTION_LENGTH}


def fill(template: str, values: dict[str, str]) -> str:
    """`template` with each `{name}` replaced; a name without a value becomes nothing."""
    return _PLACEHOLDER.sub(lambda found: values.get(found.group(1), ""), template)
