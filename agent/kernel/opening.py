"""How a session begins: opened, loaded, started.

Contract: `open_session` makes the open playback; `load` and `start` tell the next step when it is due, once.
Rules: Loaded needs a stream and either a length or the player's Playing: garbage "plays" without streams and is never
loaded. Started needs the playhead to have moved; it is dated at the Playing that led to it. A pause before the first
picture is no pause of the session: nothing was seen yet, so Started waits for the Playing that ends it.
Reasons: decision 11, vlc.md section 2 and R1.
"""

from agent.kernel import stalls
from agent.kernel.events import Ending, Loaded, Opened, Replayed, SourceSelected, Started
from agent.kernel.media import Media
from agent.kernel.motion import LEAP, STILL
from agent.kernel.phases import Phase
from agent.kernel.playback import Memory, Playback, Tracks
from agent.kernel.voice import DIGITS, Voice

OPEN_PATIENCE = 12.0
"""A medium without a sign of life for this long (s) will not start: twice the slowest start known (R6, section 2)."""


def open_session(
    voice: Voice, memory: Memory, media: Media, at: float, *, owned: bool, replays: int | None = None
) -> Playback:
    """A new session of `media`, which becomes the open one."""
    memory.sessions += 1
    memory.held_at = None
    if memory.next_marks is not None:
        memory.marks, memory.beats = memory.next_marks, memory.next_beats
        memory.next_marks, memory.next_beats = None, False
    playback = Playback(media=media, owned=owned, requested_at=at, alive_at=at, replays=replays)
    playback.baseline = None if media.live else media.start or 0.0
    playback.motion.clock = at
    memory.open = playback
    voice.say(playback, Opened(*voice.fact(playback, at), media=media, replays=replays))
    return playback


def open_again(
    voice: Voice, memory: Memory, media: Media, at: float, *, ended: Playback | None, replays: int | None
) -> Playback:
    """Another session of a medium that the player has not let go: another pass, or a replay from the held last frame.

    `ended`: the pass before, where it is still known.
    """
    playback = open_session(voice, memory, media, at, owned=ended is None or ended.owned, replays=replays)
    playback.opening_seen = True
    playback.length = memory.inside_length
    if ended is None:
        playback.tracks = Tracks(any_known=True, codec_judged=True)
    else:
        playback.tracks, playback.unseekable = ended.tracks, ended.unseekable
        playback.program = ended.program
        playback.motion.rate = ended.motion.rate
        playing(playback, at)
    load(voice, playback, at)
    return playback


def playing(playback: Playback, at: float) -> None:
    """The player says Playing before the first picture."""
    if playback.held_back_at is not None:
        playback.requested_at += at - playback.held_back_at
    playback.held_back_at = None
    playback.playing_at = playback.alive_at = at
    playback.motion.ran = 0.0
    playback.motion.running = True


def load(voice: Voice, playback: Playback, at: float) -> None:
    """Tell Loaded, once all that it needs is known."""
    known = playback.tracks.any_known and (playback.length is not None or playback.playing_at is not None)
    if playback.phase is Phase.OPENING and known:
        voice.say(playback, Loaded(*voice.fact(playback, at)))
        voice.say(playback, SourceSelected(*voice.fact(playback, at), uri=playback.media.uri))
        if playback.replays is not None:
            voice.say(playback, Replayed(*voice.fact(playback, at), previous=playback.replays))


def start(voice: Voice, playback: Playback, time: float, at: float) -> bool:
    """A sample before the first picture, the media time `time`. True when the playhead has moved: Started is told."""
    motion, baseline, before = playback.motion, playback.baseline, playback.motion.time
    motion.time = time
    moved = (baseline is not None and time > baseline + STILL) or (before is not None and time > before + STILL)
    if playback.playing_at is None or playback.held_back_at is not None or not moved:
        return False
    playback.tracks.any_known = True
    load(voice, playback, at)
    origin = before if baseline is None or time < baseline else baseline
    if origin is None or time - origin > motion.ran + LEAP:
        # An HLS list that was meant to begin at 0 and does not is a live one: its "length" is the window (R9).
        playback.windowed = playback.media.adaptive and baseline == 0.0
        origin = time
    since = playback.playing_at
    picture = min(max(at - (time - origin) / motion.rate, since), at)
    motion.begin(origin, ran=motion.ran)
    join_time = round(max(picture - playback.requested_at, 0.0), DIGITS)
    voice.say(playback, Started(*voice.fact(playback, since), join_time=join_time))
    stalls.declare_first(voice, playback, since=since, until=picture)
    motion.begin(origin, ran=0.0)  # The first sample may be as far on as there was time for since Playing.
    motion.moved_at = at
    if playback.media.polled:
        # It may be found when it has played for a second, or seen late to play: the way to the first look is no seek.
        motion.time, motion.time_ran = time, motion.ran
    return True


def due(playback: Playback) -> float | None:
    """When (boot-time s) the open session fails unless it starts or comes back; None where nothing is waited for."""
    nothing = playback.is_seen or playback.phase is Phase.ENDING or playback.offstage
    if nothing or playback.held_back_at is not None:
        return None
    return playback.alive_at + OPEN_PATIENCE if playback.owned or playback.opening_seen else None


def replayed(memory: Memory) -> int | None:
    """The session that is repeated when the player opens its medium once more; None where it was given up before."""
    media = memory.inside
    again = media is not None and memory.ended is Ending.COMPLETED and memory.ended_key == media.key
    return memory.sessions if again else None
