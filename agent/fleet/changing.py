"""Changes a level's document, from the draft to what became of it: the road of push, set, unset and rollback.

Contract: `change` shows the difference, asks, publishes, waits and answers the exit status.
Rules: nothing is published that no device could take: what a device checks of a document by itself is checked here,
with the device's own code. What the machines' files permit beyond the schema (`remote.allow`) counts where at least
one of the devices reports it; the others refuse, and are shown.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from agent.config.document import check_document
from agent.config.model import Settings
from agent.config.problems import place_text
from agent.config.setting import entries
from agent.fleet import documents, fields
from agent.fleet.console import doubtful
from agent.fleet.desk import UnreachableError
from agent.fleet.difference import Absent, Change, between, lines
from agent.fleet.documents import Damaged
from agent.fleet.exits import Exit
from agent.fleet.office import InvalidError, Office, who
from agent.fleet.outcomes import Outcome
from agent.fleet.outcomes_text import counts, outcome_lines, progress
from agent.fleet.publishing import publish
from agent.fleet.roster import HELD_BACK
from agent.fleet.survey import Survey, next_revision, survey
from agent.fleet.targets import people
from agent.fleet.waiting import wait
from agent.fleet.words import count, plain
from agent.remote.documents import Document, document
from agent.remote.jsontext import MOST_BYTES
from agent.remote.topics import Level

# Longer than a device's own trial of changed connections (remote.trial_s) takes by default.
WAIT_S = 150.0


@dataclass(frozen=True, slots=True)
class Draft:
    """What the document is to say. `groups`: of a device."""

    tree: Mapping[str, Any]
    groups: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """How a change goes: `dry_run` only shows it, `waits` is followed by the outcomes for `timeout` seconds."""

    note: str | None = None
    dry_run: bool = False
    waits: bool = True
    timeout: float = WAIT_S


def coursed(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a change, given to the function as `note`, `dry_run`, `no_wait`, `timeout`, and `--yes`."""
    for option in (
        click.option(
            "--timeout",
            metavar="S",
            type=click.FloatRange(1, 86_400),
            default=WAIT_S,
            show_default=True,
            help="How long to wait for the devices.",
        ),
        click.option("--no-wait", is_flag=True, help="Do not wait for the devices."),
        click.option("--dry-run", is_flag=True, help="Show the difference, and publish nothing."),
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option("--note", metavar="TEXT", help="Why, for the history; at most 500 characters."),
    ):
        function = option(function)
    return function


def change(office: Office, level: Level, draft: Callable[[Survey], Draft], course: Course) -> Exit:
    """Make the level's document what `draft` says of the one that is there."""
    found = survey(office.desk, office.topics, level)
    wanted = draft(found)
    before = found.document if isinstance(found.document, Document) else None
    check(wanted.tree, allow=allowed(found))
    made = _document(found, wanted, course.note)
    changes = _changes(before, made)
    report: dict[str, Any] = {
        "ok": True,
        "level": str(level),
        "revision": made.revision,
        "before": None if before is None else before.revision,
        "changes": [_record(each) for each in changes],
        "published": False,
        "counts": {},
        "devices": [],
    }
    office.console.tell(_intent(found, made, changes))
    # Where devices have seen a later revision than the broker kept, the same must be said again.
    if before is not None and not changes and made.revision == before.revision + 1:
        report["revision"] = before.revision
        office.console.answer(report, [f"Nothing to change: revision {before.revision} says the same."])
        return Exit.OK
    if course.dry_run:
        office.console.answer(report, ["Nothing was published (--dry-run)."])
        return Exit.OK
    office.confirm(f"Publish revision {made.revision} for {people(level)}?", found.roll)
    publish(office.desk, office.topics, found, made)
    report["published"] = True
    said = f"Revision {made.revision} is published for {people(level)}."
    if not course.waits:
        office.console.answer(report, [said])
        return Exit.OK
    office.console.tell([said])
    return _told(office, report, _waited(office, found, made.revision, seconds=course.timeout))


def _waited(office: Office, found: Survey, revision: int, *, seconds: float) -> list[Outcome]:
    """The outcomes; whoever or whatever interrupts the wait does not take the document back, and that is said."""
    stays = f"Revision {revision} stays published; see what became of it with kiosk-fleet status."
    tell = progress(office.console)
    try:
        return wait(office.desk, office.topics, found, revision=revision, seconds=seconds, on_change=tell)
    except UnreachableError as error:
        raise UnreachableError(f"{error} {stays}") from None
    except KeyboardInterrupt:
        office.console.tell(["", stays])
        raise


def check(tree: Mapping[str, Any], *, allow: Sequence[str] | None = None) -> None:
    """InvalidError with all that is wrong; `allow` None: as if the devices' files permitted everything."""
    everything = [name for name, _ in entries(Settings)]
    problems = check_document(tree, everything if allow is None else allow)
    if problems:
        raise InvalidError(f"The document cannot be used: {count(len(problems), 'problem')}.", problems)


def allowed(found: Survey) -> list[str]:
    """What at least one of the devices permits beyond the schema."""
    devices = found.roll.devices
    return sorted({name for id in found.members for name in fields.texts(devices[id].state, "config", "allow")})


def _document(found: Survey, wanted: Draft, note: str | None) -> Document:
    revision = next_revision(found)
    if revision is None:
        raise InvalidError(f"{found.level} has used up all revisions.")
    groups = None if wanted.groups is None else wanted.groups
    made = Document(found.level, revision, wanted.tree, groups, note, who())
    judged = document(found.level, documents.plain(made))
    if not isinstance(judged, Document):
        raise InvalidError("The document cannot be used.", judged)
    if len(documents.encode(made, published=0.0)) > MOST_BYTES:
        raise InvalidError(f"The document is larger than {MOST_BYTES // 1024} KiB, and no device takes it.")
    return made


def _changes(before: Document | None, made: Document) -> tuple[Change, ...]:
    """What differs; the groups count as a setting of the document."""
    return between(_compared(before), _compared(made))


def _compared(found: Document | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {**found.tree, **({} if found.groups is None else {"groups": list(found.groups)})}


def _intent(found: Survey, made: Document, changes: tuple[Change, ...]) -> list[str]:
    match found.document:
        case None:
            before = "there is no document yet"
        case Damaged(text):
            before = f"what is there is no document: {plain(text)}"
        case Document(revision=revision, by=by):
            before = f"revision {revision}{f' by {plain(by)}' if by else ''} is in force"
    online = len(found.online)
    there = f"{count(len(found.members), 'device')}, {online:,} online"
    doubts = [doubtful(HELD_BACK)] if found.is_partial else []
    doubts += [] if found.members else [doubtful(f"No device that is known belongs to {found.level}.")]
    return [*doubts, f"{found.level}: {before}; {there}.", *(f"  {line}" for line in lines(changes))]


def _told(office: Office, report: dict[str, Any], outcomes: Iterable[Outcome]) -> Exit:
    ended = list(outcomes)
    failed = any(each.has_failed for each in ended)
    report["ok"] = not failed
    report["counts"] = counts(ended)
    report["devices"] = [
        {"device": each.device, "verdict": each.verdict.value, "reasons": list(each.reasons)} for each in ended
    ]
    office.console.answer(report, outcome_lines(ended))
    return Exit.FAILED if failed else Exit.OK


def _record(change: Change) -> dict[str, Any]:
    written: dict[str, Any] = {"place": place_text(change.place)}
    if not isinstance(change.before, Absent):
        written["before"] = change.before
    if not isinstance(change.after, Absent):
        written["after"] = change.after
    return written
