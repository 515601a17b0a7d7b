"""Publishes a document so that two operators never overwrite each other unseen, and the broker really has it.

Contract: `publish` returns once the document is retained and was read back; it raises `ConflictError` where somebody
else was there first, `LostError` where the broker says it took the document and does not have it.
Rules: first the history's entry, which claims the revision; then a look at the claim and at the document for as long as
a silence takes; then the document. Whoever comes second sees the other's claim or the other's document within that
look, and stops. Should a program have slept between its look and its document, it sees what it overtook, and puts that
back: devices take no second document of the same revision. What stands in the history beyond the newest `KEPT` goes.
Reasons: MQTT has no "write if unchanged". A broker of MQTT 3.1.1 drops what its rules forbid without a word, and one
that was killed has lost its newest retained messages (edge.md, section 5): only reading back tells.
"""

from agent.fleet import documents
from agent.fleet.desk import Desk, DeskError
from agent.fleet.documents import Damaged
from agent.fleet.reading import QUIET_S, snapshot
from agent.fleet.survey import Survey
from agent.remote.documents import Document
from agent.remote.line import Outgoing
from agent.remote.topics import Level, Topics

# Enough to find what was in force before a bad week; each is at most 256 KiB at the broker.
KEPT = 20


class ConflictError(DeskError):
    """Another operator changes the same level at this moment."""


class LostError(DeskError):
    """The broker does not have what was published."""


def publish(desk: Desk, topics: Topics, found: Survey, document: Document) -> None:
    """Make `document` the level's; `found` is what the operator was shown before."""
    level = found.level
    desired, claim = topics.desired(level), topics.history(level, document.revision)
    payload, kept = documents.encode(document), documents.encode(document, published=round(desk.wall(), 3))
    _retain(desk, claim, kept)
    seen = snapshot(desk, [claim, desired], first=QUIET_S)
    there = seen.get(desired)
    if there != found.payload:
        _withdraw(desk, claim, there, document)
        raise ConflictError(_changed(level, there))
    if seen.get(claim) not in (None, kept):
        raise ConflictError(_somebody(level, document.revision))
    _retain(desk, desired, payload)
    rival = _overtaken(desk, desired, payload)
    if rival is not None:
        _retain(desk, desired, rival)
        raise ConflictError(_changed(level, rival))
    _verify(desk, topics, level, payload)
    old = sorted(found.history)[: max(0, len(found.history) + 1 - KEPT)]
    desk.publish(*(Outgoing(topics.history(level, each), b"", retain=True) for each in old))


def _withdraw(desk: Desk, claim: str, there: bytes | None, document: Document) -> None:
    """Take our claim out of the history; where the document that came first has our revision, it is that one's."""
    first = None if there is None else documents.read(document.level, there)
    if isinstance(first, Document) and first.revision == document.revision:
        _retain(desk, claim, documents.encode(first, published=round(desk.wall(), 3)))
    else:
        _retain(desk, claim, b"")


def _overtaken(desk: Desk, desired: str, payload: bytes) -> bytes | None:
    """What somebody published between our look and our document: the broker gives both back in its order."""
    rival = None
    while (arrived := desk.receive(QUIET_S)) is not None:
        if arrived.topic != desired:
            continue
        if arrived.payload == payload:
            return rival
        rival = arrived.payload or rival
    return rival


def _verify(desk: Desk, topics: Topics, level: Level, payload: bytes) -> None:
    desired = topics.desired(level)
    there = snapshot(desk, [desired]).get(desired)
    if there == payload:
        return
    if there is None:
        raise LostError(
            f"The broker does not have the document of {level} that it took. Perhaps its rules forbid this user to "
            f"write or read {desired} (a broker of MQTT 3.1.1 does not say so); nothing is in force there now."
        )
    raise ConflictError(_changed(level, there))


def _retain(desk: Desk, topic: str, payload: bytes) -> None:
    desk.publish(Outgoing(topic, payload, retain=True))


def _somebody(level: Level, revision: int) -> str:
    return (
        f"Somebody else publishes revision {revision} of {level} at this moment; nothing of yours was published. "
        "Look at what they did (kiosk-fleet history), then try again."
    )


def _changed(level: Level, payload: bytes | None) -> str:
    if payload is None:
        return f"The document of {level} was removed while you looked at it; look again, then try again."
    there = documents.read(level, payload)
    if isinstance(there, Damaged):
        return f"The document of {level} was changed while you looked at it; look again, then try again."
    by = f" by {there.by}" if there.by else ""
    return (
        f"The document of {level} was changed{by} while you looked at it: revision {there.revision} is in force now. "
        "Look at it (kiosk-fleet history), then try again."
    )
