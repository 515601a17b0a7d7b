"""The heartbeat of a session: a fact for each stretch of ten seconds that was watched.

Contract: `watch` is shown what the tracker tells, `due` and `beat` are its timer; only where asked for.
Rules: seconds are counted in ticks from Started on. A tick while paused does not count, one in a stall does. The first
beat is told with Started, the next at the 11th tick, then one every 10; after the 31st tick of a pause the count begins
anew. A beat with which nothing more was watched is not told, so neither a stall of a night nor a sleep of the machine
fills the log.
Reasons: kaltura.md section 3, the cadence of the reference player's VIEW (scenarios view_cadence_pauses, pause_31s and
stall_25s of players.jsonl); decision 20.
"""

from collections.abc import Sequence
from math import floor

from agent.kernel.events import Event, PausedEvent, Recovered, Resumed, Started, Watched
from agent.kernel.phases import Phase
from agent.kernel.playback import Memory, Playback
from agent.kernel.voice import DIGITS, Voice

FIRST = 11
"""The tick of the first timed beat: the recorded player sends its first VIEW 11 s after the first picture."""

EVERY = 10
"""Ticks from one beat to the next."""

IDLE = 31
"""So many ticks of one pause end what the recorded player takes for one viewing."""


def watch(memory: Memory, told: Sequence[Event]) -> list[Event]:
    """What was told, with the beat of each beginning; pauses and stalls are taken note of."""
    events: list[Event] = []
    for event in told:
        events.append(event)
        playback = memory.open if event.session == memory.sessions else None
        match event:
            case Started():
                sound, fullscreen = _surroundings(memory)
                events.append(Watched(event.at, event.session, event.head, sound=sound, fullscreen=fullscreen))
                if playback is not None:
                    playback.beats_from, playback.ticks, playback.ticks_left = event.at, 0, FIRST
                    playback.beat_played = event.head.played
            case PausedEvent() | Recovered() if playback is not None:
                _count(playback, event.at)
            case Resumed() if playback is not None:
                if ticks(playback.beats_from, event.at) - playback.ticks >= IDLE:
                    playback.ticks_left = FIRST
                playback.ticks = ticks(playback.beats_from, event.at)
            case _:
                pass
    return events


def due(playback: Playback) -> float | None:
    """When (boot-time s) the next beat comes; None where none does as things stand."""
    if playback.beats_from is None:
        return None
    stands_still = playback.phase is Phase.STALLED and round(playback.motion.played, DIGITS) == playback.beat_played
    if stands_still or playback.phase not in (Phase.PLAYING, Phase.STALLED):
        return None
    return playback.beats_from + playback.ticks + playback.ticks_left


def beat(voice: Voice, memory: Memory, playback: Playback, at: float) -> None:
    """Tell the beat that is due."""
    playback.ticks, playback.ticks_left = playback.ticks + playback.ticks_left, EVERY
    fact = voice.fact(playback, at)
    played = fact[2].played
    if played != playback.beat_played:
        sound, fullscreen = _surroundings(memory)
        if voice.say(playback, Watched(*fact, sound=sound, fullscreen=fullscreen)):
            playback.beat_played = played


def ticks(since: float | None, at: float) -> int:
    """How many ticks there were from `since` until `at`, one that falls on `at` included."""
    return 0 if since is None else floor(round(at - since, 6))


def _count(playback: Playback, at: float) -> None:
    """Take note of the ticks until `at`, of which none was in a pause; beats that nobody missed are passed over."""
    passed = max(ticks(playback.beats_from, at) - playback.ticks, 0)
    left = playback.ticks_left - passed
    playback.ticks_left = left if left > 0 else (left - 1) % EVERY + 1
    playback.ticks += passed


def _surroundings(memory: Memory) -> tuple[bool | None, bool | None]:
    """Whether there is sound, and whether the screen is full; None while unknown."""
    silent = memory.new_muted or memory.new_volume == 0.0
    sound = None if memory.new_volume is None and not silent else not silent
    return sound, memory.fullscreen
