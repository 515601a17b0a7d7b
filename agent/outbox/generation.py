"""Which store this is, and on which device: a new generation whenever that is not certain.

Contract: `settle_generation` returns the generation to use from now on, and why it is new if it is.
Rules: identities that were given keep their generation for ever, so a change is a new row that holds from the next
sequence on (decision 3). A changed board under an old store, which is what a cloned card looks like, is a change
(decision 4). Where the device keeps its id on another board, nobody but a person knows whether the first board still
runs under that id: the store remembers the question as the named text `MOVED` until it is answered, the id is changed,
or the card is back on its own board.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final
from uuid import uuid4

from agent.outbox import play_origin
from agent.outbox.connection import Database
from agent.outbox.rows import WRITE_STATE

MOVED: Final = "moved"
"""The named text of a store whose device came to another board under its old id; empty once that was answered."""


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
        play_origin.remember(connection, known, device.hardware_key)
        (newest,) = connection.execute("SELECT coalesce(max(sequence), 0) FROM events").fetchone()
        # A generation that never gave an identity away is replaced.
        connection.execute(
            "INSERT OR REPLACE INTO generations (first, generation) VALUES (?, ?)", (newest + 1, generation)
        )
        for pair in (("device_id", device.device_id), ("hardware_key", device.hardware_key)):
            connection.execute("INSERT OR REPLACE INTO properties (name, value) VALUES (?, ?)", pair)
        if not salvaged:
            _remember_the_move(database, reason, known, device)
    return generation, reason


def moved_id(text: str | None) -> str | None:
    """The id that two boards may have, of the named text `MOVED`; None where there is no such question."""
    return text.partition("\n")[0] if text else None


def _remember_the_move(database: Database, reason: NewGeneration, known: Mapping[str, str], device: Device) -> None:
    connection = database.conn
    row = connection.execute("SELECT text FROM states WHERE name = ?", (MOVED,)).fetchone()
    before = str(row[0]) if row else ""
    text = ""
    if reason is NewGeneration.HARDWARE_CHANGED:
        # The first board of several is the one that may still be out there.
        origin = before.partition("\n")[2] if before else known.get("hardware_key", "")
        text = "" if origin in ("", device.hardware_key) else f"{device.device_id}\n{origin}"
        if not text and before:  # back on its own board: what the other one played is its own, too
            connection.execute(WRITE_STATE, (play_origin.COPIED, ""))
    if text != before:
        connection.execute(WRITE_STATE, (MOVED, text))
