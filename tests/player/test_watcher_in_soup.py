"""Whatever a host says, and whenever the agent or its line breaks: each play is told whole, once, and closed once."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel import signals
from agent.kernel.events import Closed, Event, Opened, Progressed
from agent.kernel.phases import Phase, follow
from agent.kernel.signals import Signal
from agent.player import wire
from agent.player.operations import Fail, Next, Previous
from tests.support.watched import Attached

Act = Callable[[Attached], object]


def _say(make: Callable[[float], Signal]) -> Act:
    return lambda host: host.say(make(host.at))


def _other_run(host: Attached) -> None:
    host.run, host.number, host.token = host.run + 1, 0, 0
    host.ready(host.run)


positions = st.sampled_from([0.0, 0.4, 2.5, 5.0, 7.9, 30.0])
ACTS: st.SearchStrategy[Act] = st.one_of(
    st.sampled_from(["file:///a.mp4", "file:///b.mp4", "http://[", ""]).map(lambda uri: lambda host: host.open(uri)),
    positions.map(lambda to: lambda host: host.play(min(host.time + to, 9.0))),
    positions.map(lambda to: _say(lambda at: signals.Sampled(at, to, 1.0, fullscreen=False))),
    positions.map(lambda to: _say(lambda at: signals.TimeChanged(at, to))),
    st.sampled_from([0.25, 2.0, 11.0]).map(lambda seconds: lambda host: host.wait(seconds)),
    st.sampled_from(
        [
            *(_say(make) for make in (signals.Playing, signals.Paused, signals.Halted, signals.Stopped)),
            _say(signals.EndReached),
            *(_say(make) for make in (signals.Opening, signals.PlayerLost, signals.PlaybackFailed)),
            _say(lambda at: signals.Buffering(at, 0.0)),
            lambda host: host.lose(),
            lambda host: host.lose(commanded=True),
            lambda host: host.ready(host.run),
            lambda host: host.caught_up(),
            lambda host: host.caught_up(medium=99),
            lambda host: host.again(),
            lambda host: host.again(orderly=True),
            _other_run,
            lambda host: host.obey(wire.Seek(4.0)),
            *((lambda host, order=order: host.obey(order)) for order in (Next(), Previous(), Fail(again=True))),
        ]
    ),
)


def _well_formed(events: list[Event]) -> None:
    phase = Phase.IDLE
    reached: list[float] = []
    for event in events:
        after = follow(phase, event)
        assert after is not None, event
        phase = after
        if isinstance(event, Opened):
            reached = []
        if isinstance(event, Progressed):
            assert event.fraction not in reached
            reached.append(event.fraction)
    opened = sum(isinstance(event, Opened) for event in events)
    closed = sum(isinstance(event, Closed) for event in events)
    assert opened - closed in (0, 1)


@settings(max_examples=150, deadline=None)
@given(st.lists(ACTS, max_size=25))
def test_whatever_is_said_each_play_is_whole(acts: list[Act]) -> None:
    """A session that nobody closes, or that is told twice, is a wrong figure for ever."""
    host = Attached()
    for act in acts:
        act(host)
    _well_formed(host.events)
    host.lose()
    host.wait(12.0)
    assert not host.tracker.is_open, "nobody comes back: what was open is closed"
