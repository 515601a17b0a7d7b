"""Advertisements and bumpers: told as the session's, and never mixed with its content."""

from dataclasses import replace

import pytest

from agent.kernel.events import (
    Ending,
    Event,
    Opened,
    PausedEvent,
    Resumed,
    SpotEnded,
    SpotProgressed,
    SpotStarted,
    Started,
)
from agent.kernel.media import Media, Role
from agent.kernel.session import SessionTracker
from agent.kernel.signals import (
    ContentCommanded,
    EndReached,
    MediaChanged,
    MuteChanged,
    Opening,
    Paused,
    PlaybackFailed,
    PlayCommanded,
    PlayerLost,
    Playing,
    SeekCommanded,
    Signal,
    SkipCommanded,
    SpotCommanded,
    SpotMissed,
    StopCommanded,
    Stopped,
    TimeChanged,
    TrackKind,
    TrackSelected,
    VolumeChanged,
)
from tests.support.programs import Program, spot_media
from tests.support.script import CLIP, Script
from tests.support.stories import mismatch, words

QUARTERS = "25% 50% 75%"
SPOTS = (SpotStarted, SpotProgressed, SpotEnded)


def whole(role: str) -> str:
    """The words of a spot that was seen from its beginning to its end."""
    reached = " ".join(f"spot:{role}:{mark}" for mark in QUARTERS.split())
    return f"spot:{role} {reached} spot:{role}:completed"


def content_of(events: list[Event]) -> list[Event]:
    """What was told of the content, without the pauses that midrolls make."""
    return [event for event in events if not isinstance(event, (*SPOTS, PausedEvent, Resumed))]


def test_full_program_is_one_session_in_the_order_of_the_screen() -> None:
    """The report counts one visit of the widget, the advertisements round the film, and the film as if alone."""
    program = Program().whole_spot(Role.PREROLL).whole_spot(Role.BUMPER_PRE).content().play(5.0)
    program.whole_spot(Role.MIDROLL).content().play(8.0).end()
    program.whole_spot(Role.POSTROLL).whole_spot(Role.BUMPER_POST).over()
    story = (
        f"opened:A {whole('preroll')} {whole('bumper-pre')} loaded playing 25% 50% "
        f"paused {whole('midroll')} resumed 75% ended {whole('postroll')} {whole('bumper-post')} closed:completed"
    )
    assert mismatch(story, program.told()) is None


def test_spots_carry_the_contents_playhead() -> None:
    """currentPoint and duration of the film, not of its advertisement, go with the advertisement's numbers."""
    program = Program().whole_spot(Role.PREROLL).content().play(4.0).whole_spot(Role.MIDROLL).content().play(8.0).end()
    events = [event for event in program.whole_spot(Role.POSTROLL).over().told() if isinstance(event, SPOTS)]
    heads = {(event.role, event.head.position, event.head.duration) for event in events}
    assert {(Role.PREROLL, None, None), (Role.MIDROLL, 4.0, 8.0), (Role.POSTROLL, 8.0, 8.0)} == heads
    assert {1} == {event.session for event in events}
    assert ["file:///srv/preroll.mp4", "file:///srv/midroll.mp4", "file:///srv/postroll.mp4"] == [
        event.uri for event in events if isinstance(event, SpotStarted)
    ]


def test_preroll_does_not_start_the_contents_clocks() -> None:
    """A minute of advertising is neither an open that timed out nor a minute's wait for the film."""
    program = Program().spot(Role.PREROLL, 60.0, length=60.0).end()
    program.content().play(1.0)
    events = program.told()
    assert mismatch(f"opened:A {whole('preroll')} loaded playing", events) is None
    assert 0.3 == pytest.approx(next(event.join_time for event in events if isinstance(event, Started)), abs=0.1)


