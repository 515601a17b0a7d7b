"""Reads what the broker retains.

Contract: `snapshot` answers the retained messages of some topics; the desk is left subscribed to them.
Rules: MQTT has no mark for "that was all", so the end is a silence. A message that comes in live meanwhile counts as
what is retained now, for it will be. Each read has a bound, so that a fleet that never falls silent is read all the
same.
Reasons: an echo of our own would be quicker, but brokers that send retained messages in portions (EMQX) would send the
echo between them.
"""

from collections.abc import Sequence

from agent.fleet.desk import Desk

# The first message of a slow line over half the world, then between two of them; and the whole.
FIRST_S = 1.0
QUIET_S = 0.5
MOST_S = 30.0


def snapshot(desk: Desk, topics: Sequence[str], *, first: float = FIRST_S) -> dict[str, bytes]:
    """What is retained on `topics` (filters with wildcards), by topic; what was removed is left out."""
    desk.subscribe(topics)
    found: dict[str, bytes] = {}
    begun = desk.now()
    patience = first
    while (left := begun + MOST_S - desk.now()) > 0:
        arrived = desk.receive(min(patience, left))
        if arrived is None:
            break
        patience = QUIET_S
        if arrived.payload:
            found[arrived.topic] = arrived.payload
        else:
            found.pop(arrived.topic, None)
    return found
