"""From events to the ledger's line."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.attribution import Attribution
from agent.kernel.display import Display, Shown
from agent.kernel.events import Closed, Ended, Ending, Event, Opened, PausedEvent, Playhead, Resumed, Started
from agent.kernel.instants import Instant
from agent.kernel.media import Media
from agent.kernel.play_fold import LOOKS_APART, PlayFold
from agent.kernel.plays import PlayFacts
from agent.kernel.session import SessionTracker
from agent.kernel.signals import Signal
from tests.support.outbox import BOOT
from tests.support.soup import soups

MEDIA = Media("lobby.mp4", "file:///srv/media/lobby.mp4", "0_abcd1234")
OWNER = Attribution("device-001", "session-1", "kiosk://device-001", 102, "0_abcd1234", MEDIA.uri)
HEAD = Playhead(0.0, 30.0)
END = Playhead(30.0, 30.0, played=29.9604)


def fed(fold: PlayFold, event: Event, display: Display = Display.ON, owner: Attribution = OWNER) -> PlayFacts | None:
    """What the fold answers."""
    return fold.feed(event, owner, Instant(BOOT, event.at, 1.7e9 + event.at, synced=True), display)


def played(fold: PlayFold, display: Display = Display.ON) -> PlayFacts:
    """A clip played to its end."""
    assert fed(fold, Opened(10.0, 1, HEAD, media=MEDIA), display) is None
    assert fed(fold, Started(10.2, 1, HEAD, join_time=0.2), display) is None
    assert fed(fold, Ended(40.2, 1, END, complete=True), display) is None
    found = fed(fold, Closed(40.3, 1, END, ending=Ending.COMPLETED), display)
    assert found is not None
    return found


def test_clip_played_to_its_end_is_one_line_with_true_times() -> None:
    """This is what the operator's customer pays for."""
    expected = PlayFacts(
        session="session-1",
        item="lobby.mp4",
        entry_id="0_abcd1234",
        boot_id=BOOT,
        began=10.0,
        ended=40.3,
        is_started=True,
        played=29.96,
        duration=30.0,
        is_complete=True,
        ending=Ending.COMPLETED,
        shown=Shown.ON,
        dark_s=0.0,
        is_left_out=False,
        last=0,
    )
    fold = PlayFold()
    assert expected == played(fold)
    assert "" == fold.text


def test_play_that_never_started_says_so() -> None:
    """A missing file is no play, and not nothing either."""
    fold = PlayFold()
    fed(fold, Opened(10.0, 1, HEAD, media=MEDIA), Display.OFF)
    found = fed(fold, Closed(10.1, 1, Playhead(), ending=Ending.FAILED), Display.OFF)
    assert found is not None
    assert (False, Ending.FAILED, 0.0, Shown.OFF) == (found.is_started, found.ending, found.played, found.shown)


def test_dark_seconds_are_those_between_looks_while_it_plays() -> None:
    """A screen that goes dark in the middle of a film is partly seen, for so long."""
    fold = PlayFold()
    fed(fold, Opened(10.0, 1, HEAD, media=MEDIA))
    fed(fold, Started(10.0, 1, HEAD, join_time=0.0))
    for at in (12.0, 13.0):
        fold.look(Display.OFF, at)
    fold.look(Display.ON, 14.0)
    found = fed(fold, Closed(20.0, 1, HEAD, ending=Ending.STOPPED))
    assert found is not None
    assert (2.0, Shown.PARTLY) == (found.dark_s, found.shown)


def test_pause_and_hold_up_are_no_dark_seconds() -> None:
    """What nobody looked at is not known; what stood still was not played."""
    fold = PlayFold()
    fed(fold, Opened(10.0, 1, HEAD, media=MEDIA), Display.OFF)
    fed(fold, Started(10.0, 1, HEAD, join_time=0.0), Display.OFF)
    fed(fold, PausedEvent(11.0, 1, HEAD), Display.OFF)
    fold.look(Display.OFF, 15.0)
    fed(fold, Resumed(16.0, 1, HEAD), Display.OFF)
    fold.look(Display.OFF, 16.0 + LOOKS_APART + 1)
    found = fed(fold, Closed(30.0, 1, HEAD, ending=Ending.STOPPED), Display.OFF)
    assert found is not None
    assert (round(1.0 + 30.0 - 16.0 - LOOKS_APART - 1, 3), Shown.OFF) == (found.dark_s, found.shown)


