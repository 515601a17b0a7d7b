"""Programs, whatever a player says and an operator does: the list goes on and the tracker follows it."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel import signals
from agent.kernel.events import Closed, Event, Opened
from agent.kernel.media import Media, Role
from agent.kernel.phases import Phase as SessionPhase
from agent.kernel.phases import follow
from agent.kernel.session import SessionTracker
from agent.kernel.signals import Signal
from agent.player import wire
from agent.player.items import Item, Spot
from agent.player.operations import Next, Operation, Play, Previous, Replay
from agent.player.reports import HostLost
from agent.player.surroundings import Phase
from tests.support.desk import Desk


class Player(Desk):
    """A player that names and opens each medium before it says anything else of it, as libvlc does."""

    named = 0

    def say(self, make: Callable[[float], Signal | wire.MediumSet]) -> list[Signal]:
        """One signal of the medium that was loaded last."""
        if not self.loads:
            return []
        token = self.token
        told: list[Signal] = []
        if self.named != token:
            self.named = token
            told += self.hear(wire.MediumSet(self.at), token)
            told += self.hear(signals.Opening(self.at), token)
        return told + self.hear(make(self.at), token)


Act = Callable[[Player], list[Signal]]


def _hear(make: Callable[[float], Signal | wire.MediumSet]) -> Act:
    return lambda desk: desk.say(make)


def _obey(operation: Operation) -> Act:
    return lambda desk: desk.director.obey(operation, desk.at)


def _begin(desk: Player) -> list[Signal]:
    makers = (lambda at: signals.LengthChanged(at, 8.0), signals.Playing)
    return [told for make in makers for told in _hear(make)(desk)]


def _play(times: list[float]) -> Act:
    def act(desk: Player) -> list[Signal]:
        told = _begin(desk)
        for time in times:
            desk.at += 0.5
            told += _hear(lambda at, time=time: signals.TimeChanged(at, time))(desk)  # type: ignore[misc]
        return told

    return act


ACTS: st.SearchStrategy[Act] = st.one_of(
    st.lists(st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.9]), max_size=9).map(sorted).map(_play),
    st.just(_play([0.5 * step for step in range(1, 16)])),
    st.sampled_from(
        [
            *(_hear(kind) for kind in (signals.EndReached, signals.PlaybackFailed, signals.Stopped, signals.Paused)),
            *(_obey(each) for each in (Next(), Previous(), Replay(), Play(), wire.Pause(), wire.Resume(), wire.Stop())),
            _hear(signals.EndReached),
            _obey(wire.Seek(0.0)),
            _obey(wire.Seek(5.0)),
            lambda desk: desk.director.on_report(HostLost(desk.at, 1, "died"), desk.at),
            lambda desk: desk.ready(2),
            lambda desk: desk.later(5.0),
            lambda desk: desk.later(70.0),
        ]
    ),
)
ROLES = [role for role in Role if role is not Role.CONTENT]


def _film(key: str, roles: list[Role]) -> Item:
    spots = tuple(
        Spot(Item(Media(f"{key}-{number}", f"file:///{key}{number}.png", role=role)), at=2.0 + number, seconds=1.0)
        for number, role in enumerate(roles)
    )
    return Item(Media(key, f"file:///{key}.mp4"), spots=spots)


@given(
    st.lists(st.lists(st.sampled_from(ROLES), max_size=4), min_size=1, max_size=3),
    st.lists(st.tuples(st.sampled_from([0.0, 0.1, 1.0]), ACTS), max_size=20),
    st.sets(st.sampled_from(["a-0", "b-1", "b", "a-2"])),
)
@settings(max_examples=300, deadline=None)
def test_any_soup_keeps_the_list_going_and_the_tracker_in_step(
    roles: list[list[Role]], acts: list[tuple[float, Act]], missing: set[str]
) -> None:
    """Nothing may stop the list, no session may outlive its program, and none may begin with a spot."""
    items = [_film(key, each) for key, each in zip("abc", roles, strict=False)]
    desk = Player(items=items, start=False)
    desk.missing = missing
    tracker = SessionTracker()
    events: list[Event] = []

    def feed(told: list[Signal]) -> None:
        events.extend(event for each in told for event in tracker.feed(each))
        events.extend(tracker.tick(desk.at))
        director = desk.director
        assert not tracker.is_open or director.current is not None
        assert director.phase in (Phase.PLAYING, Phase.WAITING) or director.current is None
        assert director.phase is not Phase.PLAYING or director.current is not None
        assert director.phase not in (Phase.RESTING, Phase.SHUT) or director.deadline is not None

    feed(desk.ready())
    for gap, act in acts:
        desk.at += gap
        feed(act(desk))
    phase: SessionPhase | None = SessionPhase.IDLE
    for event in events:
        assert phase is not None
        phase = follow(phase, event)
        if isinstance(event, Opened):
            assert event.media.role is Role.CONTENT
    assert phase is not None
    assert tracker.is_open or not events or isinstance(events[-1], Closed)
