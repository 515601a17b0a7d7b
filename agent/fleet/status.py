"""`kiosk-fleet status`: the fleet as a table, the worst devices first.

Contract: exit 0 where the fleet could be read, whatever is wrong with it; `--problems` shows only what needs somebody.
Rules: what is shown is what the devices reported; nothing is asked of them. `--watch` paints anew at most twice a
second and goes on until Ctrl-C.
"""

import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from agent.fleet.ailments import Complaint, worst_first
from agent.fleet.console import bad, doubtful, dressed, faint, good
from agent.fleet.exits import Exit
from agent.fleet.fields import text, texts
from agent.fleet.grid import grid
from agent.fleet.office import Office, operated
from agent.fleet.reading import MOST_S, snapshot
from agent.fleet.roster import HELD_BACK, complete, device_topics
from agent.fleet.rows import HEAD, record, row
from agent.fleet.sighting import Roll, Sighting
from agent.fleet.words import count
from agent.remote.topics import Fleet

PAINT_EVERY_S = 0.5
# Clear the screen and hide the cursor; home; clear the rest of a line, and of the screen; undo it.
_ENTER, _HOME, _LINE_END, _REST, _LEAVE = (
    "\x1b[2J\x1b[?7l\x1b[?25l",
    "\x1b[H",
    "\x1b[K\n",
    "\x1b[J",
    "\x1b[?7h\x1b[?25h",
)

Rows = list[tuple[Sighting, tuple[Complaint, ...]]]


@click.command(short_help="Show all devices, the worst first.")
@click.option("--group", metavar="NAME", help="Only the devices of this group.")
@click.option("--site", metavar="TEXT", help="Only the devices of this site.")
@click.option("--tag", metavar="WORD", help="Only the devices with this tag.")
@click.option("--problems", "only_problems", is_flag=True, help="Only the devices that need somebody's attention.")
@click.option("--watch", is_flag=True, help="Go on until Ctrl-C; with --json one object a line.")
@operated
def status(
    office: Office, *, group: str | None, site: str | None, tag: str | None, only_problems: bool, watch: bool
) -> Exit:
    """Show all devices, the worst first: who is there, what plays, what waits, which revisions are in force."""

    def chosen(roll: Roll) -> Rows:
        found = [each for each in roll.devices.values() if _matches(each, group=group, site=site, tag=tag)]
        rows = worst_first(found, office.desk.wall())
        return [each for each in rows if each[1]] if only_problems else rows

    roll = read_roll(office)
    if watch:
        _watch(office, roll, chosen)
        return Exit.OK
    rows = chosen(roll)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    office.console.answer(_report(rows), _lines(rows, office.desk.wall(), width=width))
    return Exit.OK


def read_roll(office: Office) -> Roll:
    """All devices, as far as they have told of themselves."""
    roll = Roll(office.topics)
    for topic, payload in snapshot(office.desk, device_topics(office.topics, Fleet())).items():
        roll.take(topic, payload)
    if complete(office.desk, office.topics, roll):
        office.console.tell([doubtful(HELD_BACK)])
    return roll


def _matches(sighting: Sighting, *, group: str | None, site: str | None, tag: str | None) -> bool:
    return (
        (group is None or group in sighting.groups)
        and (site is None or site == text(sighting.state, "device", "site"))
        and (tag is None or tag in texts(sighting.state, "device", "tags"))
    )


def _report(rows: Rows) -> dict[str, Any]:
    return {"ok": True, "devices": [record(*each) for each in rows]}


def _lines(rows: Rows, now: float, *, width: int | None) -> list[str]:
    if not rows:
        return ["No device has told of itself here. Check --base, and what this user may read at the broker."]
    return [*grid(HEAD, [row(*each, now) for each in rows], width=width), "", _summary(rows)]


def _summary(rows: Rows) -> str:
    online = sum(sighting.is_online for sighting, _ in rows)
    troubled = sum(bool(complaints) for _, complaints in rows)
    parts = [count(len(rows), "device"), good(f"{online:,} online")]
    parts += [bad(f"{len(rows) - online:,} not")] if online < len(rows) else []
    parts += [f"{troubled:,} with problems"] if troubled else []
    return ", ".join(parts)


def _watch(office: Office, roll: Roll, chosen: Any) -> None:
    office.desk.subscribe(device_topics(office.topics, Fleet()))
    with _screen(in_place=not office.console.as_json and sys.stdout.isatty()) as in_place:
        while True:
            rows: Rows = chosen(roll)
            if office.console.as_json:
                click.echo(json.dumps(_report(rows)))
            else:
                _paint(_lines(rows, office.desk.wall(), width=_columns(in_place)), in_place=in_place)
            _gather(office, roll)


def _gather(office: Office, roll: Roll) -> None:
    """Wait for news, then take all that comes until it is time to paint; without news paint now and then: ages grow."""
    arrived = office.desk.receive(MOST_S)
    until = office.desk.now() + PAINT_EVERY_S
    while arrived is not None:
        roll.take(arrived.topic, arrived.payload)
        arrived = office.desk.receive(max(0.0, until - office.desk.now()))


def _columns(in_place: bool) -> int | None:
    return shutil.get_terminal_size().columns if in_place else None


def _paint(lines: Sequence[str], *, in_place: bool) -> None:
    if not in_place:
        click.echo("\n".join([*dressed(lines), ""]), color=True)
        return
    fitting: Iterable[str] = lines[: shutil.get_terminal_size().lines - 3]
    shown = dressed([*fitting, "", faint("Ctrl-C ends this view.")])
    click.echo(_HOME + _LINE_END.join(shown) + _REST, nl=False, color=True)


@contextmanager
def _screen(*, in_place: bool) -> Iterator[bool]:
    """A screen to paint on, put back as it was even by Ctrl-C."""
    if in_place:
        click.echo(_ENTER, nl=False, color=True)
    try:
        yield in_place
    except KeyboardInterrupt:
        pass
    finally:
        if in_place:
            click.echo(_LEAVE, color=True)
