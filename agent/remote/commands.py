"""The commands that a device takes.

Contract: `parse` answers a `Command`, a `Refusal` that names all that is wrong, or `Cleared`; it never raises,
whatever arrived. Pure.
Rules: a payload of at most `LARGEST_BYTES`: `{"id", "command", "arguments", "expires"}`, nothing else. A retained
command is refused: it would come again with each connection. The empty payload is how a retained one is taken away.
Reasons: a command is executed once (agent.remote.deeds), in time (agent.remote.freshness).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from agent.config import suggest
from agent.config.kinds import Choice, Kind, MisfitError, Number, Whole, quoted
from agent.config.model import Level
from agent.kernel.periods import ALWAYS, DATES, Period, edge_of
from agent.kernel.totals import OF_A_DEVICE, By
from agent.remote import jsontext
from agent.remote.answers import LONGEST_CORRELATION, Address, address_of
from agent.remote.letters import Arrived
from agent.remote.slices import by_of
from agent.remote.topics import Topics

# The longest command has a few hundred bytes.
LARGEST_BYTES = 16 * 1024
LOUDEST_PERCENT = 200
# A debug log of a day fills a card's journal; who needs more asks again.
LONGEST_LEVEL_S = 86_400
RETAINED = "commands must not be retained: publish an empty retained message on this topic to clear it"

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_KEYS = ("id", "command", "arguments", "expires")
_EXPIRES = Number(1, 1e11)
# Longer than any name of ours: a guess at what was meant takes time with its length.
_LONGEST_GUESS = 40


@dataclass(frozen=True, slots=True)
class Refresh:
    """Publish the state now."""

    word: ClassVar[str] = "refresh"


@dataclass(frozen=True, slots=True)
class Flush:
    """Deliver what waits, now."""

    word: ClassVar[str] = "flush"


@dataclass(frozen=True, slots=True)
class Next:
    """Give the current item up."""

    word: ClassVar[str] = "next"


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold the picture."""

    word: ClassVar[str] = "pause"


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on: out of a pause, a stop, a rest or a finished list."""

    word: ClassVar[str] = "resume"


@dataclass(frozen=True, slots=True)
class Volume:
    """In percent; above 100 amplifies."""

    percent: int
    word: ClassVar[str] = "volume"


@dataclass(frozen=True, slots=True)
class RestartPlayer:
    """End the player host, and have another one start."""

    word: ClassVar[str] = "restart-player"


@dataclass(frozen=True, slots=True)
class LogLevel:
    """Log at another level for so many seconds."""

    level: Level
    seconds: int
    word: ClassVar[str] = "log-level"


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """Collect what support asks for."""

    word: ClassVar[str] = "diagnostics"


@dataclass(frozen=True, slots=True)
class Report:
    """Add up the plays of `period`, behind the line `cursor` of the ledger where that is given, for one slice."""

    by: tuple[By, ...] = (By.ENTRY,)
    period: Period = ALWAYS
    cursor: int | None = None
    word: ClassVar[str] = "report"


Order = Refresh | Flush | Next | Pause | Resume | Volume | RestartPlayer | LogLevel | Diagnostics | Report


@dataclass(frozen=True, slots=True)
class Command:
    """An order that makes sense. `expires`: wall epoch s after which it must not be executed; None: it says nothing."""

    id: str
    order: Order
    expires: float | None
    address: Address


@dataclass(frozen=True, slots=True)
class Refusal:
    """What makes no sense, with its id and its name as far as they can be read."""

    id: str | None
    name: str | None
    problems: tuple[str, ...]
    address: Address
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Cleared:
    """Somebody took a retained message away, which is no command."""


@dataclass(frozen=True, slots=True)
class _Form:
    """What an order takes, and how it is made of that. `spares`: it may be without any of it."""

    takes: Mapping[str, Kind]
    make: Callable[..., Order]
    spares: bool = False


@dataclass(frozen=True, slots=True)
class _Reads:
    """A kind of argument that a function reads, which raises ValueError for what it is not."""

    allowed: str
    reads: Callable[[Any], object]

    def read(self, value: object) -> object:
        try:
            return self.reads(value)
        except ValueError:
            raise MisfitError(f"found {quoted(value)}") from None

    def schema(self) -> dict[str, Any]:
        return {}


_EDGE = _Reads(f"{DATES}, or seconds since 1970", edge_of)
_BY = _Reads(f"a list of some of {', '.join(each.value for each in OF_A_DEVICE)}", by_of)


def _report(**taken: Any) -> Report:
    return Report(taken.get("by", (By.ENTRY,)), Period(taken.get("from"), taken.get("to")), taken.get("cursor"))


_FORMS: Mapping[str, _Form] = {
    **{each.word: _Form({}, each) for each in (Refresh, Flush, Next, Pause, Resume, RestartPlayer, Diagnostics)},
    Volume.word: _Form({"percent": Whole(0, LOUDEST_PERCENT)}, Volume),
    LogLevel.word: _Form({"level": Choice(Level), "seconds": Whole(1, LONGEST_LEVEL_S)}, LogLevel),
    Report.word: _Form({"from": _EDGE, "to": _EDGE, "by": _BY, "cursor": Whole(0, 1 << 53)}, _report, spares=True),
}
WORDS = tuple(_FORMS)


def parse(arrived: Arrived, topics: Topics, device: str) -> Command | Refusal | Cleared:
    """What came on the command topic of `device`."""
    if not arrived.payload:
        return Cleared()
    correlation = arrived.correlation
    address = address_of(topics, device, response_topic=arrived.response_topic, correlation=correlation)
    tree = jsontext.read(arrived.payload, "the command", most_bytes=LARGEST_BYTES)
    if isinstance(tree, tuple):
        found = (RETAINED,) if arrived.retained else tuple(str(each) for each in tree)
        return Refusal(None, None, found, address, arrived.retained)
    id, name = _legible(tree.get("id"), _ID.fullmatch), _legible(tree.get("command"), _FORMS.__contains__)
    if arrived.retained:
        return Refusal(id, name, (RETAINED,), address, retained=True)
    problems = [f"no key {quoted(key)} is known; there are {', '.join(_KEYS)}" for key in tree if key not in _KEYS]
    if id is None:
        problems.append(_misses(tree, "id", "1 to 64 letters, digits, dots, dashes and underscores"))
    if correlation is not None and len(correlation) > LONGEST_CORRELATION:
        problems.append(f"the correlation data has {len(correlation)} bytes; at most {LONGEST_CORRELATION} are taken")
    expires = _expires(tree, problems)
    order = _order(tree, name, problems)
    if problems or id is None or order is None:
        return Refusal(id, name, tuple(problems), address)
    return Command(id, order, expires, address)


def _legible(value: object, is_one: Callable[[str], object]) -> str | None:
    return value if isinstance(value, str) and is_one(value) else None


def _expires(tree: Mapping[str, Any], problems: list[str]) -> float | None:
    if tree.get("expires") is None:
        return None
    try:
        return _EXPIRES.read(tree["expires"])
    except MisfitError as misfit:
        problems.append(f"expires: {misfit.what}; it is in seconds since 1970, and not in milliseconds")
        return None


def _order(tree: Mapping[str, Any], name: str | None, problems: list[str]) -> Order | None:
    if name is None:
        problems.append(_misses(tree, "command", f"one of {', '.join(WORDS)}") + _guess(tree.get("command"), WORDS))
        return None
    form, arguments = _FORMS[name], tree.get("arguments")
    if arguments is None:
        arguments = {}
    if not isinstance(arguments, dict):
        problems.append(f"arguments: found {quoted(arguments)}; allowed: an object")
        return None
    there_are = ", ".join(form.takes) or "none"
    for key in arguments:
        if key not in form.takes:
            problems.append(f"arguments: {name} has no {quoted(key)}; there are: {there_are}{_guess(key, form.takes)}")
    taken: dict[str, Any] = {}
    wanted = {key: kind for key, kind in form.takes.items() if not form.spares or arguments.get(key) is not None}
    for key, kind in wanted.items():
        try:
            if key not in arguments:
                raise MisfitError("is missing")
            taken[key] = kind.read(arguments[key])
        except MisfitError as misfit:
            problems.append(f"arguments.{key}: {misfit.what}; allowed: {kind.allowed}")
    return form.make(**taken) if len(taken) == len(wanted) else None


def _misses(tree: Mapping[str, Any], key: str, allowed: str) -> str:
    what = f"found {quoted(tree[key])}" if key in tree else "is missing"
    return f"{key}: {what}; allowed: {allowed}"


def _guess(word: object, known: Sequence[str] | Mapping[str, Kind]) -> str:
    if not isinstance(word, str) or len(word) > _LONGEST_GUESS:
        return ""
    meant = suggest.closest(word, known)
    return "" if meant is None else f". Did you mean {meant}?"
