"""Whether the picture is frozen, and what to try next: a ladder of steps.

Contract: `Ladder.look` is told what is seen, about once a second, and answers the step to take, or None. `standing`
says how it stands, for `status`. Pure: no clock, no player.
Rules
- Frames count, not pixels: a black film and a still scene show frames. Sound alone and still images show none, and need
  none.
- Evidence is gathered look by look, each worth its distance from the one before and `LOOK_AT_MOST_S` at most: neither a
  machine that slept nor a main loop that was held up counts as frozen.
- A playhead that stands still is evidence for a medium on this machine only. Elsewhere it is the network, which no
  restart brings back: the list goes on after its own time (agent.player.carousel), and the player is never restarted
  for a medium that comes over the network.
- The item again, then the next item, then the player; each step has the whole time to help. An item that froze before
  and has not shown itself since is gone on from at once. A list of one item has no next one.
- Another item that is shown to its end clears the player: the fault is the item's own.
- The last step is taken again after `HOLD_S`, then after twice as long each time, up to `LONGEST_HOLD_S`, until it was
  not wanted for that long: a medium that merely looks frozen costs one restart an hour.
- While there is no screen nothing helps, so nothing is tried; once it is back the player is restarted, since what it
  draws on has gone (measured: an X server's end leaves libvlc's output there, silent); every `HOLD_S` at most.
Reasons: house rule 10; measured with libvlc 3.0.24: a decoder that cannot make anything of its data counts what it
decodes and displays nothing; one whose output died decodes nothing any more, as a film does whose picture changes less
than once a minute, so that is given `QUIET_TIMES` the time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from agent.player.wire import Pictures

LOOK_AT_MOST_S: Final = 2.0
"""What one look counts at most: they are a second apart, where nothing holds us up."""
QUIET_TIMES: Final = 4.0
GOOD_S: Final = 30.0
"""So much of a picture that moves, and what was frozen is mended."""
SHOWN_S: Final = 3.0
"""Of an item that is over before that: so much, and it was shown."""
HOLD_S: Final = 300.0
LONGEST_HOLD_S: Final = 3600.0
DOUBLINGS: Final = 10
KNOWN_AT_MOST: Final = 256
"""Items that are remembered as frozen. What is forgotten costs one more try."""


class Cause(Enum):
    """What is wrong."""

    STANDS = "the playhead stands still"
    BLIND = "no frames are shown"
    DARK = "there is no screen"


class Step(Enum):
    """What is tried against it."""

    AGAIN = "again"
    NEXT = "next"
    PLAYER = "player"


@dataclass(frozen=True, slots=True)
class View:
    """One look. `at`: boot-time second. `token`: of the load, None where nothing should play; `key`: of the item.

    `local`: whether the medium is on this machine. `image`: whether it is a still one. `alone`: the list has no other.
    `time`: the playhead, None before the first one. `plays`: it should move, nobody has paused it. `pictures`: of this
    load; None where nothing is known of them.
    """

    at: float
    token: int | None = None
    key: str = ""
    local: bool = True
    image: bool = False
    alone: bool = False
    plays: bool = False
    time: float | None = None
    pictures: Pictures | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """`cause`: what is wrong now, `since` a boot-time second. `steps`: how often each was taken in this process.

    `next_restart_s`: for how long the player is not restarted again; None: no such pause.
    """

    cause: Cause | None
    since: float | None
    steps: Mapping[Step, int]
    next_restart_s: float | None


@dataclass(slots=True)
class Evidence:
    """Seconds for which the playhead `stood`; for which no frame came though some were decoded (`blind`), or at all
    (`dull`). `shown`: for which this load was seen to move."""

    stood: float = 0.0
    blind: float = 0.0
    dull: float = 0.0
    shown: float = 0.0


@dataclass(slots=True)
class Ladder:
    """`after`: seconds of evidence for a step."""

    after: float
    _last: View | None = None
    _evidence: Evidence = field(default_factory=Evidence)
    _known: dict[str, None] = field(default_factory=dict)
    _cause: Cause | None = None
    _since: float | None = None
    _culprit: str | None = None
    _good: float = 0.0
    _rungs: int = 0
    _lasts: int = 0
    _hold_until: float = 0.0
    _screen_until: float = 0.0
    _steps: dict[Step, int] = field(default_factory=lambda: dict.fromkeys(Step, 0))

    def look(self, view: View) -> Step | None:
        """Take in what is seen; the step to take now."""
        last, self._last = self._last, view
        if view.at >= self._hold_until + LONGEST_HOLD_S:
            self._lasts = 0
        if last is None or view.token is None or last.token != view.token:
            self._turn_over(last)
            return None
        if _is_dark(view):
            self._evidence = Evidence()
            self._note(Cause.DARK, view)
            return None
        if self._cause is Cause.DARK:
            return self._screen_is_back(view)
        self._gather(last, view, min(view.at - last.at, LOOK_AT_MOST_S))
        cause = self._found()
        if cause is not None:
            self._note(cause, view)
            return self._climb(view)
        if self._good >= GOOD_S:
            self._mended()
        return None

    def standing(self, now: float) -> Standing:
        """How it stands at `now`."""
        hold = self._hold_until - now
        return Standing(self._cause, self._since, dict(self._steps), hold if hold > 0 else None)

    def _turn_over(self, last: View | None) -> None:
        """Another load, or none; where the one before was another item's than what froze, and was shown, it is good."""
        was_shown = last is not None and last.key != self._culprit and self._evidence.shown >= SHOWN_S
        if was_shown and self._cause is not Cause.DARK:
            self._mended()
        self._evidence = Evidence()

    def _gather(self, last: View, view: View, seconds: float) -> None:
        evidence = self._evidence
        if not (view.plays and last.plays):
            self._evidence = Evidence(shown=evidence.shown)
            return
        moved = view.time is not None and view.time != last.time
        evidence.stood = 0.0 if moved or not view.local else evidence.stood + seconds
        if not moved:
            return
        before, now = last.pictures, view.pictures
        if view.image or before is None or now is None or not (before.has_video and now.has_video):
            self._moves(view, seconds)
        elif now.displayed != before.displayed:
            evidence.blind = evidence.dull = 0.0
            self._moves(view, seconds)
        elif now.at != before.at:
            evidence.dull += seconds
            evidence.blind += seconds if now.decoded != before.decoded else 0.0

    def _moves(self, view: View, seconds: float) -> None:
        self._evidence.shown += seconds
        self._good += seconds
        self._known.pop(view.key, None)

    def _found(self) -> Cause | None:
        evidence = self._evidence
        if evidence.stood >= self.after:
            return Cause.STANDS
        if evidence.blind >= self.after or evidence.dull >= QUIET_TIMES * self.after:
            return Cause.BLIND
        return None

    def _note(self, cause: Cause, view: View) -> None:
        self._good, self._culprit = 0.0, view.key
        if self._cause is not cause:
            self._cause, self._since = cause, view.at

    def _mended(self) -> None:
        self._cause = self._since = self._culprit = None
        self._rungs = 0

    def _climb(self, view: View) -> Step | None:
        """The next step; whatever is taken has the whole time to help."""
        self._evidence = Evidence()
        was_known = view.key in self._known
        self._known[view.key] = None
        if len(self._known) > KNOWN_AT_MOST:
            del self._known[next(iter(self._known))]
        self._rungs += 1
        if self._rungs == 1 and not was_known:
            return self._take(Step.AGAIN)
        is_last = self._rungs > 2 or view.alone
        if is_last and view.at >= self._hold_until:
            self._hold_until = view.at + min(HOLD_S * 2.0 ** min(self._lasts, DOUBLINGS), LONGEST_HOLD_S)
            self._lasts += 1
            self._rungs = 0
            if view.local:
                return self._take(Step.PLAYER)
            return self._take(Step.AGAIN if view.alone else Step.NEXT)
        return None if view.alone else self._take(Step.NEXT)

    def _screen_is_back(self, view: View) -> Step | None:
        if view.at < self._screen_until:
            return None
        self._screen_until = view.at + HOLD_S
        self._mended()
        return self._take(Step.PLAYER)

    def _take(self, step: Step) -> Step:
        self._steps[step] += 1
        return step


def _is_dark(view: View) -> bool:
    pictures = view.pictures
    return pictures is not None and pictures.has_video and pictures.display is False
