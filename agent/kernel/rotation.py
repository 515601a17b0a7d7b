"""Which item of the list is played next.

Contract: a `Rotation` is a value; `choose` gives it with the next item taken (or why there is none), `ended`, `skipped`
and `back` move it. It survives a restart as JSON-able state. Pure: whether an item may be played now (opening hours)
is asked of a predicate, and chance comes from a seed.
Rules: a pass goes over the list once, in its order or shuffled by (seed, pass). With `loop` passes follow each other;
without, the list is finished after one. A list that takes its place in mid-pass (`replanned`) goes on behind the item
that is playing, or behind the nearest one before it that is left; what was shown in this pass is not shown again in it
where the list is shuffled or has one pass only. When a whole pass was nothing but failures, the next one waits, 1 s to
60 s (decision 19). After a restart the item that was playing starts again from its beginning, but one that was cut
short `MOST_CUTS` times in a row is gone on from, for it may be what ends the process.
Reasons: MediaListPlayer halts for good at the first bad item (vlc.md section 2); house rule 9 (start is recovery).
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

MOST_CUTS = 3
# Seconds before the next try, by how many passes in a row had no item that could be played (decision 19).
PASS_PAUSES_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
# Of three items each pass begins with the wrong one once in three times: so many in a row are as good as impossible.
MOST_LAPS_PASSED_OVER = 16


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

    `playing` may have left the list meanwhile: it is then at no place of it. `failures`: items in a row that could not
    be played. `poor_passes`: rests in a row. `cuts`: how often in a row the item `cut` was cut short by an end of the
    process. `arranged`: the order of this pass, where the list was changed in it; None: as its number says.
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
    arranged: tuple[str, ...] | None = None

    def order(self, lap: int) -> tuple[str, ...]:
        """The keys in the order of pass `lap` (from 0). A shuffled pass never begins with what the last ended on."""
        if lap == self.lap and self.arranged is not None:
            return self.arranged
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
            arranged = self.arranged if lap == self.lap else None
            return replace(now, lap=lap, place=place + 1, playing=key, cut=key, cuts=cuts, arranged=arranged), Take(key)
        return now, Shut()

    def _ahead(self) -> list[tuple[int, int]]:
        """The places to look at: the rest of this pass, then one pass more."""
        count, after = len(self.keys), self._next_lap()
        rest = [(self.lap, place) for place in range(self.place, count)]
        return rest + [(after, place) for place in range(count)]

    def _next_lap(self) -> int:
        """The next pass; after one that was arranged, whose end the next one's order knows nothing of, another one
        is taken where the two would show one item twice in a row."""
        after = range(self.lap + 1, self.lap + 1 + MOST_LAPS_PASSED_OVER)
        if self.arranged is None or not self.shuffle or len(self.keys) < 3:
            return after[0]
        return next((lap for lap in after if self.order(lap)[0] != self.arranged[-1]), after[0])

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
        current = self.place if self._strays else self.place - 1
        before = [*range(current - 1, -1, -1), *(range(len(self.keys) - 1, current, -1) if self.loop else ())]
        order = self.order(self.lap)
        place = next((place for place in before if allowed(order[place])), max(0, current))
        return replace(self.skipped(), place=place, finished=False)

    def again(self) -> "Rotation":
        """Stand before the current (or last) item; where that has left the list, before what comes next."""
        place = self.place if self._strays else max(0, self.place - 1)
        return replace(self, playing=None, place=place, finished=False)

    def restarted(self) -> "Rotation":
        """Begin a new pass."""
        fresh = replace(self.skipped(), lap=self._next_lap(), place=0, arranged=None)
        return replace(fresh, failures=0, poor_passes=0, finished=False)

    @property
    def _strays(self) -> bool:
        """Whether the item that is playing has left the list."""
        return self.playing is not None and self.playing not in self.keys

    def replanned(self, keys: tuple[str, ...], *, loop: bool, shuffle: bool) -> "Rotation":
        """Go on with another list, or the same by other rules, in the middle of a pass.

        A finished list begins anew where it is another one now, or loops. Failures are of the list before.
        """
        seen = list(self.order(self.lap)[: self.place])
        if self.playing is not None and self.playing not in seen:
            seen.append(self.playing)
        fresh = replace(self, keys=keys, loop=loop, shuffle=shuffle, failures=0, poor_passes=0)
        if self.finished:
            same = keys == self.keys and not loop
            return replace(fresh, place=len(keys), arranged=None) if same else fresh.restarted()
        return fresh._behind(seen)

    def _behind(self, seen: Sequence[str]) -> "Rotation":
        """Stand behind the last one of `seen` that is in the list; `seen` are those of this pass so far, in order."""
        ours = set(self.keys)
        left = [key for key in seen if key in ours]
        if not left or (self.loop and not self.shuffle):
            return replace(self, place=self.keys.index(left[-1]) + 1 if left else 0, arranged=None)
        shown = set(left)
        order = replace(self, arranged=None).order(self.lap)
        if not self.shuffle:
            place = order.index(left[-1])
            order = (*order[place:], *order[:place])
        return replace(self, place=len(left), arranged=(*left, *(key for key in order if key not in shown)))

    def state(self) -> dict[str, Any]:
        """What must survive a restart, as JSON."""
        return {
            "lap": self.lap,
            "place": self.place,
            "last": self.order(self.lap)[self.place - 1] if 0 < self.place <= len(self.keys) else None,
            "shown": self._shown(),
            "playing": self.playing is not None and not self._strays,
            "cuts": self.cuts,
            "finished": self.finished,
            "list": self._digest(),
        }

    def _shown(self) -> str | None:
        """Of an arranged pass: a bit for each key of the list, set where it was shown, in hexadecimal."""
        if self.arranged is None:
            return None
        shown = set(self.arranged[: self.place])
        return f"{sum(1 << bit for bit, key in enumerate(self.keys) if key in shown):x}"

    def _digest(self) -> str:
        text = "\0".join(self.keys).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, digest_size=8).hexdigest()

    def resumed(self, state: Mapping[str, Any], *, same_boot: bool) -> "Rotation":
        """Go on where `state` (of an earlier process) was; never raises, whatever it holds.

        A finished list stays finished within a boot, unless it is another list now, or loops.
        """
        lap, last, cuts, shown = (state.get(name) for name in ("lap", "last", "cuts", "shown"))
        if type(lap) is not int or lap < 0:
            return self
        same_list = state.get("list") == self._digest()
        fresh = replace(self, lap=lap)
        if state.get("finished") is True:
            stays = same_boot and same_list and not self.loop
            return replace(fresh, place=len(self.keys), finished=True) if stays else fresh.restarted()
        if last not in self.keys:
            return fresh
        if same_list and isinstance(shown, str):
            fresh = fresh._behind([*(key for key in fresh._marked(shown) if key != last), last])
        place = fresh.order(lap).index(last)
        if state.get("playing") is not True:
            return replace(fresh, place=place + 1)
        cuts = cuts + 1 if type(cuts) is int and cuts >= 0 else 1
        if cuts >= MOST_CUTS:
            return replace(fresh, place=place + 1)
        return replace(fresh, place=place, cut=last, cuts=cuts)

    def _marked(self, shown: str) -> list[str]:
        """The keys that `_shown` had marked; none where it is damaged."""
        try:
            bits = int(shown, 16)
        except ValueError:
            return []
        return [key for bit, key in enumerate(self.keys) if bits >> bit & 1]
