"""The queue and its destinations in words."""

from itertools import pairwise
from typing import Any

import click

from agent.cli.store_text import store_report

FIGURES: dict[str, Any] = {
    "queue": {"events": 13, "bytes": 4200, "bound_bytes": 256 << 20, "generation": "g", "schema": 1},
    "sinks": [
        {"name": "stats.collect", "depth": 13, "delivered": 5, "dead": {"X": 2}, "dead_letters": 1},
        {"name": "xapi", "state": "off", "depth": 0, "delivered": 0, "passed": {"disabled": 3}},
    ],
}


def test_store_alone_has_no_headline_and_no_gaps() -> None:
    """`queue stats` is not a status."""
    lines = [click.unstyle(line) for line in store_report(FIGURES)]
    assert lines[0].startswith("queue     13 events · 4.1 KiB of 256 MiB")
    assert "" not in (lines[0], lines[-1])
    assert not any(one == other == "" for one, other in pairwise(lines))


def test_each_destination_has_a_paragraph_with_its_own_numbers() -> None:
    """Accounting is per destination (decision 10)."""
    text = click.unstyle("\n".join(store_report(FIGURES)))
    assert "stats.collect · 13 waiting · 5 delivered" in text
    assert "refused: 2 X" in text
    assert "1 dead letter kept" in text
    assert "xapi · off · 0 delivered" in text
    assert "passed over: 3 disabled" in text


def test_empty_store_says_so() -> None:
    """A new installation has nothing to show, and says that."""
    assert "empty" in click.unstyle(store_report({"queue": {"events": 0}, "sinks": []})[0])
    assert [] == store_report({})


def test_backlog_says_how_it_goes() -> None:
    """Thousands waiting are no trouble while they are on their way."""
    for batched, words in ((True, "in batches"), (False, "one by one")):
        sink = {"name": "stats.collect", "draining": True, "batched": batched, "rate": 98.7}
        text = click.unstyle("\n".join(store_report({"sinks": [sink]})))
        assert f"sending a backlog {words} · 99 messages a second" in text


def test_backlog_that_waits_is_not_on_its_way() -> None:
    """Held, and sending eleven a second: an operator would believe the second."""
    sink = {"name": "stats.collect", "state": "held", "cause": "session", "text": "no", "draining": True, "rate": 11.0}
    assert "a second" not in click.unstyle("\n".join(store_report({"sinks": [sink]})))
