"""What `kiosk-agent queue export` does.

Contract: `reached` gives the way to the store: a running agent's answers, or the store itself; inside, whatever goes
wrong ends the command with a text and its exit status. `write`, `show_known` and `forget` are what it can be asked.
Rules: everything that can be known to be wrong is found before anything is handed over. The events are handed over
before the file is written, and stay in the store until a receipt comes back, so a command that fails or is killed is
simply run again: it goes on with the same export. Whether the file is encrypted is said by the configuration, or by an
option; where neither can say it, nothing is written.
Reasons: agent.outbox.exporting.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import click

from agent.cli.layout import answered
from agent.cli.words import count, moment, plain, size
from agent.config.files import DEFAULT_PATH, load
from agent.config.problems import ConfigurationError
from agent.outbox.errors import StoreError
from agent.outbox.exporting import Export, Page
from agent.outbox.visiting import visit
from agent.runtime import queries
from agent.runtime.clock import SystemClock
from agent.runtime.control import ControlError, NotRunningError, ask
from agent.runtime.portable import asking, receipts
from agent.runtime.portable.cipher import CipherError, check
from agent.runtime.portable.medium import MediumError
from agent.runtime.portable.writing import write_file

BUSY_FOR_S = 60.0
"""A request may take half a minute to fail; who waits longer is told."""

BUSY_POLL_S = 0.05


class Call(Protocol):
    """Asks the store; raises ControlError."""

    def __call__(self, name: str, **arguments: Any) -> Any: ...


@contextmanager
def reached(state_dir: Path) -> Iterator[Call]:
    """A running agent, or the store itself for as long as the command lasts."""
    try:
        with _reached(state_dir) as call:
            yield call
    except (ControlError, MediumError, CipherError) as error:
        raise click.ClickException(str(plain(str(error)))) from None
    except StoreError as error:
        raise click.ClickException(f"{error} {error.remedy}") from None
    except OSError as error:
        raise click.ClickException(str(plain(f"{error.filename or state_dir}: {error.strerror}."))) from None


@contextmanager
def _reached(state_dir: Path) -> Iterator[Call]:
    try:
        ask(state_dir, "queue.export.known")
    except NotRunningError:
        outbox = visit(state_dir)
    else:
        yield partial(ask, state_dir)
        return

    def call(name: str, **arguments: Any) -> Any:
        reply = queries.answer(outbox, name, arguments)
        if "error" in reply:
            raise ControlError(reply["error"])
        return reply["ok"]

    try:
        yield call
    finally:
        outbox.close()


def certificate(config: Path | None, recipient: Path | None, *, in_clear: bool) -> Path | None:
    """To whom the file is encrypted. Raises click's errors for everything that can be wrong with that."""
    if in_clear:
        return None
    named = recipient or _configured(config)
    if named is None:
        return None
    try:
        check(named)
    except CipherError as error:
        raise click.UsageError(str(plain(str(error)))) from None
    return named


def _configured(config: Path | None) -> Path | None:
    path = config or DEFAULT_PATH
    try:
        loaded = load(path)
    except ConfigurationError as error:
        problems = "\n".join(f"  {plain(str(problem))}" for problem in error.problems)
        raise click.UsageError(
            "Whether the file is to be encrypted stands in the configuration, which cannot be used. Name it with"
            f" --config FILE, or say --recipient CERT or --plain.\n{problems}"
        ) from None
    named = loaded.settings.queue.export_recipient_file
    return None if named is None else path.parent / named


def show_known(call: Call, *, as_json: bool) -> None:
    """List the exports whose events are kept."""
    found = [asking.export_of(each) for each in call("queue.export.known")]
    lines = [
        f"{each.id}  {moment(each.made)}  {count(_events(each), 'event')}, {each.first} to {each.last}"
        f"{'' if each.is_written else '  not written yet'}"
        for each in found
    ]
    answered({"exports": [_view(each) for each in found]}, lines or ["No export is kept."], as_json=as_json)


