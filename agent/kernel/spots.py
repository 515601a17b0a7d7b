"""The spots of a session: advertisements and bumpers before, in, after and over its content.

Contract: the functions take our commands and what the spot's own tracker tells, and say SpotStarted, SpotProgressed
and SpotEnded of the open session. Every spot that was commanded, shown or missed has exactly one SpotEnded.
Rules: a spot in the player is told by a tracker of its own, so that each rule of playback holds for it and none of its
samples reaches the content: only what it starts, reaches and how it ends is said here. While it plays the content is
off stage: nothing is heard of it and nothing waited for. A spot in mid-content is a pause of the content, which the
first picture ends when the player has the content again. What a session still shows when it ends, ends with it.
Reasons: decision 2; an advertisement's quartiles are numbers of their own at Kaltura (guide section 4.2).
"""

from collections.abc import Sequence

from agent.kernel import details, opening, stalls, timeline
from agent.kernel.events import (
    Closed,
    Ending,
    Event,
    PausedEvent,
    Progressed,
    Resumed,
    SpotEnded,
    SpotProgressed,
    SpotStarted,
    Started,
)
from agent.kernel.media import Media
from agent.kernel.phases import RUNNING, Phase
from agent.kernel.playback import Memory, Playback, Spot
from agent.kernel.voice import Voice


def begin(voice: Voice, memory: Memory, media: Media, at: float) -> None:
    """The player was given a spot in the content's place."""
    playback = memory.open
    if playback is None:
        return
    give_up(voice, playback, at, Ending.SKIPPED)
    hide(voice, playback, at)
    _interrupt(voice, memory, playback, at)
    memory.inside = memory.held_at = None
    own = Memory(now=at)
    opening.open_session(Voice(own), own, media, at, owned=True).awaiting = True
    playback.spot = Spot(media, own)


def relay(voice: Voice, playback: Playback, told: Sequence[Event]) -> None:
    """Say what the spot's own tracker told, as the session's."""
    for event in told:
        if playback.spot is None:
            return  # It is over; another pass of its own is nothing that anybody asked for.
        media, fact = playback.spot.media, voice.fact(playback, event.at)
        match event:
            case Started():
                voice.say(playback, SpotStarted(*fact, role=media.role, uri=media.uri))
            case Progressed():
                voice.say(playback, SpotProgressed(*fact, role=media.role, fraction=event.fraction))
            case Closed():
                give_up(voice, playback, event.at, event.ending)
            case _:
                pass  # How a spot is loaded, paused or stalls is counted by nobody.


def miss(voice: Voice, playback: Playback, media: Media, at: float) -> None:
    """A spot could not be shown at all."""
    voice.say(playback, SpotEnded(*voice.fact(playback, at), role=media.role, ending=Ending.FAILED))


def give_up(voice: Voice, playback: Playback, at: float, ending: Ending) -> None:
    """The spot in the player, where there is one, is over."""
    if playback.spot is not None:
        role = playback.spot.media.role
        playback.spot = None
        voice.say(playback, SpotEnded(*voice.fact(playback, at), role=role, ending=ending))


def show(voice: Voice, playback: Playback, media: Media, at: float) -> None:
    """An overlay is drawn over the content; there is room for one."""
    hide(voice, playback, at)
    playback.overlay = media
    voice.say(playback, SpotStarted(*voice.fact(playback, at), role=media.role, uri=media.uri))


def hide(voice: Voice, playback: Playback, at: float, ending: Ending = Ending.COMPLETED) -> None:
    """The overlay, where there is one, is taken away."""
    if playback.overlay is not None:
        role = playback.overlay.role
        playback.overlay = None
        voice.say(playback, SpotEnded(*voice.fact(playback, at), role=role, ending=ending))


def leave(voice: Voice, playback: Playback, at: float, ending: Ending) -> None:
    """The session closes: what it still shows ends with it."""
    give_up(voice, playback, at, ending)
    hide(voice, playback, at, ending)


def step_aside(playback: Playback) -> None:
    """The content leaves the player; what is said from here on is about something else."""
    playback.awaiting = playback.offstage = True
    playback.opening_seen = playback.returning = False
    playback.motion.running = False
    playback.jump = None


def content_commanded(voice: Voice, playback: Playback, at: float) -> None:
    """The player was given the content. Its wait for the first picture begins here, not with what came before."""
    if not playback.program or playback.phase is Phase.ENDING:
        return
    give_up(voice, playback, at, Ending.SKIPPED)
    playback.awaiting, playback.offstage, playback.opening_seen = True, False, False
    playback.playing_at = playback.held_back_at = None
    playback.alive_at = at
    if playback.phase in RUNNING:
        playback.returning = True
    else:
        playback.requested_at = at


def come_back(voice: Voice, playback: Playback, at: float) -> bool:
    """A sample after a spot. True when the content is seen again: Resumed is told, dated at Playing as Started is."""
    if playback.playing_at is None or playback.held_back_at is not None:
        return False
    playback.returning = False
    voice.say(playback, Resumed(*voice.fact(playback, playback.playing_at)))
    motion = playback.motion
    motion.ran += (at - playback.playing_at) * motion.rate  # There was time for as much since Playing.
    motion.running, motion.moved_at = True, at
    return True


def _interrupt(voice: Voice, memory: Memory, playback: Playback, at: float) -> None:
    if playback.phase in RUNNING:
        timeline.settle(voice, playback, at, ())
        stalls.recover(voice, playback, at)
        if playback.volume_due is not None:
            details.volume_due(voice, memory, playback, at)
        voice.say(playback, PausedEvent(*voice.fact(playback, at)))
    elif playback.phase is not Phase.ENDING:
        playback.playing_at = playback.held_back_at = playback.motion.time = None
    step_aside(playback)
