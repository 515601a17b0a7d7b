"""What `kiosk-agent report` does.

Contract: `show_totals`, `show_plays` and `verify` write to standard output; whatever goes wrong ends the command with a
text and exit status 1.
Rules: the agent is asked again and again, each time for what takes it milliseconds, so a report of a year is no longer
hold-up for its player than one of a day. What comes over the socket is our own agent's; the slices are those that
travel over a broker, and are added up by the same code.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from agent.cli.calls import reached
from agent.cli.exits import Exit
from agent.cli.layout import bad, doubtful, faint, good, show
from agent.cli.words import count, plain
from agent.kernel.periods import Period
from agent.kernel.sheets import cell, csv_text, numbers, records, sheet
from agent.kernel.tables import laid_out, table
from agent.kernel.totals import By, Grouped
from agent.remote.slices import Slice, by_of, slice_of

PLAY_COLUMNS = (
    "number",
    "day",
    "time",
    "began",
    "ended",
    "estimated",
    "entry",
    "item",
    "started",
    "completed",
    "ending",
    "seconds",
    "duration",
    "display",
    "dark_seconds",
    "left_out",
    "delivered_to",
    "session",
)
_KEPT = re.compile(r"([1-9]\d{0,15}):([0-9a-f]{64})")
_Note = tuple[int, Callable[[str], str], str]
_HEAD = ("NUMBER", "DAY", "TIME", "ENTRY", "ITEM", "ENDING", "DISPLAY", "SECONDS")


def keys(text: str | None) -> tuple[By, ...]:
    """What --by names; a usage error where there is no such."""
    try:
        return (By.ENTRY,) if text is None else by_of(text)
    except ValueError as error:
        raise click.UsageError(f"--by: {error}.") from None


def show_totals(state_dir: Path, period: Period, by: tuple[By, ...], *, as_csv: bool, as_json: bool) -> None:
    """The plays of the period, added up."""
    grouped, last, read = Grouped(by), None, 0
    for last in _slices(state_dir, period, by):
        read += last.read
        for key, totals in last.grouped.rows.items():
            grouped.add(key, totals)
    assert last is not None  # there is one slice at least
    missing = 0 if last.span is None else last.span[1] - last.span[0] + 1 - read
    if as_csv:
        click.echo(csv_text(grouped), nl=False)
    elif as_json:
        click.echo(json.dumps(_record(grouped, last, period, missing), indent=2))
    else:
        show(_lines(grouped, last, period, missing))


def show_plays(state_dir: Path, period: Period, *, as_csv: bool, as_json: bool) -> None:
    """Each play of the period, as it comes: there may be a million."""
    is_first = True
    for page in _pages(state_dir, period):
        rows = page["plays"]
        if as_json:
            texts = [json.dumps(each) for each in rows]
        elif as_csv:
            head = list(PLAY_COLUMNS) if is_first else []
            texts = sheet(head, [_cells(each) for each in rows]).split("\r\n")[0 if is_first else 1 : -1]
            texts = [f"{line}\r" for line in texts]
        else:
            texts = laid_out(_HEAD, [_shown(each) for each in rows], texts=7)[0 if is_first else 1 :]
        is_first = False
        if texts:
            click.echo("\n".join(texts))


def kept(text: str) -> tuple[int, str]:
    """What --against names: a line, and the hash of all up to it; a usage error where it is none."""
    found = _KEPT.fullmatch(text)
    if found is None:
        raise click.UsageError("--against: allowed: the number of a line and its hash, such as 20480:9f86…")
    return int(found[1]), found[2]


def verify(state_dir: Path, against: tuple[int, str] | None = None, *, as_json: bool) -> Exit:
    """Go through the chain of all lines, and ask whether it comes through a hash that somebody kept."""
    faults: list[dict[str, Any]] = []
    answer: dict[str, Any] = {"number": 0, "hash": "", "done": False}
    with reached(state_dir) as call:
        while not answer["done"]:
            answer = call("report.verify", number=answer["number"], hash=answer["hash"])
            faults += answer["faults"]
        otherwise = (
            [] if against is None else _otherwise(against, call("ledger.head", number=against[0], hash=against[1]))
        )
    faults += otherwise
    if as_json:
        head = {"number": answer["number"], "hash": answer["hash"]}
        held = (
            {} if against is None else {"against": {"number": against[0], "hash": against[1], "passes": not otherwise}}
        )
        click.echo(json.dumps({"sound": not faults, "chain": head, **held, "faults": faults}, indent=2))
    elif faults:
        first = faults[0]
        more = f" {count(len(faults) - 1, 'more fault')} behind it." if len(faults) > 1 else ""
        show(
            [bad(f"The ledger is not as it was written, from line {first['number']} on: {plain(first['what'])}.{more}")]
        )
    else:
        held_up = [] if against is None else [good(f"It comes through the hash that was kept of line {against[0]:,}.")]
        show([good(f"The ledger is sound up to line {answer['number']:,}."), *held_up, faint(f"hash {answer['hash']}")])
    return Exit.FAILED if faults else Exit.OK


def _otherwise(against: tuple[int, str], head: dict[str, Any]) -> list[dict[str, Any]]:
    """The fault, where the ledger does not come through that hash."""
    number = against[0]
    if head["passes"]:
        return []
    if number > head["number"]:
        what = f"a hash was kept of line {number:,}, and the ledger ends before it, with line {head['number']:,}"
        what += _unless_it_is_of(head)
    elif number < head["first"]:
        what = f"line {number:,}, whose hash was kept, has left the ledger, so nobody can tell"
    else:
        what = f"line {number:,} or one before it is another than when its hash was kept{_unless_it_is_of(head)}"
    return [{"number": number, "what": what}]


def _unless_it_is_of(head: dict[str, Any]) -> str:
    """A hash does not say of which kiosk it was kept, nor an agent of an earlier version whose ledger it has."""
    device = head.get("device")
    return f", or the hash was kept of another kiosk: this is the ledger of {plain(device)}" if device else ""


def _slices(state_dir: Path, period: Period, by: tuple[By, ...]) -> Iterator[Slice]:
    """The period in slices. The span of the first holds for all: what is played meanwhile is the next report's."""
    asked: dict[str, Any] = {**period.plain(), "by": [each.value for each in by]}
    with reached(state_dir) as call, _told_of_wrong_answers():
        found = first = slice_of(call("report.slice", **asked))
        yield found
        while not found.done and first.span is not None:
            found = slice_of(call("report.slice", **asked, after=found.to, through=first.span[1]))
            yield replace(found, span=first.span)


