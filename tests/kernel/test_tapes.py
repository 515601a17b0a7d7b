"""61 recordings of real VLC, each told as an outside observer and as the owner of the player (decision 18).

The stories were written from what the operator and the server did (the `op` and `net` rows and the description of each
tape), never from what the tracker said. The notation is in tests/support/stories.py.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from agent.kernel.events import Closed, Event, Loaded, Progressed, SourceSelected, Started
from agent.kernel.session import SessionTracker
from agent.kernel.signals import (
    Buffering,
    MediaChanged,
    Paused,
    PlayCommanded,
    Playing,
    Signal,
    SkipCommanded,
    StopCommanded,
    Stopped,
    TimeChanged,
)
from tests.support.stories import TOLERANCE, mismatch, words
from tests.support.tapes import TAIL, Tape, load, names, observer, owner

# An 8 s clip that plays through: the first picture about 0.2 s in, then two seconds a quartile.
CLIP = "25%@2.2 50%@4.2 75%@6.2 ended@8.2 closed:completed@8.2"
UNPLAYABLE = "opened:A@0 error:unplayable!@0.1 closed:failed@0.1"


def through(start: float) -> str:
    """A 3 s clip that plays through from `start`."""
    return (
        f"loaded playing@{start} 25%@{start + 0.75} 50%@{start + 1.5} 75%@{start + 2.25}"
        f" ended@{start + 3.1} closed:completed@{start + 3.1}"
    )


def repeated(turn: float, seconds: float, *, passes: int) -> str:
    """A clip of `seconds` that plays through so often, in turns of about `turn` seconds."""
    told = ""
    for start in [0.1 + turn * number for number in range(passes)]:
        told += f" opened:A@{start} loaded playing@{start} 25%@{start + seconds / 4} 50%@{start + seconds / 2}"
        told += f" 75%@{start + seconds * 3 / 4} ended@{start + turn} closed:completed"
    return told


STORIES: dict[str, str] = {
    # The null audio sink is not drained: the end comes 1.1 s early, and still is the end.
    "audio_only_mp3": "opened:A loaded playing@0.1 25%@2.1 50%@4.1 75%@6.1 ended@7.1 closed:completed@7.1",
    "corrupt_empty": UNPLAYABLE,
    "corrupt_garbage": UNPLAYABLE,
    "corrupt_nomoov": UNPLAYABLE,
    "corrupt_text": UNPLAYABLE,
    # A broken middle plays on; only VLC's log knows of it.
    "corrupt_mid": f"opened:A@0 loaded playing@0.1 {CLIP}",
    "corrupt_mid_with_log": f"opened:A@0 loaded playing@0.2 {CLIP}",
    "error_http_404": UNPLAYABLE,
    "error_http_500": UNPLAYABLE,
    "error_http_refused": UNPLAYABLE,
    "error_missing_file": UNPLAYABLE,
    # Five frames are 0.2 s, but VLC's clock jumps by 1.3 s: to an observer that is a seek, and 25 % was jumped over.
    "frame_step": "opened:A loaded playing@0.1 paused@2.15 resumed@4.15 seeked:1.9>3.2@4.2"
    " 50%@5.0 75%@7.0 ended@8.9 closed:completed",
    "fullscreen_dummy_vout": f"opened:A loaded playing@0.2 {CLIP}",
    "fullscreen_x11_real_vout": f"opened:A loaded playing@0.2 {CLIP}",
    "hls_live": "opened:A@7.0 loaded playing@7.1 closed:stopped@22.4",
    "hls_rendition_switch": "opened:A loaded playing@0.1 flavor@1.1 25%@10.3 50%@20.3 75%@30.3"
    " ended@40.3 closed:completed",
    "hls_segments_404": "opened:A loaded playing@0.3 flavor@1.2 error:ended-early!@10.4 closed:failed@10.4",
    # Starved from 18 to 24 s and from 26 to 50 s; VLC's time goes back by up to 4 s without a seek.
    "hls_starvation_no_downswitch": "opened:A loaded playing@0.2 flavor@1.1 stalled@18.4 recovered@24.4"
    " stalled@26.2 recovered@49.9 25%@61.2 50%@86.2 75%@111.2 ended@135.4 closed:completed",
    # Nothing but silence after Opening: given up before the operator's stop at 12.3 s.
    "http_blackhole": "opened:A@0 error:open-timeout!@12 closed:failed@12",
    "http_mp4_ok": "opened:A loaded playing@0.1 closed:stopped@5.5",
    "image_jpg_infinite": "opened:A loaded playing@0.2 closed:stopped@6.5",
    # VLC begins again by itself and says nothing of it: each pass is a session.
    "input_repeat_mp4": repeated(3.1, 3.1, passes=4),
    "input_repeat_short": repeated(1.03, 1.0, passes=6),
    "input_repeat_ts": repeated(3.7, 3.0, passes=3),
    "input_repeat_webm": repeated(3.05, 3.0, passes=3),
    "list_default": f"opened:A@0 {through(0.3)} opened:B@3.5 {through(3.5)}",
    "list_loop": f"opened:A@0 {through(0.2)} opened:B@3.3 {through(3.3)} opened:A@6.3 {through(6.3)}"
    f" opened:B@9.4 {through(9.4)} opened:A@12.5 loaded playing@12.5 closed:stopped@13.2",
    # Passes of a loop are sessions of their own, but no replays (decision 12).
    "list_loop_single": f"opened:A@0 {through(0.3)} opened:A@3.4 {through(3.4)} opened:A@6.4 {through(6.4)}"
    " opened:A@9.5 loaded playing@9.5 closed:stopped@10.3",
    "list_next_prev": "opened:A@0 loaded playing@0.2 25%@1.0 closed:skipped@1.7"
    " opened:B@1.7 loaded playing@1.7 25%@2.5 closed:skipped@3.2"
    f" opened:A@3.2 {through(3.2)} opened:B@6.2 loaded closed:stopped@6.2",
    "list_repeat": f"opened:A@0 {through(0.3)} opened:A@3.5 {through(3.5)} opened:A@6.6 {through(6.6)}"
    " opened:A@9.7 loaded playing@9.7 closed:stopped@10.3",
    # VLC's own list player plays nothing here, so there is nothing to tell.
    "list_repeat_play_bug": "",
    # Live media have no quartiles, and the server's end is no 100 %.
    "live_ts_eof": "opened:A loaded playing@0.3 ended:short@9.8 closed:completed",
    "live_ts_no_duration": "opened:A loaded playing@0.3 closed:stopped@12.6",
    "live_ts_pause": "opened:A loaded playing@0.3 paused@4.3 resumed@8.3 closed:stopped@14.6",
    "media_switch_midway": f"opened:A@0 loaded playing@0.1 25%@0.9 closed:skipped@1.6 opened:B@1.6 {through(1.6)}",
    "no_video_output": "opened:A loaded playing@0.3 error:no-display@0.5 25%@2.5 50%@4.5 75%@6.5"
    " ended@7.5 closed:completed",
    "pause_resume": "opened:A loaded playing@0.1 paused@2.1 resumed@5.1 25%@5.2 50%@7.2 75%@9.2 ended@11.2"
    " closed:completed",
    # set_pause twice is one pause; four quick toggles are two.
    "pause_variants": "opened:A loaded playing@0.2 paused@1.66 resumed@2.67 25%@3.2 paused@3.67 resumed@3.72"
    " paused@3.77 resumed@3.82 paused@4.57 resumed@5.28 50%@6.0 75%@8.0 ended@10.0 closed:completed",
    # VLC says Paused instead of EndReached and holds the last frame.
    "play_and_pause": f"opened:A loaded playing@0.1 {CLIP}",
    "play_to_end": f"opened:A loaded playing@0.1 {CLIP}",
    "play_to_end_60s": "opened:A loaded playing@0.2 25%@15.2 50%@30.2 75%@45.2 ended@60.2 closed:completed",
    # VLC estimates 8.66 s for 8.00 s, so the points of the quartiles are late as well.
    "play_to_end_ts": "opened:A loaded playing@0.1 25%@2.5 50%@4.6 75%@6.8 ended@9.0 closed:completed",
    # 15 s of 60 are reached between 6.1 and 9.1 s, at four times the rate.
    "rate_change": "opened:A loaded playing@0.1 25%@7.6 closed:stopped@15.4",
    # Nobody tells an observer of the release: the playhead just stands still.
    "release_midway": "opened:A loaded playing@0.1 25%@2.2 stalled@3.5",
    # play() without stop() does nothing. Opening the same medium again after its end is a replay (R1); a new medium
    # from the list may as well be another pass, so an observer calls it none.
    "replay_after_end": f"opened:A@0 {through(0.1)} opened:A@11.7"
    f" {through(11.7).replace('loaded', 'loaded replayed:1')} opened:A@15.3 {through(15.3)}",
    "seek_back_set_time": "opened:A loaded playing@0.2 seeked:1.9>30@2.2 seeked:33>10@5.2 seeked:13>0@8.2"
    " closed:stopped@11.5",
    "seek_forward_set_time": "opened:A loaded playing@0.1 seeked:2.9>20@3.1 seeked:22.9>40@6.1 closed:stopped@9.4",
    # The refill takes a second; 45 s are 75 %.
    "seek_http_mp4": "opened:A loaded playing@0.2 seeked:2.9>40@5.1 75%@10.1 closed:stopped@12.5",
    "seek_position_one": "opened:A loaded playing@0.1 seeked:1.9>8@2.1 ended:short@2.2 closed:completed@2.2",
    # From outside, half a second is less than the step between two samples.
    "seek_small": "opened:A loaded playing@0.1 seeked:5>6.65@5.1 seeked:9.6>10.4@8.1 25%@12.4 seeked:18.8>17.4@17.1"
    " seeked:20.3>18.15@20.1 closed:stopped@23.4",
    # An observer hears of the place only when playback goes on.
    "seek_while_paused": "opened:A loaded playing@0.1 paused@3.1 resumed@8.1 seeked:2.9>10@8.1 closed:stopped@11.4",
    "stall_http_forever_then_stop": "opened:A loaded playing@0.2 stalled@4.9 closed:stopped@16.6",
    "stall_http_mp4_3s": "opened:A loaded playing@0.2 stalled@4.9 recovered@8.5 closed:stopped@14.5",
    # The server is slower than the medium: a wait at the start, then every four seconds.
    "stall_http_mp4_slow": "opened:A loaded playing@0.2 stalled:initial@0.2 recovered:initial@2.0 stalled@6.1"
    " recovered@8.1 stalled@12.3 recovered@14.3 stalled@18.3 recovered@20.5 25%@22.8 closed:stopped@25.5",
    # Nothing was shown before the operator resumed, so the play begins there and no pause is told.
    "start_paused": "opened:A@0 loaded@0.1 playing@3.05 25%@5.1 50%@7.1 75%@9.1 ended@11.1 closed:completed",
    # From 2 s to 6 s of 8: the quartiles of the content at 4 and 6 s, and an end that is not the content's.
    "start_stop_time": "opened:A loaded playing@0.1 50%@2.3 75%@4.5 ended:short@4.5 closed:completed",
    "stop_midway": "opened:A loaded playing@0.1 25%@2.2 closed:stopped@3.4",
    "subtitles_and_audio_tracks": "opened:A loaded playing@0.2 captions:3@1.7 25%@2.2 captions:4@3.2 50%@4.2"
    " captions:off@4.7 audio:2@5.7 75%@6.2 ended@8.3 closed:completed",
    "subtitles_slave": "opened:A loaded playing@0.2 captions:2@2.2 25%@2.3 50%@4.3 75%@6.3 ended@8.3 closed:completed",
    # Dead from 7.1 s; sending again from 12.1 s, VLC plays again when its buffer is full at 13.4 s. Its time begins
    # at 0 once more, which is nobody's seek.
    "udp_sender_dies": "opened:A@1 loaded playing@1.1 stalled@7.1 recovered@13.8 closed:stopped@19.4",
    # The null sink has no volume, so VLC says nothing.
    "volume_mute": f"opened:A loaded playing@0.1 {CLIP}",
}

OWNER: dict[str, str] = {
    # We did not seek, whatever the clock of the medium does.
    "frame_step": "opened:A loaded playing@0.1 paused@2.15 resumed@4.15 25%@4.3 50%@5.0 75%@7.0 ended@8.9"
    " closed:completed",
    "fullscreen_dummy_vout": "opened:A loaded playing@0.2 fullscreen:on@2.2 25%@2.2 fullscreen:off@4.2 50%@4.2"
    " fullscreen:on@5.2 fullscreen:off@6.2 75%@6.2 ended@8.2 closed:completed",
    # VLC takes no keys and no double click, so the screen stays as we set it.
    "fullscreen_x11_real_vout": "opened:A loaded playing@0.2 fullscreen:on@2.2 25%@2.2 fullscreen:off@3.7 50%@4.2"
    " 75%@6.2 ended@8.2 closed:completed",
    "rate_change": "opened:A loaded playing@0.1 rate:2@3.1 rate:4@6.1 25%@7.6 rate:0.5@9.1 rate:1@12.1"
    " closed:stopped@15.4",
    "release_midway": "opened:A loaded playing@0.1 25%@2.2 closed:stopped@3.4",
    # We know that both are the same item started again by command.
    "replay_after_end": f"opened:A@0 {through(0.1)} opened:A@11.7"
    f" {through(11.7).replace('loaded', 'loaded replayed:1')} opened:A@15.3"
    f" {through(15.3).replace('loaded', 'loaded replayed:2')}",
    "seek_small": "opened:A loaded playing@0.1 seeked:5>6.65@5.1 seeked:9.6>10.4@8.1 seeked:13.4>13.66@11.1 25%@12.4"
    " seeked:16.6>15.9@14.1 seeked:18.8>17.4@17.1 seeked:20.3>18.15@20.1 closed:stopped@23.4",
    "seek_while_paused": "opened:A loaded playing@0.1 paused@3.1 seeked:2.9>30@4.1 seeked:30>10@6.1 resumed@8.1"
    " closed:stopped@11.4",
}

TELLERS: dict[str, Callable[[Tape], list[Signal]]] = {"observer": observer, "owner": owner}
RUNS = [(name, teller) for name in names() for teller in TELLERS]


EDGES = (Buffering, MediaChanged, Paused, PlayCommanded, Playing, SkipCommanded, StopCommanded, Stopped)


def tolerance(name: str, seconds: float = TOLERANCE) -> float:
    """How far a time may be off; VLC reports HLS in steps of a second, so a point is passed up to a second late."""
    return seconds + 0.5 if name.startswith("hls_") else seconds


def without_a_tenth(signals: list[Signal], offset: int) -> list[Signal]:
    """Every tenth sample left out, but none beside an edge: coalescing keeps the latest, so an edge has its sample."""
    kept, samples, beside = [], 0, True
    for number, signal in enumerate(signals):
        if isinstance(signal, TimeChanged):
            samples += 1
            following = next((s for s in signals[number + 1 :] if isinstance(s, (*EDGES, TimeChanged))), None)
            if samples % 10 == offset and not beside and isinstance(following, TimeChanged):
                continue
            beside = False
        elif isinstance(signal, EDGES):
            beside = True
        kept.append(signal)
    return kept


def story(name: str, teller: str) -> str:
    """What the tape should tell."""
    return OWNER.get(name, STORIES[name]) if teller == "owner" else STORIES[name]


def told(signals: list[Signal], end: float, *, step: float = 0.1) -> list[Event]:
    """What a tracker tells of `signals`, ticked at a fixed step, through the silence after the tape."""
    tracker = SessionTracker()
    events, now = [], 0.0
    for signal in signals:
        while now + step <= signal.at:
            now += step
            events += tracker.tick(now)
        events += tracker.feed(signal)
    while now < end + TAIL:
        now += step
        events += tracker.tick(now)
    return events


def test_live_hls_that_nobody_called_live_reports_no_quartiles() -> None:
    """Its length is the window of five seconds; 75 % of that is a number about nothing (R9)."""
    tape = load("hls_live")
    signals = [
        replace(signal, media=replace(signal.media, live=False)) if isinstance(signal, MediaChanged) else signal
        for signal in observer(tape)
    ]
    events = told(signals, tape.end)
    assert [] == [event for event in events if isinstance(event, Progressed)]
    assert {None} == {event.head.duration for event in events if isinstance(event, Started | Closed)}


def test_every_tape_has_a_story() -> None:
    """A recording without an expectation proves nothing."""
    assert names() == sorted(STORIES) and len(STORIES) == 61
    assert set(OWNER) <= set(STORIES)


@pytest.mark.parametrize(("name", "teller"), RUNS)
def test_a_tape_tells_what_the_operator_did(name: str, teller: str) -> None:
    """The heart of the product: real VLC, told truly, whoever drives it."""
    tape = load(name)
    events = told(TELLERS[teller](tape), tape.end)
    assert mismatch(story(name, teller), events, tolerance=tolerance(name)) is None
    for before, event in pairwise(events):
        assert isinstance(event, SourceSelected) == isinstance(before, Loaded)


@pytest.mark.parametrize(("name", "teller"), RUNS)
def test_a_tape_with_every_stopped_doubled_tells_the_same(name: str, teller: str) -> None:
    """VLC says Stopped twice after some ends (vlc.md section 2)."""
    tape = load(name)
    signals = TELLERS[teller](tape)
    doubled = [copy for signal in signals for copy in ((signal, signal) if isinstance(signal, Stopped) else (signal,))]
    assert told(signals, tape.end, step=0.25) == told(doubled, tape.end, step=0.25)


# Without the rate, two samples of 4x playback that became one look like a jump, and the milestone between is lost.
@pytest.mark.parametrize(("name", "teller"), [run for run in RUNS if run != ("rate_change", "observer")])
def test_a_tape_with_a_tenth_of_its_samples_lost_tells_the_same(name: str, teller: str) -> None:
    """Position samples coalesce under load (decision 31); each tenth is left out in turn, so that every one is once."""
    tape = load(name)
    signals = TELLERS[teller](tape)
    for offset in range(10):
        events = told(without_a_tenth(signals, offset), tape.end, step=0.25)
        assert mismatch(story(name, teller), events, tolerance=tolerance(name, 1.2)) is None


@pytest.mark.parametrize(("name", "teller"), RUNS)
def test_a_tape_with_jitter_tells_the_same(name: str, teller: str) -> None:
    """A busy Pi stamps 50 ms late; the order of the signals stays."""
    tape = load(name)
    chance = Random(57)  # One seed: a test that fails now and then tells nobody anything.
    signals = [replace(signal, at=signal.at + chance.uniform(0.0, 0.05)) for signal in TELLERS[teller](tape)]
    events = told(signals, tape.end, step=0.25)
    assert mismatch(story(name, teller), events, tolerance=tolerance(name, 0.7)) is None


@pytest.mark.parametrize(("name", "teller"), RUNS)
def test_a_restart_after_every_signal_tells_the_same(name: str, teller: str) -> None:
    """A process that is killed at any moment of real VLC's story goes on with it as if nothing had been (rule 9)."""
    tape = load(name)
    signals = TELLERS[teller](tape)
    whole = SessionTracker()
    expected = [event for signal in signals for event in whole.feed(signal)]
    text, events = "", []
    for signal in signals:
        tracker = SessionTracker.restore(text)
        events += tracker.feed(signal)
        text = tracker.checkpoint()
        assert len(text) < 1500
    assert words(expected) == words(events)
    assert expected == events
