"""Lists that are exchanged at any moment, whatever a player says and an operator does."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.events import Closed, Event, Opened
from agent.kernel.media import Media, Role
from agent.kernel.phases import Phase as SessionPhase
from agent.kernel.phases import follow
from agent.kernel.session import SessionTracker
from agent.kernel.signals import PlayCommanded, ProgramCommanded, Signal
from agent.player.items import Item, Plan, Screen, Spot
from agent.player.reports import HostLost
from agent.player.surroundings import Phase
from tests.player.test_showing_in_soup import ACTS, Act, Player

_ITEMS = st.builds(
    lambda key, entry, live, spot, volume: Item(
        Media(key, f"file:///{key}.mp4", entry_id=entry, live=live),
        volume=volume,
        spots=() if spot is None or live else (Spot(Item(Media(f"{key}-1", "file:///s.png", role=spot)), 2.0, 1.0),),
    ),
    st.sampled_from("abcd"),
    st.sampled_from([None, "0_one", "0_two"]),
    st.booleans(),
    st.none() | st.sampled_from([Role.PREROLL, Role.MIDROLL, Role.OVERLAY, Role.POSTROLL]),
    st.none() | st.just(50),
)
_PLANS = st.builds(
    Plan,
    st.lists(_ITEMS, max_size=4, unique_by=lambda item: item.media.key).map(tuple),
    st.booleans(),
    st.booleans(),
    st.builds(Screen, volume=st.sampled_from([50, 100])),
)


class Evening:
    """A kiosk's director and tracker over crashes. `events`: what was told of it all."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.events: list[Event] = []
        self.tracker = SessionTracker()
        self.desk = Player(items=plan.items, start=False)
        self.desk.director.replan(plan, self.desk.at)

    def feed(self, told: list[Signal]) -> None:
        for signal in told:
            if isinstance(signal, PlayCommanded | ProgramCommanded):
                assert signal.media in [item.media for item in self.plan.items]
            self.events += self.tracker.feed(signal)
        self.events += self.tracker.tick(self.desk.at)

    def replan(self, plan: Plan) -> None:
        current, self.plan = self.desk.director.current, plan
        told = self.desk.director.replan(plan, self.desk.at)
        assert not told or current is None or current not in plan.items, "what stays in the list is not touched"
        self.feed(told)

    def crash(self) -> None:
        at, state = self.desk.at, self.desk.director.state()
        self.desk = Player(items=self.plan.items, start=False, state=state)
        self.desk.at = at
        self.desk.director.replan(self.plan, at)
        self.events += self.tracker.interrupt(at)

    def check(self) -> None:
        director = self.desk.director
        assert not self.tracker.is_open or director.current is not None
        assert director.phase is not Phase.PLAYING or director.current is not None
        waits = director.phase in (Phase.RESTING, Phase.SHUT) and director._host_ready
        assert not waits or director.deadline is not None


def _end_commanded(desk: Player) -> list[Signal]:
    return desk.director.on_report(HostLost(desk.at, 1, "commanded", commanded=True), desk.at)


@given(_PLANS, st.lists(st.one_of(ACTS, _PLANS, st.sampled_from(["crash", "restart"])), max_size=25))
@settings(max_examples=300, deadline=None)
def test_any_sequence_of_lists_keeps_the_story_straight(first: Plan, acts: list[Act | Plan | str]) -> None:
    """Never an item of a list that is no more, never a session that is left open or closed twice."""
    evening = Evening(first)
    evening.feed(evening.desk.ready())
    for act in acts:
        evening.desk.at += 0.1
        match act:
            case Plan():
                evening.replan(act)
            case "crash":
                evening.crash()
            case str():
                evening.feed(_end_commanded(evening.desk))
                evening.feed(evening.desk.ready(2))
            case _:
                evening.feed(act(evening.desk))
        evening.check()
    phase: SessionPhase | None = SessionPhase.IDLE
    opened = closed = 0
    for event in evening.events:
        assert phase is not None
        phase = follow(phase, event)
        opened, closed = opened + isinstance(event, Opened), closed + isinstance(event, Closed)
    assert opened - closed == evening.tracker.is_open
