"""What is wrong with a configuration, said so that the person at the keyboard can mend it.

Contract: a `Place` names one spot in the tree, an `Origin` the file and line it came from, a `Problem` joins both with
what was found, what is allowed and what to do.
Rules: all problems are reported at once. No value that may be secret is ever part of a text. Indices count from 0, as
in JSON and jq.
"""

import re
from dataclasses import dataclass

Place = tuple[str | int, ...]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def place_text(place: Place) -> str:
    """`("player", "playlist", 2, "uri")` as `player.playlist[2].uri`; the empty place is the whole document."""
    text = ""
    for step in place:
        match step:
            case int():
                text += f"[{step}]"
            case str():
                text += ("." if text else "") + (step if _BARE_KEY.fullmatch(step) else f'"{step}"')
    return text


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


class ConfigurationError(Exception):
    """The configuration cannot be used. `problems`: all of them, in the order of the file; `warnings` beside them."""

    def __init__(self, problems: tuple[Problem, ...], warnings: tuple[Problem, ...] = ()) -> None:
        super().__init__(problems, warnings)
        self.problems = problems
        self.warnings = warnings

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)
