"""How the tracker says something."""

from agent.kernel.events import Loaded, Opened, Started
from agent.kernel.media import Media
from agent.kernel.phases import Phase
from agent.kernel.playback import Memory, Playback
from agent.kernel.voice import Voice

MEDIA = Media("A", "u")


def test_times_never_go_back() -> None:
    """Decision 7: a stall that is dated back is clamped to what was told before it."""
    memory, playback = Memory(told_at=50.0), Playback(MEDIA)
    voice = Voice(memory)
    assert voice.say(playback, Opened(*voice.fact(playback, 40.0), media=MEDIA))
    assert [50.0] == [event.at for event in voice.drain()]


def test_what_is_out_of_order_is_not_said_and_changes_nothing() -> None:
    """Whatever a player says, the story stays well formed."""
    memory, playback = Memory(), Playback(MEDIA)
    voice = Voice(memory)
    assert not voice.say(playback, Started(*voice.fact(playback, 40.0), join_time=0.1))
    assert (Phase.IDLE, 0.0, []) == (playback.phase, memory.told_at, voice.drain())


def test_what_was_said_is_handed_out_once() -> None:
    """The loop stores it in a transaction; twice would be two events."""
    memory, playback = Memory(), Playback(MEDIA, phase=Phase.OPENING)
    voice = Voice(memory)
    voice.say(playback, Loaded(*voice.fact(playback, 1.0)))
    assert 1 == len(voice.drain())
    assert [] == voice.drain()


def test_a_head_is_rounded_and_never_beyond_the_end() -> None:
    """Milliseconds are finer than VLC's clock; a carried-on position must not pass the duration."""
    playback = Playback(MEDIA, length=8.0)
    playback.motion.time, playback.motion.ran = 7.9, 0.5
    assert 8.0 == Voice(Memory()).fact(playback, 1.0)[2].position
    playback.motion.ran = 0.01234
    assert 7.912 == Voice(Memory()).fact(playback, 1.0)[2].position
