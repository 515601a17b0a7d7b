"""What a device reports of itself, as one retained message.

Contract: `build` makes the state of the facts; `encode` makes the payload, at most `MOST_BYTES`, of any of them. Pure.
Rules: every list and text is bounded, and problems that are left out are counted. No address shows a password or a
token. A number that JSON does not know is null, a character that is none is shown as one that could not be read.
Reasons: a broker keeps the message of every device, and sends all of them to every table of devices that is opened.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any

from agent.config.redact import masked
from agent.remote.desired import Desired
from agent.remote.machine import Readings
from agent.remote.trial import Trial

MOST_BYTES = 64 * 1024
TEXT_LENGTH = 500
MOST_ENTRIES = 120
"""Of any list or table; counters are a few dozen, problems of one level at most 103."""
MOST_SINKS = 16
"""There are three kinds."""
_SIZES = ((50, 500), (50, 200), (10, 200), (5, 100), (1, 100), (0, 0))
"""How many problems of each level are told, and how much of each: the first that fits."""
_SHORT = 40
"""How much of any other text is left where even that does not fit; counts by reason and counters go then."""
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Item:
    """What plays: its place in the list (from 1), how many there are, its address and its entry."""

    index: int
    count: int
    uri: str
    entry_id: str | None


@dataclass(frozen=True, slots=True)
class Player:
    """`position`: s. `display`: the screen: on, off or unknown. `should_show`: it is in the screen's opening hours,
    None where the time is unknown. `restarts`: of the player's host.
    """

    state: str
    item: Item | None = None
    position: float | None = None
    display: str = "unknown"
    should_show: bool | None = True
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class Queue:
    """`depth`: events that wait; `oldest_age_s`: how long the first has waited; `volatile`: why it may be lost."""

    depth: int
    oldest_age_s: float | None = None
    bytes: int = 0
    volatile: str | None = None


@dataclass(frozen=True, slots=True)
class Sink:
    """One destination, in the words of `status`. `dropped`: events by reason."""

    name: str
    state: str
    cause: str | None = None
    text: str | None = None
    depth: int = 0
    delivered: int = 0
    last_delivery_wall: float | None = None
    dead_letters: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class About:
    """Who the device is, for people."""

    id: str
    name: str | None = None
    site: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """A flat reading of everything. `wall`: now, epoch s; `boottime`: the machine's uptime; `uptime`: the agent's.

    `settings_hash`: of the effective settings, 12 hexadecimal digits. `allow`: `remote.allow`. `broken`: the vault's.
    """

    about: About
    version: str
    session: int
    wall: float
    boot_id: str
    boottime: float
    uptime: float
    synced: bool
    protocol: str
    desired: Desired
    trial: Trial | None
    settings_hash: str
    allow: tuple[str, ...]
    broken: str | None
    player: Player
    queue: Queue
    sinks: tuple[Sink, ...]
    counters: Mapping[str, int]
    machine: Readings
    report_every_s: float


def build(facts: Facts) -> dict[str, Any]:
    """The whole state, as plain values that JSON knows."""
    trial = facts.trial
    config = facts.desired.report(on_trial=trial is not None)
    state = {
        "v": 1,
        "device": asdict(facts.about),
        "version": facts.version,
        "session": facts.session,
        "reported": facts.wall,
        "report_every_s": facts.report_every_s,
        "boot_id": facts.boot_id,
        "uptime_s": facts.uptime,
        "machine_uptime_s": facts.boottime,
        "clock": {"synced": facts.synced},
        "protocol": facts.protocol,
        "config": {
            "hash": facts.settings_hash,
            **config,
            "trial": trial and {"on": list(trial.on), "left_s": trial.left_s},
            "allow": facts.allow,
            "broken": facts.broken,
        },
        "player": asdict(facts.player),
        "queue": asdict(facts.queue),
        "sinks": [asdict(sink) for sink in facts.sinks[:MOST_SINKS]],
        "counters": dict(facts.counters),
        "machine": asdict(facts.machine),
    }
    plain: dict[str, Any] = _plain(state, TEXT_LENGTH)
    return plain


def encode(state: Mapping[str, Any]) -> bytes:
    """What `build` made, as a payload."""
    payload = b""
    for most, length in _SIZES:
        payload = _payload(_shortened(state, most, length))
        if len(payload) <= MOST_BYTES:
            return payload
    bare = {**state, "counters": {}, "sinks": [{**sink, "dropped": {}} for sink in state["sinks"]]}
    return _payload(_plain(_shortened(bare, 0, 0), _SHORT))


def _payload(plain: Mapping[str, Any]) -> bytes:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _shortened(state: Mapping[str, Any], most: int, length: int) -> dict[str, Any]:
    levels = {
        name: {**level, "problems": _some(level["problems"], most, length)}
        for name, level in state["config"]["levels"].items()
    }
    return {**state, "config": {**state["config"], "levels": levels}}


def _some(problems: list[str], most: int, length: int) -> list[str]:
    told = [problem[:length] for problem in problems[:most]]
    return told if len(problems) <= most else [*told, f"and {len(problems) - most} more"]


def _plain(value: Any, length: int) -> Any:
    match value:
        case bool() | None:
            return value
        case str():
            # The name of a file may hold bytes that are no text.
            return masked(_CONTROL.sub("�", value.encode("utf-8", "replace").decode()))[:length]
        case float():
            return round(value, 3) if isfinite(value) else None
        case Mapping():
            return {_plain(key, length): _plain(each, length) for key, each in list(value.items())[:MOST_ENTRIES]}
        case list() | tuple():
            return [_plain(each, length) for each in value[:MOST_ENTRIES]]
    return value
