"""What `queue export` asks of the store: the same answers from a running agent and from a store at rest.

Contract: `CALLS` are the calls; each takes the open store and arguments and returns JSON, or raises UnknownExportError.
`export_of` and `page_of` read the answers. `queue.export.begin` (`now`: an instant's four values) may be asked only
while no message is under way: `at_rest` sees to that in a running agent.
Rules: arguments come over a socket, so nothing about them is believed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from agent.delivery.worker import Worker
from agent.kernel.instants import Instant
from agent.outbox.exporting import Export, Page, UnknownExportError
from agent.outbox.store import Outbox

BEGIN: Final = "queue.export.begin"
BUSY: Final = "a message is under way"
"""How an answer begins that says: ask again in a moment."""


def _known(outbox: Outbox, _: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [asdict(export) for export in outbox.exports.known()]


def _begin(outbox: Outbox, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    now = arguments.get("now")
    if not isinstance(now, list) or [type(value) for value in now] != [str, float, float, bool]:
        raise UnknownExportError("the present moment is missing")
    export = outbox.exports.begin(Instant(*now))
    return None if export is None else asdict(export)


def _page(outbox: Outbox, arguments: Mapping[str, Any]) -> dict[str, Any]:
    after = arguments.get("after")
    if after is not None and (type(after) is not int or not 0 <= after < 2**63):
        raise UnknownExportError("a page begins behind a sequence")
    return asdict(outbox.exports.page(_named(arguments), after))


def _written(outbox: Outbox, arguments: Mapping[str, Any]) -> None:
    outbox.exports.written(_named(arguments))


def _forget(outbox: Outbox, arguments: Mapping[str, Any]) -> None:
    outbox.exports.forget(_named(arguments))


def _named(arguments: Mapping[str, Any]) -> str:
    identifier = arguments.get("id")
    if not isinstance(identifier, str):
        raise UnknownExportError("the export's id is missing")
    return identifier


CALLS: Mapping[str, Callable[[Outbox, Mapping[str, Any]], Any]] = {
    "queue.export.known": _known,
    BEGIN: _begin,
    "queue.export.page": _page,
    "queue.export.written": _written,
    "queue.export.forget": _forget,
}


def moment(now: Instant) -> list[Any]:
    """An instant as the argument `now`."""
    return [now.boot_id, now.boottime, now.wall, now.synced]


def export_of(said: Mapping[str, Any]) -> Export:
    """An export from an answer."""
    return Export(**said)


def page_of(said: Mapping[str, Any]) -> Page:
    """A page from an answer."""
    return Page(**said)


@contextmanager
def at_rest(workers: Sequence[Worker]) -> Iterator[str | None]:
    """Hold all destinations between two steps; the name of one that cannot be held now, None where all are.

    Nobody waits: a message under way may take half a minute.
    """
    held: list[Worker] = []
    try:
        busy = None
        for worker in workers:
            if not worker.hold():
                busy = worker.name
                break
            held.append(worker)
        yield busy
    finally:
        for worker in held:
            worker.let_go()
