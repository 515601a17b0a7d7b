"""What this process wrote to the disk."""

from pathlib import Path

from agent.outbox.wear import written_bytes
from tests.support.outbox import a_record, open_outbox


def test_writes_are_counted(tmp_path: Path) -> None:
    """An operator sees what an event costs before the card is worn out."""
    outbox = open_outbox(tmp_path)
    before = outbox.statistics()
    for _ in range(20):
        outbox.append([a_record()])
    after = outbox.statistics()
    assert 20 == after.appended - before.appended
    assert before.written is not None
    assert after.written is not None
    assert after.written >= before.written
    assert written_bytes() is not None
    outbox.close()
