"""When the picture stands still for lack of data, and how the wait is told.

Contract: `due` says when silence becomes a stall; `declare` and `recover` tell it.
Rules: libvlc has no event for a stall. It is the absence of progress, so a timer finds it; it is dated back to where
the picture really stopped. It is over with the first progress after it. A pause tells Recovered first. A session that
ends in a stall by a fault, a stop or a skip says no Recovered, for it never did; its `buffered` counts the wait. A
player that said itself that its picture is gone (Halted) waits for no data, however long the reason takes to come.
Reasons: vlc.md R3; kaltura.md section 4 (its players leave a stall open only at a fatal error).
"""

from agent.kernel.events import Recovered, Stalled
from agent.kernel.phases import Phase
from agent.kernel.playback import Playback
from agent.kernel.voice import DIGITS, Voice

STALL_AFTER = 1.6
"""No progress for this long (s) is a stall: above the 1.1 s steps of HLS and the 0.5 s steps of mp4 (R3)."""

PULSE_AFTER = 1.2
"""A buffering pulse this long (s) after the last progress is one at once: above the steps of HLS (R3)."""

PICTURE_LEFT = 0.3
"""The picture runs on this long (s) after the last sample: VLC's buffer for files; network buffers are longer (R3)."""


def due(playback: Playback) -> float | None:
    """When (boot-time s) the playback counts as stalled unless it progresses; None where it cannot stall."""
    if playback.phase is not Phase.PLAYING or playback.halted_at is not None:
        return None
    if playback.jump is not None and playback.jump.to is not None:
        return None
    return playback.motion.moved_at + STALL_AFTER


def declare(voice: Voice, playback: Playback) -> None:
    """Tell a stall, dated to when the picture stopped."""
    event = Stalled(*voice.fact(playback, playback.motion.moved_at + PICTURE_LEFT), initial=False)
    if voice.say(playback, event):
        playback.stalled_at = event.at


def declare_first(voice: Voice, playback: Playback, *, since: float, until: float) -> None:
    """Tell the wait for the first picture, where it was long enough to be noticed."""
    if until - since < STALL_AFTER:
        return
    event = Stalled(*voice.fact(playback, since), initial=True)
    if voice.say(playback, event):
        playback.stalled_at = event.at
        recover(voice, playback, until, initial=True)


def recover(voice: Voice, playback: Playback, at: float, *, initial: bool = False) -> None:
    """Tell that the stall is over, where there is one."""
    since = playback.stalled_at
    if playback.phase is not Phase.STALLED or since is None:
        return
    fact = voice.fact(playback, at)
    waited = fact[0] - since
    if voice.say(playback, Recovered(*fact, initial=initial, waited=round(waited, DIGITS))):
        playback.buffered += waited
        playback.stalled_at = None
