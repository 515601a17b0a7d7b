"""How a setting describes itself: the one place from which check, example, schema and documentation are made.

Contract: `setting(...)` makes a field of a model class that carries its kind, help text, unit, when a change takes
effect, whether a broker may set it, and whether it names a secret (decision 33); `table` and `tables` nest classes.
Rules: help texts are sentences for the person who installs kiosks. A default is a value of the model, not of the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

import attrs

from agent.config.kinds import Kind

_KEY = "kiosk-agent"


class Effect(Enum):
    """When a change takes effect: at once, or when the named part is started again."""

    LIVE = "live"
    PLAYER = "restart:player"
    DELIVERY = "restart:delivery"
    BROKER = "restart:broker connection"
    AGENT = "restart:agent"


@dataclass(frozen=True, slots=True)
class Setting:
    """One value. `example` is the TOML shown where there is no default; `unset` says what its absence means."""

    kind: Kind
    help: str
    unit: str
    effect: Effect
    remote: bool
    secret: bool
    required: str
    unset: str
    example: Any


@dataclass(frozen=True, slots=True)
class Table:
    """A nested table, or (`many`) an array of tables."""

    model: type[Any]
    help: str
    many: bool


def setting(
    kind: Kind,
    help: str,
    *,
    default: Any = None,
    effect: Effect = Effect.LIVE,
    unit: str = "",
    remote: bool = False,
    secret: bool = False,
    required: str = "",
    unset: str = "",
    example: Any = None,
) -> Any:
    """A field. `required`: when it must be set ("always", "while kaltura.enabled"); "always" leaves it no default."""
    described = Setting(kind, help, unit, effect, remote, secret, required, unset, example)
    return attrs.field(default=attrs.NOTHING if required == "always" else default, metadata={_KEY: described})


def table(model: type[Any], help: str) -> Any:
    """A nested table; absent, it has its defaults."""
    return attrs.field(factory=model, metadata={_KEY: Table(model, help, many=False)})


def tables(model: type[Any], help: str) -> Any:
    """An array of tables; absent, it is empty."""
    return attrs.field(default=(), metadata={_KEY: Table(model, help, many=True)})


def entries(model: type[Any]) -> Iterator[tuple[str, Setting | Table]]:
    """The fields of a model class, in the order in which they are written."""
    return iter(_entries(model))  # type: ignore[arg-type]


@cache
def _entries(model: type[Any]) -> tuple[tuple[str, Setting | Table], ...]:
    """Asked for each item of a playlist, several times."""
    return tuple((field.name, field.metadata[_KEY]) for field in attrs.fields(model))


def default_of(model: type[Any], name: str) -> Any:
    """The default of one field; None where it has none."""
    found = getattr(attrs.fields(model), name).default
    return None if found is attrs.NOTHING else found


def walk(model: type[Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], type[Any], Setting | Table]]:
    """Every field below `model`, depth first: its path (an array of tables counts one step), its class, itself."""
    for name, entry in entries(model):
        yield (*path, name), model, entry
        if isinstance(entry, Table):
            yield from walk(entry.model, (*path, name))
