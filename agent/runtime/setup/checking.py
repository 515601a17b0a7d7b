"""Judges a draft before it is written: as the agent will, and against the real services.

Contract: `staged` makes a folder of the draft's secrets for as long as they are tried; `judge` answers what the
configuration would be, with its faults and doubts; `examine` asks the services, as `doctor` does.
Rules: nothing in /etc is touched. The secrets that are tried stand in memory (/run), where there is such a folder, in
a folder that only this user may enter, and the loader finds them as it finds systemd's credentials.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.config.files import Loaded, assemble
from agent.config.identity import Machine, derived_id, read_machine
from agent.config.layers import Layer
from agent.config.named_files import Surroundings
from agent.config.problems import ConfigurationError, Place, Problem
from agent.config.secrets import CREDENTIALS
from agent.player.playlist import expand
from agent.runtime.checks import machine, player
from agent.runtime.checks.examination import connections
from agent.runtime.checks.finding import Finding, Level, fail, ok, warn
from agent.runtime.clock import SystemClock
from agent.runtime.control import ControlError, NotRunningError, ask
from agent.runtime.setup.draft import Draft
from agent.runtime.setup.files import agents_group
from agent.runtime.setup.places import GROUP, Places
from agent.runtime.setup.questions import missing

_SUBJECT = "configuration"
_REMEDY = "Correct the answer, or the file."


@dataclass(frozen=True, slots=True)
class Judged:
    """`loaded`: what the agent would run with; None where it would refuse."""

    loaded: Loaded | None
    findings: tuple[Finding, ...]


@contextmanager
def staged(draft: Draft, places: Places) -> Iterator[Path]:
    """A folder with the draft's new secrets and files, gone afterwards."""
    # A unit with a read-only system has a folder of its own in memory.
    memory = Path(os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0] or places.runtime)
    with tempfile.TemporaryDirectory(prefix="kiosk-agent-", dir=memory if memory.is_dir() else None) as name:
        folder = Path(name)
        for each, text in draft.secrets.items():
            (folder / each).touch(mode=0o600)
            (folder / each).write_text(text, encoding="utf-8")
        for each, content in draft.publics.items():
            (folder / each).write_bytes(content)
        yield folder


def judge(
    draft: Draft,
    places: Places,
    folder: Path,
    *,
    is_image: bool = False,
    name: str | None = None,
    lines: Mapping[Place, int] | None = None,
) -> Judged:
    """Load the draft as the agent would. `folder`: of `staged`. `name`, `lines`: where a person finds what is wrong.

    `is_image`: the machine that it is for is not this one, or not yet.
    """
    layer = Layer(name or str(places.config), _with_staged_files(draft, folder), lines or {})
    around = Surroundings(places.folder, {CREDENTIALS: str(folder)}, _machine(places, is_image=is_image))
    lacking = tuple(
        fail(_SUBJECT, f"{each.text}: not answered", f"Say it with {each.option}.") for each in missing(draft)
    )
    try:
        loaded = assemble([layer], around)
    except ConfigurationError as error:
        unanswered = {each.place for each in missing(draft)}
        told = [_finding(Level.FAIL, each) for each in error.problems if each.place not in unanswered]
        return Judged(None, (*lacking, *told))
    doubts = tuple(_finding(Level.WARN, each) for each in loaded.warnings)
    return Judged(None if lacking else loaded, (*lacking, *doubts, *_group()))


def examine(loaded: Loaded, state_dir: Path, *, is_new_broker: bool) -> Iterator[Finding]:
    """Ask the machine and the services, one after the other; some take seconds.

    `is_new_broker`: whether the agent that runs has another broker, or other credentials; then it is no witness.
    """
    settings = loaded.settings
    yield machine.clock(SystemClock().now())
    yield player.libvlc()
    yield from player.options(settings.player.vlc_options)
    yield media(loaded)
    yield from connections(loaded, NotRunningError("not asked") if is_new_broker else _agent(state_dir))


def media(loaded: Loaded) -> Finding:
    """Whether there is something to play, and whether it counts."""
    settings = loaded.settings
    found = expand(settings.player, settings.kaltura.entries.rules)
    remedy = "Name a file, a folder or a URL that is there (--play)."
    if not found.items:
        why = f": {found.problems[0]}" if found.problems else ""
        return (fail if found.problems else warn)("playlist", f"nothing is played{why}", remedy)
    nameless = sum(item.media.entry_id is None for item in found.items)
    text = f"{len(found.items)} to play"
    if nameless:
        text += f", {nameless} of them without a Kaltura entry: played, and not reported"
        return warn("playlist", text, 'Put the entry behind the medium: --play "/srv/media/welcome.mp4 0_abcd1234"')
    return warn("playlist", f"{text}; {found.problems[0]}", remedy) if found.problems else ok("playlist", text)


def silence(loaded: Loaded) -> str | None:
    """Why no event will come of this configuration, or None: then there is nothing to wait for."""
    settings = loaded.settings
    if not settings.kaltura.enabled:
        return "reporting is switched off (kaltura.enabled)"
    items = expand(settings.player, settings.kaltura.entries.rules).items
    if not items:
        return "nothing is played"
    return None if any(item.media.entry_id for item in items) else "nothing that is played has a Kaltura entry"


def _agent(state_dir: Path) -> Mapping[str, Any] | ControlError:
    try:
        answer: Mapping[str, Any] = ask(state_dir, "status")
    except ControlError as error:
        return error
    return answer


def _machine(places: Places, *, is_image: bool) -> Machine:
    """Whose id is derived. An image has no machine id yet, and gets one when it boots."""
    found = read_machine(places.root)
    return Machine("0" * 32, None) if is_image and derived_id(found) is None else found


def _with_staged_files(draft: Draft, folder: Path) -> Mapping[str, Any]:
    """The tree with the paths of the files that are not in their place yet."""
    tree = draft
    for table, values in draft.tree.items():
        for key, value in values.items() if isinstance(values, Mapping) else ():
            if isinstance(value, str) and value in draft.publics and str(key).endswith("_file"):
                tree = tree.with_value((table, key), str(folder / value))
    return tree.tree


def _group() -> Iterator[Finding]:
    if agents_group() is None:
        yield warn(
            _SUBJECT,
            f"this machine has no group {GROUP}, so only root will be able to read the configuration",
            "Install the package; then run this again.",
        )


def _finding(level: Level, problem: Problem) -> Finding:
    return Finding(level, _SUBJECT, str(replace(problem, remedy=None)), problem.remedy or _REMEDY)
