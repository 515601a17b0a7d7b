"""Facts in stats.collect's words, and sessions to send them with, for tests."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agent.kernel import codec
from agent.kernel.activity import Activity
from agent.kernel.attribution import Attribution
from agent.kernel.events import Event, Playhead, Started
from agent.kernel.records import StoredEvent
from agent.kernel.verdict import Held, Later
from agent.sinks.base import Message, Projection
from agent.sinks.http.client import Timeouts, Wire
from agent.sinks.kaltura.projection import project
from agent.sinks.kaltura.semantics import Semantics, milestones
from agent.sinks.kaltura.sessions import NoSession, SessionSource, SessionState, SessionStatus
from agent.sinks.kaltura.sink import CollectSettings, StatsCollect, Style
from tests.support.playback import WALL, Ideal, scenarios, stored
from tests.support.wires import PATIENT

GUIDE, PLAYER = Semantics.GUIDE, Semantics.PLAYER
HEAD = Playhead(position=12.9, duration=60.0, seeked=True)
STARTED = Started(1.0, 1, HEAD, 0.2)


def projected(
    fact: Event | Activity,
    semantics: Semantics = GUIDE,
    *,
    state: str = "",
    attribution: Attribution | None = None,
    sequence: int = 1,
) -> Projection:
    """One fact alone."""
    record = stored(fact, sequence, attribution=attribution)
    return project(state, record, fact, time=WALL + fact.at, semantics=semantics)


def told(facts: Sequence[Event | Activity], semantics: Semantics) -> list[Message]:
    """All messages of a story."""
    state = ""
    messages: list[Message] = []
    for sequence, fact in enumerate(facts, start=1):
        found = projected(fact, semantics, state=state, sequence=sequence)
        state = found.state
        messages += found.messages
    return messages


def kinds(messages: Sequence[Message]) -> list[int]:
    """Their numbers."""
    return [int(message.fields["eventType"]) for message in messages]


def scenario(name: str) -> dict[str, Any]:
    """One recorded scenario."""
    (found,) = (line for line in scenarios() if line["id"] == name)
    return found


def story(name: str, semantics: Semantics) -> list[Event]:
    """The events of a recorded scenario."""
    line = scenario(name)
    return list(Ideal(milestones(semantics), line["media"]["duration_s"]).events(line["script"]))


def collecting(
    service_url: str,
    *,
    session: SessionSource | None = None,
    style: Style = Style.POST,
    batch: int = 60,
    semantics: Semantics = GUIDE,
    timeouts: Timeouts = PATIENT,
) -> StatsCollect:
    """The sink as the agent makes it."""
    wire = Wire(user_agent="kiosk", monotonic=time.monotonic, timeouts=timeouts, proxy="")
    chosen = CollectSettings(service_url, client_tag="kiosk", semantics=semantics, style=style, batch=batch)
    return StatsCollect(chosen, wire, session=session or NoSession())


def encoded(fact: Event | Activity, sequence: int = 1, *, attribution: Attribution | None = None) -> StoredEvent:
    """`fact` as the log gives it back."""
    kind, body = codec.encode(fact)
    return replace(stored(fact, sequence, attribution=attribution), kind=kind, body=body)


def message(sequence: int = 1, fact: Event | Activity = STARTED, *, attribution: Attribution | None = None) -> Message:
    """The message that a fact becomes."""
    record = encoded(fact, sequence, attribution=attribution)
    (found,) = collecting("http://127.0.0.1/").project("", record, time=WALL, age=0.0).messages
    return found


@dataclass
class Sessions:
    """A source of sessions to script: `answers` are what `current` answers in turn, the last one for ever.

    A refused session is followed by the next answer, if there is one.
    """

    answers: list[str | Later | Held]
    refusals: list[str] = field(default_factory=list)

    def current(self) -> str | Later | Held:
        """The present answer; what is no session is answered once."""
        if isinstance(self.answers[0], str) or len(self.answers) == 1:
            return self.answers[0]
        return self.answers.pop(0)

    def refused(self, ks: str) -> bool:
        """Whether there is another one."""
        self.refusals.append(ks)
        if len(self.answers) == 1:
            return False
        del self.answers[0]
        return True

    def status(self) -> SessionStatus:
        """Nobody asks here."""
        return SessionStatus("script", SessionState.FRESH)

    def close(self) -> None:
        """There is nothing to drop."""
