"""`kiosk-fleet rollout`: a change for some devices first, for all of them if these are well, for none if they are not.

Contract: exit 0: all devices that were there have it; 1: it was put back, somebody else was quicker, or this command
was ended before the rollout was (`--resume` goes on, `--abort` puts back); 2: the document or an option cannot be
used; 3: no broker.
Rules: see agent.fleet.rollout_conduct. Only devices that are online are counted; the others get the document with the
last stage.
"""

import hashlib
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from agent.config.problems import place_text
from agent.fleet import documents, drafts, rollout_ground
from agent.fleet.changing import allowed, check
from agent.fleet.console import bad
from agent.fleet.desk import DeskError
from agent.fleet.difference import between
from agent.fleet.documents import Damaged
from agent.fleet.exits import Exit
from agent.fleet.office import InvalidError, Office, operated, who
from agent.fleet.rollout_conduct import Conductor
from agent.fleet.rollout_course import Course, Phase, Terms
from agent.fleet.rollout_health import Limits
from agent.fleet.rollout_journal import Journal, open_rollouts
from agent.fleet.rollout_overlay import Inexpressible
from agent.fleet.rollout_plan import DamagedError, Plan
from agent.fleet.rollout_stages import Share, chosen, shares
from agent.fleet.rollout_text import conclusion, intent, report
from agent.fleet.sighting import Roll
from agent.fleet.status import read_roll
from agent.fleet.survey import Survey, next_revision, survey
from agent.fleet.targets import named, people
from agent.fleet.words import listed, plain
from agent.remote.documents import Document, document
from agent.remote.jsontext import MOST_BYTES
from agent.remote.topics import Level

STAGES = "5%,25%,100%"
# A trial of changed connections takes up to remote.trial_s, two minutes by default; --within must leave room for it.
_SECONDS = click.FloatRange(0, 86_400)
_SILENT = "For who went away or got worse, to be well again. Default: 60"


