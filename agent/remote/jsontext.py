"""Reads JSON that a stranger wrote.

Contract: `read` answers the object, made of plain values, or all that is wrong with it; it never raises, whatever the
bytes are. Pure.
Rules: no repeated keys, no NaN, no number beyond any sense, no text that is half a character: each of them means one
thing here and another one there. Bounds on depth, size and keys, since whoever publishes a document must not be able
to keep the main loop busy (a check looks for what was meant by each unknown key). No value is quoted.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.config.problems import Origin, Place, Problem

MOST_BYTES = 256 * 1024
"""A playlist of 1,000 items takes 100 KiB; a broker keeps the document for each device that is away."""
MOST_DEPTH = 20
"""Settings are five deep."""
MOST_NAMES = 300
"""Different keys of a document; there are fewer settings."""
MOST_KEYS = 1000
"""Keys outside lists: laying a document over another takes the square of their number."""
MOST_VALUES = 20_000
"""Of any kind, at any depth; 5,000 items take as many with all that 256 KiB have room for. So much text can hold 80,000
empty tables too, which take a Raspberry Pi a minute to judge, and twenty times the memory of their text."""
MOST_PROBLEMS = 100
"""More than anybody mends by hand."""

_KEY_LENGTH = 100
_DIGITS = 20
"""2^63 has 19; Python itself gives up at 4,300, and takes the square of the length for as long."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Odd:
    """Stands in the tree for a value that JSON readers do not agree on, until its place is known."""

    what: str


class _Pairs(dict[str, Any]):
    """An object as it was read. `twice`: its repeated keys."""

    __slots__ = ("twice",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.twice = [] if len(self) == len(pairs) else _repeated([key for key, _ in pairs])


def read(payload: bytes, name: str, *, most_bytes: int = MOST_BYTES) -> dict[str, Any] | tuple[Problem, ...]:
    """The JSON object in `payload`; `name` says where it came from, for the problems."""
    origin = Origin(name)
    if len(payload) > most_bytes:
        return (Problem((), f"is larger than {most_bytes // 1024} KiB", origin=origin),)
    try:
        # Editors on Windows put a byte order mark first.
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return (Problem((), f"is not UTF-8 text: byte {error.start + 1} is not", origin=origin),)
    try:
        found = json.loads(
            text, object_pairs_hook=_Pairs, parse_constant=_constant, parse_int=_integer, parse_float=_decimal
        )
    except json.JSONDecodeError as error:
        what = f"is not valid JSON at line {error.lineno}, column {error.colno}: {error.msg[:1].lower()}{error.msg[1:]}"
        return (Problem((), what, origin=origin),)
    except RecursionError:
        return (Problem((), "is nested too deeply to be read", f"{MOST_DEPTH} levels", origin=origin),)
    walk = _Walk(origin)
    plain = walk.plain(found, (), depth=0)
    if walk.problems:
        return tuple(walk.problems)
    return plain if isinstance(plain, dict) else (Problem((), "is no JSON object", "{…}", origin=origin),)


def _repeated(keys: list[str]) -> list[str]:
    seen: set[str] = set()
    return [key for key in keys if key in seen or seen.add(key)]  # type: ignore[func-returns-value]


def _constant(text: str) -> _Odd:
    return _Odd(f"is {text}, which is no number of JSON")


def _integer(text: str) -> int | _Odd:
    return int(text) if len(text) <= _DIGITS else _Odd(f"is a number of {len(text)} digits")


def _decimal(text: str) -> float | _Odd:
    number = float(text)
    return number if math.isfinite(number) else _Odd("is a number beyond all bounds")


@dataclass(slots=True)
class _Walk:
    """One pass over what was read, which makes plain values of it and finds what no reader complains of."""

    origin: Origin
    problems: list[Problem] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    keys: int = 0
    values: int = 0

    def plain(self, value: Any, place: Place, *, depth: int, listed: bool = False) -> Any:
        self.values += 1
        if self.values > MOST_VALUES:
            if self.values == MOST_VALUES + 1:
                self._say(place, f"has more than {MOST_VALUES} values with all that came before")
            return None
        match value:
            case _Odd():
                self._say(place, value.what)
            case str() if _HALF.search(value):
                self._say(place, "holds half a character (a lone surrogate)")
            case dict() | list() if depth >= MOST_DEPTH:
                self._say(place, "is nested too deeply", f"{MOST_DEPTH} levels")
            case _Pairs():
                for key in value.twice:
                    self._say((*place, *self._named(key)), "is there twice", remedy="Keep one.")
                return self._table(value, place, depth=depth + 1, listed=listed)
            case list():
                return [self.plain(each, (*place, at), depth=depth + 1, listed=True) for at, each in enumerate(value)]
        return value

    def _table(self, table: Mapping[str, Any], place: Place, *, depth: int, listed: bool) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in table.items():
            if not self._named(key):
                self._say(place, f"has a key that is no name, of {len(key)} characters")
                continue
            if not self._counted(key, place, listed=listed):
                break
            found[key] = self.plain(value, (*place, key), depth=depth, listed=listed)
        return found

    def _counted(self, key: str, place: Place, *, listed: bool) -> bool:
        self.names.add(key)
        self.keys += not listed
        if len(self.names) > MOST_NAMES:
            self._say(place, f"has more than {MOST_NAMES} different keys with all that came before")
        elif self.keys > MOST_KEYS:
            self._say(place, f"has more than {MOST_KEYS} keys with all that came before")
        else:
            return True
        return False

    @staticmethod
    def _named(key: str) -> tuple[str, ...]:
        """The key as a step of a place; nothing where it cannot be shown."""
        return () if not key or len(key) > _KEY_LENGTH or _CONTROL.search(key) or _HALF.search(key) else (key,)

    def _say(self, place: Place, what: str, allowed: str | None = None, *, remedy: str | None = None) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(place, what, allowed, remedy=remedy, origin=self.origin))
