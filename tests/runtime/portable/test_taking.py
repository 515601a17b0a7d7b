"""A file is taken whole and once, whatever is cut off when, and by whoever."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from agent.outbox.errors import StoreBusy
from agent.outbox.lock import Lock
from agent.outbox.store import Outbox
from agent.runtime.portable import receipts, taking
from agent.runtime.portable.cipher import CipherError
from agent.runtime.portable.delivering import open_imported
from agent.runtime.portable.format import FileFault
from agent.runtime.portable.medium import MediumError
from agent.runtime.portable.taking import Taken, TakenError, finish, take
from tests.support.carrying import SINK, a_session, bodies, handed_over
from tests.support.certificates import a_certificate
from tests.support.outbox import open_outbox


def a_kiosk(folder: Path, *names: str) -> Outbox:
    """A kiosk's store with these plays, each of three events."""
    outbox = open_outbox(folder)
    outbox.register(SINK)
    for name in names:
        outbox.append(a_session(name, "a"))
    return outbox


def a_file(folder: Path, *, recipient: Path | None = None) -> Path:
    """The file of a kiosk with two plays."""
    (folder / "stick").mkdir(exist_ok=True)
    outbox = a_kiosk(folder / "kiosk", "s1", "s2")
    path = handed_over(outbox, folder / "stick", recipient=recipient)
    outbox.close()
    assert path is not None
    return path


def waiting(taken: Taken) -> list[str]:
    """What a taken file has to deliver."""
    outbox = open_imported(taken.folder, taken.receipt.device)
    try:
        return bodies(outbox)
    finally:
        outbox.close()


def test_file_is_taken_once_whatever_its_name(tmp_path: Path) -> None:
    """Somebody copies the stick, imports the copy, and then the stick."""
    path = a_file(tmp_path)
    copy = tmp_path / "copy"
    shutil.copy(path, copy)
    first = take(path, tmp_path / "office", key=None, now=1.0)
    assert (6, 0, False, True) == (first.events, first.skipped, first.was_there, first.is_marked)
    second = take(copy, tmp_path / "office", key=None, now=2.0)
    assert (first.folder, True, 1.0) == (second.folder, second.was_there, second.receipt.taken)
    assert 6 == len(waiting(second))


def test_taken_file_is_left_alone_by_another_machine(tmp_path: Path) -> None:
    """Two people, two laptops, one stick."""
    path = a_file(tmp_path)
    take(path, tmp_path / "office", key=None, now=1.0)
    with pytest.raises(TakenError, match="has taken this file already"):
        take(path, tmp_path / "laptop", key=None, now=2.0)
    assert not list((tmp_path / "laptop").rglob("store.db"))
    assert 6 == take(path, tmp_path / "laptop", key=None, now=2.0, again=True).events


def test_receipt_of_another_file_does_not_count(tmp_path: Path) -> None:
    """A name may be used again after a kiosk got a new card."""
    path = a_file(tmp_path)
    taken = take(path, tmp_path / "office", key=None, now=1.0)
    receipts.keep(replace(taken.receipt, id="another"), receipts.beside(path))
    assert 6 == take(path, tmp_path / "laptop", key=None, now=2.0).events


def test_delivered_file_is_remembered_and_its_store_gone(tmp_path: Path) -> None:
    """The memory of it must outlast the disk space."""
    path = a_file(tmp_path)
    taken = take(path, tmp_path / "office", key=None, now=1.0)
    assert finish(taken, path, {SINK: {"delivered": 6}}, now=3.0, is_empty=True)
    assert [taken.folder / "receipt.json"] == list(taken.folder.iterdir())
    assert 3.0 == take(path, tmp_path / "office", key=None, now=4.0).receipt.delivered
    (left,) = receipts.delivered_in(path.parent)
    assert ({SINK: {"delivered": 6}}, 3.0) == (left.outcome, left.delivered)


def test_overlapping_files_bring_each_event_once(tmp_path: Path) -> None:
    """A card was restored from an image: the same events are handed over once more, with others behind them."""
    kiosk = a_kiosk(tmp_path / "kiosk", "s1", "s2")
    kiosk.close()
    shutil.copytree(tmp_path / "kiosk", tmp_path / "image")
    first = a_file_of(tmp_path / "kiosk", tmp_path / "a")
    restored = open_outbox(tmp_path / "image")
    restored.append(a_session("s3", "b"))
    restored.close()
    second = a_file_of(tmp_path / "image", tmp_path / "b")
    taken = take(first, tmp_path / "office", key=None, now=1.0)
    finish(taken, first, {}, now=1.0, is_empty=True)
    taken = take(second, tmp_path / "office", key=None, now=2.0)
    assert (3, 6) == (taken.events, taken.skipped)
    assert ['"s3.open"', '"b"', '"s3.end"'] == waiting(taken)