def test_wait_between_preroll_and_content_is_no_timeout_but_a_silent_content_is_one() -> None:
    """The director may wait for a new player; once it commanded the content, somebody must notice that it is dead."""
    program = Program().whole_spot(Role.PREROLL).wait(60.0)
    assert "closed:failed" not in words(program.told())
    program.say(ContentCommanded)
    assert words(program.told(silence=13.0))[-2:] == ["error:open-timeout!", "closed:failed"]


def test_content_that_does_not_come_back_from_a_midroll_fails() -> None:
    """Its stream may have gone meanwhile; a session must not stay open for ever."""
    program = Program().content().play(4.0).whole_spot(Role.MIDROLL).say(ContentCommanded)
    story = f"opened:A loaded playing 25% 50% paused {whole('midroll')} error:open-timeout! closed:failed"
    assert mismatch(story, program.told(silence=13.0)) is None
    program.wait(1.0).say(MediaChanged, CLIP).wait(1.0).say(PlaybackFailed)
    story = f"opened:A loaded playing 25% 50% paused {whole('midroll')} error:ended-early! closed:failed"
    assert mismatch(story, program.told()) is None


@pytest.mark.parametrize("off", [-3.0, -0.4, 0.0, 0.3, 1.2, 4.0])
def test_content_lands_beside_where_it_was_and_that_is_no_seek(off: float) -> None:
    """VLC starts at a key frame. Nobody jumped: no SEEK, no second PLAY, and no quartile lost or counted twice."""
    program = Program().content(length=20.0).play(9.5).whole_spot(Role.MIDROLL).content(off=off, length=20.0)
    events = program.play(20.0).end().over().told()
    story = f"opened:A loaded playing 25% paused {whole('midroll')} resumed 50% 75% ended closed:completed"
    if off > 1.5:
        story = story.replace("resumed 50%", "resumed")  # That second of it was never on the screen.
    assert mismatch(story, events) is None
    assert not events[-1].head.seeked


@pytest.mark.parametrize("at", [0.5, 2.0, 3.9, 4.0, 7.9])
def test_midroll_at_a_quartile_neither_loses_nor_doubles_it(at: float) -> None:
    """Whoever sells the middle of a film sells it at exactly 50 %."""
    program = Program().content().play(at).whole_spot(Role.MIDROLL).content().play(8.0).end().over()
    alone = Script(CLIP, owned=True).open().play(8.0).end().told()
    told = content_of(program.told())
    assert words(alone) == words(told)
    assert alone[-1].head.played == pytest.approx(told[-1].head.played, abs=0.7)


def test_spot_that_fails_never_fails_the_content() -> None:
    """A broken advertisement costs the advertiser, not the film."""
    program = Program().say(SpotMissed, spot_media(Role.PREROLL)).say(SpotCommanded, spot_media(Role.BUMPER_PRE))
    program.say(MediaChanged, spot_media(Role.BUMPER_PRE)).say(PlaybackFailed)
    program.content().play(1.0).spot(Role.MIDROLL, 1.5).say(PlaybackFailed)
    program.content().play(8.0).end().say(SpotCommanded, spot_media(Role.POSTROLL)).wait(20.0)
    program.over()
    story = (
        "opened:A spot:preroll:failed spot:bumper-pre:failed loaded playing paused spot:midroll spot:midroll:25% "
        "spot:midroll:failed resumed 25% 50% 75% ended spot:postroll:failed closed:completed"
    )
    assert mismatch(story, program.told()) is None


@pytest.mark.parametrize(
    ("kind", "ending"),
    [(SkipCommanded, "skipped"), (StopCommanded, "stopped"), (PlayerLost, "interrupted")],
)
def test_what_ends_the_session_ends_its_spot_first(kind: type[Signal], ending: str) -> None:
    """Nothing follows Closed, and no advertisement stays open."""
    program = Program().spot(Role.PREROLL, 1.0).say(kind).say(Stopped).say(TimeChanged, 3.0)
    assert (
        mismatch(f"opened:A spot:preroll spot:preroll:25% spot:preroll:{ending} closed:{ending}", program.told())
        is None
    )


