"""The JSON Schema of the configuration, made from the model.

Contract: `schema()` answers a JSON Schema (draft 2020-12) as a tree; `schema_text()` writes it.
Rules: it describes one document, which may be one layer of several, so only what every document needs is required.
`x-effect`, `x-remote`, `x-secret`, `x-unit`, `x-required` and `x-unset` carry what JSON Schema has no word for.
"""

import json
from typing import Any

from agent.config.check import MOST_TABLES
from agent.config.model import Settings
from agent.config.plain import jsonable
from agent.config.setting import Setting, Table, default_of, entries


def schema() -> dict[str, Any]:
    """The whole schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The configuration of kiosk-agent",
        **_table(Settings),
    }


def schema_text() -> str:
    """The schema as JSON text."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _table(model: type[Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, entry in entries(model):
        match entry:
            case Setting():
                properties[name] = _setting(entry, default_of(model, name))
                required += [name] if entry.required == "always" else []
            case Table(inner, help, many):
                below = _table(inner)
                array = {"type": "array", "maxItems": MOST_TABLES, "items": below}
                properties[name] = {"description": help, **(array if many else below)}
    table = {"type": "object", "additionalProperties": False, "properties": properties}
    return table | ({"required": required} if required else {})


def _setting(entry: Setting, default: Any) -> dict[str, Any]:
    described: dict[str, Any] = {"description": entry.help, **entry.kind.schema()}
    if default is not None and default != "":
        described["default"] = jsonable(default)
    if entry.example is not None:
        described["examples"] = [jsonable(entry.example)]
    described["x-effect"] = entry.effect.value
    described["x-remote"] = entry.remote
    described["x-secret"] = entry.secret
    words = {"x-unit": entry.unit, "x-required": entry.required, "x-unset": entry.unset}
    return described | {name: word for name, word in words.items() if word}
