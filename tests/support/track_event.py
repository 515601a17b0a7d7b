"""Events through the projection of trackEvent, one after another, as the pump would take them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.kernel.activity import Activity, Told
from agent.kernel.attribution import Attribution
from agent.kernel.events import Event, Loaded, Playhead
from agent.kernel.records import StoredEvent
from agent.sinks.base import Message, Projection
from agent.sinks.track_event.projection import Rules, project
from tests.support.playback import WALL, owner, stored

PLAYER = Rules(player_events=True)


def as_stored(event: Event | Activity, sequence: int = 1, *, who: Attribution | None = None) -> StoredEvent:
    """`event` as the log gives it back; an activity belongs to the first session unless told otherwise."""
    if isinstance(event, Told):
        return stored(Loaded(event.at, 1, Playhead()), sequence, attribution=who or owner())
    return stored(event, sequence, attribution=who)


@dataclass
class Telling:
    """A destination in the making. `views`: whether VIEWs are wanted; `age`: how old what comes next is."""

    rules: Rules = PLAYER
    views: bool = True
    age: float | None = 0.0
    who: Attribution | None = None
    state: str = ""
    passed: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    sequence: int = 0

    def tell(self, *events: Event | Activity) -> "Telling":
        """Take events; what they became is appended to `messages` and `passed`."""
        for event in events:
            self.sequence += 1
            found = self.one(event)
            self.state = found.state
            self.messages += found.messages
            if found.passed is not None:
                self.passed.append(found.passed)
        return self

    def one(self, event: Event | Activity) -> Projection:
        """What one event is now; nothing is remembered."""
        kept = as_stored(event, self.sequence, who=self.who)
        time = WALL + event.at
        return project(self.state, kept, event, time=time, age=self.age, rules=self.rules, views=lambda _: self.views)

    @property
    def names(self) -> list[str]:
        """What was told, in words."""
        return [message.name for message in self.messages]

    @property
    def indexes(self) -> list[int]:
        """Their eventIndex."""
        return [int(message.fields["eventIndex"]) for message in self.messages]

    def last(self, *names: str) -> Sequence[str | None]:
        """Some fields of the last message."""
        return [self.messages[-1].fields.get(name) for name in names]
