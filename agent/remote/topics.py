"""The topics of a fleet.

Contract: `Topics` writes them for one device or one operator, and tells what a topic is about. Pure.
Rules: `<base>/v1/{fleet,group/<name>,device/<id>}/desired`; below a device `presence`, `state`, `command`, `result`.
Operators keep the documents that they published under `…/history/<revision>`, which no device subscribes to.
Names are lower-case letters, digits and dashes, so none can hold a wildcard or a level of its own.
"""

import re
from dataclasses import dataclass
from typing import assert_never

from agent.config.broker import NAME_PATTERN

VERSION = "v1"
_NAME = re.compile(NAME_PATTERN)


@dataclass(frozen=True, slots=True)
class Fleet:
    """All devices."""

    def __str__(self) -> str:
        return "fleet"


@dataclass(frozen=True, slots=True)
class Group:
    """The devices that belong to the group `name`."""

    name: str

    def __str__(self) -> str:
        return f"group/{self.name}"


@dataclass(frozen=True, slots=True)
class Device:
    """One device; `id` is its `device.id`, its client id and its user at the broker."""

    id: str

    def __str__(self) -> str:
        return f"device/{self.id}"


Level = Fleet | Group | Device


def level_of_text(text: str) -> Level | None:
    """The level that `str` writes so; None where there is none."""
    kind, _, name = text.partition("/")
    match kind:
        case "fleet" if not name and text == "fleet":
            return Fleet()
        case "group" if _NAME.fullmatch(name):
            return Group(name)
        case "device" if _NAME.fullmatch(name):
            return Device(name)
    return None


def precedence(level: Level) -> int:
    """Which level counts where two differ: the larger one. Groups among themselves: their order in the list."""
    match level:
        case Fleet():
            return 0
        case Group():
            return 1
        case Device():
            return 2
        case _:
            assert_never(level)


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics below `base`."""

    base: str

    @property
    def root(self) -> str:
        """What all of ours begin with."""
        return f"{self.base}/{VERSION}"

    def desired(self, level: Level) -> str:
        """Where the level's document is retained."""
        return f"{self.root}/{level}/desired"

    def history(self, level: Level, revision: int) -> str:
        """Where operators retain the document that was published as `revision`."""
        return f"{self.root}/{level}/history/{revision}"

    def presence(self, device: str) -> str:
        """Where the device's birth and its last will are retained."""
        return f"{self.root}/device/{device}/presence"

    def state(self, device: str) -> str:
        """Where the device's reported state is retained."""
        return f"{self.root}/device/{device}/state"

    def command(self, device: str) -> str:
        """Where the device takes commands; never retained."""
        return f"{self.root}/device/{device}/command"

    def result(self, device: str) -> str:
        """Where the device answers them; never retained."""
        return f"{self.root}/device/{device}/result"

    def parse(self, topic: str) -> tuple[Level, str] | None:
        """The level and the last part of one of our topics ("desired", "history/7", …); None for any other."""
        root = f"{self.root}/"
        if not topic.startswith(root):
            return None
        kind, _, rest = topic[len(root) :].partition("/")
        if kind == "fleet":
            return Fleet(), rest
        name, _, rest = rest.partition("/")
        level = level_of_text(f"{kind}/{name}")
        return None if level is None else (level, rest)