def a_file_of(state: Path, stick: Path) -> Path:
    """The file of the kiosk in `state`."""
    stick.mkdir()
    outbox = open_outbox(state)
    path = handed_over(outbox, stick)
    outbox.close()
    assert path is not None
    return path


def test_file_of_two_generations_says_which_events_are_whose(tmp_path: Path) -> None:
    """After a change of board the same store goes on under another generation."""
    a_kiosk(tmp_path / "kiosk", "s1").close()
    outbox = open_outbox(tmp_path / "kiosk", hardware_key="board-2")
    outbox.append(a_session("s2", "b"))
    outbox.close()
    (tmp_path / "stick").mkdir()
    outbox = open_outbox(tmp_path / "kiosk", hardware_key="board-2")
    path = handed_over(outbox, tmp_path / "stick")
    assert path is not None
    taken = take(path, tmp_path / "office", key=None, now=1.0)
    ranges = taken.receipt.ranges
    assert [[1, 3], [4, 6]] == [each[1:] for each in ranges]
    assert 2 == len({each[0] for each in ranges})


def test_file_of_the_machine_itself_is_taken_like_any_other(tmp_path: Path) -> None:
    """The stick got lost, the kiosk came online: its own copy, written again, is the way home."""
    path = a_file(tmp_path)
    taken = take(path, tmp_path / "kiosk", key=None, now=1.0)
    assert (6, 6) == (taken.events, len(waiting(taken)))
    assert [] == bodies(open_outbox(tmp_path / "kiosk"))


def test_damaged_file_leaves_nothing(tmp_path: Path) -> None:
    """Nothing half imported: a second try with a better copy must find a clean table."""
    path = a_file(tmp_path)
    whole = path.read_bytes()
    for data in (whole[:-30], whole[:-1], whole + b"x", whole.replace(b"device-001", b"device-002", 1)):
        path.write_bytes(data)
        with pytest.raises(FileFault):
            take(path, tmp_path / "office", key=None, now=1.0)
        assert [] == [each for each in (tmp_path / "office" / "imported").iterdir() if each.is_dir()]
        assert not receipts.beside(path).exists()
    path.write_bytes(whole)
    assert 6 == take(path, tmp_path / "office", key=None, now=1.0).events


@pytest.mark.parametrize(("change", "text"), [({"schema": 99}, "schema 99"), ({"id": "../../etc"}, "its id")])
def test_header_that_cannot_be_followed_is_refused(tmp_path: Path, change: dict[str, object], text: str) -> None:
    """A newer kiosk's file; and an id becomes a folder's name."""
    path = a_file(tmp_path)
    line, _, rest = path.read_bytes().partition(b"\n")
    path.write_bytes(json.dumps({**json.loads(line), **change}).encode() + b"\n" + rest)
    with pytest.raises(FileFault, match=text):
        take(path, tmp_path / "office", key=None, now=1.0)


def test_encrypted_file_needs_its_key(tmp_path: Path) -> None:
    """With the right one it is as any other; without it, and with another one, nothing is taken and it says why."""
    certificate, key = a_certificate(tmp_path, "office")
    _, other = a_certificate(tmp_path, "other")
    path = a_file(tmp_path, recipient=certificate)
    with pytest.raises(FileFault, match="encrypted to the certificate"):
        take(path, tmp_path / "office", key=None, now=1.0)
    with pytest.raises(CipherError):
        take(path, tmp_path / "office", key=other, now=1.0)
    taken = take(path, tmp_path / "office", key=key, now=1.0)
    assert (6, 6) == (taken.events, len(waiting(taken)))


def test_draft_that_a_crash_left_is_begun_anew(tmp_path: Path) -> None:
    """SIGKILL in the middle of an import."""
    path = a_file(tmp_path)
    draft = tmp_path / "office" / "imported" / (taking.look(path).id + taking.DRAFTS)
    draft.mkdir(parents=True)
    (draft / "store.db").write_text("half")
    assert 6 == take(path, tmp_path / "office", key=None, now=1.0).events


def test_two_imports_at_once_do_not_mix(tmp_path: Path) -> None:
    """Two terminals, one file."""
    path = a_file(tmp_path)
    home = tmp_path / "office" / "imported"
    home.mkdir(parents=True)
    lock = Lock.take(home)
    with pytest.raises(StoreBusy):
        take(path, tmp_path / "office", key=None, now=1.0)
    lock.release()


def test_medium_that_takes_no_receipt_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write-protected stick can be imported, but nobody else will see that it was."""
    path = a_file(tmp_path)
    keep = receipts.keep

    def fail(receipt: receipts.Receipt, where: Path) -> None:
        if where.parent == path.parent:
            raise MediumError("read-only")
        keep(receipt, where)

    monkeypatch.setattr(receipts, "keep", fail)
    taken = take(path, tmp_path / "office", key=None, now=1.0)
    assert (6, False) == (taken.events, taken.is_marked)
