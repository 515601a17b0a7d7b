"""The demo's configuration: config/demo.toml as it is, or a copy with another port, or with one pass only.

Contract: `Sample.read(path)` reads it; `derived` changes what a run needs changed, in a copy; `expected` says what one
pass has to show, `length_s` how long a pass takes. `toml` writes what tomllib reads.

Rules: the file is never written to; a copy's relative paths are made absolute, since they start at the file's folder.
What is wrong with it is said by the agent's own check, with the line.
"""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.config.files import load
from agent.config.model import Settings
from agent.config.player import PlaylistItem
from agent.config.problems import ConfigurationError
from agent.config.resolve import local_path
from tools.demo import clips
from tools.demo.failure import DemoError
from tools.demo.judge import Expected

# What an item may take where its length cannot be found out (an image, a stream): the demo must not wait for ever.
UNKNOWN_LENGTH_S = 60.0


@dataclass(frozen=True, slots=True)
class Sample:
    """A configuration: its file, what is written there, and what the agent makes of it."""

    path: Path
    tree: dict[str, Any]
    settings: Settings

    @classmethod
    def read(cls, path: Path) -> "Sample":
        """Read a configuration. Raises DemoError where the agent would not take it, or where it plays nothing."""
        try:
            settings = load(path).settings
            tree = tomllib.loads(path.read_text(encoding="utf-8"))
        except ConfigurationError as error:
            raise DemoError(f"{path} cannot be used:", str(error).splitlines()) from error
        except OSError as error:
            raise DemoError(f"{path}: {error.strerror}") from error
        if not settings.player.playlist:
            raise DemoError(f"{path}: the demo needs at least one [[player.playlist]] item.")
        return cls(path, tree, settings)

    def derived(self, path: Path, *, service_url: str, loop: bool | None) -> "Sample":
        """The configuration that reports to `service_url`: this one, or a copy at `path` if that changes anything.

        `loop` None leaves the list's end as it is.
        """
        same_loop = loop is None or self.settings.player.loop is loop
        if self.settings.kaltura.service_url == service_url and same_loop:
            return self
        player = self.tree["player"]
        items = zip(player["playlist"], self.settings.player.playlist, strict=True)
        changed = player | {"playlist": [written | {"uri": item.uri} for written, item in items]}
        if loop is not None:
            changed["loop"] = loop
        tree = self.tree | {"kaltura": self.tree.get("kaltura", {}) | {"service_url": service_url}, "player": changed}
        head = "# Written by tools/run, from config/demo.toml.\n"
        path.write_text(head + "\n".join(toml(tree)) + "\n", encoding="utf-8")
        return Sample.read(path)

    def expected(self) -> Expected:
        """What one pass has to show: a play of each item that names its entry, reported by this device."""
        entries = (item.entry_id for item in self.settings.player.playlist)
        return Expected(tuple(entry for entry in entries if entry), self.settings.kaltura.referrer)

    def length_s(self) -> float:
        """About how long one pass takes, in seconds."""
        return sum(_length_s(item) for item in self.settings.player.playlist)


def _length_s(item: PlaylistItem) -> float:
    path = local_path(item.uri)
    measured = clips.length_s(path) if path else None
    return item.duration_s or measured or UNKNOWN_LENGTH_S


def toml(table: dict[str, Any], name: str = "") -> Iterator[str]:
    """The lines of a table and of those in it: values first, as TOML wants it."""
    for key, value in table.items():
        if not _is_table(value) and not _are_tables(value):
            yield f"{key} = {_value(value)}"
    for key, value in table.items():
        inner = f"{name}{key}"
        if _is_table(value):
            yield from ("", f"[{inner}]", *toml(value, f"{inner}."))
        elif _are_tables(value):
            for item in value:
                yield from ("", f"[[{inner}]]", *toml(item, f"{inner}."))


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _are_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value)  # ASCII: TOML has JSON's escapes
        case list():
            return f"[{', '.join(_value(item) for item in value)}]"
        case _:
            return str(value)  # numbers; and dates, whose text is TOML's
