"""What `kiosk-agent queue import` does.

Contract: `run` takes the file, delivers it and prints the account; it ends the command with a text and its exit status
where that fails. Progress goes to stderr.
Rules: the configuration is read before the file is touched. The events stand in a store of their own below the state
folder, so an agent that runs here is left alone.
Reasons: agent.runtime.portable.taking and delivering.
"""

import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from agent.cli.exits import Exit
from agent.cli.layout import answered
from agent.cli.words import count, moment, plain
from agent.config.files import DEFAULT_PATH, load
from agent.config.model import Settings
from agent.config.problems import ConfigurationError
from agent.outbox.errors import StoreError
from agent.outbox.statistics import SinkStatistics
from agent.runtime import logs
from agent.runtime.clock import SystemClock
from agent.runtime.portable import taking
from agent.runtime.portable.cipher import CipherError
from agent.runtime.portable.delivering import Outcome, UnwantedError, deliver, open_imported
from agent.runtime.portable.format import FileFault
from agent.runtime.portable.medium import MediumError
from agent.runtime.portable.taking import Taken, TakenError

TELL_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command's arguments. `config` None: the usual one. `patience`: s without progress after which it gives up."""

    file: Path
    config: Path | None
    key: Path | None
    again: bool
    patience: float


def run(wanted: Wanted, state_dir: Path, *, as_json: bool) -> None:
    """Take the file, deliver it, say what came of it."""
    logs.configure(level="warning", form="auto")
    settings = _loaded(wanted.config or DEFAULT_PATH)
    taken = _taken(wanted, state_dir)
    if taken.receipt.delivered is not None:
        when = moment(taken.receipt.delivered)
        answered(
            _answer(taken),
            [f"This file was delivered from this machine before ({when}); nothing was sent."],
            as_json=as_json,
        )
        return
    try:
        outcome = _delivered(taken, settings, wanted)
        done, lines = _account(outcome), _lines(taken, outcome)
        if outcome.is_done:
            is_empty = not any(sink.dead_letters for sink in outcome.sinks)
            if not taking.finish(taken, wanted.file, done, now=time.time(), is_empty=is_empty):
                lines.append("No receipt could be put beside the file; on the kiosk: queue export --forget ID")
    except (StoreError, MediumError) as error:
        raise click.ClickException(f"{plain(str(error))} Run the same command again to go on.") from None
    answered(_answer(taken, outcome), lines, as_json=as_json)
    if not outcome.is_done:
        sys.exit(Exit.FAILED)


def _loaded(config: Path) -> Settings:
    try:
        return load(config).settings
    except ConfigurationError as error:
        for problem in error.problems:
            click.echo(plain(str(problem)), err=True)
        raise click.UsageError(f"The configuration {config} cannot be used.") from None


def _taken(wanted: Wanted, state_dir: Path) -> Taken:
    """Raises click's errors where nothing was taken."""
    try:
        taken = taking.take(wanted.file, state_dir, key=wanted.key, now=time.time(), again=wanted.again)
    except TakenError as error:
        text = f"{error}, says the receipt beside it. Nothing was taken. Only if that machine has lost it: --again."
    except (FileFault, StoreError) as error:
        text = f"{error} {error.remedy} Nothing was taken."
    except (CipherError, MediumError) as error:
        text = f"{error} Nothing was taken."
    except OSError as error:
        text = f"{error.filename or wanted.file}: {error.strerror}. Nothing was taken."
    else:
        _tell_news(taken)
        return taken
    raise click.ClickException(str(plain(text))) from None


def _delivered(taken: Taken, settings: Settings, wanted: Wanted) -> Outcome:
    outbox = open_imported(taken.folder, taken.receipt.device)
    try:
        return deliver(
            outbox,
            settings,
            SystemClock(),
            patience=wanted.patience,
            tell=Progress().tell,
            is_asked_to_stop=threading.Event(),
        )
    except UnwantedError as error:
        raise click.UsageError(
            f"Events of this file wait for {plain(', '.join(error.names))}, which is not on in this configuration."
            " They are kept; switch it on there, and run the same command again."
        ) from None
    finally:
        outbox.close()


class Progress:
    """Tells how many wait, now and then."""

    def __init__(self) -> None:
        self._said = ""
        self._at = 0.0

    def tell(self, sinks: tuple[SinkStatistics, ...]) -> None:
        """One line where something has changed."""
        line = ", ".join(f"{sink.depth:,} wait for {sink.name}" for sink in sinks if sink.depth)
        if line and line != self._said and time.monotonic() >= self._at:
            self._said, self._at = line, time.monotonic() + TELL_EVERY_S
            _tell(line)


def _tell(text: str) -> None:
    click.echo(plain(text), err=True)


def _tell_news(taken: Taken) -> None:
    if taken.was_there:
        return
    text = f"{count(taken.events, 'event')} of {taken.receipt.device} taken into {taken.folder}"
    if taken.skipped:
        text += f"; {count(taken.skipped, 'event')} came by another file before"
    if not taken.is_marked:
        text += ". No receipt could be put beside the file: do not import it on another machine"
    _tell(text)


def _answer(taken: Taken, outcome: Outcome | None = None) -> dict[str, Any]:
    return {
        "id": taken.receipt.id,
        "device": taken.receipt.device,
        "folder": str(taken.folder),
        "events": taken.events,
        "skipped": taken.skipped,
        "taken_before": taken.was_there,
        "delivered": outcome is None or outcome.is_done,
        "sinks": {} if outcome is None else _account(outcome),
        "why": {} if outcome is None else {name: text for name, text in outcome.why.items() if text},
    }


def _account(outcome: Outcome) -> dict[str, dict[str, int]]:
    return {
        sink.name: {
            "waiting": sink.depth,
            "delivered": sink.delivered,
            "passed": sum(sink.passed.values()),
            "refused": sum(sink.refused.values()),
        }
        for sink in outcome.sinks
        if sink.enabled
    }


def _lines(taken: Taken, outcome: Outcome) -> list[str]:
    lines = [
        f"{plain(name)}: {count(each['delivered'], 'message')} delivered, {each['passed']:,} passed over,"
        f" {each['refused']:,} refused, {each['waiting']:,} waiting"
        for name, each in _account(outcome).items()
    ]
    if not outcome.is_done:
        lines += [f"{name}: {plain(text)}" for name, text in outcome.why.items() if text]
        lines.append("Not all of it got through. Run the same command again to go on.")
    if any(sink.dead_letters for sink in outcome.sinks):
        lines.append(f"Refused messages are kept: kiosk-agent queue dead list --state-dir {taken.folder}")
    return lines
