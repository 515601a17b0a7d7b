"""`kiosk-fleet history` and `rollback`: what was published for a level, and an earlier document again.

Contract: `history` exits 0, also where nothing was ever published; `rollback` as push (agent.fleet.push), 2 where the
history has no such revision.
Rules: a revision never comes back: the earlier content is published as a new one, so that devices take it.
"""

from typing import Any

import click

from agent.fleet import documents
from agent.fleet.changing import Course, Draft, change, coursed
from agent.fleet.difference import between
from agent.fleet.documents import Damaged, Kept
from agent.fleet.exits import Exit
from agent.fleet.grid import grid
from agent.fleet.office import InvalidError, Office, operated
from agent.fleet.reading import snapshot
from agent.fleet.survey import Survey, of_messages
from agent.fleet.targets import people, targeted
from agent.fleet.words import count, moment, plain
from agent.remote.documents import Document
from agent.remote.topics import Level

_HEAD = ("REVISION", "PUBLISHED", "BY", "CHANGES", "NOTE")


@click.command(short_help="List what was published for a level.")
@targeted
@operated
def history(office: Office, *, level: Level) -> Exit:
    """List what was published for all devices, a group or one device; the newest comes last."""
    asked = [office.topics.desired(level), f"{office.topics.root}/{level}/history/+"]
    found = of_messages(snapshot(office.desk, asked), office.topics, level)
    current = found.document.revision if isinstance(found.document, Document) else None
    entries = _entries(found)
    report = {"ok": True, "level": str(level), "current": current, "revisions": entries}
    office.console.answer(report, _lines(level, current, entries))
    return Exit.OK


@click.command(short_help="Publish an earlier document again.")
@click.option(
    "--to", "revision", metavar="REVISION", type=click.IntRange(1), required=True, help="As history lists it."
)
@targeted
@coursed
@operated
def rollback(
    office: Office, *, revision: int, level: Level, note: str | None, dry_run: bool, no_wait: bool, timeout: float
) -> Exit:
    """Publish the document of an earlier revision again, as a new revision, and show who applied it."""

    def draft(found: Survey) -> Draft:
        match found.history.get(revision):
            case Kept(document):
                return Draft(document.tree, document.groups)
            case Damaged(text):
                raise InvalidError(f"Revision {revision} of {level} cannot be read: {text}.")
            case None:
                there = ", ".join(str(each) for each in found.history) or "none"
                raise InvalidError(f"The history of {level} has no revision {revision}; there are: {there}.")

    course = Course(
        note=note or f"rollback to revision {revision}", dry_run=dry_run, waits=not no_wait, timeout=timeout
    )
    return change(office, level, draft, course)


def _entries(found: Survey) -> list[dict[str, Any]]:
    """The revisions, the oldest first, each with the number of its changes against the one before."""
    entries: list[dict[str, Any]] = []
    before: Document | None = None
    for revision, each in found.history.items():
        if isinstance(each, Damaged):
            entries.append({"revision": revision, "damaged": each.text})
            continue
        changes = None if before is None else len(between(before.tree, each.document.tree))
        entries.append({**documents.plain(each.document), "published": each.published, "changes": changes})
        before = each.document
    return entries


def _lines(level: Level, current: int | None, entries: list[dict[str, Any]]) -> list[str]:
    if not entries and current is None:
        return [f"Nothing was published for {people(level)}."]
    rows = []
    for each in entries:
        mark = " *" if each["revision"] == current else ""
        if "damaged" in each:
            rows.append([f"{each['revision']}{mark}", "-", "-", "-", plain(f"cannot be read: {each['damaged']}")])
            continue
        published = "-" if each["published"] is None else moment(each["published"])
        changes = "-" if each["changes"] is None else count(each["changes"], "change")
        rows.append(
            [f"{each['revision']}{mark}", published, plain(each.get("by", "-")), changes, plain(each.get("note", ""))]
        )
    inforce = "No document is in force." if current is None else f"Revision {current} is in force."
    return [*grid(_HEAD, rows, width=None), "", inforce]
