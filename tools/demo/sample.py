"""The demo's configuration: config/demo.toml as it is, or a copy with another port, or with one pass only.

Contract: `Sample.read(path)` reads it; `Sample.derived` changes what a run needs changed; `write` makes the copy;
`expected` says what one pass has to show, `length_s` how long a pass takes.

Rules: the file is never written to; a copy's relative paths are made absolute, since they start at the file's folder.
The agent checks its configuration itself; here only what the demo has to know is looked at.
"""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.demo import clips
from tools.demo.failure import DemoError
from tools.demo.judge import Expected

# What an item may take where its length cannot be found out (an image, a stream): the demo must not wait for ever.
_UNKNOWN_LENGTH_S = 60.0


@dataclass(frozen=True, slots=True)
class Sample:
    """A configuration and the file that it stands in."""

    path: Path
    tree: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Sample":
        """Read a configuration. Raises DemoError where it is none, or has no playlist."""
        try:
            tree = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DemoError(f"{path}: {error}") from error
        items = tree.get("player", {}).get("playlist", [])
        if not items or not all(isinstance(item, dict) and isinstance(item.get("uri"), str) for item in items):
            raise DemoError(f"{path}: the demo needs a [[player.playlist]], each item with a uri")
        return cls(path, tree)

    @property
    def items(self) -> list[dict[str, Any]]:
        """The playlist."""
        return list(self.tree["player"]["playlist"])

    def derived(self, path: Path, *, service_url: str, loop: bool | None) -> "Sample":
        """The configuration that reports to `service_url`, as a copy at `path` if that changes anything.

        `loop` None leaves the list's end as it is.
        """
        kaltura, player = self.tree.get("kaltura", {}), self.tree["player"]
        same_loop = loop is None or player.get("loop", True) is loop
        if kaltura.get("service_url") == service_url and same_loop:
            return self
        playlist = [item | {"uri": self._absolute(item["uri"])} for item in self.items]
        changed = {"playlist": playlist} | ({} if loop is None else {"loop": loop})
        return Sample(path, self.tree | {"kaltura": kaltura | {"service_url": service_url}, "player": player | changed})

    def write(self) -> None:
        """Write the copy to its file."""
        head = "# Written by tools/run, from config/demo.toml.\n"
        self.path.write_text(head + "\n".join(_toml(self.tree)) + "\n", encoding="utf-8")

    def expected(self) -> Expected:
        """What one pass has to show: a play of each item that has an entry, reported by this device."""
        device = self.tree.get("device", {}).get("id", "")
        referrer = self.tree.get("kaltura", {}).get("referrer", "kiosk://{device.id}").replace("{device.id}", device)
        return Expected(tuple(item["entry_id"] for item in self.items if item.get("entry_id")), referrer)

    def length_s(self) -> float:
        """About how long one pass takes, in seconds."""
        return sum(self._item_length_s(item) for item in self.items)

    def _item_length_s(self, item: dict[str, Any]) -> float:
        known = item.get("duration_s") or clips.length_s(Path(self._absolute(item["uri"]).removeprefix("file://")))
        return float(known or _UNKNOWN_LENGTH_S)

    def _absolute(self, uri: str) -> str:
        return uri if "://" in uri else str((self.path.parent / uri).resolve())


def _toml(table: dict[str, Any], name: str = "") -> Iterator[str]:
    """The lines of a table and of those in it: values first, as TOML wants it."""
    for key, value in table.items():
        if not _is_table(value) and not _are_tables(value):
            yield f"{key} = {_value(value)}"
    for key, value in table.items():
        inner = f"{name}{key}"
        if _is_table(value):
            yield from ("", f"[{inner}]", *_toml(value, f"{inner}."))
        elif _are_tables(value):
            for item in value:
                yield from ("", f"[[{inner}]]", *_toml(item, f"{inner}."))


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
