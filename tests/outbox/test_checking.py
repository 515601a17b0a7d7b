"""The full check in slices; that it finds damage is shown in test_salvage.py."""

from pathlib import Path

from agent.outbox.checking import SLICE
from tests.support.outbox import a_record, open_outbox


def test_the_check_takes_several_slices_and_ends(tmp_path: Path) -> None:
    """A check in one go would stop the loop for seconds on a slow card."""
    outbox = open_outbox(tmp_path)
    outbox.append([a_record() for _ in range(2 * SLICE + 1)])
    assert [outbox.check_slice() for _ in range(4)] == [False, False, True, False]
    outbox.close()
