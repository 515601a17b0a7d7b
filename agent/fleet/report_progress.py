"""What has come of the devices' ledgers so far.

Contract: `Progress.take` counts a slice, once: it answers False for one that covers lines which were covered before, or
leaves some out. Pure.
Rules: a line is known by its device, its ledger and its number. Where a device has another ledger than before, as
after a wiped card, what came of the old one is thrown away and the new one begins at its beginning: nobody can tell
which plays stand in both. How complete a device is: the lines that came, of those that it says it has in the period.
"""

from agent.kernel.plays import ChainHead
from agent.kernel.totals import By, Grouped
from agent.remote.slices import Slice


class Part:
    """Of one device. `cursor`: the last line that is covered; None: nothing has come. `read`: how many came."""

    def __init__(self, by: tuple[By, ...]) -> None:
        self.grouped = Grouped(by)
        self.ledger: str | None = None
        self.zone: str | None = None
        self.chain: ChainHead | None = None
        self.span: tuple[int, int] | None = None
        self.cursor: int | None = None
        self.read = 0
        self.is_done = False

    @property
    def stated(self) -> int:
        """How many lines the device says it has."""
        return 0 if self.span is None else self.span[1] - self.span[0] + 1

    @property
    def percent(self) -> float:
        """How complete it is, never rounded up."""
        if self.stated == 0:
            return 100.0 if self.is_done else 0.0
        return int(1000 * self.read / self.stated) / 10

    def take(self, found: Slice) -> None:
        """Count it."""
        for key, totals in found.grouped.rows.items():
            self.grouped.add(key, totals)
        span = found.span
        if span is not None and self.span is not None:
            span = (min(span[0], self.span[0]), max(span[1], self.span[1]))
        self.ledger, self.zone, self.chain = found.ledger, found.zone, found.chain
        self.span = self.span if span is None else span
        self.cursor, self.read, self.is_done = found.to, self.read + found.read, found.done


class Progress:
    """Of all devices. `by`: what each of them tells its plays apart by."""

    def __init__(self, by: tuple[By, ...]) -> None:
        self.by = by
        self.parts: dict[str, Part] = {}

    def part(self, device: str) -> Part:
        """What has come of it; an empty one where nothing has."""
        return self.parts.get(device) or Part(self.by)

    def take(self, device: str, found: Slice) -> bool:
        """Count a slice of this device's; False where it must not be counted."""
        if found.grouped.by != self.by:
            return False
        part = self.part(device)
        if part.ledger not in (None, found.ledger):
            part = self.parts[device] = Part(self.by)
        if part.cursor is None:
            follows = found.span is None or found.after == found.span[0] - 1
        else:
            follows = found.after == part.cursor or _forgot(part.cursor, found)
        if not follows:
            return False
        part.take(found)
        self.parts[device] = part
        return True


def _forgot(cursor: int, found: Slice) -> bool:
    """Whether the lines between are no longer kept there."""
    return found.after > cursor and found.after < found.chain.first
