"""Destinations come and go while a film runs: what the tracker is asked to tell changes, and no number may suffer."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.events import Event, Progressed, Started, Watched
from agent.kernel.milestones import QUARTILES
from agent.kernel.session import SessionTracker
from agent.kernel.signals import Signal
from tests.support.script import Script
from tests.support.soup import soups
from tests.support.stories import mismatch

TENTHS = (0.1, 0.25, 0.5, 0.75, 0.9)
PLAYER = (*QUARTILES, 0.98)
CHOICES: dict[str, tuple[tuple[float, ...], bool]] = {
    "few": (QUARTILES, False),
    "many": (TENTHS, True),
    "player": (PLAYER, False),
}
Switches = dict[int, str]
switches = st.dictionaries(st.integers(0, 60), st.sampled_from(sorted(CHOICES)), max_size=6)


def tell(signals: Sequence[Signal], switched: Switches, *, restarted: bool = False) -> list[Event]:
    """What is told where another choice is made before the signals of these places."""
    tracker, now = SessionTracker(), CHOICES["few"]
    events: list[Event] = []
    for place, signal in enumerate(signals):
        if place in switched:
            now = CHOICES[switched[place]]
            if restarted:
                tracker = SessionTracker.restore(tracker.checkpoint(), milestones=now[0], heartbeat=now[1])
            else:
                tracker.want(now[0], heartbeat=now[1])
        events += tracker.feed(signal)
    return events + tracker.tick((signals[-1].at if signals else 0.0) + 30.0)


def quartiles(events: Sequence[Event]) -> list[tuple[int, float, float]]:
    """What stats.collect counts: session, fraction and time."""
    return [(e.session, e.fraction, e.at) for e in events if isinstance(e, Progressed) and e.fraction in QUARTILES]


def fractions(events: Sequence[Event], session: int) -> list[float]:
    """The milestones of a session."""
    return [event.fraction for event in events if isinstance(event, Progressed) and event.session == session]


@given(soups(), switches, st.booleans())
@settings(max_examples=200)
def test_a_switch_at_any_moment_neither_doubles_nor_loses_a_quartile(
    signals: list[Signal], switched: Switches, restarted: bool
) -> None:
    """stats.collect is paid by these numbers, and has nothing to do with what another destination asks for."""
    assert quartiles(tell(signals, {})) == quartiles(tell(signals, switched, restarted=restarted))


@given(soups(), switches, st.booleans())
@settings(max_examples=200)
def test_a_session_tells_one_choice_from_its_beginning_to_its_end(
    signals: list[Signal], switched: Switches, restarted: bool
) -> None:
    """A tenth that is asked for at the half would be told out of order, or be missing from an account that began."""
    events = tell(signals, switched, restarted=restarted)
    for session in {event.session for event in events}:
        told = fractions(events, session)
        assert any(set(told) <= set(marks) for marks, _ in CHOICES.values())
        assert len(told) == len(set(told))


def test_what_is_wanted_in_mid_play_is_told_from_the_next_session_on() -> None:
    """Someone switches player events on while a film runs: that film was begun without them."""
    tracker = SessionTracker()
    first = Script().open().play(3.0)
    events = first.told(tracker=tracker)
    tracker.want(TENTHS, heartbeat=True)
    again = Script(at=first.at).play(0.0)
    again.time = first.time
    again.play(8.0).end().open().play(8.0).end()
    events += again.told(tracker=tracker)
    assert [0.25, 0.5, 0.75] == fractions(events, 1)
    assert list(TENTHS) == fractions(events, 2)
    assert [2] == sorted({event.session for event in events if isinstance(event, Watched)})


def test_what_is_not_wanted_any_more_is_told_to_the_end_of_the_session() -> None:
    """Its account of views was begun; half of one is worse than none."""
    tracker = SessionTracker(milestones=TENTHS, heartbeat=True)
    first = Script().open(length=60.0).play(5.0)
    first.told(tracker=tracker)
    tracker.want(QUARTILES, heartbeat=False)
    rest = Script(at=first.at)
    rest.time = first.time
    events = rest.play(60.0).end().open(length=60.0).play(20.0).told(tracker=tracker)
    assert [0.1, 0.25, 0.5, 0.75, 0.9] == fractions(events, 1)
    assert {1} == {event.session for event in events if isinstance(event, Watched)}
    assert {2} == {event.session for event in events if isinstance(event, Started)}


def test_a_wish_that_is_taken_back_leaves_nothing_behind() -> None:
    """An operator tries a setting and goes back before the film is over; the checkpoint is as it was."""
    tracker = SessionTracker()
    Script().open().play(3.0).told(tracker=tracker)
    before = tracker.checkpoint()
    tracker.want(TENTHS, heartbeat=True)
    assert before != tracker.checkpoint()
    tracker.want(QUARTILES, heartbeat=False)
    assert before == tracker.checkpoint()


def test_a_checkpoint_of_an_earlier_version_goes_on_with_what_is_wanted_now() -> None:
    """It names no milestones: then those of the settings are the only ones that can have been meant."""
    script = Script().open().play(3.0)
    tracker = SessionTracker(milestones=TENTHS)
    script.told(tracker=tracker)
    text = tracker.checkpoint().replace('"marks":[0.1,0.25,0.5,0.75,0.9],', "")
    assert text != tracker.checkpoint()
    rest = Script(at=script.at)
    rest.time = script.time
    told = rest.play(8.0).end().told(tracker=SessionTracker.restore(text, milestones=TENTHS))
    assert mismatch("50% 75% 90% ended closed:completed", told) is None
