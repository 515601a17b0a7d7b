"""What the command line may ask about the queue: the same answers from a running agent and from a store at rest.

Contract: `answer` takes the open store, a call and its arguments, and returns `{"ok": …}` or `{"error": text}`, both
JSON. Calls: `queue.list` (sink, limit, after, dead), `queue.show` (number, dead), `queue.stats`, `queue.retry`
(numbers, or all of one sink). Raises StoreDamaged and StoreFailed, after which a process must end (house rule 9).
Rules: arguments come over a socket, so nothing about them is believed. Only `queue.retry` writes.
Reasons: decision 25 (one connection: a running agent is asked, else the command opens the store with the same code).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from agent.outbox.errors import StoreFull
from agent.outbox.letters import DeadLetter
from agent.outbox.statistics import SinkStatistics
from agent.outbox.store import Outbox
from agent.runtime.figures import figures
from agent.runtime.views import event_view, letter_view

DEFAULT_LIMIT = 50
# A page of events is about 700 bytes an event; a thousand stay under the control socket's line.
LARGEST_LIMIT = 1000
_LARGEST_NUMBER = 2**63 - 1


class QueryError(Exception):
    """The call or its arguments make no sense; the text says what would."""


def answer(outbox: Outbox, call: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one call."""
    try:
        match call:
            case "queue.list":
                return {"ok": _list(outbox, arguments)}
            case "queue.show":
                return {"ok": _show(outbox, arguments)}
            case "queue.stats":
                return {"ok": figures(outbox.statistics())}
            case "queue.retry":
                return {"ok": _retry(outbox, arguments)}
            case _:
                raise QueryError(
                    f"no such call: {call[:80]}; there are queue.list, queue.show, queue.stats, queue.retry"
                )
    except QueryError as error:
        return {"error": str(error)}
    except StoreFull as error:
        return {"error": f"{error} {error.remedy}"}


def _list(outbox: Outbox, arguments: Mapping[str, Any]) -> dict[str, Any]:
    limit = _whole(arguments, "limit", DEFAULT_LIMIT, largest=LARGEST_LIMIT)
    after = _whole(arguments, "after", 0)
    sinks = outbox.statistics().sinks
    wanted = _sink(arguments, sinks)
    if arguments.get("dead"):
        letters = _letters(outbox, wanted, after=after, limit=limit)
        kept = sum(sink.dead_letters for sink in sinks if wanted in (None, sink.name))
        return {"letters": [letter_view(letter) for letter in letters], "total": kept}
    cursors = {sink.name: sink.cursor.sequence for sink in sinks if sink.enabled and wanted in (None, sink.name)}
    first = max(after, min(cursors.values(), default=_LARGEST_NUMBER))
    views: list[dict[str, Any]] = []
    while len(views) < limit:
        page = outbox.events(after=first, limit=limit)
        if not page:
            break
        first = page[-1].sequence
        for event in page:
            waits = [
                name
                for name, passed in cursors.items()
                if passed < event.sequence and (event.redelivery is None or event.redelivery.sink == name)
            ]
            if waits and len(views) < limit:
                views.append({**event_view(event), "waits_for": waits})
    return {"events": views, "total": max((sink.depth for sink in sinks if sink.name in cursors), default=0)}


def _show(outbox: Outbox, arguments: Mapping[str, Any]) -> dict[str, Any]:
    number = _whole(arguments, "number", None)
    if arguments.get("dead"):
        for letter in outbox.dead_letters(after=number - 1, limit=1):
            if letter.number == number:
                return letter_view(letter)
        raise QueryError(f"there is no dead letter {number}; kiosk-agent queue list --dead shows all")
    for event in outbox.events(after=number - 1, limit=1):
        if event.sequence == number:
            return event_view(event)
    raise QueryError(f"event {number} is not in the queue; delivered events leave it (kiosk-agent queue list)")


def _retry(outbox: Outbox, arguments: Mapping[str, Any]) -> dict[str, Any]:
    sinks = outbox.statistics().sinks
    wanted = _sink(arguments, sinks)
    numbers = arguments.get("numbers")
    if numbers is None:
        if wanted is None:
            raise QueryError("say which dead letters: their numbers, or all of one sink")
        return {"retried": outbox.retry(wanted)}
    if not isinstance(numbers, Sequence) or not numbers or not all(type(number) is int for number in numbers):
        raise QueryError("numbers must be a list of whole numbers")
    kept = {letter.number: letter.sink for letter in _letters(outbox, wanted, after=0, limit=None)}
    missing = sorted(set(numbers) - set(kept))
    if missing:
        raise QueryError(f"there is no dead letter {', '.join(map(str, missing))}; nothing was changed")
    names = {kept[number] for number in numbers}
    return {"retried": sum(outbox.retry(name, [n for n in numbers if kept[n] == name]) for name in sorted(names))}


def _letters(outbox: Outbox, sink: str | None, *, after: int, limit: int | None) -> list[DeadLetter]:
    found: list[DeadLetter] = []
    while limit is None or len(found) < limit:
        page = outbox.dead_letters(after=after, limit=LARGEST_LIMIT)
        if not page:
            break
        after = page[-1].number
        found += [letter for letter in page if sink in (None, letter.sink)]
    return found if limit is None else found[:limit]


def _whole(arguments: Mapping[str, Any], name: str, default: int | None, *, largest: int = _LARGEST_NUMBER) -> int:
    value = arguments.get(name)
    if value is None:
        value = default
    if type(value) is not int or not 0 <= value <= largest:
        raise QueryError(f"{name} must be a whole number from 0 to {largest}")
    return value


def _sink(arguments: Mapping[str, Any], sinks: Sequence[SinkStatistics]) -> str | None:
    value = arguments.get("sink")
    names = [sink.name for sink in sinks]
    if value is not None and value not in names:
        raise QueryError(f"there is no sink {str(value)[:80]!r}; there are: {', '.join(names) or 'none'}")
    return value
