"""What is wrong with a configuration, said so that the person at the keyboard can mend it.

Contract: a `Place` names one spot in the tree, an `Origin` the file and line it came from, a `Problem` joins both with
what was found, what is allowed and what to do.
Rules: all problems are reported at once, as far as a person reads (`MOST_PROBLEMS`). No value that may be secret is
ever part of a text. Indices count from 0, as in JSON and jq.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Place = tuple[str | int, ...]

# Nobody reads further, a report of the state must fit into a message, and to tell thirty thousand misspelt keys what
# they were meant to be takes a Raspberry Pi minutes, in which it delivers nothing.
MOST_PROBLEMS = 100

# The keys of a document are whatever somebody wrote; this much of one says which it is.
_KEY_LENGTH = 60
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def place_text(place: Place) -> str:
    """`("player", "playlist", 2, "uri")` as `player.playlist[2].uri`; the empty place is the whole document."""
    text = ""
    for step in place:
        match step:
            case int():
                text += f"[{step}]"
            case str():
                text += ("." if text else "") + _key_text(step)
    return text


def _key_text(key: str) -> str:
    shown = key if len(key) <= _KEY_LENGTH else f"{key[:_KEY_LENGTH]}…"
    return shown if _BARE_KEY.fullmatch(shown) else f'"{_UNPRINTABLE.sub("�", shown)}"'


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was written: the layer's name (a file's path, or "default") and the 1-based line, where known."""

    layer: str
    line: int | None = None

    def __str__(self) -> str:
        return self.layer if self.line is None else f"{self.layer}:{self.line}"


DEFAULT = Origin("default")


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault (or, in a list of warnings, one doubt).

    `what`: half a sentence about what was found; `allowed`: what may stand there; `suggestion`: what was probably
    meant; `remedy`: a sentence telling what to do; `quote`: the line of the file, masked, with a mark under the spot.
    """

    place: Place
    what: str
    allowed: str | None = None
    suggestion: str | None = None
    remedy: str | None = None
    origin: Origin | None = None
    quote: str | None = None

    def __str__(self) -> str:
        where = [str(part) for part in (self.origin, place_text(self.place)) if part]
        text = ": ".join([*where, self.what])
        if self.allowed is not None:
            text += f"; allowed: {self.allowed}"
        text += "."
        if self.suggestion is not None:
            text += f" Did you mean {self.suggestion}?"
        if self.remedy is not None:
            text += f" {self.remedy}"
        return text if self.quote is None else f"{text}\n{self.quote}"


def bounded(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The first `MOST_PROBLEMS`, and one that says so where there are more; those are never made."""
    for number, problem in enumerate(problems):
        if number == MOST_PROBLEMS:
            yield Problem((), f"has more than {MOST_PROBLEMS} problems, of which these are the first")
            return
        yield problem


class ConfigurationError(Exception):
    """The configuration cannot be used. `problems`: all of them, in the order of the file; `warnings` beside them."""

    def __init__(self, problems: tuple[Problem, ...], warnings: tuple[Problem, ...] = ()) -> None:
        super().__init__(problems, warnings)
        self.problems = problems
        self.warnings = warnings

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)
