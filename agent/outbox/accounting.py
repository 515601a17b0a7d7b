"""The self-test of the books: what was produced for a destination is what became of it, at every moment.

Contract: `account` reads a destination's books in one look; a `difference` other than 0 is a bug of ours or damage, and
is shown, never mended silently. `unburied` finds events that left the log without a trace.
Rules: the first book is about events. The side of what was produced comes from the sequences alone, the other side from
what settlements, drops and switches counted when they happened, so neither can hide a mistake of the other:

    produced = settled + passed over while off + dropped + queued

An event is settled when the destination is done with it: its messages were delivered or refused, or it had none.
Refused messages have a book of their own, since one event may become several:

    refused = kept as a dead letter + sent again by hand + dropped

After a migration or damage the books begin anew, balanced (schema.BEGIN_ACCOUNTS): then nobody knows what they were.
Reasons: every event that an operator misses must be in one of these numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.outbox.core import Core
from agent.outbox.ledger import DISABLED, OF_LETTERS, Note, Position, Tally


@dataclass(frozen=True, slots=True)
class Account:
    """One destination's books. `skipped`: events passed over while it was off; the others are explained above."""

    produced: int
    settled: int
    skipped: int
    dropped: int
    queued: int
    refused: int
    kept: int
    retried: int
    letters_dropped: int

    @property
    def difference(self) -> int:
        """Events that were produced and are nowhere; negative: more ended than there ever were. 0 is right."""
        return self.produced - self.settled - self.skipped - self.dropped - self.queued

    @property
    def letters_difference(self) -> int:
        """Refused messages that are nowhere. 0 is right."""
        return self.refused - self.kept - self.retried - self.letters_dropped


def account(core: Core, position: Position, *, queued: int, letters: int) -> Account:
    """The books of one sink. `queued`: events that wait for it; `letters`: its dead letters that are kept."""
    name, ledger = position.name, core.ledger
    dropped = ledger.counts(name, Tally.DROPPED)
    of_letters = sum(number for reason, number in dropped.items() if reason in OF_LETTERS)
    skipped = ledger.counts(name, Tally.PASSED).get(DISABLED, 0)
    if not position.enabled:
        skipped += core.newest - position.cursor.sequence
    return Account(
        produced=core.newest - position.origin,
        settled=position.settled,
        skipped=skipped,
        dropped=sum(dropped.values()) - of_letters,
        queued=queued,
        refused=sum(ledger.counts(name, Tally.REFUSED).values()),
        kept=letters,
        retried=ledger.counts(name, Tally.NOTED).get(Note.RETRIED.value, 0),
        letters_dropped=of_letters,
    )


def unburied(core: Core, after: int, sequences: Sequence[int]) -> int:
    """How many sequences behind `after` are missing among `sequences`, rising, and have no tombstone.

    Below the lowest cursor nothing is asked: what every sink has passed may go without one.
    """
    waiting = [position.cursor.sequence for position in core.ledger.enabled()]
    if not waiting:
        return 0
    before, found = max(after, min(waiting)), 0
    for sequence in sequences:
        if sequence > before + 1:
            found += _untold(core, before + 1, sequence - 1)
        before = max(before, sequence)
    return found


def _untold(core: Core, first: int, last: int) -> int:
    """How many of the sequences from `first` to `last`, none of which is in the log, have no tombstone."""
    (buried,) = core.database.conn.execute(
        "SELECT coalesce(sum(min(last, ?2) - max(first, ?1) + 1), 0) FROM tombstones WHERE last >= ?1 AND first <= ?2",
        (first, last),
    ).fetchone()
    return last - first + 1 - int(buried)
