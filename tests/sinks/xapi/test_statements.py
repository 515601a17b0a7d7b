"""What is posted is the same whenever it is posted."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.attribution import Identity
from agent.sinks.xapi import statements
from tests.support.playback import GENERATION

IDENTITY = Identity(GENERATION, 7)


def test_id_comes_from_the_identity_alone() -> None:
    """A resend, an import and a replay change nothing in the LRS."""
    assert "0" != statements.statement_id(IDENTITY, 0)
    assert statements.statement_id(IDENTITY, 0) == statements.statement_id(Identity(GENERATION, 7), 0)
    different = {statements.statement_id(Identity(GENERATION, n), part) for n in (7, 71) for part in (0, 1, 11)}
    assert 6 == len(different)
    assert {5} == {UUID(each).version for each in different}


def test_body_is_an_array_in_order_with_each_events_own_time() -> None:
    """Months offline stay right."""
    told = [
        statements.message(IDENTITY, part, "play", {"verb": {"id": "x"}, "note": "ä}"}, 1_795_000_000.5 + part)
        for part in range(2)
    ]
    found = json.loads(statements.body(told))
    assert statements.ids(told) == [each["id"] for each in found]
    assert ["2026-11-18T11:06:40.500Z", "2026-11-18T11:06:41.500Z"] == [each["timestamp"] for each in found]
    assert "ä}" == found[0]["note"]
    assert statements.body(told) == statements.body(told)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (2**31 + 10.0, "2038-01-19T03:14:18.000Z"),
        (1.9996, "1970-01-01T00:00:02.000Z"),
    ],
)
def test_time_is_written_beyond_the_year_2038(seconds: float, text: str) -> None:
    """Bookworm's 32-bit boards raise where gmtime is asked (edge.md section 3)."""
    assert text == statements.timestamp(seconds)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers() | st.none(), max_size=4))
def test_any_body_becomes_json(body: dict[str, object]) -> None:
    """The timestamp is put into text."""
    body.pop("id", None)
    body.pop("timestamp", None)
    (found,) = json.loads(statements.body([statements.message(IDENTITY, 0, "play", body, 5.0)]))
    assert body == {key: value for key, value in found.items() if key not in ("id", "timestamp")}
