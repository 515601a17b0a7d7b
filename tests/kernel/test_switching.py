"""Which session is open: one for each playback, whoever starts it."""

from agent.kernel.media import Media
from agent.kernel.signals import (
    EndReached,
    MediaChanged,
    Opening,
    Paused,
    PlayCommanded,
    PlayerLost,
    Playing,
    SeekCommanded,
    SkipCommanded,
    StopCommanded,
    Stopped,
    TimeChanged,
)
from tests.support.script import CLIP, Script
from tests.support.stories import mismatch

OTHER = Media(key="B", uri="file:///srv/b.mp4", entry_id="0_bbbb")
HELD = Media(key="A", uri="file:///srv/a.mp4", holds_last_frame=True)
PLAYED = "opened:A loaded playing 25% 50% 75% ended closed:completed"


def test_a_command_and_the_players_answer_are_one_session() -> None:
    """Both say that a medium is opened; two sessions would count the play twice."""
    script = Script(owned=True).open().play(8.0).end()
    assert mismatch(PLAYED, script.told()) is None


def test_signals_of_the_medium_before_do_not_reach_the_commanded_one() -> None:
    """The command and the end of the medium before cross on their way; the end must not close the new session."""
    script = Script(owned=True).open().play(4.0).say(PlayCommanded, OTHER)
    script.say(TimeChanged, 4.3).say(EndReached).say(Stopped).say(MediaChanged, CLIP).say(Playing)
    script.owned = False
    script.open(OTHER).play(2.0)
    assert mismatch("opened:A loaded playing 25% 50% closed:skipped opened:B loaded playing 25%", script.told()) is None


def test_a_command_that_the_player_never_answers_times_out() -> None:
    """A host that hangs with the command in its hands must not leave an open session for ever."""
    assert (
        mismatch(
            "opened:A@100 error:open-timeout!@112 closed:failed@112",
            Script().say(PlayCommanded, CLIP).told(silence=20.0),
        )
        is None
    )


def test_skip_and_stop_commands_close_at_once() -> None:
    """What the player says afterwards of the old medium is no second end."""
    skipped = Script(owned=True).open().play(3.0).say(SkipCommanded).say(Stopped).say(EndReached)
    assert mismatch("opened:A loaded playing 25% closed:skipped", skipped.told()) is None
    stopped = Script(owned=True).open().play(3.0).say(StopCommanded).say(Stopped).say(Stopped)
    assert mismatch("opened:A loaded playing 25% closed:stopped", stopped.told()) is None


def test_another_medium_closes_the_one_before_as_skipped() -> None:
    """set_media in mid-play sends neither Stopped nor EndReached (vlc.md section 2)."""
    script = Script().open().play(1.0).open(OTHER).play(1.0)
    assert mismatch("opened:A loaded playing closed:skipped opened:B loaded playing", script.told()) is None


def test_a_replay_by_command_names_the_session_it_repeats() -> None:
    """Decision 12: 1, 2, 16, 3; a destination that keeps the old session must know before its first message."""
    script = Script(owned=True).open().play(8.0).end().wait(1.0).open(replay=True).play(1.0)
    events = script.told()
    assert mismatch(f"{PLAYED} opened:A loaded replayed:1 playing", events) is None
    assert 1 == next(event for event in events if event.session == 2).replays  # type: ignore[union-attr]


def test_a_pass_of_the_loop_is_no_replay() -> None:
    """Decision 12: a playlist that loops all day is not a viewer who wants to see it again."""
    script = Script(owned=True).open().play(8.0).end().open().play(8.0).end()
    assert mismatch(f"{PLAYED} {PLAYED}", script.told()) is None


def test_the_same_medium_opened_again_after_its_end_is_a_replay_to_an_observer() -> None:
    """stop() and play() of a finished medium sends Opening without MediaChanged (vlc.md R1)."""
    script = Script().open().play(8.0).end().say(Opening)
    assert mismatch(f"{PLAYED} opened:A", script.told()) is None
    assert 1 == script.told()[-1].replays  # type: ignore[union-attr]


def test_the_same_medium_opened_again_after_a_stop_is_no_replay() -> None:
    """It had not been watched to its end."""
    script = Script().open().play(1.0).say(Stopped).say(Opening)
    assert script.told()[-1].replays is None  # type: ignore[union-attr]


def test_an_opening_in_mid_play_closes_what_was_open() -> None:
    """A lost Stopped must not glue two playbacks together."""
    script = Script().open().play(1.0).say(Opening)
    assert mismatch("opened:A loaded playing closed:stopped opened:A", script.told()) is None


def test_a_lost_player_interrupts_and_its_medium_is_forgotten() -> None:
    """The process died: an Opening of the next one must not be taken for a replay in it."""
    script = Script().open().play(3.0).say(PlayerLost).say(Opening).say(Playing).say(TimeChanged, 3.5)
    assert mismatch("opened:A loaded playing 25% closed:interrupted", script.told()) is None


def test_a_player_lost_in_a_stall_closes_without_recovering() -> None:
    """It never did recover; the head counts how long it stood still."""
    script = Script().open().play(3.0).wait(5.0).say(PlayerLost)
    events = script.told()
    assert mismatch("opened:A loaded playing 25% stalled closed:interrupted", events) is None
    assert 4.7 == events[-1].head.buffered


def test_a_seek_back_from_the_held_last_frame_is_a_replay() -> None:
    """Decision 12: a seek to 0 after the end is a new session that repeats the one before."""
    script = Script(HELD, owned=True).open().play(8.0).wait(0.1).say(Paused).wait(5.0)
    script.say(SeekCommanded, 0.0).say(TimeChanged, 0.0).wait(1.0).say(Playing)
    script.time = 0.0
    script.play(8.0).wait(0.1).say(Paused)
    assert mismatch(f"{PLAYED} {PLAYED.replace('loaded', 'loaded replayed:1')}", script.told()) is None


def test_an_observer_sees_the_replay_from_the_held_last_frame_at_its_first_sample() -> None:
    """Nobody tells it of the seek; the playhead is at the start again."""
    script = Script(HELD).open().play(8.0).wait(0.1).say(Paused).wait(5.0).say(Playing).say(TimeChanged, 0.1)
    script.time = 0.1
    script.play(3.0)
    assert mismatch(f"{PLAYED} opened:A loaded replayed:1 playing 25%", script.told()) is None


def test_playing_on_at_the_held_last_frame_opens_nothing() -> None:
    """VLC says Playing and Paused when somebody presses play at the end; nothing is shown."""
    script = Script(HELD).open().play(8.0).wait(0.1).say(Paused).say(Playing).say(TimeChanged, 7.9).say(Paused)
    assert mismatch(PLAYED, script.told(silence=30.0)) is None
