"""What an application says, on its way to the main loop, and what it is answered.

Contract: values only. `parse` makes a `Submission`; it goes through the mailbox, and the main loop answers it once,
after its transaction (decision 27), by `submission.reply.put(answer)`, which never waits and never fails.
Rules: the main loop dates what was told: `dated(now)`. Who submits may be gone when the answer comes; that is not the
main loop's concern.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Protocol

from agent.kernel.activity import Activity

# What stands in an activity that has no time yet.
UNDATED = 0.0


class VisitCommand(Enum):
    """What an application can say about the visit itself."""

    START = "visit-start"
    END = "visit-end"


class Reason(Enum):
    """Why nothing was kept: the word in the answer, and in `status`."""

    MALFORMED = "malformed"
    OVERSIZED = "oversized"
    INCOMPLETE = "incomplete"
    THROTTLED = "throttled"
    PEER_REFUSED = "peer-refused"
    BUSY = "busy"
    NO_ROOM = "no-room"
    VISITS_OFF = "visits-off"
    NO_ANSWER = "no-answer"


@dataclass(frozen=True, slots=True)
class Kept:
    """It is durable. `id`: the event's identity token. `session`: what it was attributed to, `visit`: its context.

    A visit's command makes no event: it is answered with the visit alone, and without one where none is left.
    """

    id: str | None = None
    session: str | None = None
    visit: str | None = None


@dataclass(frozen=True, slots=True)
class Misfit:
    """The application's mistake: `field` (None: the line as a whole) holds `text`, where `allowed` belongs.

    `meant`: what was probably meant. `mark` as in `Submission`.
    """

    field: str | None
    text: str
    allowed: str
    meant: str | None = None
    mark: str | int | None = None
    reason: Reason = Reason.MALFORMED


@dataclass(frozen=True, slots=True)
class Declined:
    """Not the application's mistake; `retry_after_s` says when it may try again, where that is known."""

    reason: Reason
    text: str
    retry_after_s: float | None = None


Answer = Kept | Misfit | Declined

VISITS_OFF = Declined(
    Reason.VISITS_OFF, "visits are not told apart on this kiosk: visits.enabled is false in its configuration"
)
NO_ROOM = Declined(Reason.NO_ROOM, "the kiosk's disk is full, so nothing was kept", retry_after_s=60.0)
UNANSWERED = Declined(
    Reason.NO_ANSWER, "the agent is busy or ending; whether this was kept is not known until its log is looked at"
)


class Reply(Protocol):
    """Where the answer goes. A `queue.SimpleQueue[Answer]` is one."""

    def put(self, item: Answer, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Submission:
    """One thing that an application told. `mark`: the application's own id for it, which the answer repeats.

    `entry_id`: what it is about, None for the medium on the screen or for nothing. `user_id`: only ever what the
    application itself said. `who`: the sender in words for people, such as "uid 1000 pid 4711".
    """

    what: Activity | VisitCommand
    reply: Reply
    who: str
    entry_id: str | None = None
    user_id: str | None = None
    mark: str | int | None = None

    def dated(self, now: float) -> Activity | VisitCommand:
        """What was told, as of the boot-time second `now`; a command has no date."""
        return self.what if isinstance(self.what, VisitCommand) else replace(self.what, at=now)


def plain(answer: Answer, mark: str | int | None) -> Mapping[str, Any]:
    """The answer as JSON says it: `ok` or `error`, after the application's own `id` where it gave one."""
    head: dict[str, Any] = {} if mark is None else {"id": mark}
    match answer:
        case Kept(id=token, session=session, visit=visit):
            return head | {"ok": _said(id=token, session=session, visit=visit)}
        case Misfit(field=field, text=text, allowed=allowed, meant=meant, reason=reason):
            error = {"reason": reason.value, "field": field, "text": text, "allowed": allowed}
            return head | {"error": error | _said(did_you_mean=meant)}
        case Declined(reason=reason, text=text, retry_after_s=seconds):
            return head | {"error": {"reason": reason.value, "text": text} | _said(retry_after_s=seconds)}


def _said(**items: Any) -> dict[str, Any]:
    return {name: item for name, item in items.items() if item is not None}