def test_program_that_is_given_up_for_another_is_skipped() -> None:
    """The director goes on without a word of the end."""
    program = Program().content().play(1.0).begins(replace(CLIP, key="B"))
    assert mismatch("opened:A loaded playing closed:skipped opened:B", program.told()) is None
    program = Program().content().play(1.0).over()
    assert mismatch("opened:A loaded playing closed:skipped", program.told()) is None


def test_crash_in_a_spot_interrupts_the_session_where_the_content_stood() -> None:
    """After a power cut the checkpoint is all that is known."""
    program = Program().content().play(4.0).spot(Role.MIDROLL, 2.0)
    tracker = SessionTracker()
    program.told(tracker=tracker)
    again = SessionTracker.restore(tracker.checkpoint())
    assert (tracker.deadline, tracker.phase, True) == (again.deadline, again.phase, again.is_open)
    events = again.interrupt(None)
    assert mismatch("spot:midroll:interrupted closed:interrupted", events) is None
    assert 4.0 == events[-1].head.position
    assert not again.is_open


def test_pause_and_seek_in_a_spot_are_not_the_contents() -> None:
    """The film was not paused by a visitor, nor sought in."""
    program = Program().content().play(4.0).spot(Role.MIDROLL, 1.5)
    program.say(Paused).wait(30.0).say(Playing).say(SeekCommanded, 3.5).seek(3.5)
    program.play(4.0).wait(0.1).say(EndReached).say(Stopped)
    program.content().play(8.0).end().over()
    story = (
        "opened:A loaded playing 25% 50% paused spot:midroll spot:midroll:25% spot:midroll:completed "
        "resumed 75% ended closed:completed"
    )
    assert mismatch(story, program.told()) is None


def test_pause_while_the_content_comes_back_holds_it() -> None:
    """A visitor's pause may fall between the spot and the film; however long it takes, nothing has failed."""
    program = Program().content().play(4.0).whole_spot(Role.MIDROLL)
    program.say(ContentCommanded).say(MediaChanged, CLIP).say(Opening).say(Paused).wait(60.0).say(Playing)
    program.time = 4.0
    program.play(8.0).end().over()
    story = f"opened:A loaded playing 25% 50% paused {whole('midroll')} resumed 75% ended closed:completed"
    assert mismatch(story, program.told()) is None


def test_second_midroll_before_the_content_is_seen_again_is_no_second_pause() -> None:
    """A break of two advertisements with the film loaded between them, but not shown."""
    program = Program().content().play(4.0).whole_spot(Role.MIDROLL).content().whole_spot(Role.MIDROLL)
    program.content().play(8.0).end().over()
    twice = f"{whole('midroll')} {whole('midroll')}"
    story = f"opened:A loaded playing 25% 50% paused {twice} resumed 75% ended closed:completed"
    assert mismatch(story, program.told()) is None


def test_tracks_of_the_content_that_comes_back_are_nobodys_choice() -> None:
    """VLC drops and selects the streams anew with each load; no visitor switched the sound off."""
    program = Program().content().play(4.0).whole_spot(Role.MIDROLL).say(ContentCommanded).say(MediaChanged, CLIP)
    program.say(TrackSelected, TrackKind.AUDIO, None).say(TrackSelected, TrackKind.TEXT, 7).say(Opening).say(Playing)
    program.say(TrackSelected, TrackKind.AUDIO, 1)
    program.time = 4.0
    story = f"opened:A loaded playing 25% 50% paused {whole('midroll')} resumed 75% ended closed:completed"
    assert mismatch(story, program.play(8.0).end().over().told()) is None


def test_volume_of_a_spot_is_not_told() -> None:
    """An advertisement is louder by the playlist; nobody touched the volume of the film."""
    program = Program().content().say(VolumeChanged, 1.0).play(4.0).spot(Role.MIDROLL, 1.0).say(VolumeChanged, 0.4)
    program.say(MuteChanged, True).play(4.0).wait(0.1).say(EndReached).content().play(4.5)
    program.say(VolumeChanged, 1.0).say(MuteChanged, False).play(7.0)
    told = words(program.told())
    assert [] == [word for word in told if word.startswith(("volume", "muted"))]


