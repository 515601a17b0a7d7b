"""From a fact to stats.collect's words.

Contract: pure. `project` says which messages a fact becomes, given the state that earlier facts left; the same state
and fact always give the same messages, so a crash between two of them repeats nothing.
Rules: what has no number (kinds.py) becomes nothing, and is not counted: other destinations use it. What has one but
no entry to count for is passed over and counted by reason.
Reasons: the guide's sections 5 and 7, kaltura.md section 4, decisions 11 to 15 and 17. README.md beside this file has
the whole table.
"""

from typing import assert_never

from agent.kernel.activity import NOWHERE, Activity, Engaged
from agent.kernel.events import Event, Fact, Opened, Seeked
from agent.kernel.records import StoredEvent
from agent.sinks.base import Message, Projection
from agent.sinks.kaltura.fields import fields, why_not
from agent.sinks.kaltura.kinds import Kind, kind_of
from agent.sinks.kaltura.players import Memory, follow
from agent.sinks.kaltura.semantics import Semantics


def project(
    state: str, stored: StoredEvent, fact: Event | Activity, *, time: float, semantics: Semantics
) -> Projection:
    """What `fact`, which is `stored` decoded, becomes; `time` is its wall time in seconds.

    A session without a usable entry id becomes nothing. It is passed over and counted once, where it opens: whoever
    looks at the number wants to know how many plays are missing, not how many messages. A deed is counted by itself.
    """
    after, kinds, wire = _told(state, stored, fact, semantics)
    if not kinds:
        return Projection(state=after, messages=())
    reason = why_not(stored.attribution.entry_id) or (None if wire else "no-session")
    if reason is not None:
        return Projection(state=after, messages=(), passed=reason if isinstance(fact, Opened | Engaged) else None)
    head = fact.head if isinstance(fact, Fact | Engaged) else NOWHERE
    messages = []
    for part, kind in enumerate(kinds):
        target = fact.target if kind is Kind.SEEK and isinstance(fact, Seeked) else None
        values = fields(kind, stored.attribution, head, wire=wire, time=time, target=target, semantics=semantics)
        messages.append(Message(stored.identity.token(part), kind.name, values, time))
    return Projection(state=after, messages=tuple(messages))


def _told(
    state: str, stored: StoredEvent, fact: Event | Activity, semantics: Semantics
) -> tuple[str, tuple[Kind, ...], str]:
    """The state afterwards, the numbers, and the session's id on the wire."""
    match semantics:
        case Semantics.GUIDE:
            kind = kind_of(fact)
            return "", () if kind is None else (kind,), stored.attribution.session_id
        case Semantics.PLAYER:
            memory = Memory.read(state)
            found = follow(memory, stored, fact)
            return state if found.memory == memory else found.memory.written(), found.kinds, found.wire
        case _:
            assert_never(semantics)
