"""A player that is not ours, whose playhead is asked for four times a second: what a tape's story comes to.

The stories are those of tests/kernel/test_tapes.py, told as somebody hears them who polls, at five moments of the step.
"""

import pytest

from agent.kernel.events import Seeked
from agent.kernel.media import Media
from agent.kernel.session import SessionTracker
from agent.kernel.signals import EndReached, LengthChanged, MediaChanged, Opening, Paused, Playing, Stopped, TimeChanged
from tests.kernel.test_tapes import STORIES
from tests.support.script import CLIP, Script
from tests.support.stories import mismatch
from tests.support.tapes import TAIL, load, polled

# A look finds what VLC said up to 0.5 s earlier, 0.25 s late.
TOLERANCE = 0.8
# Nobody tells an observer of these.
UNSEEN = ("flavor", "captions:", "audio:", "muted", "volume:", "error:no-display", "error:codec")
POLLED = Media(key="A", uri="file:///srv/a.mp4", entry_id="0_aaaa", polled=True)
OTHER = Media(key="B", uri="file:///srv/b.mp4", entry_id="0_bbbb", polled=True)

# What a look now and then cannot know, and what is told in its place.
OTHERWISE: dict[str, str] = {
    # A seek past the end is over before anybody looks.
    "seek_position_one": "opened:A loaded playing@0.1 closed:stopped@2.2",
    # Segments that are missing end a list early, as a stop would.
    "hls_segments_404": "opened:A loaded playing@0.8 closed:stopped@10.4",
    # The rate is known from the next look on.
    "rate_change": "opened:A loaded playing@0.1 rate:2@3.1 rate:4@6.1 25%@7.6 rate:0.5@9.1 rate:1@12.1"
    " closed:stopped@15.4",
    # Of a stream without a length nothing is known before its playhead moves.
    "live_ts_eof": "opened:A loaded playing@1.8 closed:stopped@9.8",
    "live_ts_no_duration": "opened:A loaded playing@1.8 closed:stopped@12.6",
    "live_ts_pause": "opened:A loaded playing@1.8 paused@4.3 resumed@8.3 closed:stopped@14.6",
    "udp_sender_dies": "opened:A@1 loaded playing@2.5 stalled@7.1 recovered@13.8 closed:stopped@19.4",
    "hls_live": "opened:A@7.0 loaded playing@7.9 closed:stopped@22.4",
    # A look sees the playhead where it was sent at once; the picture comes a second later.
    "seek_http_mp4": "opened:A loaded playing@0.2 seeked:2.9>40@4.3 75%@10.3 closed:stopped@12.5",
    # Its time goes by steps of a second.
    "hls_rendition_switch": "opened:A loaded playing@0.7 25%@10.9 50%@20.9 75%@31.0 ended@40.3 closed:completed",
}
# Media that cannot be played are not seen at all, and of what is too quick for a look something is seen by chance.
LEFT_OUT = ("corrupt_", "error_", "http_blackhole", "list_repeat", "release_", "replay_", "frame_", "seek_small")
TAPES = [name for name in STORIES if not name.startswith(LEFT_OUT) or name.startswith("corrupt_mid")]


@pytest.mark.parametrize("name", TAPES)
def test_tape_that_is_polled_tells_the_same_story(name: str) -> None:
    """Plays, pauses, quartiles, ends, and every seek of a second or more, at whatever moment the looks come."""
    story = " ".join(word for word in OTHERWISE.get(name, STORIES[name]).split() if not word.startswith(UNSEEN))
    tape = load(name)
    for phase in range(5):
        tracker = SessionTracker()
        events = [event for signal in polled(tape, phase=phase * 0.05) for event in tracker.feed(signal)]
        events += tracker.tick(tape.end + TAIL)
        assert mismatch(story, events, tolerance=TOLERANCE) is None, phase


def test_all_seeks_of_a_second_are_found_among_smaller_ones() -> None:
    """On this tape are seeks of half a second, too; whether a look falls right for those is chance."""
    tape, wanted = load("seek_small"), ((5.0, 6.65), (18.8, 17.4), (20.3, 18.15))
    for phase in range(5):
        tracker = SessionTracker()
        events = [event for signal in polled(tape, phase=phase * 0.05) for event in tracker.feed(signal)]
        found = [(event.origin, event.target) for event in events if isinstance(event, Seeked)]
        for seek in wanted:
            assert any(abs(seek[0] - origin) < TOLERANCE and abs(seek[1] - to) < TOLERANCE for origin, to in found)


def _begun(media: Media = POLLED, *, length: float = 30.0) -> Script:
    """A player that is polled has begun a medium."""
    script = Script(media)
    return script.say(MediaChanged, media).say(Opening).say(LengthChanged, length).say(Playing)


