"""Reading the ledger: plays with their dates, as well as they can be told now.

Contract: `read` gives plays behind a number.
Rules: a line that cannot be read is passed over here; a verification tells of it (agent.outbox.play_check).
 a play of a boot that saw the time at any moment is dated by that; one of a boot that never did lies between its
neighbours (agent.kernel.bounding), and says so. What is known of the boots is what the ledger's own notes say, so it
outlives the queue's; of the present boot it is what the store was told last.
"""

import sqlite3

from agent.kernel.boots import Boot, Boots
from agent.kernel.bounding import bounds
from agent.kernel.play_chain import Clock, read_note
from agent.kernel.plays import Play, PlayFacts
from agent.kernel.release import BUILD_EPOCH
from agent.outbox.core import Core
from agent.outbox.play_deliveries import Deliveries
from agent.outbox.play_lines import text_of
from agent.outbox.play_rows import unpacked

LARGEST = 1000
"""Plays that one call gives at most: a quarter of a megabyte in memory."""


def read(core: Core, after: int, limit: int) -> list[Play]:
    """Plays behind number `after`, rising, at most `limit`."""
    connection = core.database.conn
    texts: dict[int, str] = {}

    def text(number: int) -> str:
        if number not in texts:
            texts[number] = text_of(connection, number)
        return texts[number]

    dates = Dates(core)
    cursors = {each.name: each.cursor.sequence if each.enabled else None for each in core.ledger.sinks.values()}
    deliveries = Deliveries(connection, cursors)
    found: list[Play] = []
    before = 0
    for number, line in connection.execute("SELECT id, line FROM plays WHERE id >= ? ORDER BY id", (after,)):
        try:
            facts = unpacked(line, text)
        except (ValueError, KeyError):
            continue
        if number > after:
            found.append(_dated(number, facts, before, dates, deliveries))
            if len(found) >= min(limit, LARGEST):
                break
        before = facts.last
    return found


class Dates:
    """When boots began, as far as that is known now."""

    def __init__(self, core: Core) -> None:
        if core.chain.clocks is None:
            core.chain.clocks = _clocks(core.database.conn)
        boots = {clock.boot_id: clock.boot for clock in core.chain.clocks.values()}
        self._now = "" if core.now is None else core.now.boot_id
        self._present = _present(core, boots)
        self._boots = Boots(tuple(boots.values()))
        self._known: dict[str, tuple[float, bool]] = {}

    def began(self, boot_id: str) -> tuple[float, bool]:
        """The wall second at which the boot began, and whether that is an estimate."""
        if boot_id not in self._known:
            boot = self._boots.of(boot_id)
            if boot_id == self._now:
                self._known[boot_id] = (self._present, boot is None or boot.began is None)
            elif boot is not None and boot.began is not None:
                self._known[boot_id] = (boot.began, False)
            else:
                found = bounds(self._boots, boot_id, self._present)
                self._known[boot_id] = (self._present if found is None else found.likeliest, True)
        return self._known[boot_id]


def _present(core: Core, boots: dict[str, Boot]) -> float:
    """When the present boot began, by the best clock there is; it is the last of `boots` then.

    Who only visits the store knows no present: then it is as if the last known boot had just ended.
    """
    now = core.now
    if now is None:
        boots[""] = Boot("", None, 0.0)
        ends = [boot.began + boot.until for boot in boots.values() if boot.began is not None]
        return max(ends, default=float(BUILD_EPOCH)) + sum(boot.until for boot in boots.values() if boot.began is None)
    boot = boots.pop(now.boot_id, None) or Boot(now.boot_id, None, now.boottime)
    known = core.boots.of(now.boot_id)
    if known is not None and known.began is not None:
        boot = Boot(boot.boot_id, known.began, boot.until)
    boots[now.boot_id] = boot
    return boot.began if boot.began is not None else now.wall - now.boottime


def _clocks(connection: sqlite3.Connection) -> dict[str, Clock]:
    """What the notes say last of each boot, the boots in the order in which they were met."""
    found: dict[str, Clock] = {}
    for (text,) in connection.execute("SELECT text FROM play_notes ORDER BY id").fetchall():
        try:
            _, _, note = read_note(text)
        except ValueError:
            continue
        if isinstance(note, Clock):
            found[note.boot_id] = note
    return found


def _dated(number: int, facts: PlayFacts, before: int, dates: Dates, deliveries: Deliveries) -> Play:
    began, is_estimated = dates.began(facts.boot_id)
    ended = began + facts.ended
    return Play(
        number=number,
        facts=facts,
        began=began + facts.began,
        ended=ended,
        is_estimated=is_estimated,
        delivered=deliveries.of(facts, before, ended),
    )
