"""What was logged: in memory, in files, for whoever waits."""

import json
import threading
from pathlib import Path

from tools.standin.event import Event
from tools.standin.journal import Journal


def test_record_is_appended_and_readable_at_once(tmp_path: Path) -> None:
    """A test and tools/run read the file while the collector runs, and it outlives a restart."""
    path = tmp_path / "events.jsonl"
    for number in (1, 2):
        journal = Journal(path, tmp_path / "log.csv", None)
        journal.append({"eventType": number, "userId": "é\n", "received": 0.0})
        assert number == json.loads(path.read_text(encoding="utf-8").splitlines()[-1])["eventType"]
        journal.close()
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2
    assert len((tmp_path / "log.csv").read_text(encoding="utf-8").splitlines()) == 4  # the line break is not escaped


def test_waiter_is_woken_by_the_event() -> None:
    """Tests wait for a condition, never for a time."""
    told: list[Event] = []
    journal = Journal(None, None, told.append)
    thread = threading.Thread(target=lambda: journal.append({"eventType": 3, "received": 0.0}))
    thread.start()
    assert journal.wait_for(lambda events: len(events) == 1, 60)
    thread.join()
    assert not journal.wait_for(lambda events: len(events) == 2, 0)
    assert told == journal.events()
    assert journal.total() == 1
