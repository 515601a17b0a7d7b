"""Faults on request: everything that can go wrong between a device and Kaltura, one named value each.

Contract: a test arms a fault in a `FaultTable`, for the next so many matching requests or until `clear`; the server
asks the table what to do with a request. A collector that refuses connections is `Collector.take_away`.

Rules
- The first armed fault that matches is the one that happens; every matching `Late` is added to it.
- `where` compares parameters as texts: fields of the event, else of the request (`service`, `action`, ...). A batch
  matches if one of its items does, except for `Refuse` and `Ignore`, which happen to the item alone.
- `Refuse` and `Ignore` happen behind the response cache, as on the real server: the answer is kept for 120 s or 600 s.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from tools.standin import php
from tools.standin.php import Params, Value

PORTAL = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>Accept our terms</h1></body></html>\n"


@dataclass(frozen=True, slots=True)
class Hang:
    """Accept, read, never answer. The connection is dropped when the faults are cleared."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Log the event, then drop the connection without a byte of answer."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Send half of the answer, then reset the connection (RST). `logs`: whether the event was logged before."""

    logs: bool = True


@dataclass(frozen=True, slots=True)
class Half:
    """Promise a whole answer, send half of it, close in an orderly way. `logs` as for `Reset`."""

    logs: bool = True


@dataclass(frozen=True, slots=True)
class Drip:
    """Answer one byte at a time, `gap_ms` between two."""

    gap_ms: float


@dataclass(frozen=True, slots=True)
class Page:
    """Answer with this instead of asking the API: a portal's page, a proxy's error, a redirect. Nothing is logged."""

    status: int = 200
    body: str = PORTAL
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Late:
    """Answer so much later. The event is logged before the wait."""

    delay_ms: float


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer the API error `code` (with HTTP 200, as all of them). `details` replace its usual arguments."""

    code: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ignore:
    """Answer `null` and log nothing, as a server does whose event log is switched off."""


Wire: TypeAlias = Hang | Lost | Reset | Half | Drip | Page
Item: TypeAlias = Refuse | Ignore
Fault: TypeAlias = Wire | Item | Late
Picked = TypeVar("Picked")


def http_error(status: int, retry_after_s: int | None = None) -> Page:
    """A proxy's or a gateway's error page, for instance 429 or 503, with or without Retry-After."""
    headers = () if retry_after_s is None else (("Retry-After", str(retry_after_s)),)
    return Page(status, f"<html><body><h1>{status}</h1></body></html>\n", headers=headers)


def redirect(location: str, status: int = 302) -> Page:
    """A redirect, which no sender of events may follow."""
    return Page(status, "", headers=(("Location", location),))


@dataclass(slots=True)
class _Armed:
    fault: Fault
    left: int | None
    where: Mapping[str, str] = field(default_factory=dict)

    def matches(self, requests: Iterable[Params]) -> bool:
        return not self.where or any(
            all(name in params and php.to_text(params[name]) == text for name, text in self.where.items())
            for params in requests
        )


class FaultTable:
    """The armed faults. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []

    def arm(self, fault: Fault, *, times: int | None, where: Mapping[str, Value]) -> None:
        """Arm a fault for the next `times` matching requests, or until `clear` if that is None."""
        with self._lock:
            self._armed.append(_Armed(fault, times, {name: php.to_text(value) for name, value in where.items()}))

    def clear(self) -> None:
        """Disarm everything."""
        with self._lock:
            self._armed.clear()

    def armed(self) -> list[str]:
        """What is armed, for a person."""
        with self._lock:
            return [f"{armed.fault}, {armed.left or 'every'} time(s), {dict(armed.where)}" for armed in self._armed]

    def for_request(self, items: Callable[[], list[Params]]) -> tuple[Wire | None, float]:
        """What happens to a request on the wire, and by how many seconds its answer is late."""
        if not self._armed:
            return None, 0.0
        requests = items()
        with self._lock:
            late = sum(fault.delay_ms for fault in self._due(requests, _as_late)) / 1000
            wire: Iterator[Wire] = self._due(requests, _as_wire)
            return next(wire, None), late

    def for_item(self, item: Callable[[], Params]) -> Item | None:
        """What happens to one call of the API."""
        if not self._armed:
            return None
        with self._lock:
            due: Iterator[Item] = self._due([item()], _as_item)
            return next(due, None)

    def _due(self, requests: list[Params], pick: Callable[[Fault], Picked | None]) -> Iterator[Picked]:
        """The armed faults of one kind that match, each counted as it is taken."""
        for armed in list(self._armed):
            picked = pick(armed.fault)
            if picked is None or not armed.matches(requests):
                continue
            if armed.left is not None:
                armed.left -= 1
                if armed.left <= 0:
                    self._armed.remove(armed)
            yield picked


def _as_late(fault: Fault) -> Late | None:
    return fault if isinstance(fault, Late) else None


def _as_wire(fault: Fault) -> Wire | None:
    return fault if isinstance(fault, Wire) else None


def _as_item(fault: Fault) -> Item | None:
    return fault if isinstance(fault, Item) else None
