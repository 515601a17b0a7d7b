"""The store's own figures in the words of `status`.

Contract: pure; what `status`, `queue stats` and the offline command line say of the store comes from here, so that the
three never disagree.
"""

from dataclasses import asdict
from typing import Any

from agent.outbox.statistics import SinkStatistics, Statistics


def figures(statistics: Statistics) -> dict[str, Any]:
    """The store's account in the words of `status`: the parts `queue`, `ledger` and `sinks`."""
    oldest = [sink.oldest.wall for sink in statistics.sinks if sink.oldest is not None]
    return {
        "queue": {
            "events": max((sink.depth for sink in statistics.sinks), default=statistics.in_memory),
            "in_memory": statistics.in_memory,
            "bytes": statistics.bytes_used,
            "bound_bytes": statistics.bytes_bound,
            "oldest_wall": min(oldest, default=None),
            "generation": statistics.generation,
            "schema": statistics.schema,
            "ever": statistics.newest,
            "dropped": dict(statistics.dropped),
            "estimated_times": statistics.estimated,
            "disk_full": statistics.growth_stopped,
            "trouble": statistics.trouble,
            "balanced": is_balanced(statistics),
            "unburied": statistics.unburied,
            "given_up": [
                {"reason": g.reason, "kind": g.kind, "events": g.number, "first_wall": g.first, "last_wall": g.last}
                for g in statistics.given_up
            ],
            "written_bytes": statistics.written,
            "written_events": statistics.appended,
        },
        "ledger": {
            "first": statistics.ledger.first,
            "last": statistics.ledger.last,
            "bytes": statistics.ledger.bytes_used,
            "bound_bytes": statistics.ledger.bytes_bound,
            "unwritten": statistics.ledger.unwritten,
            "pruned": statistics.ledger.pruned,
            "lost": statistics.ledger.lost,
        },
        "sinks": [sink_figures(sink) for sink in statistics.sinks],
    }


def is_balanced(statistics: Statistics) -> bool:
    """Whether everything that was ever produced is accounted for (agent.outbox.accounting)."""
    books = [sink.account for sink in statistics.sinks]
    return not statistics.unburied and not any(book.difference or book.letters_difference for book in books)


def sink_figures(sink: SinkStatistics) -> dict[str, Any]:
    """One destination's account in the words of `status`, without what only delivery knows."""
    view: dict[str, Any] = {
        "name": sink.name,
        "depth": sink.depth,
        "oldest_wall": None if sink.oldest is None else sink.oldest.wall,
        "delivered": sink.delivered,
        "resent": sink.resent,
        "perhaps_repeated": sink.perhaps_repeated,
        "accepted_ahead": sink.accepted_ahead,
        "unverified": sink.unverified,
        "passed": dict(sink.passed),
        "dropped": dict(sink.dropped),
        "dead": dict(sink.refused),
        "dead_letters": sink.dead_letters,
        "account": {
            **asdict(sink.account),
            "difference": sink.account.difference,
            "letters_difference": sink.account.letters_difference,
        },
    }
    return view if sink.enabled else {**view, "state": "off"}
