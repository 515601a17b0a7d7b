"""The memory of commands: what survives, what is bounded, what is damaged."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.remote.answers import Address, Status
from agent.remote.deeds import FILE_NAME, INTERRUPTED, KEPT_AT_MOST, Deed, Deeds


def deed(id: str, status: Status = Status.DONE, *, told: bool = True, reason: str | None = None) -> Deed:
    return Deed(id, "next", Address("kiosk/v1/answers/a", b"\x00\xff"), status, reason, told)


def kept(folder: Path, *deeds: Deed) -> Deeds:
    """What a next process finds after these were saved."""
    memory = Deeds(folder / FILE_NAME)
    for each in deeds:
        memory.note(each)
    memory.save()
    return Deeds(folder / FILE_NAME)


def test_answer_is_known_to_the_next_process(tmp_path: Path) -> None:
    """The broker gives again what was not acknowledged before the kill."""
    done = deed("c1", Status.FAILED, reason="no player")
    memory = kept(tmp_path, done)
    assert done == memory.find("c1")
    assert None is memory.find("c2")
    assert 0o600 == stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode)


def test_command_that_was_begun_has_failed_in_the_next_process(tmp_path: Path) -> None:
    """It may have been done; to do it again would be twice."""
    memory = kept(tmp_path, deed("c1", Status.ACCEPTED, told=True))
    found = memory.find("c1")
    assert found is not None
    assert (Status.FAILED, INTERRUPTED, False) == (found.status, found.reason, found.told)
    assert (found,) == memory.untold


def test_answer_that_did_not_go_out_is_known_as_such(tmp_path: Path) -> None:
    """Whoever asked still waits."""
    memory = kept(tmp_path, deed("c1", told=False), deed("c2"))
    assert ["c1"] == [each.id for each in memory.untold]
    memory.note_told("c1", told=True)
    memory.note_told("c3", told=True)
    assert () == memory.untold


def test_memory_is_bounded_and_what_is_under_way_stays(tmp_path: Path) -> None:
    """A program that has run wild must not fill the card, nor push out what is being executed."""
    many = [deed(f"c{number}") for number in range(3 * KEPT_AT_MOST)]
    memory = kept(tmp_path, deed("slow", Status.ACCEPTED), *many)
    assert memory.find("slow") is not None
    assert memory.find(f"c{2 * KEPT_AT_MOST}") is None
    assert memory.find(f"c{2 * KEPT_AT_MOST + 1}") is not None
    assert (tmp_path / FILE_NAME).stat().st_size < 60_000


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"commands": [{}]}', b'{"commands": 7}', b"[" * 100_000, b"\xff"]
)
def test_damaged_memory_is_set_aside_and_said(tmp_path: Path, content: bytes) -> None:
    """A card that dies does so by and by; commands must go on, and somebody must know."""
    (tmp_path / FILE_NAME).write_bytes(content)
    memory = Deeds(tmp_path / FILE_NAME)
    assert "damaged" in (memory.damage or "")
    assert content == (tmp_path / f"{FILE_NAME}.damaged").read_bytes()
    memory.note(deed("c1"))
    memory.save()
    assert Deeds(tmp_path / FILE_NAME).find("c1") is not None


def test_memory_that_is_far_too_large_is_not_ours(tmp_path: Path) -> None:
    """A start must not read a file of gigabytes."""
    (tmp_path / FILE_NAME).write_bytes(b" " * 2_000_000)
    assert Deeds(tmp_path / FILE_NAME).damage is not None


def test_memory_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    """A folder in its place, which no permission of root's hides."""
    (tmp_path / FILE_NAME).mkdir()
    assert "cannot be read" in (Deeds(tmp_path / FILE_NAME).damage or "")


def test_no_memory_yet_is_no_damage(tmp_path: Path) -> None:
    """The first start of all."""
    memory = Deeds(tmp_path / FILE_NAME)
    assert (None, False, ()) == (memory.damage, memory.is_unsaved, memory.untold)


def test_what_is_only_told_makes_no_write_due(tmp_path: Path) -> None:
    """Each write wears the card."""
    memory = kept(tmp_path, deed("c1", told=False))
    memory.note_told("c1", told=True)
    assert not memory.is_unsaved
    memory.note(deed("c2"))
    assert memory.is_unsaved


def test_failed_write_leaves_what_was_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk takes no command's memory away."""
    memory = kept(tmp_path, deed("c1"))
    memory.note(deed("c2"))
    (tmp_path / f"{FILE_NAME}.new").mkdir()
    with pytest.raises(OSError):
        memory.save()
    assert memory.is_unsaved
    assert memory.find("c2") is not None
    assert Deeds(tmp_path / FILE_NAME).find("c1") is not None


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)
ALMOST = st.fixed_dictionaries(
    {key: TREES | st.text(max_size=5) for key in ("id", "command", "topic", "correlation", "reason", "told")}
    | {"status": st.sampled_from(["accepted", "done", "failed"]) | TREES}
)


@settings(max_examples=60)
@given(
    content=st.binary(max_size=80) | st.builds(lambda each: json.dumps({"commands": each}).encode(), st.lists(ALMOST))
)
def test_no_content_keeps_the_agent_from_starting(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """A bit that tipped over in a small file must not take a screen down."""
    path = tmp_path_factory.mktemp("state") / FILE_NAME
    path.write_bytes(content)
    memory = Deeds(path)
    memory.save()
    assert Deeds(path).damage is None
