"""Passes of a medium that its player repeats by itself: VLC's input-repeat says no end between them.

Contract: `over` answers, with the first sample of another pass, when the one before was over; `is_over` whether a pass
has ended of which the next has no sample yet; `comes_back` is the same question for who ends a medium with its pass.
Rules: VLC empties its buffer at the wrap (the pulse), and its next sample, 0.26 to 0.6 s later, is near the start. That
no command of ours brought it there makes it another pass: nobody else seeks in a player of ours. A playhead near the
start that did not go back behind its last sample is one only where the pulse came at the very end (a clip below 1 s).
Without a pulse, in a stream of segments (whose times go back by themselves), and behind a seek of ours it must come
from the end. A pass is over at the pulse. A player that is polled is judged by agent.kernel.jumps alone.
Reasons: decision 12; measured with libvlc 3.0.24, MP4, WebM, TS and MP3 of 0.5 to 3 s: one pulse at each wrap, 0.1 to
0.3 s after a pass's last sample.
"""

from agent.kernel import jumps
from agent.kernel.endings import Ground
from agent.kernel.jumps import BACKWARDS, PASS_END, PASS_START, SLACK, Jump
from agent.kernel.playback import Playback

AT_END = 0.2
"""A pulse whose position (carried on from the last sample) is not further than this (s) from the end is the wrap."""


def over(playback: Playback, time: float, at: float) -> float | None:
    """When (boot-time s) a pass was over, if the sample `time` (media s) is another one's; None where it is not."""
    jump, motion, last = playback.jump, playback.motion, playback.motion.time
    if last is None or not _is_told_here(playback):
        return None
    ground, begin, rate = Ground(playback.media, playback.duration), playback.media.start or 0.0, motion.rate
    if jump is not None and jump.to is not None:
        return _over_behind(jump, time, at, rate=rate, begin=begin, end=ground.end)
    if jump is None:
        was_at_end = ground.end is not None and last + motion.expected() + PASS_END * rate >= ground.end
        is_back = time < min(begin + PASS_START * rate, last - BACKWARDS)
        return at - (time - begin) / rate if was_at_end and is_back else None
    if time - begin > (at - jump.last) * rate + SLACK:
        return None
    was_at_end = ground.end is not None and jump.origin >= ground.end - ground.tolerance
    went_back = time < last - BACKWARDS and (was_at_end or not playback.media.adaptive)
    return jump.last if went_back or (is_over(playback) and time < jump.origin - BACKWARDS) else None


def is_over(playback: Playback) -> bool:
    """Whether the pass has come to its end, and nothing has been seen of the next one."""
    jump, end = playback.jump, Ground(playback.media, playback.duration).end
    if jump is None or jump.to is not None or end is None or not _is_told_here(playback):
        return False
    return jump.origin >= end - AT_END * playback.motion.rate


def comes_back(time: float, last: float, begin: float) -> bool:
    """Whether the sample `time` after `last`, without a seek between, is another pass's (media s)."""
    return time < min(begin + PASS_START, last - BACKWARDS)


def _is_told_here(playback: Playback) -> bool:
    media = playback.media
    return media.repeats and not (media.polled or media.live)


def _over_behind(jump: Jump, time: float, at: float, *, rate: float, begin: float, end: float | None) -> float | None:
    """A seek of ours to shortly before the end, which has not been told yet: the pass may be over meanwhile."""
    since = at - jump.last
    if end is None or jump.to is None or since < jumps.ECHO or time >= jump.to - jumps.SCRUB:
        return None
    beyond = jump.to + since * rate - end
    return at - (time - begin) / rate if beyond >= -SLACK and time - begin <= max(beyond, 0.0) + PASS_START else None
