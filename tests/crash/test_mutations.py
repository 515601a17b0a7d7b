"""The harness can see: a queue that is spoilt on purpose is found out."""

import pytest

from tests.crash import recording
from tests.crash.exploring import Outcome
from tests.crash.store_script import NORMAL, PSOW
from tests.crash.stores import LIFE, answering_early, explored, recorded

pytestmark = [
    pytest.mark.all,
    pytest.mark.timeout(600),
    pytest.mark.skipif(recording.COMPILER is None, reason=recording.WHY_SKIPPED),
]


def tell(found: Outcome, what: str, capsys: pytest.CaptureFixture[str]) -> Outcome:
    """Print the count; what was found is as it should be."""
    with capsys.disabled():
        print(f"\nspoilt, {what}: {found.bad} of {found.states} states bad")
    return found


def complaints(found: Outcome) -> str:
    """What was found."""
    return "\n".join(finding.complaint for finding in found.findings)


def test_disk_that_takes_an_fsync_for_nothing_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    """If this finds nothing, no other number of this harness means anything."""
    found = tell(explored(LIFE, states=6, share=0.03, honest=False), "no fsync", capsys)
    assert found.bad > found.states // 10
    assert "which had been acknowledged" in complaints(found)


def test_synchronous_normal_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    """One word in a PRAGMA, and every acknowledged event since the last checkpoint of the log is at stake."""
    life = recorded(LIFE, NORMAL)
    found = tell(explored(LIFE, life, states=4, share=0.08), "synchronous=NORMAL", capsys)
    assert found.bad > found.states // 10
    assert "which had been acknowledged" in complaints(found)


def test_commits_that_share_a_block_of_flash_are_seen(capsys: pytest.CaptureFixture[str]) -> None:
    """psow=1 is SQLite's default: a block that turns to garbage takes the commit before it along."""
    life = recorded(LIFE, PSOW)
    found = tell(explored(LIFE, life, states=20, share=0.1), "psow=1", capsys)
    assert {"garbage"} == {finding.kind for finding in found.findings}
    assert "which had been acknowledged" in complaints(found)


def test_answer_before_the_commit_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    """The bug that everybody writes once: it is promised as soon as it is begun."""
    found = tell(explored(LIFE, answering_early(recorded(LIFE)), states=1, share=0.3), "early answers", capsys)
    assert found.bad
    assert "which had been acknowledged" in complaints(found)