def _look(script: Script, to: float) -> Script:
    """The playhead goes on as VLC says it: in steps of half a second, looked at twice a step."""
    return script.play(to)


def test_seek_of_a_second_is_found_and_its_words_are_the_players() -> None:
    """Nothing but the playhead tells of it; both ways, at the worst moment of VLC's step."""
    forwards = _look(_begun(), 4.0).wait(0.25).say(TimeChanged, 5.0)
    assert mismatch("opened:A loaded playing seeked:4.2>5", forwards.told()) is None
    backwards = _look(_begun(), 4.0).wait(0.25).say(TimeChanged, 3.5)
    assert mismatch("opened:A loaded playing seeked:4.2>3.5", backwards.told()) is None


def test_playing_that_was_seen_late_makes_no_seek_of_the_first_look() -> None:
    """Who polls on a busy machine sees the playhead first, or the state a second late; what was played counts."""
    script = _begun(length=4.0).wait(0.1).say(TimeChanged, 1.4)
    script.time = 1.4
    assert mismatch("opened:A loaded playing 25% 50%", _look(script, 2.4).told()) is None


def test_steps_of_the_player_and_late_looks_are_no_seeks() -> None:
    """VLC's time stands still for up to half a second, and a busy machine looks late."""
    script = _begun()
    for at, time in ((0.25, 0.4), (0.25, 0.9), (0.5, 1.15), (0.25, 1.65), (1.0, 2.5), (0.1, 2.95), (0.3, 3.2)):
        script.wait(at).say(TimeChanged, time)
    assert mismatch("opened:A loaded playing", script.told()) is None


def test_stream_of_segments_jumps_about_without_a_seek() -> None:
    """HLS goes back by up to 4.2 s after a starvation (recorded); a seek of ten seconds is one."""
    adaptive = Media(key="A", uri="https://a.test/a.m3u8", adaptive=True, polled=True)
    script = _look(_begun(adaptive, length=60.0), 8.0).wait(0.25).say(TimeChanged, 4.0).wait(0.25).say(TimeChanged, 8.4)
    assert mismatch("opened:A loaded playing", script.told()) is None
    script.wait(0.25).say(TimeChanged, 18.0)
    assert mismatch("opened:A loaded playing seeked:8.4>18 ", script.told()) is None


def test_player_that_is_found_a_second_into_its_item_has_not_been_sought() -> None:
    """It began before anybody looked."""
    script = _begun().wait(0.01).say(TimeChanged, 1.2).wait(0.25).say(TimeChanged, 1.5)
    assert mismatch("opened:A loaded playing", script.told()) is None


def test_pass_of_a_loop_that_nobody_told_of_is_seen_from_the_playhead() -> None:
    """VLC says Stopped between two passes, but not always: looks a second apart may miss it."""
    script = _look(_begun(length=8.0), 7.0).wait(0.9).say(TimeChanged, 0.3)
    script.time = 0.3
    told = _look(script, 2.3).told()
    again = "opened:A loaded playing 25%"
    assert mismatch(f"opened:A loaded playing 25% 50% 75% ended closed:completed {again}", told) is None


def test_another_medium_after_one_that_stood_at_its_end_is_no_skip() -> None:
    """A list goes on within a tenth of a second; who looks four times in one sees no end, only what follows it."""
    played = _look(_begun(length=8.0), 7.5).wait(0.3).say(MediaChanged, OTHER).told()
    assert mismatch("opened:A loaded playing 25% 50% 75% ended closed:completed opened:B", played) is None
    skipped = _look(_begun(length=8.0), 6.5).wait(0.3).say(MediaChanged, OTHER).told()
    assert mismatch("opened:A loaded playing 25% 50% 75% closed:skipped opened:B", skipped) is None
    paused = _look(_begun(length=8.0), 7.5).say(Paused).wait(3.0).say(MediaChanged, OTHER).told()
    assert mismatch("opened:A loaded playing 25% 50% 75% paused closed:skipped opened:B", paused) is None


def test_estimated_length_is_as_good_as_its_estimate() -> None:
    """VLC takes an 8 s TS for 8.66 s: its playhead never comes closer to the end than that (decision 16)."""
    stream = Media(key="A", uri="file:///srv/a.ts", estimated_length=True, polled=True)
    told = _look(_begun(stream, length=8.66), 7.9).wait(0.2).say(MediaChanged, OTHER).told()
    assert mismatch("opened:A loaded playing 25% 50% 75% ended closed:completed opened:B", told) is None


def test_own_players_tape_needs_a_pulse_for_a_seek_as_before() -> None:
    """What is not polled is judged as ever: a jump without a pulse never was a seek of our own player's."""
    script = Script(CLIP).open(length=30.0).play(4.0).wait(0.25).say(TimeChanged, 14.0).wait(0.1).say(EndReached)
    assert "seeked" not in str(mismatch("", script.say(Stopped).told()))
