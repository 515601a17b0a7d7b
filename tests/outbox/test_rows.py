"""Rows to values and back."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.attribution import Attribution
from agent.kernel.instants import Instant
from agent.kernel.records import Priority, Record
from agent.outbox.rows import frozen
from tests.support.outbox import an_instant, open_outbox

TEXT = st.text(max_size=30).filter(lambda text: "\0" not in text)
NUMBER = st.integers(0, 2**31)
RECORDS = st.builds(
    Record,
    kind=TEXT,
    body=TEXT,
    priority=st.sampled_from(Priority),
    attribution=st.builds(
        Attribution,
        device_id=TEXT,
        session_id=TEXT,
        referrer=TEXT,
        partner_id=NUMBER,
        entry_id=st.none() | TEXT,
        media_uri=TEXT,
        user_id=st.none() | TEXT,
        uiconf_id=st.none() | NUMBER,
        client_version=st.none() | TEXT,
    ),
    instant=st.builds(
        Instant,
        boot_id=TEXT,
        boottime=st.floats(0, 1e9),
        wall=st.floats(-1e9, 4e9),
        synced=st.booleans(),
    ),
)


@settings(max_examples=12, deadline=None)
@given(st.lists(RECORDS, max_size=10))
def test_what_is_appended_is_read_back_equal(records: list[Record]) -> None:
    """Names of media are written in every script there is."""
    with tempfile.TemporaryDirectory() as folder:
        outbox = open_outbox(Path(folder))
        outbox.append(records)
        outbox.close()
        again = open_outbox(Path(folder))
        found = [Record(e.kind, e.body, e.priority, e.attribution, e.instant) for e in again.events()]
        again.close()
    assert records == found


def test_a_synchronised_time_is_frozen_as_it_stands() -> None:
    """It saves a commit for nearly every event (decision 6)."""
    assert frozen(None, an_instant(wall=5.0)) == 5.0
    assert frozen(None, an_instant(wall=5.0, synced=False)) is None
    assert frozen(7.0, an_instant(wall=5.0, synced=False)) == 7.0
