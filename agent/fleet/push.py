"""`kiosk-fleet push`, `set`, `unset`: what a level's document says.

Contract: exit 0: published, and every device that is there applied it (or nothing was to change); 1: a device refused
it, went back or did not answer, or another operator was quicker; 2: the document cannot be used; 3: no broker.
Rules: see agent.fleet.changing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from agent.fleet import drafts
from agent.fleet.changing import Course, Draft, change, check, coursed
from agent.fleet.documents import Damaged
from agent.fleet.exits import Exit
from agent.fleet.office import InvalidError, Office, operated
from agent.fleet.survey import Survey
from agent.fleet.targets import targeted
from agent.remote.documents import Document
from agent.remote.topics import Device, Level


@click.command(short_help="Publish a file's settings, and show who applied them.")
@click.argument("file", type=click.Path(path_type=Path))
@targeted
@click.option("--unset", "removed", metavar="KEY", multiple=True, help="Have what lower levels say of KEY not count.")
@click.option("--groups", metavar="A,B", help="The groups that the device belongs to; the last one counts most.")
@coursed
@operated
def push(
    office: Office, *, file: Path, level: Level, removed: Sequence[str], groups: str | None, **course: Any
) -> Exit:
    """Publish the settings in FILE (TOML or JSON) for all devices, a group or one device, and show who applied them.

    The document takes the place of the one that was there; JSON's null, and --unset, remove what lower levels say.
    """
    tree = drafts.removing(drafts.of_file(file), removed)
    if groups is not None and not isinstance(level, Device):
        raise InvalidError("--groups is for one device: kiosk-fleet push … --device ID --groups a,b")
    check(tree)

    def draft(found: Survey) -> Draft:
        return Draft(tree, _groups(found) if groups is None else tuple(groups.split(",")) if groups else ())

    return change(office, level, draft, _course(**course))


@click.command("set", short_help="Change single settings of a document.")
@click.argument("pairs", metavar="KEY=VALUE...", nargs=-1, required=True)
@targeted
@coursed
@operated
def set_values(office: Office, *, pairs: Sequence[str], level: Level, **course: Any) -> Exit:
    """Change single settings of the document that is there, as player.volume=50 log.level=debug.

    A value is TOML; a word that is none is taken as text.
    """
    check(drafts.with_values({}, pairs))

    def draft(found: Survey) -> Draft:
        return Draft(drafts.with_values(_tree(found), pairs), _groups(found))

    return change(office, level, draft, _course(**course))


@click.command(short_help="Take single settings out of a document.")
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@click.option(
    "--everywhere", is_flag=True, help="Have what the levels below and the machine's file say not count either."
)
@targeted
@coursed
@operated
def unset(office: Office, *, keys: Sequence[str], everywhere: bool, level: Level, **course: Any) -> Exit:
    """Take single settings out of the document: what the levels below say of them counts again."""

    def draft(found: Survey) -> Draft:
        change_of = drafts.removing if everywhere else drafts.without
        return Draft(change_of(_tree(found), keys), _groups(found))

    return change(office, level, draft, _course(**course))


def _course(*, note: str | None, dry_run: bool, no_wait: bool, timeout: float) -> Course:
    return Course(note=note, dry_run=dry_run, waits=not no_wait, timeout=timeout)


def _tree(found: Survey) -> Mapping[str, Any]:
    match found.document:
        case Document(tree=tree):
            return tree
        case Damaged(text):
            raise InvalidError(f"What is retained for {found.level} is no document: {text}. Publish one with push.")
        case None:
            return {}


def _groups(found: Survey) -> tuple[str, ...] | None:
    """The groups of a device stay as they are, where nothing else is said."""
    return found.document.groups if isinstance(found.document, Document) else None
