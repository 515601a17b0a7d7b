"""What a check of the machine or the installation found.

Contract: a check returns findings and raises nothing that a broken machine can cause. A `FAIL` keeps the agent from
doing its work, a `WARN` will hurt some day or says less than it should; both name a remedy.
"""

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How bad it is; the words that `doctor` prints."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `doctor`. `remedy`: what a person can do about it, a whole sentence or a command."""

    level: Level
    subject: str
    text: str
    remedy: str | None = None


def ok(subject: str, text: str) -> Finding:
    return Finding(Level.OK, subject, text)


def warn(subject: str, text: str, remedy: str) -> Finding:
    return Finding(Level.WARN, subject, text, remedy)


def fail(subject: str, text: str, remedy: str) -> Finding:
    return Finding(Level.FAIL, subject, text, remedy)
