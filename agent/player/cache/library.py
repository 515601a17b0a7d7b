"""The media that are to be there when the network is not: fetched one after the other, on a thread of its own.

Contract: `want` says what the list wants now; `nearest` answers the file in which a medium is, or its own address;
`run` is the thread, `step` one piece of its work. `status` is for people.
Rules: nothing here holds anybody up: `nearest` looks at one file's length. What is fetched in vain is tried again after
1 s to 15 min (kernel's backoff), each medium by itself. A copy is asked for anew every `LOOK_AGAIN_S`, unless the list
says its checksum; the old one is played until the new one is whole, and its file stays while it may be played. What
lies on the card is read through once in each process, and a copy that is not what was written is thrown away and
fetched again. One failure of an item is one line in the log, and one when it is mended.
Reasons: house rules 5 and 8; decision 35 (the rule of remote.media_hosts is the address's, and was applied to it).
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from agent.config.redact import masked
from agent.kernel.backoff import Pace, delay
from agent.player.cache.copies import USED_EVERY_S, Shelf, key_of
from agent.player.cache.fetching import Fetch, Fetched, Fetcher, Outcome, Wish, is_met, touched

log = structlog.get_logger()

PACE: Final = Pace(quick=(1.0, 4.0), base=15.0, ceiling=900.0)
LOOK_AGAIN_S: Final = 3600.0
# A server that gives a copy neither ETag nor date sends all of it each time it is asked.
FETCH_AGAIN_S: Final = 86_400.0
IDLE_S: Final = 3600.0
_WELL: Final = frozenset({Outcome.FETCHED, Outcome.SAME})


@dataclass(slots=True)
class _Standing:
    """Of one wish. `due`: the boot-time second of its next try."""

    wish: Wish
    due: float = 0.0
    failures: int = 0
    waits: float = 0.0


class Library:
    """`wire` makes what fetches one file; `now`: boot-time s, `wall`: epoch s."""

    def __init__(
        self, shelf: Shelf, *, wire: Callable[[], Fetcher], now: Callable[[], float], wall: Callable[[], float]
    ) -> None:
        self._shelf = shelf
        self._wire = wire
        self._now = now
        self._wall = wall
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._ended = False
        self._standing: dict[str, _Standing] = {}
        self._unread = list(shelf.copies)
        # Nothing goes before the list was told: the thread may run ahead of it.
        self._tidied = True
        self._playing: str | None = None
        self._playing_file: Path | None = None
        self._has_loose = False
        self._played: dict[str, float] = {}
        self._counters: Counter[str] = Counter()
        self._error: str | None = None

    def want(self, wishes: Sequence[Wish], *, max_bytes: int) -> None:
        """These are to be there; what else is there may go when there is need."""
        with self._lock:
            known = self._standing
            self._standing = {
                key: known[key] if key in known and known[key].wish == wish else _Standing(wish)
                for key, wish in ((key_of(wish.uri), wish) for wish in wishes)
            }
            self._shelf.max_bytes = max_bytes
            self._tidied = False
        self._woken.set()

    def nearest(self, uri: str) -> str:
        """Where the player is to take the medium from: the copy's file, or its own address."""
        key = key_of(uri)
        with self._lock:
            standing = self._standing.get(key)
            copy = self._shelf.copies.get(key)
            is_here = standing is not None and copy is not None and is_met(standing.wish, self._shelf)
            file = self._shelf.path(copy) if copy is not None and is_here else None
            self._playing, self._playing_file = key, file
            if self._has_loose:
                self._woken.set()
            if file is None:
                return uri
            self._counters["played from the cache"] += 1
            self._played[key] = self._wall()
            return file.absolute().as_uri()

    def run(self) -> None:
        """Until `stop`."""
        while not self._ended:
            self._woken.clear()
            waits = self.step(self._now())
            if waits > 0:
                self._woken.wait(waits)

    def stop(self) -> None:
        """Have `run` end; what is being fetched is left where it is."""
        self._ended = True
        self._woken.set()

    def step(self, now: float) -> float:
        """One piece of work at `now`; for how many seconds there is none after it."""
        try:
            self._note_played()
            self._keep_bound()
            if self._unread:
                self._read_through(self._unread.pop())
                return 0.0
            with self._lock:
                due = min(self._standing.values(), key=lambda standing: standing.due, default=None)
            if due is None or due.due > now:
                return IDLE_S if due is None else min(due.due - now, IDLE_S)
            self._try(due)
        except OSError as error:
            self._fail(f"{self._shelf.folder.name}: {error.strerror or error}")
            return PACE.base
        return 0.0

    def status(self) -> dict[str, Any]:
        """As JSON."""
        with self._lock:
            wanted = [standing.wish for standing in self._standing.values()]
            counters = dict(self._counters)  # first, as they are written last
            return {
                "wanted": len(wanted),
                "cached": sum(is_met(wish, self._shelf) for wish in wanted),
                "bytes": sum(copy.size for copy in list(self._shelf.copies.values())),
                "max_bytes": self._shelf.max_bytes,
                "last_error": self._error,
                "counters": counters,
            }

    def _try(self, standing: _Standing) -> None:
        wish = standing.wish
        if wish.sha256 is not None and is_met(wish, self._shelf):
            standing.due = self._now() + LOOK_AGAIN_S
            return
        found = Fetch(wish, self._shelf, self._room, lambda: self._wants(standing)).run(self._wire)
        if found.outcome in _WELL:
            if standing.failures:
                log.info("medium cached after failures", uri=masked(wish.uri), failures=standing.failures)
            standing.failures, standing.waits, standing.due = 0, 0.0, self._now() + self._rests(wish)
            if not any(each.failures for each in list(self._standing.values())):
                self._error = None
        elif self._wants(standing):
            self._put_off(standing, found)
        # Last: who sees the count must find the reason beside it.
        self._counters[found.outcome.value] += 1
        self._counters["bytes fetched"] += found.size

    def _rests(self, wish: Wish) -> float:
        """For how long a copy that is there is not asked for again."""
        copy = self._shelf.copies.get(key_of(wish.uri))
        return FETCH_AGAIN_S if copy is not None and not (copy.etag or copy.last_modified) else LOOK_AGAIN_S

    def _put_off(self, standing: _Standing, found: Fetched) -> None:
        standing.failures += 1
        jitter = random.random()  # kiosks that lost the same server must not come back in step
        standing.waits = delay(PACE, failures=standing.failures, previous=standing.waits, jitter=jitter)
        standing.due = self._now() + standing.waits
        uri, why = masked(standing.wish.uri), masked(found.said)
        if standing.failures == 1:
            log.warning("medium not cached", uri=uri, reason=found.outcome.value, said=why)
        self._error = f"{uri}: {found.outcome.value}" + (f" ({why})" if why else "")

    def _wants(self, standing: _Standing) -> bool:
        return not self._ended and self._standing.get(key_of(standing.wish.uri)) is standing

    def _room(self, need: int) -> bool:
        with self._lock:
            before = len(self._shelf.copies)
            has = self._shelf.room(need, wanted=self._standing.keys(), kept=self._kept())
            self._counters["evicted"] += before - len(self._shelf.copies)
            return has

    def _kept(self) -> set[str]:
        return set() if self._playing is None else {self._playing}

    def _keep_bound(self) -> None:
        with self._lock:
            if not self._tidied:
                self._shelf.tidy(self._standing.keys())
                self._tidied = True
            self._counters["evicted"] += self._shelf.shrink(kept=self._kept())
            self._has_loose = self._shelf.sweep(kept=self._playing_file)

    def _read_through(self, key: str) -> None:
        if key in self._shelf.copies and not self._shelf.is_sound(key):
            with self._lock:
                self._shelf.remove(key)
            self._fail("a copy was not what had been written, and is fetched again")
            self._counters["rotten"] += 1

    def _note_played(self) -> None:
        with self._lock:
            played, self._played = self._played, {}
        for key, at in played.items():
            copy = self._shelf.copies.get(key)
            if copy is not None and abs(at - copy.used) > USED_EVERY_S:
                self._shelf.renew(touched(copy, at))

    def _fail(self, said: str) -> None:
        if said != self._error:
            log.warning("media cache", problem=said)
        self._error = said
