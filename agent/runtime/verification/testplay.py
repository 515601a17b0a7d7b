"""The test play: one session that looks, to the service, like a clip that was played to its end.

Contract: `messages` makes what a real play of `LENGTH_S` seconds would send, by the very projection of real events;
`send` sends them in order and says when, or why not all.
Rules: the play has a generation of its own, so it is no event of the running agent's and takes no lock; its referrer
ends with /verify, by which it can be told from visitors' plays. It is dated into the last minute, as if it had just
ended. A failure is tried again as the guide says, three times; what was refused is not.
Reasons: decision 3 (identity); the guide's sections 10.2 and 11.3.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from agent.kernel import codec
from agent.kernel.attribution import Attribution, Identity
from agent.kernel.events import Ended, Event, Loaded, Opened, Playhead, Progressed, Started
from agent.kernel.instants import Instant
from agent.kernel.media import Media
from agent.kernel.records import Origin, StoredEvent
from agent.kernel.verdict import Delivered, Held, Later, Refused
from agent.sinks.base import Message, Sink

LENGTH_S: Final = 60.0
MARK: Final = "verify"
PAUSES_S: Final = (1.0, 2.0, 4.0)
"""Between the tries of one message (the guide, 11.3)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """All were accepted. `time`: the service's clock (epoch s) at the first of them, None where it tells none."""

    time: float | None


@dataclass(frozen=True, slots=True)
class Unsent:
    """The message after `accepted` others did not get through. `why`: its name and the last answer."""

    accepted: int
    why: str


def referrer(device_id: str) -> str:
    """What reports show as the page on which the test play was watched."""
    return f"kiosk://{device_id}/{MARK}"


def _story(entry_id: str | None) -> Sequence[Event]:
    def head(position: float) -> Playhead:
        segments = ((0.0, position),) if position else ()
        return Playhead(position=position, duration=LENGTH_S, played=position, segments=segments)

    opened = Opened(at=0.0, session=1, head=Playhead(), media=Media(MARK, "", entry_id))
    quarters = [
        Progressed(at=part * LENGTH_S, session=1, head=head(part * LENGTH_S), fraction=part)
        for part in (0.25, 0.5, 0.75)
    ]
    return (
        opened,
        Loaded(at=0.0, session=1, head=Playhead(duration=LENGTH_S)),
        Started(at=0.0, session=1, head=head(0.0), join_time=0.0),
        *quarters,
        Ended(at=LENGTH_S, session=1, head=head(LENGTH_S), complete=True),
    )


def messages(sink: Sink, owner: Attribution, *, generation: str, ended: float) -> list[Message]:
    """What `sink` sends of a play that ended at `ended` (wall s)."""
    found: list[Message] = []
    state = ""
    for number, event in enumerate(_story(owner.entry_id), start=1):
        kind, body = codec.encode(event)
        wall = ended - LENGTH_S + event.at
        stored = StoredEvent(
            sequence=number,
            identity=Identity(generation, number),
            kind=kind,
            body=body,
            priority=codec.priority(event),
            attribution=owner,
            instant=Instant(generation, event.at, wall, synced=True),
            frozen_time=wall,
            origin=Origin.LOCAL,
        )
        projection = sink.project(state, stored, time=wall, age=ended - wall)
        state = projection.state
        found += projection.messages
    return found


def send(sink: Sink, play: Sequence[Message], pause: Callable[[float], None]) -> Sent | Unsent:
    """Send the messages of `play`, one by one; `pause` waits for so many seconds."""
    first: float | None = None
    for accepted, message in enumerate(play):
        found = _send_one(sink, message, pause)
        if isinstance(found, str):
            return Unsent(accepted, f"{message.name}: {found}")
        first = first if accepted else found.server_time
    return Sent(first)


def _send_one(sink: Sink, message: Message, pause: Callable[[float], None]) -> Delivered | str:
    """The acceptance, or why there is none."""
    attempt = 0
    for pause_s in (*PAUSES_S, None):
        verdict = sink.send(message, attempt=attempt)
        match verdict:
            case Delivered():
                return verdict
            case Refused(answer=text) | Held(text=text):
                return text
            case Later(text=text, answered=answered, mended=mended, retry_after=asked):
                if pause_s is None:
                    return text
                attempt += answered
                if not mended:
                    pause(max(pause_s, asked or 0.0))
            case _:
                assert_never(verdict)
    raise AssertionError("the last try returns")
