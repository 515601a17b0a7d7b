"""What the command line may ask about the queue: the same answers from a running agent and from a store at rest.

Contract: `answer` takes the open store, a call and its arguments, and returns `{"ok": …}` or `{"error": text}`, both
JSON. Calls: `queue.list` and `queue.dead.list` (sink, limit, after), `queue.show` and `queue.dead.show` (number),
`queue.stats`, `queue.dead.retry` and `queue.dead.discard` (numbers, or all of one sink); `report.*`
(agent.runtime.reporting.asking, loaded when the first of them is asked).
Rules: arguments come over a socket, so nothing about them is believed. Only a retry and a discard write, and they do
all of what was asked or nothing.
Reasons: decision 25 (one connection: a running agent is asked, else the command opens the store with the same code).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.outbox.errors import StoreTrouble
from agent.outbox.exporting import UnknownExportError
from agent.outbox.letters import UnknownLettersError
from agent.outbox.statistics import SinkStatistics
from agent.outbox.store import Outbox
from agent.runtime import care
from agent.runtime.figures import figures
from agent.runtime.portable import asking
from agent.runtime.views import event_view, letter_view

DEFAULT_LIMIT = 50
# About 700 bytes an event and 1 kB a dead letter: a thousand are a megabyte, which takes the main loop a tenth of a
# second (measured on x86-64).
LARGEST_LIMIT = 1000
_LARGEST_NUMBER = 2**63 - 1


class QueryError(Exception):
    """The call or its arguments make no sense; the text says what would."""


def answer(outbox: Outbox, call: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one call."""
    try:
        if call.startswith("report."):
            return {"ok": _report(outbox, call, arguments)}
        query = CALLS.get(call)
        if query is None:
            raise QueryError(f"no such call: {call[:80]}; there are {', '.join(CALLS)}")
        return {"ok": query(outbox, arguments)}
    except (QueryError, UnknownExportError) as error:
        return {"error": str(error)}
    except UnknownLettersError as error:
        return {"error": f"{error}; nothing was changed (kiosk-agent queue dead list shows all)"}
    except StoreTrouble as error:
        return {"error": f"{error} {error.remedy}"}


def _report(outbox: Outbox, call: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    from agent.runtime.reporting import asking  # noqa: PLC0415  see above

    report = asking.CALLS.get(call)
    if report is None:
        raise QueryError(f"no such call: {call[:80]}; there are {', '.join(asking.CALLS)}")
    try:
        return report(outbox, arguments)
    except ValueError as error:
        raise QueryError(str(error)) from None


def _list(outbox: Outbox, arguments: Mapping[str, Any]) -> dict[str, Any]:
    limit = _whole(arguments, "limit", DEFAULT_LIMIT, largest=LARGEST_LIMIT)
    after = _whole(arguments, "after", 0)
    sinks = outbox.statistics().sinks
    wanted = _sink(arguments, sinks)
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
    for event in outbox.events(after=number - 1, limit=1):
        if event.sequence == number:
            return event_view(event)
    raise QueryError(f"event {number} is not in the queue; delivered events leave it (kiosk-agent queue list)")


def _dead_list(outbox: Outbox, arguments: Mapping[str, Any]) -> dict[str, Any]:
    limit = _whole(arguments, "limit", DEFAULT_LIMIT, largest=LARGEST_LIMIT)
    after = _whole(arguments, "after", 0)
    sinks = outbox.statistics().sinks
    wanted = _sink(arguments, sinks)
    letters = outbox.dead_letters(sink=wanted, after=after, limit=limit)
    kept = sum(sink.dead_letters for sink in sinks if wanted in (None, sink.name))
    return {"letters": [letter_view(letter) for letter in letters], "total": kept}


def _dead_show(outbox: Outbox, arguments: Mapping[str, Any]) -> dict[str, Any]:
    number = _whole(arguments, "number", None)
    for letter in outbox.dead_letters(after=number - 1, limit=1):
        if letter.number == number:
            return letter_view(letter)
    raise QueryError(f"there is no dead letter {number}; kiosk-agent queue dead list shows all")


def _dead_retry(outbox: Outbox, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"retried": outbox.retry(*_chosen(outbox, arguments))}


def _dead_discard(outbox: Outbox, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"discarded": outbox.discard(*_chosen(outbox, arguments))}


def _chosen(outbox: Outbox, arguments: Mapping[str, Any]) -> tuple[str | None, list[int] | None]:
    """The sink (None: any) and the numbers (None: all of the sink) of the dead letters that are meant."""
    wanted = _sink(arguments, outbox.statistics().sinks)
    numbers = arguments.get("numbers")
    if numbers is None:
        if wanted is None:
            raise QueryError("say which dead letters: their numbers, or all of one sink")
        return wanted, None
    if not isinstance(numbers, list) or not numbers or not all(type(number) is int for number in numbers):
        raise QueryError("numbers must be a list of whole numbers")
    return wanted, numbers


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


CALLS: Mapping[str, Callable[[Outbox, Mapping[str, Any]], Any]] = {
    "queue.list": _list,
    "queue.show": _show,
    "queue.stats": lambda outbox, _: figures(outbox.statistics()),
    "queue.dead.list": _dead_list,
    "queue.dead.show": _dead_show,
    "queue.dead.retry": _dead_retry,
    "queue.dead.discard": _dead_discard,
    **asking.CALLS,
    **care.CALLS,
}
