"""A collection that goes on where it was interrupted."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.fleet.office import InvalidError
from agent.fleet.report_file import opened
from agent.fleet.report_progress import Progress
from agent.kernel.totals import By
from tests.support.reporting import all_slices
from tools.simulator.ledger import MadeUp

BY = (By.ENTRY, By.DAY)
QUESTION: dict[str, Any] = {"level": "fleet", "base": "kiosk", "by": ["entry", "day"]}
SLICES = all_slices(MadeUp("dev", 23), BY, 5)


def counted(path: Path, question: dict[str, Any] = QUESTION) -> Progress:
    progress = Progress(BY)
    with opened(path, question, progress.take):
        pass
    return progress


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with three of the five slices."""
    with opened(tmp_path / "kept", QUESTION, Progress(BY).take) as kept:
        for each in SLICES[:3]:
            kept.add("dev", each)
    return tmp_path / "kept"


def test_what_was_kept_is_counted_again(path: Path) -> None:
    """And nothing else; the file is its owner's alone."""
    part = counted(path).part("dev")
    assert (15, 15, False) == (part.read, part.cursor, part.is_done)
    assert 0o600 == path.stat().st_mode & 0o777


def test_slice_that_stands_there_twice_counts_once(path: Path) -> None:
    """The program was killed behind the write and before it knew."""
    with opened(path, QUESTION, Progress(BY).take) as kept:
        kept.add("dev", SLICES[2])
        kept.add("dev", SLICES[3])
    assert 20 == counted(path).part("dev").read


def test_any_cut_is_survived(path: Path) -> None:
    """A kill at any byte: whole lines count, and the rest is asked for again."""
    whole = path.read_bytes()
    ends = [index + 1 for index, byte in enumerate(whole) if byte == ord("\n")]
    near = {end + more for end in ends for more in (-1, 0, 1)}
    for length in sorted({0, 1, *range(2, len(whole), 211), *near} - {len(whole) + 1}):
        path.write_bytes(whole[:length])
        progress = Progress(BY)
        with opened(path, QUESTION, progress.take) as kept:
            lines = max(sum(end <= length for end in ends) - 1, 0)
            assert 5 * lines == progress.part("dev").read
            for each in SLICES[lines:]:
                kept.add("dev", each)
        assert counted(path).part("dev").is_done


def test_nonsense_in_the_middle_ends_what_counts(path: Path) -> None:
    """What stands behind it may leave lines out."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b'{"device": "dev", "slice": {}}\n', *lines[2:]]))
    assert 5 == counted(path).part("dev").read
    assert lines[:2] == path.read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a letter to my aunt\n", "no file of a report"),
        (b"a letter to my aunt", "no file of a report"),
        (b'{"kind": "kiosk-fleet rollout"}\n', "no file of a report"),
        (b"[1]\n", "no file of a report"),
    ],
)
def test_file_of_somebody_else_is_left_alone(tmp_path: Path, content: bytes, words: str) -> None:
    """The name was mistyped."""
    path = tmp_path / "letter"
    path.write_bytes(content)
    with pytest.raises(InvalidError, match=words):
        counted(path)
    assert content == path.read_bytes()


def test_file_of_another_question_names_the_difference(path: Path) -> None:
    """Days of two periods must not be added up."""
    with pytest.raises(InvalidError, match=r'from: null there, "2026-11-01" here'):
        counted(path, {**QUESTION, "from": "2026-11-01"})
    assert 15 == counted(path).part("dev").read


def test_file_is_used_by_one_program_at_a_time(path: Path) -> None:
    """Two would each keep half, in turns."""
    with opened(path, QUESTION, Progress(BY).take), pytest.raises(InvalidError, match="in use"):
        counted(path)


def test_file_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    """A folder, or one that does not exist."""
    with pytest.raises(InvalidError, match="no such file"):
        counted(tmp_path / "missing" / "kept")


def test_lines_are_json_for_whoever_looks_into_it(path: Path) -> None:
    """It is no secret what stands there."""
    head, *lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert ("kiosk-fleet report", 3, "dev") == (head["kind"], len(lines), lines[0]["device"])
