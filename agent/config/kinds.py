"""The kinds of value that a setting can have: what each accepts, and how it says so.

Contract: `read` answers the model's value or raises `MisfitError` with what was found; `allowed` is half a sentence;
`schema` is the kind's part of the JSON Schema.
Rules: TOML and JSON types are taken strictly (true is not 1, "5" is not 5), except that a whole number may stand for
a decimal one. A misfit quotes what was found only after masking, and never more than `QUOTED_LENGTH` of it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any, Protocol

from agent.config import suggest
from agent.config.redact import masked

QUOTED_LENGTH = 60
TEXT_LENGTH = 200
# Control characters, and halves of surrogate pairs: JSON can hold them, and no file name, address or UTF-8 text can.
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
# A list that is wrong throughout is told by its first elements: a document of sixty thousand such took seconds to tell.
_MOST_MISFITS = 20
# A text beyond this is not quoted at all: its beginning could be half of an address with a password in it.
_MASKED_LENGTH = 4096


class MisfitError(ValueError):
    """A value that the kind does not accept."""

    def __init__(
        self, what: str, allowed: str | None = None, *, suggestion: str | None = None, remedy: str | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.allowed = allowed
        self.suggestion = suggestion
        self.remedy = remedy


class MisfitsError(ValueError):
    """Several elements of a list are not accepted: `each` is (index from 0, misfit)."""

    def __init__(self, each: tuple[tuple[int, MisfitError], ...]) -> None:
        super().__init__(each)
        self.each = each


class Kind(Protocol):
    """What all kinds can do."""

    @property
    def allowed(self) -> str: ...

    def read(self, value: object) -> object: ...

    def schema(self) -> dict[str, Any]: ...


def quoted(value: object) -> str:
    """A value as it may be shown in a message: its type where it is not one plain value."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() if abs(value) >= 10**QUOTED_LENGTH:
            return "a number of very many digits"
        case int() | float():
            return str(value)
        case str() if len(value) > _MASKED_LENGTH:
            return f"a text of {len(value)} characters"
        case str():
            shown = CONTROL.sub("�", masked(value))
            return f'"{shown}"' if len(shown) <= QUOTED_LENGTH else f'"{shown[:QUOTED_LENGTH]}…"'
        case list():
            return "a list"
        case dict():
            return "a table"
        case datetime() | date() | time():
            return str(value)
    return "nothing"


@dataclass(frozen=True, slots=True)
class Text:
    """A text without control characters; `name` says what it is, with its article."""

    name: str = "a text"
    longest: int = TEXT_LENGTH

    @property
    def allowed(self) -> str:
        return f"{self.name} of 1 to {self.longest} characters"

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not value or len(value) > self.longest or CONTROL.search(value):
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.longest}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    least: int
    most: int

    @property
    def allowed(self) -> str:
        return f"a whole number from {self.least} to {self.most}"

    def read(self, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not self.least <= value <= self.most:
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal number. `zero`: 0 may stand too, below `least`."""

    least: float
    most: float
    zero: bool = False

    @property
    def allowed(self) -> str:
        return f"{'0 or ' if self.zero else ''}a number from {self.least:g} to {self.most:g}"

    def read(self, value: object) -> float:
        # Whatever is no number is not between two either (and a whole number may be too large to be a decimal one).
        if not isinstance(value, int | float) or isinstance(value, bool) or not self._fits(value):
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        return float(value)

    def schema(self) -> dict[str, Any]:
        between = {"type": "number", "minimum": self.least, "maximum": self.most}
        return {"anyOf": [{"const": 0}, between]} if self.zero else between

    def _fits(self, value: float) -> bool:
        return self.least <= value <= self.most or (self.zero and value == 0)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    @property
    def allowed(self) -> str:
        return "true or false"

    def read(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of an enumeration, written as its value."""

    options: type[Enum]

    @property
    def allowed(self) -> str:
        return either(quoted(option.value) for option in self.options)

    def read(self, value: object) -> Enum:
        for option in self.options:
            if option.value == value and type(option.value) is type(value):
                return option
        words = [option.value for option in self.options if isinstance(option.value, str)]
        meant = suggest.closest(value, words) if isinstance(value, str) else None
        raise MisfitError(f"found {quoted(value)}", self.allowed, suggestion=quoted(meant) if meant else None)

    def schema(self) -> dict[str, Any]:
        return {"enum": [option.value for option in self.options]}


@dataclass(frozen=True, slots=True)
class Several:
    """A list of one kind. `lone`: a single value may stand for a list of one."""

    of: Kind
    most: int
    lone: bool = False

    @property
    def allowed(self) -> str:
        return f"{'one or ' if self.lone else ''}a list of at most {self.most}, each {self.of.allowed}"

    def read(self, value: object) -> tuple[object, ...]:
        if self.lone and isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or len(value) > self.most:
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        taken: list[object] = []
        misfits: list[tuple[int, MisfitError]] = []
        for index, each in enumerate(value):
            try:
                taken.append(self.of.read(each))
            except MisfitError as misfit:
                misfits.append((index, misfit))
                if len(misfits) == _MOST_MISFITS:
                    rest = MisfitError(
                        "is wrong, as are those before it; what follows was not looked at", self.of.allowed
                    )
                    misfits[-1] = (index, rest)
                    break
        if misfits:
            raise MisfitsError(tuple(misfits))
        return tuple(taken)

    def schema(self) -> dict[str, Any]:
        several = {"type": "array", "items": self.of.schema(), "maxItems": self.most}
        return {"anyOf": [self.of.schema(), several]} if self.lone else several


def either(words: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
