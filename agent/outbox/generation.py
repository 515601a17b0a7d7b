"""Which store this is, and on which device: a new generation whenever that is not certain.

Contract: `settle_generation` returns the generation to use from now on, and why it is new if it is.
Rules: identities that were given keep their generation for ever, so a change is a new row that holds from the next
sequence on (decision 3). A changed board under an old store, which is what a cloned card looks like, is a change
(decision 4).
"""

from dataclasses import dataclass
from enum import Enum
from uuid import uuid4

from agent.outbox.connection import Database


class NewGeneration(Enum):
    """Why the generation is new."""

    CREATED = "created"
    DEVICE_CHANGED = "device-changed"
    HARDWARE_CHANGED = "hardware-changed"
    SALVAGED = "salvaged"


@dataclass(frozen=True, slots=True)
class Device:
    """Who has the store: the device's id, and a key made from its board (decision 4)."""

    device_id: str
    hardware_key: str


def settle_generation(
    database: Database, device: Device | None, *, salvaged: bool = False
) -> tuple[str, NewGeneration | None]:
    """The store's generation on this device; None: on the one that it was on. Raises sqlite3.Error."""
    connection = database.conn
    latest = connection.execute("SELECT generation FROM generations ORDER BY first DESC LIMIT 1").fetchone()
    known = dict(connection.execute("SELECT name, value FROM properties").fetchall())
    device = device or Device(known.get("device_id", ""), known.get("hardware_key", ""))
    if salvaged:
        reason = NewGeneration.SALVAGED
    elif latest is None:
        reason = NewGeneration.CREATED
    elif known.get("device_id") != device.device_id:
        reason = NewGeneration.DEVICE_CHANGED
    elif known.get("hardware_key") != device.hardware_key:
        reason = NewGeneration.HARDWARE_CHANGED
    else:
        return str(latest[0]), None
    generation = str(uuid4())
    with database.atomic():
        (newest,) = connection.execute("SELECT coalesce(max(sequence), 0) FROM events").fetchone()
        # A generation that never gave an identity away is replaced.
        connection.execute(
            "INSERT OR REPLACE INTO generations (first, generation) VALUES (?, ?)", (newest + 1, generation)
        )
        for pair in (("device_id", device.device_id), ("hardware_key", device.hardware_key)):
            connection.execute("INSERT OR REPLACE INTO properties (name, value) VALUES (?, ?)", pair)
    return generation, reason
