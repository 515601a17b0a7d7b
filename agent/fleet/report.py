"""`kiosk-fleet report`: what was played, over a fleet, from the devices' own ledgers.

Contract: exit 0 where every device that is there has told all; 1: one failed or did not answer, and the report says
which; 2: the question makes no sense. What came is shown in any case.
Rules: nothing is changed at a device. Devices that are away are not asked, and are named with those that the inventory
has and nobody ever heard of. With --resume what came is kept in a file, and the same command goes on with it.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from agent.fleet.console import doubtful, show
from agent.fleet.desk import UnreachableError
from agent.fleet.enroll_list import Entry, ListError, read_list
from agent.fleet.exits import Exit
from agent.fleet.office import InvalidError, Office, operated
from agent.fleet.report_collecting import AT_ONCE, WAIT_S, Collector, Ended, Ending
from agent.fleet.report_file import opened
from agent.fleet.report_progress import Progress
from agent.fleet.report_text import Member, completeness, lines, members, of_each, rows, sheet_of, summary
from agent.fleet.roster import HELD_BACK
from agent.fleet.survey import survey
from agent.fleet.targets import named
from agent.fleet.words import count
from agent.kernel.periods import Period, chosen
from agent.kernel.sheets import csv_text, numbers, records
from agent.kernel.totals import By, Grouped
from agent.remote.slices import Slice, by_of
from agent.remote.topics import Fleet, Group, Level

_file = click.Path(dir_okay=False, path_type=Path)


@click.command(short_help="Add up what was played, over the whole fleet.")
@click.option(
    "--by", metavar="KEYS", default="entry", show_default=True, help="Some of entry, item, day, display, site, device."
)
@click.option("--day", "one_day", metavar="DATE", help="One day, such as 2026-11-22, in each device's own zone.")
@click.option("--week", "one_week", metavar="WEEK", help="One week, such as 2026-W47, or a date in it.")
@click.option("--from", "since", metavar="DATE", help="From this day on.")
@click.option("--to", "until", metavar="DATE", help="Up to this day, which belongs to it.")
@click.option("--all", "everybody", is_flag=True, help="All devices; so it is where nothing else is said.")
@click.option("--group", metavar="NAME", help="The devices of this group.")
@click.option("--device", metavar="ID", help="This device alone.")
@click.option("--inventory", metavar="FILE", type=_file, help="The list of devices that there should be (CSV).")
@click.option("--csv", "as_csv", is_flag=True, help="CSV with all columns; how complete it is on standard error.")
@click.option(
    "--completeness", "whole_file", metavar="FILE", type=_file, help="Write how complete each device is here, as CSV."
)
@click.option("--resume", metavar="FILE", type=_file, help="Keep what comes here; the same command goes on with it.")
@click.option(
    "--at-once", metavar="N", type=click.IntRange(1, 1000), default=AT_ONCE, show_default=True, help="So many devices."
)
@click.option(
    "--timeout",
    metavar="S",
    type=click.FloatRange(1, 3600),
    default=WAIT_S,
    show_default=True,
    help="How long a device may take for a part of its ledger.",
)
@operated
def report(
    office: Office,
    *,
    by: str,
    one_day: str | None,
    one_week: str | None,
    since: str | None,
    until: str | None,
    everybody: bool,
    group: str | None,
    device: str | None,
    inventory: Path | None,
    as_csv: bool,
    whole_file: Path | None,
    resume: Path | None,
    at_once: int,
    timeout: float,
) -> Exit:
    """Add up what was played, over the whole fleet, from the devices' own ledgers.

    Each device tells its part in slices. A play belongs to the day on which it began, in its device's zone.
    """
    if as_csv and office.console.as_json:
        raise click.UsageError("Choose --csv or --json.")
    keys, level = _keys(by), _level(everybody, group, device)
    period = _period(one_day, one_week, since, until)
    listed = {} if inventory is None else _inventory(inventory)
    found = _collected(office, keys, period, level, listed, resume=resume, at_once=at_once, wait_s=timeout)
    if whole_file is not None:
        _write(whole_file, sheet_of(found))
    _answer(office, rows(found, keys), found, period, as_csv=as_csv)
    return Exit.FAILED if _has_failed(found) else Exit.OK


def _collected(
    office: Office,
    keys: tuple[By, ...],
    period: Period,
    level: Level,
    listed: dict[str, Entry],
    *,
    resume: Path | None,
    at_once: int,
    wait_s: float,
) -> list[Member]:
    """What came of all devices."""
    progress = Progress(of_each(keys))
    asked = {**period.plain(), "by": [each.value for each in progress.by]}
    with ExitStack() as stack:
        keep: Callable[[str, Slice], None] = _unkept
        if resume is not None:
            question = {"level": str(level), "base": office.topics.base, **asked}
            keep = stack.enter_context(opened(resume, question, progress.take)).add
        before = len(progress.parts)
        found = survey(office.desk, office.topics, level)
        if found.is_partial:
            office.console.tell([doubtful(HELD_BACK)])
        if before:
            office.console.tell([f"Going on with what had come of {count(before, 'device')}."])
        online = found.online
        collector = Collector(
            office.desk,
            office.topics,
            progress,
            asked,
            keep=keep,
            on_progress=lambda done: office.console.tell([f"{done:,} of {count(len(online), 'device')} asked."]),
            wait_s=wait_s,
            at_once=at_once,
        )
        try:
            ended = collector.collect(online)
        except UnreachableError as error:
            if resume is None:
                raise
            raise UnreachableError(f"{error} What came is kept in {resume}: the same command goes on.") from None
        except OSError as error:
            raise InvalidError(f"{resume} cannot be written: {(error.strerror or 'unknown reason').lower()}.") from None
    for id in (*found.members, *progress.parts):
        done = progress.part(id).is_done
        ended.setdefault(id, Ended(Ending.COMPLETE) if done else Ended(Ending.OFFLINE, "is not there"))
    for id, entry in listed.items():
        if isinstance(level, Fleet) or (isinstance(level, Group) and level.name in entry.groups):
            ended.setdefault(id, Ended(Ending.MISSING, "has never told of itself"))
    return members(ended, progress, found.roll.devices, listed)


def _answer(office: Office, grouped: Grouped, found: list[Member], period: Period, *, as_csv: bool) -> None:
    if as_csv:
        click.echo(csv_text(grouped), nl=False)
        office.console.tell(summary(found))
        return
    told = {
        "ok": not _has_failed(found),
        "period": period.plain(),
        "by": [each.value for each in grouped.by],
        "rows": records(grouped),
        "total": {**numbers(grouped.whole), "delivered_to": dict(sorted(grouped.whole.sinks.items()))},
        "complete": sum(each.is_whole for each in found),
        "devices": [completeness(each) for each in found],
    }
    if office.console.as_json:
        office.console.answer(told, ())
    else:
        show(lines(grouped, found, period))


def _has_failed(found: Sequence[Member]) -> bool:
    return any(each.ended.ending in (Ending.FAILED, Ending.SILENT) for each in found)


def _keys(by: str) -> tuple[By, ...]:
    try:
        return by_of(by, among=By)
    except ValueError as error:
        raise InvalidError(f"--by: {error}.") from None


def _period(one_day: str | None, one_week: str | None, since: str | None, until: str | None) -> Period:
    try:
        return chosen(one_day, one_week, since, until)
    except ValueError as error:
        raise InvalidError(f"{error}.") from None


def _level(everybody: bool, group: str | None, device: str | None) -> Level:
    if sum([everybody, group is not None, device is not None]) > 1:
        raise click.UsageError("Choose one of --all, --group NAME and --device ID.")
    return named(f"group/{group}" if group is not None else f"device/{device}" if device is not None else "fleet")


def _inventory(path: Path) -> dict[str, Entry]:
    try:
        return {entry.id: entry for entry in read_list(path.read_text(encoding="utf-8", errors="replace"))}
    except OSError as error:
        raise InvalidError(f"{path} cannot be read: {(error.strerror or 'unknown reason').lower()}.") from None
    except ListError as error:
        raise InvalidError(f"{path}: {error}") from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise InvalidError(f"{path} cannot be written: {(error.strerror or 'unknown reason').lower()}.") from None


def _unkept(_device: str, _found: Slice) -> None:
    """Without a file nothing is kept."""