def forget(call: Call, identifier: str, *, as_json: bool) -> None:
    """Free what is kept of an export."""
    call("queue.export.forget", id=identifier)
    answered({"forgotten": identifier}, [f"Export {plain(identifier)} is not kept any more."], as_json=as_json)


def write(call: Call, folder: Path, to_whom: Callable[[], Path | None], *, again: str | None, as_json: bool) -> None:
    """Hand over what waits and write it into `folder`, or an earlier export `again`."""
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise click.ClickException(f"{plain(str(folder))} is no folder that can be written. Is the stick mounted?")
    recipient = to_whom()
    known = [asking.export_of(each) for each in call("queue.export.known")]
    files: list[dict[str, Any]] = []
    returned: list[str] = []
    if again is not None:
        chosen = [each for each in known if each.id == again]
        if not chosen:
            raise click.ClickException(f"There is no export {plain(again)} here; see queue export --known.")
        files.append(_written(call, chosen[0], folder, recipient))
    else:
        returned = _confirmed(call, folder, known)
        while (said := _begun(call)) is not None:
            files.append(_written(call, asking.export_of(said), folder, recipient))
    lines = [f"Export {each} was delivered, says its receipt; its events are not kept any more." for each in returned]
    for file in files:
        lines += [
            f"{count(file['events'], 'event')} handed over to {plain(file['file'])} ({size(file['bytes'])},"
            f" {'encrypted' if file['encrypted'] else 'in clear'})",
            "This kiosk does not deliver them any more. Elsewhere: kiosk-agent queue import FILE",
        ]
    if not files:
        lines.append("Nothing to export: no destination waits for a play that is over.")
    answered({"files": files, "returned": returned}, lines, as_json=as_json)


def _begun(call: Call) -> Any:
    """What is handed over; waits for a message that is under way."""
    until = time.monotonic() + BUSY_FOR_S
    while True:
        try:
            return call(asking.BEGIN, now=asking.moment(SystemClock().now()))
        except ControlError as error:
            if not str(error).startswith(asking.BUSY):
                raise
            if time.monotonic() > until:
                raise ControlError(
                    f"{error}: the agent is delivering at this moment. Try again when it is offline, or stop it first."
                ) from error
        time.sleep(BUSY_POLL_S)


def _written(call: Call, export: Export, folder: Path, recipient: Path | None) -> dict[str, Any]:
    def pages(after: int | None) -> Page:
        return asking.page_of(call("queue.export.page", id=export.id, after=after))

    try:
        path = write_file(export, pages, folder, recipient=recipient)
    except (MediumError, CipherError) as error:
        raise MediumError(
            f"{error} The events are safe in this kiosk's queue, and wait for a file: run the command again."
        ) from error
    call("queue.export.written", id=export.id)
    view = {**_view(export), "file": str(path), "bytes": path.stat().st_size, "encrypted": recipient is not None}
    return {**view, "is_written": True}


def _confirmed(call: Call, folder: Path, known: list[Export]) -> list[str]:
    """Free what receipts in the folder say has been delivered."""
    ours = {each.id for each in known}
    try:
        found = [receipt.id for receipt in receipts.delivered_in(folder) if receipt.id in ours]
    except OSError as error:
        raise MediumError(f"{folder} cannot be read: {error.strerror}.") from error
    returned = list(dict.fromkeys(found))
    for identifier in returned:
        call("queue.export.forget", id=identifier)
    return returned


def _events(export: Export) -> int:
    return max(export.waiting.values(), default=0)


def _view(export: Export) -> dict[str, Any]:
    return {
        "id": export.id,
        "device": export.device,
        "first": export.first,
        "last": export.last,
        "made_wall": export.made,
        "is_written": export.is_written,
        "events": _events(export),
        "waiting": export.waiting,
    }
