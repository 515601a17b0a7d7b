"""Copies on the disk: whole or not there, and what goes first."""

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.player.cache.copies import Copy, Shelf, key_of, leaving

URI = "http://media.test/a.mp4?token=secret"


def _shelf(folder: Path, *, max_bytes: int = 1000, reserve: int = 0) -> Shelf:
    return Shelf(folder / "cache", max_bytes=max_bytes, reserve=reserve)


def _put(shelf: Shelf, uri: str, body: bytes, *, used: float = 0.0) -> Copy:
    key = key_of(uri)
    shelf.part(key).write_bytes(body)
    shelf.adopt(uri, Copy(key, "", len(body), hashlib.sha256(body).hexdigest(), used=used))
    return shelf.copies[key]


def test_copy_is_found_by_the_next_process_under_a_name_without_secrets(tmp_path: Path) -> None:
    """A power cut is the usual end; and an address may hold a token."""
    copy = _put(_shelf(tmp_path), URI, b"film")
    again = _shelf(tmp_path)
    assert again.is_whole(copy.key) and again.is_sound(copy.key)
    assert b"film" == again.path(copy).read_bytes()
    assert copy.file.endswith(".mp4"), "the player's demuxers go by the name, too"
    assert "secret" not in "".join(path.name + path.read_text("latin-1") for path in again.folder.iterdir())


def test_copy_that_lacks_a_byte_or_whose_note_is_damaged_is_not_there(tmp_path: Path) -> None:
    """A file system that was not unmounted gives back what it likes."""
    short, noteless = _put(_shelf(tmp_path), URI, b"film"), _put(_shelf(tmp_path), "http://media.test/b.mp4", b"film")
    folder = tmp_path / "cache"
    (folder / short.file).write_bytes(b"fil")
    (folder / f"{noteless.key}.json").write_text("{")
    again = _shelf(tmp_path)
    assert {} == again.copies
    assert [] == list(folder.iterdir()), "and takes no room"


def test_folder_of_somebody_else_keeps_what_is_in_it(tmp_path: Path) -> None:
    """Whoever names /srv/media as the folder of the copies still has his films."""
    folder = tmp_path / "cache"
    folder.mkdir()
    for name in ("film.mp4", "notes.json", "a.part"):
        (folder / name).write_bytes(b"x" * 5000)
    shelf = _shelf(tmp_path)
    shelf.tidy(())
    assert ["a.part", "film.mp4", "notes.json"] == sorted(path.name for path in folder.iterdir())
    assert 0 == shelf.size


def test_another_copy_of_the_same_takes_the_old_ones_place(tmp_path: Path) -> None:
    """The server has a newer film; the old one is played until this one is whole."""
    shelf = _shelf(tmp_path)
    old, new = _put(shelf, URI, b"old"), _put(shelf, URI, b"newer")
    assert old.file != new.file
    assert 8 == shelf.size
    assert shelf.sweep(kept=shelf.path(old)), "a player may be about to open it"
    assert b"old" == shelf.path(old).read_bytes()
    assert not shelf.sweep(kept=None)
    assert 5 == shelf.size
    assert b"newer" == shelf.path(shelf.copies[key_of(URI)]).read_bytes()


def test_rot_is_found(tmp_path: Path) -> None:
    """Cards change bits, and the length stays."""
    shelf = _shelf(tmp_path)
    copy = _put(shelf, URI, b"film")
    shelf.path(copy).write_bytes(b"filn")
    assert shelf.is_whole(copy.key)
    assert not shelf.is_sound(copy.key)


def test_room_is_made_of_what_nobody_wants_and_the_queue_keeps_its_own(tmp_path: Path) -> None:
    """The reports are the product; films are only shown."""
    shelf = _shelf(tmp_path, max_bytes=10)
    kept = [_put(shelf, f"http://media.test/{name}.mp4", b"1234", used=used) for name, used in (("a", 1), ("b", 2))]
    keys = [copy.key for copy in kept]
    assert not shelf.room(6, wanted=keys, kept=())
    assert shelf.room(6, wanted=keys[1:], kept=())
    assert keys[1:] == list(shelf.copies)
    disk = os.statvfs(tmp_path)
    assert not _shelf(tmp_path, reserve=disk.f_bavail * disk.f_frsize).room(1 << 30, wanted=(), kept=())


def test_smaller_bound_is_kept_to(tmp_path: Path) -> None:
    """Whoever lowers it needs the room now; what is on the screen stays."""
    shelf = _shelf(tmp_path)
    kept = [_put(shelf, f"http://media.test/{number}.mp4", b"1234", used=number) for number in range(3)]
    shelf.max_bytes = 5
    assert 2 == shelf.shrink(kept={kept[0].key})
    assert [kept[0].key] == list(shelf.copies)


def test_damaged_note_of_another_kind_does_no_harm(tmp_path: Path) -> None:
    """A note is read from a card."""
    shelf = _shelf(tmp_path)
    copy = _put(shelf, URI, b"film")
    right: dict[str, Any] = asdict(copy)
    wrong: list[dict[str, Any]] = [
        {"file": "/etc/passwd"},
        {"file": f"{copy.key}-../../passwd"},
        {"file": f"{copy.key}.json"},
        {"size": "4"},
        {"used": "yesterday"},
        {"used": float("nan")},
        {"etag": 5},
        {"last_modified": []},
        {"sha256": None},
    ]
    for text in ("[]", "null", '{"key": 1}', *(json.dumps(right | each) for each in wrong)):
        (shelf.folder / f"{copy.key}.json").write_text(text)
        assert {} == _shelf(tmp_path).copies


copies = st.lists(
    st.builds(
        Copy,
        key=st.text("abcdef", min_size=1, max_size=3),
        file=st.just("x"),
        size=st.integers(0, 50),
        sha256=st.just(""),
        used=st.floats(0, 10),
    ),
    unique_by=lambda copy: copy.key,
    max_size=8,
)


@given(
    copies, st.integers(0, 200), st.integers(-100, 100), st.sets(st.text("abcdef", min_size=1, max_size=3)), st.data()
)
def test_any_eviction_is_least_recently_used_first_and_no_more_than_needed(
    found: list[Copy], need: int, free: int, wanted: set[str], data: st.DataObject
) -> None:
    """A model in one sentence: the oldest that may go, until it fits, or nothing at all."""
    kept = data.draw(st.sets(st.sampled_from([copy.key for copy in found]))) if found else set()
    gone = leaving(found, need=need, free=free, wanted=wanted, kept=kept)
    may_go = [copy for copy in sorted(found, key=lambda copy: (copy.used, copy.key)) if copy.key not in wanted | kept]
    if gone is None:
        assert free + sum(copy.size for copy in may_go) < need
        return
    assert gone == may_go[: len(gone)]
    assert free + sum(copy.size for copy in gone) >= need
    assert not gone or free + sum(copy.size for copy in gone[:-1]) < need
