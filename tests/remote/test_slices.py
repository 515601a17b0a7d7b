"""A part of a report on its way from a device."""

import json
from typing import Any

import pytest

from agent.kernel.plays import ChainHead
from agent.kernel.totals import By, Grouped
from agent.remote.slices import Slice, by_of, slice_of
from tests.support.ledgers import a_play


def a_slice(**changes: Any) -> Slice:
    rows = Grouped([By.ENTRY, By.DAY])
    rows.add_play(("0_a", "2026-11-22"), a_play(11))
    rows.add_play((None, "2026-11-22"), a_play(12, entry_id=None))
    made: dict[str, Any] = {
        "ledger": "6f1c8a52-0b0e-4f57-9a40-0d6c1f1f2a33",
        "zone": "Europe/Berlin",
        "offset_s": 3600,
        "chain": ChainHead(20, "ab" * 32, 3, 7),
        "span": (11, 15),
        "after": 10,
        "to": 13,
        "read": 3,
        "done": False,
        "grouped": rows,
        **changes,
    }
    return Slice(**made)


def test_slice_arrives_as_it_was_sent() -> None:
    """Through JSON, as a broker carries it."""
    for made in (a_slice(), a_slice(span=None, after=0, to=0, read=0, done=True, grouped=Grouped([]))):
        found = slice_of(json.loads(json.dumps(made.plain())))
        assert made.plain() == found.plain()
        assert (made.span, made.chain, made.grouped.rows) == (found.span, found.chain, found.grouped.rows)
    plain = a_slice().plain()
    del plain["chain"]["copied"]
    assert 0 == slice_of(plain).chain.copied  # of an agent that knows no copies


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"columns": ["plays"]},
        {"ledger": None},
        {"zone": "x" * 300},
        {"offset_s": "3600"},
        {"chain": None},
        {"chain": {"number": 20, "hash": 5, "first": 3}},
        {"chain": {}},
        {"span": [11]},
        {"span": [0, 11]},
        {"span": "all"},
        {"after": -1},
        {"after": 14},
        {"cursor": 1 << 60},
        {"read": 4},
        {"read": 1},
        {"done": "yes"},
        {"by": ["site", "day"]},
        {"by": ["entry"]},
        {"rows": None},
        {},
    ],
)
def test_slice_that_no_device_of_ours_sends_is_refused(changes: dict[str, Any]) -> None:
    """A hostile device may spoil its own part of a report, and that only."""
    data = {**a_slice().plain(), **changes} if changes else {}
    with pytest.raises(ValueError, match=r"."):
        slice_of(data)


def test_keys_are_a_list_or_a_text() -> None:
    """On the wire and on a command line."""
    assert (By.DAY, By.ENTRY) == by_of("day,entry") == by_of(["day", "entry"])
    assert () == by_of([])
    assert (By.SITE,) == by_of("site", among=By)


@pytest.mark.parametrize("value", ["", "site", "entry,entry", 5, None, [5], {"entry": 1}])
def test_keys_that_there_are_not_are_refused_with_those_that_there_are(value: object) -> None:
    """The error names what may stand there."""
    with pytest.raises(ValueError, match=r"entry, item, day, display|once"):
        by_of(value)