def _pages(state_dir: Path, period: Period) -> Iterator[dict[str, Any]]:
    with reached(state_dir) as call:
        page = call("report.plays", **period.plain())
        yield page
        while not page["done"]:
            page = call("report.plays", **period.plain(), after=page["after"], through=page["through"])
            yield page


@contextmanager
def _told_of_wrong_answers() -> Iterator[None]:
    """An agent of another version runs."""
    try:
        yield
    except ValueError as error:
        raise click.ClickException(f"The running agent answers otherwise than this command asks ({error}).") from None


def _record(grouped: Grouped, last: Slice, period: Period, missing: int) -> dict[str, Any]:
    return {
        "period": period.plain(),
        "zone": last.zone,
        "by": [each.value for each in grouped.by],
        "rows": records(grouped),
        "total": {**numbers(grouped.whole), "delivered_to": dict(sorted(grouped.whole.sinks.items()))},
        "missing_lines": missing,
        "oldest_line": last.chain.own,
        "copied_lines": last.chain.own - last.chain.first,
        "chain": {"number": last.chain.number, "hash": last.chain.hash},
    }


def _lines(grouped: Grouped, last: Slice, period: Period, missing: int) -> list[str]:
    copied = (last.chain.own - last.chain.first, doubtful, "of the device whose card this was, not counted here")
    if not grouped:
        return [f"No plays: {period} (days of {plain(last.zone)}).", *_notes([copied])]
    whole = grouped.whole
    notes: list[_Note] = [
        (missing, bad, "missing from the ledger: kiosk-agent report --verify says where"),
        (whole.estimated, doubtful, "at an estimated time: no clock was right in that boot"),
        (whole.left_out, faint, "reported to nobody, by the policy for dark screens"),
        copied,
    ]
    return [
        faint(f"{period}, in days of {plain(last.zone)}"),
        *table(grouped, plain),
        *_notes(notes),
    ]


def _notes(notes: Sequence[_Note]) -> list[str]:
    return [colour(f"{count(number, 'play')} {text}.") for number, colour, text in notes if number]


def _cells(play: dict[str, Any]) -> list[str]:
    """A play as a row of CSV; moments in UTC, since the day and the time beside them are local."""
    delivered = " ".join(f"{name}={'' if at is None else _utc(at)}" for name, at in sorted(play["delivered"].items()))
    shown = {**play, "began": _utc(play["began"]), "ended": _utc(play["ended"]), "delivered_to": delivered}
    return [cell(_text(shown[name])) for name in PLAY_COLUMNS]


def _text(value: Any) -> str | None:
    match value:
        case bool():
            return "1" if value else "0"
        case float():
            return f"{value:.3f}"
        case None:
            return None
    return str(value)


def _utc(wall: float) -> str:
    try:
        return f"{datetime.fromtimestamp(wall, tz=UTC):%Y-%m-%dT%H:%M:%S}Z"
    except (OverflowError, ValueError, OSError):
        return ""


def _shown(play: dict[str, Any]) -> list[str]:
    entry, ending = play["entry"] or "-", "completed" if play["completed"] else play["ending"]
    at = f"{play['time']}{' (estimated)' if play['estimated'] else ''}"
    item = plain(play["item"])
    texts = [str(play["number"]), play["day"], at, plain(entry), item if len(item) <= 60 else f"…{item[-59:]}"]
    return [*texts, ending, play["display"], f"{play['seconds']:.1f}"]
