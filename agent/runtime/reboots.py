"""What a process finds out at its start about the boots before it.

Contract: `boots_at_start` reads the log and writes nothing; what it answers is to be committed with the next write.
Rules: how far an earlier boot came is told by what it wrote last: its newest event, or the anchor of a play that was
open. Both were written for other reasons, so it costs nothing.
Reasons: decision 22; agent.kernel.bounding needs it.
"""

from contextlib import suppress
from typing import Final

from agent.kernel.boots import Boots
from agent.kernel.instants import Instant
from agent.kernel.records import Origin
from agent.outbox.store import Outbox
from agent.runtime.recorder import Anchor

ANCHOR: Final = "anchor"
"""The named text in which the recorder's anchor is kept."""


def boots_at_start(outbox: Outbox, now: Instant) -> Boots:
    """What is known of this device's boots, with how far the earlier ones came by what they left in the log.

    The very object that the log was told, where there is no news.
    """
    newest = outbox.events(after=outbox.newest - 1, limit=1)
    past = [event.instant for event in newest if event.origin is Origin.LOCAL and event.redelivery is None]
    with suppress(ValueError):
        past.append(Anchor.read(outbox.state(ANCHOR) or "").instant)
    boots = outbox.boots
    for instant in past:
        if instant.boot_id != now.boot_id:
            boots = boots.reached(instant)
    oldest = [event.instant.boot_id for event in outbox.events(limit=1)]
    return boots.seen(now).needed_by(*(oldest or [now.boot_id]))
