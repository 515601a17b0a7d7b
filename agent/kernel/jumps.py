"""Jumps of the playhead: seeks of ours, and what an observer can tell of somebody else's.

Contract: a `Jump` is an open question; `judge` answers it with the first sample that comes after it.
Rules: a command of ours is a seek, whatever the player shows; commands closer than `SCRUB` are one. Where we only
observe, a buffering pulse opens the question, for every real seek has one and a jump without a pulse never was a seek;
the sample then answers it by comparing the media time that passed with the time that there was. A jump from the end to
the beginning is another pass (VLC's input-repeat sends nothing else). A playhead that is polled has no pulses: each
sample answers for itself, with more patience, since it is not known when between two looks the player said it.
Reasons: vlc.md R2. Seeks below half a second cannot be seen from outside at a sampling step of half a second.
"""

from dataclasses import dataclass
from enum import Enum

SCRUB = 0.5
"""Seeks closer together than this (s) are one: dragging a slider sends one every 80 ms (R2)."""

ECHO = 0.2
"""A sample sooner than this (s) after our command is VLC's echo of it, or old; the true one takes 0.27 s or more."""

SLACK = 0.35
"""How far (s) a sample may be off before an observer calls it a seek: samples jitter by 50 ms (R2)."""

SLACK_ADAPTIVE = 2.5
"""The same for HLS, DASH, and after a stall: their times come in steps of 1 s and go back after a rebuffering (R2)."""

SLACK_POLLED = 0.6
"""The same for a playhead that is polled, forwards and at normal rate: VLC's own steps are up to 0.5 s, so a look finds
what it said up to so much earlier. A jump of a second is seen by 0.75 s at four looks a second (measured, MPRIS)."""

SLACK_POLLED_ADAPTIVE = 5.0
"""The same for HLS and DASH, both ways: theirs jump by 4.2 s without a seek, and nothing else tells the two apart."""

UNSEEN = 1.0
"""How much (s, at normal rate) may have been played behind the last look at a playhead that is polled."""

PASS_END = 0.7
"""The last sample of a pass is not further than this (s, at normal rate) from the end (R2)."""

PASS_START = 1.0
"""The first sample of another pass is not further than this (s) from the start (R2)."""

BACKWARDS = 0.05
"""Another pass goes back at least this far (s), which tells it from a rebuffering of a very short clip."""


class Found(Enum):
    """What a jump turned out to be."""

    NOTHING = "nothing"
    SEEK = "seek"
    ANOTHER_PASS = "another-pass"


@dataclass(slots=True)
class Jump:
    """An open question.

    `origin`: the position (media s) before it. `last`: when (boot-time s) the latest command or pulse was. `to`: where
    we asked to go (media s), None where we only observe. `full_ran`: what `Motion.ran` was when the buffer was full
    again. `landed`: the latest sample from about there; `strayed`: the latest from elsewhere. `lenient`: data had run
    out before it.
    """

    origin: float
    last: float
    to: float | None = None
    full_ran: float | None = None
    landed: float | None = None
    strayed: float | None = None
    lenient: bool = False


def judge(
    *,
    time: float,
    last: float,
    expected: float,
    rate: float,
    start: float,
    end: float | None,
    slack: float,
    ahead: float | None = None,
    unseen: float = 0.0,
) -> Found:
    """What brought the playhead from `last` to `time` (media s), when `expected` media seconds should have passed.

    `start`, `end`: the part of the medium that is played, `end` None where unknown; `slack`: the tolerance in seconds,
    `ahead` forwards where that is another; `unseen`: what may have been played behind `last` (media s).
    """
    was_at_end = end is not None and last + unseen + PASS_END * max(rate, 1.0) >= end
    if was_at_end and time < min(start + PASS_START, last - BACKWARDS):
        return Found.ANOTHER_PASS
    if time - last > expected + (slack if ahead is None else ahead) or time - last < -slack:
        return Found.SEEK
    return Found.NOTHING
