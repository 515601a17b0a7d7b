"""Which session is open: what begins and ends one from outside it.

Contract: each function takes what a command or the player says of its medium, and leaves `Memory.open` right.
Rules: a session opens with our command or with the player's MediaChanged, whichever is first, and with an Opening
alone where the player starts the same medium again. Between our command and the player's answer the player still speaks
of the medium before, and is not listened to. Another medium closes the one before as skipped; a spot's medium never
opens a session. A player that is polled may be asked too seldom to say that it came to an end: another medium after one
that stood where it ends is that end.
Reasons: vlc.md R1 and section 2 (a switch sends neither Stopped nor EndReached); decisions 2 and 12.
"""

from agent.kernel import closing, opening
from agent.kernel.events import Ending
from agent.kernel.media import Role
from agent.kernel.phases import Phase
from agent.kernel.playback import Memory, Playback
from agent.kernel.signals import MediaChanged, PlayCommanded, ProgramCommanded, SeekCommanded, TimeChanged
from agent.kernel.voice import Voice

AGAIN = 1.0
"""A sample this far (s) before the held last frame is another playback of the medium."""


def play_commanded(voice: Voice, memory: Memory, signal: PlayCommanded, at: float) -> None:
    """We asked for another medium, or for the same once more."""
    closing.close(voice, memory, at, Ending.SKIPPED)
    replays = memory.sessions if signal.replay and memory.sessions else None
    playback = opening.open_session(voice, memory, signal.media, at, owned=True, replays=replays)
    playback.awaiting = True


def program_commanded(voice: Voice, memory: Memory, signal: ProgramCommanded, at: float) -> None:
    """A program begins; its content has no clocks yet."""
    play_commanded(voice, memory, PlayCommanded(signal.at, signal.media, signal.replay), at)
    if memory.open is not None:
        memory.open.program = memory.open.offstage = True


def media_changed(voice: Voice, memory: Memory, signal: MediaChanged, at: float) -> None:
    """The player has another medium: the one that we asked for, or somebody else's choice."""
    playback = memory.open
    memory.inside, memory.held_at = signal.media, None
    if signal.media.role is not (Role.CONTENT if playback is None else playback.media.role):
        memory.inside = None  # A spot that was given up already.
        return
    if playback is not None and playback.awaiting and playback.phase is not Phase.ENDING:
        playback.awaiting = playback.media.key != signal.media.key
        playback.offstage = playback.offstage and playback.awaiting
        playback.alive_at = at
    elif playback is None or playback.opening_seen or playback.media.key != signal.media.key:
        if playback is not None and closing.is_at_end(playback):
            closing.reach_end(voice, memory, at, memory.marks)
        closing.close(voice, memory, at, Ending.SKIPPED)
        opening.open_session(voice, memory, signal.media, at, owned=False)


def opening_heard(voice: Voice, memory: Memory, at: float) -> None:
    """The player opens the medium that it has; it may have played it before."""
    playback = memory.open
    if memory.inside is None or (playback is not None and playback.phase is Phase.ENDING):
        return
    if playback is not None and playback.awaiting:
        playback.awaiting = playback.media.key != memory.inside.key
        if playback.awaiting:
            return
    if playback is not None and playback.opening_seen:
        closing.close(voice, memory, at, Ending.STOPPED)
        playback = None
    if playback is None:
        replays = opening.replayed(memory)
        playback = opening.open_session(voice, memory, memory.inside, at, owned=False, replays=replays)
    playback.opening_seen, playback.alive_at = True, at


def lost(voice: Voice, memory: Memory, at: float) -> None:
    """Nothing more will be heard of this playback, nor of the medium that the player had."""
    closing.close(voice, memory, at, Ending.INTERRUPTED)
    memory.inside = memory.held_at = None


def replay_of_held(voice: Voice, memory: Memory, signal: SeekCommanded | TimeChanged, at: float) -> Playback | None:
    """The last frame is held after the end; going back from it is another playback (decision 12)."""
    if memory.held_at is None or memory.inside is None:
        return None
    if isinstance(signal, TimeChanged) and not signal.time < memory.held_at - AGAIN:
        return None
    replays = opening.replayed(memory)
    playback = opening.open_again(voice, memory, memory.inside, at, ended=None, replays=replays)
    if isinstance(signal, TimeChanged):
        opening.playing(playback, at)
    else:
        playback.held_back_at = at
    return playback