def test_volume_that_was_just_set_is_told_before_the_midroll() -> None:
    """A visitor's change a moment before the advertisement is not the advertisement's."""
    program = Program().content().say(VolumeChanged, 1.0).play(3.5).say(VolumeChanged, 0.6).play(4.0)
    program.spot(Role.MIDROLL, 1.0).say(VolumeChanged, 0.4)
    assert ["50%", "volume:0.6", "paused"] == words(program.told(silence=2.0))[4:7]


def test_overlay_is_shown_over_the_running_content() -> None:
    """It has no playhead, so no quartiles; it is over when it is taken away."""
    program = Program().content().play(3.0).show().play(5.0).hide().hide().play(8.0).end().over()
    story = "opened:A loaded playing 25% spot:overlay 50% spot:overlay:completed 75% ended closed:completed"
    assert mismatch(story, program.told()) is None


def test_overlay_goes_with_what_it_lies_over() -> None:
    """The content's end, another spot, another overlay or a skip take it from the screen."""
    ended = Program().content().play(7.0).show().play(8.0).end().over()
    story = "opened:A loaded playing 25% 50% 75% spot:overlay spot:overlay:completed ended closed:completed"
    assert mismatch(story, ended.told()) is None
    covered = Program().content().play(1.0).show().show().spot(Role.MIDROLL, 0.0)
    story = "opened:A loaded playing spot:overlay spot:overlay:completed spot:overlay spot:overlay:completed paused"
    assert mismatch(story, covered.told()) is None
    skipped = Program().content().play(1.0).show().say(SkipCommanded)
    assert mismatch("opened:A loaded playing spot:overlay spot:overlay:skipped closed:skipped", skipped.told()) is None


def test_commands_of_spots_without_a_session_tell_nothing() -> None:
    """The tracker closed it as failed while the director still goes on: a late spot counts for nobody."""
    late = Script().say(SpotCommanded, spot_media(Role.POSTROLL)).open(spot_media(Role.POSTROLL)).play(2.0).end()
    assert [] == late.told(silence=20.0)
    program = Program().over()
    program.whole_spot(Role.POSTROLL).over()
    assert mismatch("opened:A closed:skipped", program.told(silence=20.0)) is None


def test_content_is_the_only_medium_that_a_program_takes_back() -> None:
    """Something else that the player says it has is neither the spot nor the film."""
    program = Program().spot(Role.PREROLL, 1.0).say(MediaChanged, Media(key="Z", uri="file:///z.mp4")).wait(30.0)
    program.say(StopCommanded)
    assert words(program.told())[-1] == "closed:stopped"
    assert {"A"} == {event.media.key for event in program.told() if isinstance(event, Opened)}


def test_replay_of_a_program_names_the_session_it_repeats() -> None:
    """REPLAY stands before PLAY, however many advertisements come first (decision 12)."""
    program = Program().content().play(8.0).end().over().begins(CLIP, replay=True)
    program.whole_spot(Role.PREROLL).content().play(1.0)
    story = f"opened:A {whole('preroll')} loaded replayed:1 playing"
    assert mismatch(story, [event for event in program.told() if event.session == 2]) is None


def test_commands_of_a_play_are_never_taken_for_the_spots() -> None:
    """What begins another play ends this one, whatever is in the player."""
    program = Program().spot(Role.PREROLL, 1.0).say(PlayCommanded, replace(CLIP, key="B"))
    story = "opened:A spot:preroll spot:preroll:25% spot:preroll:skipped closed:skipped opened:B"
    assert mismatch(story, program.told()) is None
    assert Ending.SKIPPED is next(event for event in program.told() if isinstance(event, SpotEnded)).ending
