"""Which item of the list is played next.

Contract: a `Rotation` is a value; `choose` gives it with the next item taken (or why there is none), `ended`, `skipped`
and `back` move it. It survives a restart as JSON-able state. Pure: whether an item may be played now (opening hours)
is asked of a predicate, and chance comes from a seed.
Rules: a pass goes over the list once, in its order or shuffled by (seed, pass). With `loop` passes follow each other;
without, the list is finished after one. When a whole pass was nothing but failures, the next one waits, 1 s to 60 s
(decision 19). After a restart the item that was playing starts again from its beginning, but one that was cut short
`MOST_CUTS` times in a row is gone on from, for it may be what ends the process.
Reasons: MediaListPlayer halts for good at the first bad item (vlc.md section 2); house rule 9 (start is recovery).
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

MOST_CUTS = 3
# Seconds before the next try, by how many passes in a row had no item that could be played (decision 19).
PASS_PAUSES_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True)
class Take:
    """Play the item with this key now."""

    key: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Every item failed; choose again after `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Shut:
    """No item may be played now (opening hours, or an empty list); choose again when that may have changed."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The one pass is over."""


Choice = Take | Rest | Shut | Finished
Allowed = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Rotation:
    """`keys` name the items, each once. `place`: how many of this pass were taken. `playing`: the item being played.

    `failures`: items in a row that could not be played. `poor_passes`: rests in a row. `cuts`: how often in a row the
    item `cut` was cut short by an end of the process.
    """

    keys: tuple[str, ...]
    loop: bool = True
    shuffle: bool = False
    seed: str = ""
    lap: int = 0
    place: int = 0
    playing: str | None = None
    failures: int = 0
    poor_passes: int = 0
    cut: str | None = None
    cuts: int = 0
    finished: bool = False

    def order(self, lap: int) -> tuple[str, ...]:
        """The keys in the order of pass `lap` (from 0). A shuffled pass never begins with what the last ended on."""
        if not self.shuffle:
            return self.keys
        if len(self.keys) < 3:
            return self._shuffled(0)
        order = self._shuffled(lap)
        if lap > 0 and order[0] == self._shuffled(lap - 1)[-1]:
            order = (order[1], order[0], *order[2:])
        return order

    def _shuffled(self, lap: int) -> tuple[str, ...]:
        def rank(key: str) -> bytes:
            return hashlib.blake2b(f"{self.seed}/{lap}/{key}".encode("utf-8", "surrogatepass"), digest_size=8).digest()

        return tuple(sorted(self.keys, key=rank))

    def choose(self, allowed: Allowed) -> "tuple[Rotation, Choice]":
        """Take the next item that may be played."""
        open_keys = {key for key in self.keys if allowed(key)}
        if self.finished:
            return self, Finished()
        now = replace(self, playing=None)
        if not open_keys:
            return now, Shut()
        for lap, place in self._ahead():
            if lap > self.lap and not self.loop:
                return replace(now, finished=True, failures=0), Finished()
            key = self.order(lap)[place]
            if key not in open_keys:
                continue
            if self.failures >= len(open_keys):
                pause = PASS_PAUSES_S[min(self.poor_passes, len(PASS_PAUSES_S) - 1)]
                return replace(now, failures=0, poor_passes=self.poor_passes + 1), Rest(pause)
            cuts = self.cuts if key == self.cut else 0
            return replace(now, lap=lap, place=place + 1, playing=key, cut=key, cuts=cuts), Take(key)
        return now, Shut()

    def _ahead(self) -> list[tuple[int, int]]:
        """The places to look at: the rest of this pass, then one pass more."""
        count = len(self.keys)
        rest = [(self.lap, place) for place in range(self.place, count)]
        return rest + [(self.lap + 1, place) for place in range(count)]

    def ended(self, *, played: bool) -> "Rotation":
        """The item is over; `played`: it could be played, in whole or in part."""
        if played:
            return replace(self, playing=None, failures=0, poor_passes=0, cut=None, cuts=0)
        return replace(self, playing=None, failures=self.failures + 1, cut=None, cuts=0)

    def skipped(self) -> "Rotation":
        """Somebody gave the item up, which says nothing about whether it can be played."""
        return replace(self, playing=None, cut=None, cuts=0)

    def back(self, allowed: Allowed) -> "Rotation":
        """Stand before the item that comes before the current (or last) one and may be played, in this pass.

        At the beginning of a pass of a loop the pass's last item comes before its first one.
        """
        current = self.place - 1
        before = [*range(current - 1, -1, -1), *(range(len(self.keys) - 1, current, -1) if self.loop else ())]
        order = self.order(self.lap)
        place = next((place for place in before if allowed(order[place])), max(0, current))
        return replace(self.skipped(), place=place, finished=False)

    def again(self) -> "Rotation":
        """Stand before the current (or last) item."""
        return replace(self, playing=None, place=max(0, self.place - 1), finished=False)

    def restarted(self) -> "Rotation":
        """Begin a new pass."""
        return replace(self.skipped(), lap=self.lap + 1, place=0, failures=0, poor_passes=0, finished=False)

    def state(self) -> dict[str, Any]:
        """What must survive a restart, as JSON."""
        return {
            "lap": self.lap,
            "place": self.place,
            "last": self.order(self.lap)[self.place - 1] if 0 < self.place <= len(self.keys) else None,
            "playing": self.playing is not None,
            "cuts": self.cuts,
            "finished": self.finished,
            "list": self._digest(),
        }

    def _digest(self) -> str:
        text = "\0".join(self.keys).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, digest_size=8).hexdigest()

    def resumed(self, state: Mapping[str, Any], *, same_boot: bool) -> "Rotation":
        """Go on where `state` (of an earlier process) was; never raises, whatever it holds.

        A finished list stays finished within a boot, unless it is another list now.
        """
        lap, last, cuts = state.get("lap"), state.get("last"), state.get("cuts")
        if type(lap) is not int or lap < 0:
            return self
        same_list = state.get("list") == self._digest()
        fresh = replace(self, lap=lap)
        if state.get("finished") is True:
            count = len(self.keys)
            return replace(fresh, place=count, finished=True) if same_boot and same_list else fresh.restarted()
        if last not in self.keys:
            return fresh
        place = fresh.order(lap).index(last)
        if state.get("playing") is not True:
            return replace(fresh, place=place + 1)
        cuts = cuts + 1 if type(cuts) is int and cuts >= 0 else 1
        if cuts >= MOST_CUTS:
            return replace(fresh, place=place + 1)
        return replace(fresh, place=place, cut=last, cuts=cuts)