def test_event_dated_back_counts_no_dark_second_twice() -> None:
    """A stall is told of later than it was."""
    fold = PlayFold()
    fed(fold, Opened(10.0, 1, HEAD, media=MEDIA), Display.OFF)
    fed(fold, Started(10.0, 1, HEAD, join_time=0.0), Display.OFF)
    fold.look(Display.OFF, 12.0)
    fed(fold, PausedEvent(11.0, 1, HEAD), Display.OFF)
    fed(fold, Resumed(11.0, 1, HEAD), Display.OFF)
    found = fed(fold, Closed(13.0, 1, HEAD, ending=Ending.STOPPED), Display.OFF)
    assert found is not None
    assert 3.0 == found.dark_s


def test_unknown_display_stays_unknown() -> None:
    """A connector that tells nothing is no dark screen."""
    assert Shown.UNKNOWN is played(PlayFold(), Display.UNKNOWN).shown


def test_memory_as_text_closes_the_play_all_the_same() -> None:
    """A power cut in mid-play: the next process knows the text, and nothing else."""
    fold = PlayFold()
    fed(fold, Opened(10.0, 1, HEAD, media=MEDIA))
    fed(fold, Started(10.2, 1, HEAD, join_time=0.2))
    again = PlayFold.restore(fold.text)
    assert fold.text == again.text
    events = (Ended(40.2, 1, END, complete=True), Closed(40.3, 1, END, ending=Ending.COMPLETED))
    assert [fed(fold, event) for event in events] == [fed(again, event) for event in events]


def test_lit_screen_changes_no_text() -> None:
    """A changed text is a write, and each write wears the card."""
    fold = PlayFold()
    fed(fold, Opened(10.0, 1, HEAD, media=MEDIA))
    fed(fold, Started(10.2, 1, HEAD, join_time=0.2))
    text = fold.text
    fold.look(Display.ON, 11.0)
    fold.look(Display.UNKNOWN, 12.0)
    assert text == fold.text


@given(st.one_of(st.text(max_size=40), st.sampled_from(['{"session":1}', "[]", "null", '{"session":"a","began":"x"}'])))
@settings(max_examples=100, deadline=None)
def test_any_text_restores_to_something(text: str) -> None:
    """A damaged card must not keep the agent from starting."""
    fold = PlayFold.restore(text)
    assert Ending.COMPLETED is played(fold).ending


def test_play_that_an_earlier_version_left_open_has_a_line() -> None:
    """An upgrade in mid-play loses none."""
    found = fed(PlayFold(), Closed(40.0, 1, END, ending=Ending.INTERRUPTED))
    assert found is not None
    assert (MEDIA.uri, "0_abcd1234", 10.04, 40.0, True) == (
        found.item,
        found.entry_id,
        found.began,
        found.ended,
        found.is_started,
    )


@given(soups(), st.data())
@settings(max_examples=60, deadline=None)
def test_any_soup_gives_each_session_one_line_also_over_restarts(signals: list[Signal], data: st.DataObject) -> None:
    """None is doubled, none missing, whenever the process dies: its texts go on."""
    tracker, fold = SessionTracker(), PlayFold()
    lines, closed = [], []
    for signal in signals:
        if data.draw(st.booleans()):
            fold = PlayFold.restore(fold.text)
        for event in tracker.feed(signal):
            owner = Attribution("d", f"session-{event.session}", "r", 1, "0_a", "")
            closed += [owner.session_id] if isinstance(event, Closed) else []
            found = fed(fold, event, data.draw(st.sampled_from(Display)), owner)
            lines += [] if found is None else [found]
    assert closed == [line.session for line in lines]
    assert all(0.0 <= line.dark_s <= line.ended - line.began + 0.002 for line in lines)
