"""The JSON Schema."""

import json
from typing import Any

from agent.config.model import Settings
from agent.config.schema import schema, schema_text
from agent.config.setting import Setting, walk


def _at(path: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = schema()
    for name in path:
        found = found.get("items", found)["properties"][name]
    return found


def test_schema_describes_every_setting() -> None:
    """An editor offers what it finds there; a fleet's tool shows what may be set remotely (decision 33)."""
    for path, _, entry in walk(Settings):
        described = _at(path)
        assert entry.help == described["description"]
        if isinstance(entry, Setting):
            assert (entry.effect.value, entry.remote, entry.secret) == tuple(
                described[name] for name in ("x-effect", "x-remote", "x-secret")
            )


def test_schema_knows_bounds_defaults_and_what_is_required() -> None:
    """So that an editor marks a fault while it is typed."""
    assert (0, 200, 100, "%") == tuple(
        _at(("player", "volume"))[name] for name in ("minimum", "maximum", "default", "x-unit")
    )
    assert ["auto", True, False] == _at(("player", "headless"))["enum"]
    assert ["uri"] == _at(("player", "playlist"))["items"]["required"]
    assert False is schema()["additionalProperties"]


def test_schema_is_json() -> None:
    """`kiosk-agent config schema` prints it."""
    assert schema() == json.loads(schema_text())