@click.command(short_help="Publish a file's settings in stages, and go back if it does harm.")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--all", "everybody", is_flag=True, help="For all devices.")
@click.option("--group", metavar="NAME", help="For the devices of this group.")
@click.option("--canary", metavar="SHARE", help="Two stages: so many devices (5%, or 3), then all.")
@click.option("--stages", metavar="A,B,…", help=f"The stages, each with all before it. Default: {STAGES}")
@click.option("--success", metavar="SHARE", default="95%", show_default=True, help="So many must be well.")
@click.option("--within", "within_s", metavar="S", type=_SECONDS, default=300.0, help="To apply it. Default: 300")
@click.option("--silent-after", "silent_after_s", metavar="S", type=_SECONDS, default=60.0, help=_SILENT)
@click.option(
    "--soak", "soak_s", metavar="S", type=_SECONDS, default=60.0, help="All must be well so long. Default: 60"
)
@click.option("--note", metavar="TEXT", help="Why, for the history; at most 500 characters.")
@click.option("--resume", "resumed", is_flag=True, help="Go on with a rollout that was cut off.")
@click.option("--abort", "aborted", is_flag=True, help="Put back what a rollout that was cut off has published.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@operated
def rollout(
    office: Office,
    *,
    file: Path | None,
    everybody: bool,
    group: str | None,
    resumed: bool,
    aborted: bool,
    note: str | None,
    **options: Any,
) -> Exit:
    """Publish the settings in FILE in stages: for some devices first, and for all if these are well.

    A device is well when it has applied the document, is online, and has no trouble that it did not have before. Where
    too many refuse it, go silent or get worse, everything is put back.

    \b
    kiosk-fleet rollout playlist.toml --all --stages 1,10%,100%
    kiosk-fleet rollout --resume --all
    """
    level = _level(group, everybody=everybody)
    folder = _folder(office)
    if resumed or aborted:
        if file is not None or (resumed and aborted):
            raise InvalidError("--resume and --abort go with --all or --group, and with nothing else.")
        return _take_up(office, level, folder, is_abort=aborted)
    if file is None:
        raise InvalidError("Name the FILE with the settings; or --resume, or --abort.")
    tree = drafts.of_file(file)
    check(tree)
    order, terms, limits = _order(**options)
    if level in {journal.plan.level for journal in _open(office, folder)}:
        raise InvalidError(f"A rollout for {people(level)} is not over: see --resume and --abort.")
    found = survey(office.desk, office.topics, level)
    made = _document(found, tree, note)
    plan = _plan(found, made, order, terms, limits)
    roll = read_roll(office)
    _look(office, plan, roll)
    office.console.tell(intent(found, plan))
    office.confirm(f"Roll revision {made.revision} out for {people(level)}?", roll)
    return _conducted(office, Journal(office.desk, office.topics, folder, plan=plan, parts={}), roll, is_abort=False)


def _level(group: str | None, *, everybody: bool) -> Level:
    if everybody == (group is not None):
        raise click.UsageError("Say for whom, with --all or --group NAME.")
    return named("fleet" if group is None else f"group/{group}")


def _folder(office: Office) -> Path:
    """Where this machine remembers the rollouts at this broker."""
    home = Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser()
    place = hashlib.sha256(f"{office.access.broker.url}\n{office.access.base}".encode()).hexdigest()[:12]
    return home / "kiosk-agent" / "rollouts" / place


def _order(
    *, canary: str | None, stages: str | None, success: str, within_s: float, silent_after_s: float, soak_s: float
) -> tuple[Sequence[Share], Terms, Limits]:
    if canary is not None and stages is not None:
        raise InvalidError("--canary is short for --stages with one stage before all: give one of them.")
    try:
        order = shares(canary or stages or STAGES)
        (wanted, *_) = shares(success)
        if isinstance(wanted, int):
            raise ValueError(f'"{success}" is no share as 95%')
    except ValueError as error:
        raise InvalidError(f"The stages cannot be used: {error}.") from None
    return order, Terms(wanted, soak_s), Limits(within_s, silent_after_s)


def _document(found: Survey, tree: Mapping[str, Any], note: str | None) -> Document:
    check(tree, allow=allowed(found))
    revision = next_revision(found)
    if revision is None:
        raise InvalidError(f"{found.level} has used up all revisions.")
    made = Document(found.level, revision, tree, None, note, who())
    judged = document(found.level, documents.plain(made))
    if not isinstance(judged, Document):
        raise InvalidError("The document cannot be used.", judged)
    if len(documents.encode(made, published=0.0)) > MOST_BYTES:
        raise InvalidError(f"The document is larger than {MOST_BYTES // 1024} KiB, and no device takes it.")
    return made


def _plan(found: Survey, made: Document, order: Sequence[Share], terms: Terms, limits: Limits) -> Plan:
    if isinstance(found.document, Damaged):
        raise InvalidError(f"What is retained for {found.level} is no document: {found.document.text}. Use push.")
    if isinstance(found.document, Document) and not between(found.document.tree, made.tree):
        raise InvalidError(f"Nothing to change: revision {found.document.revision} says the same.")
    if not found.online:
        raise InvalidError("None of the devices is online, so nobody can tell whether the change does harm: use push.")
    id = f"{made.revision}-{secrets.token_hex(4)}"
    stages = chosen(id, found.online, order)
    before = None if found.payload is None else found.payload.decode()
    return Plan(id, made, before, stages, limits, Course(len(stages), terms))


def _look(office: Office, plan: Plan, roll: Roll) -> None:
    """InvalidError where the change cannot be given to some devices before the others."""
    early = [device for stage in plan.stages[:-1] for device in stage]
    ground = rollout_ground.read(office.desk, office.topics, roll, early)
    for device in early:
        found = ground.overlay(roll.devices[device], plan.document)
        if isinstance(found, Inexpressible):
            places = listed([place_text(place) for place in found.places])
            raise InvalidError(
                f"The new document no longer mentions {places}. What counts then is in each machine's own file, and "
                "that cannot be tried out on some devices first: say the value, or null (in a JSON file), or use push."
            )


def _open(office: Office, folder: Path) -> Sequence[Journal]:
    try:
        return list(open_rollouts(office.desk, office.topics, folder).values())
    except DamagedError as error:
        raise InvalidError(f"{error}.") from None


def _take_up(office: Office, level: Level, folder: Path, *, is_abort: bool) -> Exit:
    journals = [journal for journal in _open(office, folder) if journal.plan.level == level]
    if not journals:
        raise InvalidError(f"No rollout for {people(level)} was cut off.")
    (journal, *_) = journals
    at = journal.plan.course
    deed = "Put back" if is_abort else "Go on with"
    roll = read_roll(office)
    office.confirm(f"{deed} rollout {journal.plan.id}, at stage {at.stage + 1} of {at.stages}?", roll)
    return _conducted(office, journal, roll, is_abort=is_abort)


def _conducted(office: Office, journal: Journal, roll: Roll, *, is_abort: bool) -> Exit:
    conductor = Conductor(
        office.desk, office.topics, journal, roll=roll, tell=lambda text: office.console.tell([plain(text)])
    )
    if is_abort:
        conductor.turn_back("it was aborted")
    try:
        ended = conductor.run()
    except (KeyboardInterrupt, DeskError) as error:
        office.console.tell([bad("Stopped in the middle; what is published stays. See --resume and --abort.")])
        if isinstance(error, DeskError):
            raise
        return Exit.FAILED
    office.console.answer(report(journal.plan, ended), conclusion(journal.plan, ended))
    return Exit.OK if ended.course.phase is Phase.DONE else Exit.FAILED
