"""From a fact to stats.collect's words.

Contract: pure. `project` says which messages a fact becomes, given the state that earlier facts left; the same state
and fact always give the same messages, so a crash between two of them repeats nothing.
Rules: what has no number (kinds.py) becomes nothing, and is not counted: other destinations use it. What has one but
no entry to count for is passed over and counted by reason. A session ends by the semantics that it began with, where
the setting is changed meanwhile: two rules for one play would send its 100 % twice, or seconds after milliseconds.
Reasons: the guide's sections 5 and 7, kaltura.md section 4, decisions 11 to 15 and 17. README.md beside this file has
the whole table.
"""

from typing import assert_never

from agent.kernel.activity import NOWHERE, Activity, Engaged
from agent.kernel.events import Event, Fact, Opened, Seeked
from agent.kernel.leaving_out import why_passed
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
    memory = Memory.read(state)
    semantics = _of_session(memory, stored.attribution.session_id, fact, semantics)
    after, kinds, wire = _told(memory, stored, fact, semantics)
    if not kinds:
        return Projection(state=after, messages=())
    reason = why_not(stored.attribution.entry_id) or (None if wire else "no-session")
    if reason is not None:
        passed = why_passed(fact, stored.attribution, reason) if isinstance(fact, Opened | Engaged) else None
        return Projection(state=after, messages=(), passed=passed)
    head = fact.head if isinstance(fact, Fact | Engaged) else NOWHERE
    messages = []
    for part, kind in enumerate(kinds):
        target = fact.target if kind is Kind.SEEK and isinstance(fact, Seeked) else None
        values = fields(kind, stored.attribution, head, wire=wire, time=time, target=target, semantics=semantics)
        messages.append(Message(stored.identity.token(part), kind.name, values, time))
    return Projection(state=after, messages=tuple(messages))


def _of_session(memory: Memory, session: str, fact: Event | Activity, configured: Semantics) -> Semantics:
    """By which semantics the session of `fact` began. Only PLAYER leaves a memory of it."""
    if isinstance(fact, Opened):
        return configured
    if session and memory.own == session:
        return Semantics.PLAYER
    return Semantics.GUIDE if isinstance(fact, Fact) else configured


def _told(
    memory: Memory, stored: StoredEvent, fact: Event | Activity, semantics: Semantics
) -> tuple[str, tuple[Kind, ...], str]:
    """The state afterwards, the numbers, and the session's id on the wire."""
    match semantics:
        case Semantics.GUIDE:
            kind = kind_of(fact)
            after = Memory() if isinstance(fact, Opened) else memory
            return after.written(), () if kind is None else (kind,), stored.attribution.session_id
        case Semantics.PLAYER:
            found = follow(memory, stored, fact)
            return found.memory.written(), found.kinds, found.wire
        case _:
            assert_never(semantics)
