"""Progress of an import; the rest is in test_queue_import.py."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.cli.importing import Progress
from tests.support.stores import store_with_story


def test_progress_is_told_once_for_each_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A month's queue takes minutes; silence looks like a hang, and a line four times a second like an alarm."""
    (sink,) = store_with_story(tmp_path).statistics().sinks
    progress = Progress()
    for depth in (4, 4, 3, 0):
        progress.tell((replace(sink, depth=depth),))
    assert "4 wait for stats.collect\n" == capsys.readouterr().err
