"""On which line of a TOML text each value stands, since tomllib does not tell.

Contract: `lines(text)` maps each place of the tree to its 1-based line; `text` must be TOML that tomllib accepts (so
there is nothing to complain about here). `nearest` answers for places that are not written: the table they belong to.
Rules: a key is found on the line of its name, an element of an array on the line on which it begins, a table on the
line of its header or, where it has none, of the first key that made it.
"""

import re
import tomllib
from collections.abc import Mapping

from agent.config.problems import Place

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
# Up to two quotation marks may stand directly before the three that end a text.
_LONG_BASIC = re.compile(r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''.*?'''(?:'{0,2})", re.DOTALL)
_PLAIN = re.compile(r"[^,\]}\n#]+")


def lines(text: str) -> dict[Place, int]:
    """The line of every table, key and array element of a valid TOML text."""
    return _Reader(text).read()


def nearest(found: Mapping[Place, int], place: Place) -> int | None:
    """The line of `place`, or of the innermost table round it that is written; None where nothing is."""
    for length in range(len(place), 0, -1):
        if place[:length] in found:
            return found[place[:length]]
    return None


class _Reader:
    """One pass over the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._found: dict[Place, int] = {}
        self._elements: dict[Place, int] = {}

    def read(self) -> dict[Place, int]:
        table: Place = ()
        self._pass(_BLANK)
        while self._at < len(self._text):
            if self._text.startswith("[[", self._at):
                table = self._header(marks=2)
            elif self._text[self._at] == "[":
                table = self._header(marks=1)
            else:
                self._pair(table)
            self._pass(_BLANK)
        return self._found

    def _header(self, *, marks: int) -> Place:
        line = self._line
        self._at += marks
        keys = self._keys()
        self._at += marks
        place: Place = ()
        for number, key in enumerate(keys, start=1):
            place = (*place, key)
            self._found.setdefault(place, line)
            if marks == 2 and number == len(keys):
                self._elements[place] = self._elements.get(place, -1) + 1
            if place in self._elements:
                place = (*place, self._elements[place])
                self._found.setdefault(place, line)
        # A table that an earlier key or header had only implied is found at its own header.
        self._found[place] = line
        return place

    def _pair(self, table: Place) -> None:
        line = self._line
        place = table
        for key in self._keys():
            place = (*place, key)
            self._found.setdefault(place, line)
        self._at += 1  # the equals sign
        self._pass(_SPACE)
        self._value(place)

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while True:
            self._pass(_SPACE)
            match self._text[self._at]:
                case '"':
                    keys.append(str(tomllib.loads(f"key = {self._pass(_BASIC)}")["key"]))
                case "'":
                    keys.append(self._pass(_LITERAL)[1:-1])
                case _:
                    keys.append(self._pass(_BARE))
            self._pass(_SPACE)
            if self._text[self._at] != ".":
                return keys
            self._at += 1

    def _value(self, place: Place) -> None:
        match self._text[self._at]:
            case "[":
                self._array(place)
            case "{":
                self._inline_table(place)
            case '"':
                self._pass(_LONG_BASIC if self._text.startswith('"""', self._at) else _BASIC)
            case "'":
                self._pass(_LONG_LITERAL if self._text.startswith("'''", self._at) else _LITERAL)
            case _:
                self._pass(_PLAIN)

    def _array(self, place: Place) -> None:
        self._at += 1
        index = 0
        self._pass(_BLANK)
        while self._text[self._at] != "]":
            self._found[*place, index] = self._line
            self._value((*place, index))
            index += 1
            self._pass(_BLANK)
            if self._text[self._at] == ",":
                self._at += 1
                self._pass(_BLANK)
        self._at += 1

    def _inline_table(self, place: Place) -> None:
        self._at += 1
        self._pass(_BLANK)
        while self._text[self._at] != "}":
            self._pair(place)
            self._pass(_BLANK)
            if self._text[self._at] == ",":
                self._at += 1
                self._pass(_BLANK)
        self._at += 1

    def _pass(self, pattern: re.Pattern[str]) -> str:
        """Moves past what the pattern matches here, counting lines, and answers it."""
        found = pattern.match(self._text, self._at)
        taken = found.group() if found else ""
        self._at += len(taken)
        self._line += taken.count("\n")
        return taken
