"""What is read of the open store."""

from pathlib import Path

from tests.support.outbox import a_record, open_outbox


def test_named_text_and_newest_event_are_read_back(tmp_path: Path) -> None:
    """What commits with events is of no use if it cannot be asked for."""
    outbox = open_outbox(tmp_path)
    outbox.append([a_record()], states={"tracker": "here"})
    assert "here" == outbox.state("tracker")
    assert 1 == outbox.newest
    outbox.close()
