"""Whose plays the ledger's lines are: a card that was copied brings those of another device along.

Contract: `remember` notes, inside the open transaction, that the store is on another board now; `copied` answers up to
which line the plays are another device's.
Rules: the lines of another board are another device's where this one has another id than that had. Where it has the
same id, it is in its place, so they are its own (agent.outbox.generation asks about that). They stay, for nobody but a
person knows whether the first device still tells them; reports leave them out.
Reasons: decisions 3 and 4; a play that two devices tell counts twice in a fleet's report.
"""

import sqlite3
from collections.abc import Mapping
from typing import Final

from agent.outbox import play_lines
from agent.outbox.rows import WRITE_STATE

COPIED: Final = "copied"
"""The named text with the id that the last other board had, and how far the ledger was then; empty: they are ours."""


def remember(connection: sqlite3.Connection, known: Mapping[str, str], hardware_key: str) -> None:
    """The store that was on the device `known` (its properties) is on the board `hardware_key` now."""
    if known.get("hardware_key", "") in ("", hardware_key):
        return
    number = play_lines.load(connection).number
    if number:
        connection.execute(WRITE_STATE, (COPIED, f"{known.get('device_id', '')}\n{number}"))


def copied(connection: sqlite3.Connection) -> int:
    """Up to which line; 0: all are this device's."""
    row = connection.execute("SELECT text FROM states WHERE name = ?", (COPIED,)).fetchone()
    device, _, number = str(row[0] if row else "").rpartition("\n")
    mine = connection.execute("SELECT value FROM properties WHERE name = 'device_id'").fetchone()
    if not number.isdecimal() or mine is None or mine[0] == device:
        return 0
    return int(number)
