"""A fleet's report, in rows and in words.

Contract: `rows` adds the devices' parts up by the keys that were asked for; `completeness` answers a row for each
device; `lines`, `records` and `sheet_of` show them. Pure.
Rules: a site is the one that the device reports, else the inventory's. Whatever is not complete is named, the worst
first: a sum over half a fleet must not look like one over all of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.fleet import fields
from agent.fleet.console import bad, doubtful, faint, good
from agent.fleet.enroll_list import Entry
from agent.fleet.report_collecting import Ended, Ending
from agent.fleet.report_progress import Part, Progress
from agent.fleet.sighting import Sighting
from agent.fleet.words import count, listed, plain
from agent.kernel.periods import Period
from agent.kernel.sheets import cell, sheet
from agent.kernel.tables import laid_out, table
from agent.kernel.totals import OF_A_DEVICE, By, Grouped

COLUMNS: Final = (
    "device",
    "site",
    "status",
    "percent",
    "lines",
    "lines_stated",
    "plays",
    "estimated",
    "zone",
    "oldest_line",
    "chain_number",
    "chain_hash",
    "reason",
)
_COLOURS = {
    Ending.FAILED: bad,
    Ending.SILENT: bad,
    Ending.MISSING: bad,
    Ending.OFFLINE: doubtful,
    Ending.COMPLETE: good,
}
# More than this are not read on a terminal; --completeness has all of them.
_MOST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Member:
    """How complete one device is."""

    device: str
    site: str | None
    ended: Ended
    part: Part

    @property
    def is_whole(self) -> bool:
        """Whether every line of its has come."""
        return self.ended.ending is Ending.COMPLETE and self.part.percent == 100


def members(
    ended: Mapping[str, Ended], progress: Progress, seen: Mapping[str, Sighting], inventory: Mapping[str, Entry]
) -> list[Member]:
    """All devices, the worst first."""
    order = list(Ending)
    found = [
        Member(device, _site(seen.get(device), inventory.get(device)), ended[device], progress.part(device))
        for device in ended
    ]
    return sorted(found, key=lambda each: (order.index(each.ended.ending), each.part.percent, each.device))


def rows(found: Sequence[Member], by: Sequence[By]) -> Grouped:
    """The plays of all devices by `by`."""
    whole = Grouped(by)
    for member in found:
        for key, totals in member.part.grouped.rows.items():
            own = dict(zip(member.part.grouped.by, key, strict=True))
            values = {**own, By.SITE: member.site, By.DEVICE: member.device}
            whole.add(tuple(values[each] for each in by), totals)
    return whole


def of_each(by: Sequence[By]) -> tuple[By, ...]:
    """What each device is asked for, for a report by `by`."""
    return tuple(each for each in by if each in OF_A_DEVICE)


def completeness(member: Member) -> dict[str, Any]:
    """How complete a device is, for machines; the names are kept stable."""
    part, chain = member.part, member.part.chain
    values = (
        member.device,
        member.site,
        member.ended.ending.value,
        part.percent,
        part.read,
        part.stated,
        part.grouped.whole.plays,
        part.grouped.whole.estimated,
        part.zone,
        None if chain is None else chain.own,
        None if chain is None else chain.number,
        None if chain is None else chain.hash,
        member.ended.reason,
    )
    return dict(zip(COLUMNS, values, strict=True))


def sheet_of(found: Sequence[Member]) -> str:
    """The same as CSV."""
    rows = [[cell(None if value is None else str(value)) for value in completeness(each).values()] for each in found]
    return sheet(COLUMNS, rows)


def lines(grouped: Grouped, found: Sequence[Member], period: Period) -> list[str]:
    """The report for people."""
    head = [faint(f"{period}, in each device's own days")]
    body = table(grouped, lambda text: str(plain(text))) if grouped else ["No plays."]
    return [*head, *body, "", *summary(found)]


def summary(found: Sequence[Member]) -> list[str]:
    """How complete it is, in words."""
    if not found:
        return ["No device that is known belongs to it."]
    wanting = [each for each in found if not each.is_whole]
    whole = len(found) - len(wanting)
    colour = good if not wanting else doubtful
    told = [colour(f"{whole:,} of {count(len(found), 'device')} complete.")]
    if wanting:
        head = ("DEVICE", "", "REASON", "COMPLETE", "LINES", "OF")
        shown = [_wanting(each) for each in wanting[:_MOST_SHOWN]]
        first, *others = laid_out(head, shown, texts=3)
        told += [first, *(_COLOURS[each.ended.ending](line) for each, line in zip(wanting, others, strict=False))]
        more = len(wanting) - len(shown)
        told += (
            [f"… and {count(more, 'more device')} that are not complete (--completeness FILE has all)"] if more else []
        )
    estimated = sum(each.part.grouped.whole.estimated for each in found)
    told += [doubtful(f"{count(estimated, 'play')} at an estimated time.")] if estimated else []
    zones = sorted({each.part.zone for each in found if each.part.zone})
    told += [faint(f"Days are those of {plain(listed(zones))}.")] if len(zones) > 1 else []
    return told


def _wanting(member: Member) -> list[str]:
    part = member.part
    reason = member.ended.reason or ("lines are missing from its ledger" if part.is_done else "")
    ending = "incomplete" if member.ended.ending is Ending.COMPLETE else member.ended.ending.value
    return [member.device, ending, reason[:60], f"{part.percent:.1f} %", f"{part.read:,}", f"{part.stated:,}"]


def _site(sighting: Sighting | None, entry: Entry | None) -> str | None:
    reported = None if sighting is None else fields.text(sighting.state, "device", "site")
    return reported or (None if entry is None else entry.site)
