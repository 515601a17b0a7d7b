"""What a store says of itself, as plain values that can be compared and put into a mark.

Contract: `book` reads everything that the store promises to keep, through its public doors; the tombstones, which a
destination is shown one by one, as they stand in the file.
"""

from dataclasses import asdict, astuple
from typing import Any

from agent.outbox.store import Outbox
from agent.outbox.tombstones import between
from tests.support.outbox import core_of
from tests.support.plays import faults

STATES = ("tracker", "director", "anchor", "play", "words")
"""Named texts; those of the main loop's journal, and the script's own."""

EVERYTHING = 1_000_000


def book(outbox: Outbox) -> dict[str, Any]:
    """The account of `outbox`; its present generation is left out, since a repair begins a new one."""
    account = outbox.statistics()
    return {
        "newest": account.newest,
        "events": [
            [each.sequence, each.identity.generation, each.identity.sequence, each.kind, each.body, each.frozen_time]
            for each in outbox.events(limit=EVERYTHING)
        ],
        "states": {name: outbox.state(name) for name in STATES},
        "dropped": dict(account.dropped),
        "given up": sorted(str(each) for each in account.given_up),
        "tombstones": [list(astuple(stone)) for stone in between(core_of(outbox).database.conn, 0, EVERYTHING)],
        "estimated": account.estimated,
        "sinks": {
            sink.name: {
                "cursor": [sink.cursor.sequence, sink.cursor.parts],
                "projection": outbox.position(sink.name)[1],
                "enabled": sink.enabled,
                "depth": sink.depth,
                "delivered": sink.delivered,
                "resent": sink.resent,
                "passed": dict(sink.passed),
                "dropped": dict(sink.dropped),
                "refused": dict(sink.refused),
                "trials": sorted(
                    [*key, *asdict(tried).values()] for key, tried in outbox.trials(sink.name, 0, EVERYTHING).items()
                ),
            }
            for sink in account.sinks
        },
        "ledger": {
            "chain": list(astuple(outbox.play_chain())),
            "faults": [fault.what for fault in faults(outbox)],
            # When they were delivered hangs on what the process knows of the present moment.
            "plays": [
                [each.number, each.facts.session, each.facts.last, [[to.sink, to.at is None] for to in each.delivered]]
                for each in outbox.plays(limit=EVERYTHING)
            ],
        },
        "letters": [[each.number, each.sink, each.message, each.event.body] for each in outbox.dead_letters()],
    }


def sequences(found: dict[str, Any]) -> list[int]:
    """The sequences of the events in a book."""
    return [event[0] for event in found["events"]]


def unlined(found: dict[str, Any]) -> list[int]:
    """Plays whose end is in the log and not in the ledger, or in the ledger twice or at another event; by sequence."""
    lines = [play[2] for play in found["ledger"]["plays"]]
    # A refused event on its second way has the identity of its first.
    ends = [event[0] for event in found["events"] if event[3] == "closed" and event[0] == event[2]]
    doubled = [last for last in lines if lines.count(last) > 1]
    gone = [last for last in lines if last in sequences(found) and last not in ends]
    return sorted({*(set(ends) - set(lines)), *doubled, *gone})
