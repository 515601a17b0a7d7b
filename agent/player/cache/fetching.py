"""One medium, fetched from its address into the cache: whole, or gone on with the next time.

Contract: `fetch` answers what became of it, and raises nothing that a network, a server or a disk can cause. It is told
what the shelf has, and puts a whole copy there.
Rules: what broke off is gone on with (a range, on condition that the medium is the same one); a copy that is there is
asked for on condition that it has changed. At most `REDIRECTS` redirects: as VLC would go, the host that the list
names answers for where it sends us. A body is whole if it has the length that was said, of a part the medium's own;
where the item has a checksum it must be that. Nothing is begun for which there is no room, and without a length each
piece is asked room for.
Reasons: house rules 4, 8 and 9; agent.player.cache.heads judges what servers say.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, Final, Protocol

from agent.player.cache import heads
from agent.player.cache.copies import READ_BYTES, Copy, Shelf, key_of

REDIRECTS: Final = 5
# What a power cut costs at most of a download that is gone on with: what was not synced may be anything.
SYNC_BYTES: Final = 8 << 20
_MOVED: Final = frozenset({301, 302, 303, 307, 308})


class Outcome(Enum):
    """What became of it. A server is not reached by a refused connection or an unknown name; what broke off had begun.

    The values are shown, and counted in the metrics.
    """

    FETCHED = "fetched"
    SAME = "unchanged"
    NO_ROOM = "no room"
    NOT_REACHED = "not reached"
    BROKEN_OFF = "broken off"
    REFUSED = "refused"
    OTHER_CONTENT = "not what sha256 says"
    DISK = "the disk refuses"


@dataclass(frozen=True, slots=True)
class Wish:
    """A medium that is to be there. `sha256`: what it must be, where the list says it."""

    uri: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """`said`: in words, for people, without secrets. `size`: bytes that came over the wire."""

    outcome: Outcome
    said: str = ""
    size: int = 0


class Fetcher(Protocol):
    """agent.sinks.http.download, which this room does not import."""

    def fetch(self, url: str, headers: Mapping[str, str], begin: Callable[[Any], Any]) -> Any: ...

    def close(self) -> None: ...


class Fetch:
    """One try. `room` is asked for bytes more."""

    def __init__(self, wish: Wish, shelf: Shelf, room: Callable[[int], bool], goes_on: Callable[[], bool]) -> None:
        self._wish = wish
        self._shelf = shelf
        self._room = room
        self._goes_on = goes_on
        self._key = key_of(wish.uri)
        self._copy = shelf.copies.get(self._key) if is_met(wish, shelf) else None
        self._file: Any = None
        self._digest = hashlib.sha256()
        self._size = self._came = self._synced = 0
        self._whole: int | None = None
        self._asked_from: int | None = None
        self._has_answer = False
        self._head: Any = None
        self._trouble: Fetched | None = None

    def run(self, wire: Callable[[], Fetcher]) -> Fetched:
        """Ask for it."""
        uri = self._wish.uri
        try:
            for _ in range(REDIRECTS + 1):
                fetcher, self._has_answer = wire(), False
                try:
                    answer = fetcher.fetch(uri, {**self._headers(), **heads.login(uri)}, self._begin)
                finally:
                    fetcher.close()
                self._close()
                status, location = getattr(answer, "status", None), getattr(answer, "location", None)
                if status not in _MOVED or not location:
                    return self._judged(answer)
                there = heads.onward(uri, location)
                if there is None:
                    return Fetched(Outcome.REFUSED, "the server sends us to an address that is not followed")
                uri = there
            return Fetched(Outcome.REFUSED, f"more than {REDIRECTS} redirects")
        except OSError as error:
            with suppress(OSError):
                self._forget()
            return Fetched(Outcome.DISK, error.strerror or str(error), self._came)
        finally:
            with suppress(OSError):
                self._close()

    def _headers(self) -> dict[str, str]:
        known, synced = self._begun()
        self._asked_from = synced if known else None
        if known:
            return {"Range": f"bytes={synced}-", "If-Range": known}
        if self._copy is None:
            return {}
        asked = {"If-None-Match": self._copy.etag, "If-Modified-Since": self._copy.last_modified}
        return {name: value for name, value in asked.items() if value}

    def _begun(self) -> tuple[str, int]:
        """What has been begun: by what the server knows it again, and how many bytes of it are safe on the disk."""
        part = self._shelf.part(self._key)
        with suppress(OSError, ValueError):
            found = json.loads(self._note.read_text(encoding="utf-8"))
            known, synced = (found.get("known"), found.get("synced")) if isinstance(found, Mapping) else (None, None)
            if isinstance(known, str) and known and type(synced) is int and 0 < synced <= part.stat().st_size:
                os.truncate(part, synced)
                return known, synced
        return "", 0

    @property
    def _note(self) -> Path:
        return self._shelf.folder / f"{self._key}.begun"

    def _begin(self, head: Any) -> Callable[[bytes], bool] | None:
        self._has_answer = True
        if head.status not in (200, 206):
            return None
        self._head = head
        try:
            self._trouble = self._unfit(head) or self._opened(head)
        except OSError as error:
            self._trouble = Fetched(Outcome.DISK, error.strerror or str(error))
        return self._write if self._trouble is None else None

    def _unfit(self, head: Any) -> Fetched | None:
        """Why an answer is not the medium."""
        why = heads.doubt(head, has_checksum=self._wish.sha256 is not None)
        if why is not None:
            return Fetched(Outcome.REFUSED, why)
        if head.status == 200:
            return None
        span = heads.span_of(head.content_range)
        if span is None or span.first != self._asked_from:
            self._forget()
            return Fetched(Outcome.REFUSED, "the server's range is not the one that was asked for")
        if span.whole is None and self._wish.sha256 is None:
            self._forget()
            return Fetched(Outcome.REFUSED, "the server sends a part and hides of how much, so it is begun anew")
        return None

    def _opened(self, head: Any) -> Fetched | None:
        part = self._shelf.part(self._key)
        if head.status == 200:
            self._forget()
        self._file = part.open("ab")
        self._size = self._file.tell()
        if self._size:
            with part.open("rb") as before:
                while piece := before.read(READ_BYTES):
                    self._digest.update(piece)
        span = heads.span_of(head.content_range) if head.status == 206 else None
        self._whole = None if head.length is None else self._size + head.length
        if span is not None and span.whole is not None:
            self._whole = span.whole
        if self._whole is not None and not self._room(max(self._whole - self._size, 0)):
            return Fetched(Outcome.NO_ROOM, f"{self._whole} bytes do not fit")
        return None

    def _write(self, piece: bytes) -> bool:
        if not self._goes_on():
            self._trouble = Fetched(Outcome.BROKEN_OFF, "it is not wanted any more", self._came)
            return False
        if not self._size and heads.begins_as_list(piece):
            self._trouble = Fetched(Outcome.REFUSED, heads.SEGMENTS, len(piece))
            self._forget()
            return False
        if self._whole is None and not self._room(len(piece)):
            self._trouble = Fetched(Outcome.NO_ROOM, "it has no length, and grew beyond what there is room for")
            return False
        self._digest.update(piece)
        self._size, self._came = self._size + len(piece), self._came + len(piece)
        try:
            self._file.write(piece)
            if self._size - self._synced >= SYNC_BYTES:
                self._sync()
        except OSError as error:
            self._trouble = Fetched(Outcome.DISK, error.strerror or str(error), self._came)
        return self._trouble is None

    def _sync(self) -> None:
        """What came so far is safe, and can be gone on with where the server knows it again."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._synced = self._size
        etag = self._head.etag
        known = etag if etag and not etag.startswith("W/") else self._head.last_modified
        if known:
            self._note.write_text(json.dumps({"known": known, "synced": self._size}), encoding="utf-8")

    def _judged(self, answer: Any) -> Fetched:
        status = getattr(answer, "status", None)
        if self._trouble is not None:
            if self._trouble.outcome in (Outcome.NO_ROOM, Outcome.DISK):
                self._forget()
            return self._trouble
        if status is None:
            has_begun = self._has_answer or getattr(answer, "lost", False)
            outcome = Outcome.BROKEN_OFF if has_begun else Outcome.NOT_REACHED
            return Fetched(outcome, str(getattr(answer, "text", answer)), self._came)
        if status == 304 and self._copy is not None:
            return Fetched(Outcome.SAME)
        if status == 416:
            self._forget()
        if status not in (200, 206):
            return Fetched(Outcome.REFUSED, f"the server answers {status}", self._came)
        if self._whole is not None and self._size != self._whole:
            return Fetched(Outcome.BROKEN_OFF, f"{self._size} of {self._whole} bytes came", self._came)
        if not self._size:
            self._forget()
            return Fetched(Outcome.REFUSED, "the server answers with nothing")
        return self._adopted()

    def _adopted(self) -> Fetched:
        digest = self._digest.hexdigest()
        if self._wish.sha256 not in (None, digest):
            self._forget()
            return Fetched(Outcome.OTHER_CONTENT, "its checksum is another one", self._came)
        used = 0.0 if self._copy is None else self._copy.used
        copy = Copy(self._key, "", self._size, digest, self._head.etag, self._head.last_modified, used)
        self._shelf.adopt(self._wish.uri, copy)
        self._note.unlink(missing_ok=True)
        return Fetched(Outcome.FETCHED, size=self._came)

    def _close(self) -> None:
        if self._file is not None:
            try:
                self._sync()
            finally:
                file, self._file = self._file, None
                file.close()

    def _forget(self) -> None:
        """What was begun is of no use."""
        if self._file is not None:
            file, self._file = self._file, None
            with suppress(OSError):
                file.close()
        self._shelf.part(self._key).unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self._digest, self._size = hashlib.sha256(), 0


def is_met(wish: Wish, shelf: Shelf) -> bool:
    """Whether what is wanted is there, and is what the list says."""
    key = key_of(wish.uri)
    return shelf.is_whole(key) and wish.sha256 in (None, shelf.copies[key].sha256)


def touched(copy: Copy, used: float) -> Copy:
    """The copy was played."""
    return replace(copy, used=used)
