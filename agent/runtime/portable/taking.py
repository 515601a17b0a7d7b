"""Taking a file in: all of it or nothing, once.

Contract: `take` returns the folder that holds the events of the file as a store of their own, ready to be delivered,
and says whether they were there before. Raises FileFault, CipherError, TakenError, StoreBusy, and MediumError where
this machine's disk or the medium does not do as it should; then nothing was taken.
Rules, in this order, so that no cut at any point doubles or loses anything:
1. what this machine knows of the export decides first: a file that was taken before is not taken again;
2. so does a receipt beside the file that another machine left (`again` overrules it);
3. the rows go into a draft, and are believed when the file's last line agrees; events that came by another file of the
   same generation, as after a restored image of a card, are skipped and counted;
4. the draft becomes `imported/<export>` by a rename, with its receipt in it: from here on it is taken;
5. the receipt is put beside the file. On a read-only medium it cannot be, which is said.
The number of an import's machine is made once and kept in `imported/machine`.
"""

import shutil
import socket
import sqlite3
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from agent.outbox.connection import sync_folder
from agent.outbox.importing import Intake, Origin, RowError
from agent.outbox.lock import Lock
from agent.outbox.schema import SCHEMA
from agent.runtime.portable import receipts
from agent.runtime.portable.cipher import Opened
from agent.runtime.portable.format import CHUNK, DAMAGED, FileFault, Header, header_of, rows_of
from agent.runtime.portable.medium import MediumError, whole_file
from agent.runtime.portable.receipts import Receipt

FOLDER = "imported"
RECEIPT = "receipt.json"
MACHINE = "machine"
DRAFTS = ".draft"

BATCH = 500
"""Rows that are handed on together."""


class TakenError(Exception):
    """Another machine has the file's events already, says the receipt beside it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """`folder`: the state folder of the imported store. `receipt`: what is known of it. `events`: of the file.

    `skipped`: events that another file had brought. `was_there`: the file was taken before. `is_marked`: the receipt
    stands beside the file.
    """

    folder: Path
    receipt: Receipt
    events: int
    skipped: int
    was_there: bool
    is_marked: bool


def look(path: Path) -> Header:
    """The header of a file. Raises FileFault, OSError."""
    with path.open("rb") as file:
        header, _ = header_of(file)
    return header


def take(path: Path, state_dir: Path, *, key: Path | None, now: float, again: bool = False) -> Taken:
    """Take the file at `path` into `state_dir`. `key`: the private key (PEM) for an encrypted one. `now`: wall s."""
    header = look(path)
    home = state_dir / FOLDER
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = Lock.take(home)
    try:
        return _take(path, home, header, key=key, now=now, again=again)
    except sqlite3.Error as error:
        raise MediumError(f"{home} does not take the events: {error}.") from error
    finally:
        lock.release()


def finish(taken: Taken, path: Path, outcome: dict[str, dict[str, int]], *, now: float, is_empty: bool) -> bool:
    """All events have been delivered: write that down, here and beside the file; whether it stands there, too.

    `is_empty`: nothing is left in the store that anybody could look at or send again, so it goes. Raises MediumError.
    """
    receipt = replace(taken.receipt, delivered=now, outcome=outcome)
    receipts.keep(receipt, taken.folder / RECEIPT)
    if is_empty:
        for file in taken.folder.glob("store.*"):
            file.unlink(missing_ok=True)
    return _mark(path, receipt)


def _take(path: Path, home: Path, header: Header, *, key: Path | None, now: float, again: bool) -> Taken:
    name = _named(header)
    folder = home / name
    machine = _machine(home)
    known = receipts.read(folder / RECEIPT)
    if known is not None:
        return Taken(folder, known, 0, 0, was_there=True, is_marked=_mark(path, known))
    left = receipts.read(receipts.beside(path))
    if left is not None and left.id == header.id and left.machine != machine and not again:
        raise TakenError(f"{left.host} has taken this file already")
    draft = home / (name + DRAFTS)
    shutil.rmtree(draft, ignore_errors=True)
    try:
        intake, ranges = _filled(path, draft, header, key=key, others=_others(home))
        receipt = Receipt(header.id, header.device, machine, socket.gethostname(), now, ranges)
        receipts.keep(receipt, draft / RECEIPT)
        draft.rename(folder)
        sync_folder(home)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return Taken(folder, receipt, intake.events, intake.skipped, was_there=False, is_marked=_mark(path, receipt))


def _named(header: Header) -> str:
    """The export's id, once it is certain that it is one: it becomes a folder's name."""
    try:
        return str(UUID(header.id))
    except ValueError as error:
        raise FileFault("The first line of the file makes no sense: its id.", remedy=DAMAGED) from error


def _machine(home: Path) -> str:
    path = home / MACHINE
    with suppress(OSError):
        return path.read_text(encoding="ascii").strip()
    machine = str(uuid4())
    with whole_file(path) as file:
        file.write(machine.encode("ascii") + b"\n")
    return machine


def _mark(path: Path, receipt: Receipt) -> bool:
    """Put the receipt beside the file; False where the medium does not take it."""
    try:
        receipts.keep(receipt, receipts.beside(path))
    except MediumError:
        return False
    return True


def _others(home: Path) -> list[Receipt]:
    found = [receipts.read(path) for path in home.glob(f"*/{RECEIPT}")]
    return [receipt for receipt in found if receipt is not None]


def _filled(
    path: Path, draft: Path, header: Header, *, key: Path | None, others: list[Receipt]
) -> tuple[Intake, list[list[str | int]]]:
    """A draft with all rows of the file. Raises FileFault, CipherError."""
    # Unbuffered behind the header, for the decrypting process reads on from where the file stands.
    with path.open("rb") as file:
        _, line = header_of(file)
    with path.open("rb", buffering=0) as raw:
        raw.seek(len(line))
        if header.recipient is None:
            return _poured(rows_of(raw, line), draft, header, others)
        if key is None:
            text = f"The file is encrypted to the certificate with SHA-256 {header.recipient}."
            raise FileFault(text, remedy="Name its private key with --key FILE.")
        with Opened(key, raw) as opened:
            try:
                return _poured(rows_of(opened, line), draft, header, others)
            except FileFault:
                # Another key makes garbage of it, and openssl says so at the end.
                while opened.read(CHUNK):
                    continue
                raise


def _poured(rows: Any, draft: Path, header: Header, others: list[Receipt]) -> tuple[Intake, list[list[str | int]]]:
    first = next(rows)
    if first[0] != "columns" or len(first) != 2 or not isinstance(first[1], dict):
        raise FileFault("The file is damaged: it does not say what its rows are.", remedy=DAMAGED)
    if header.schema > SCHEMA:
        raise FileFault(
            f"The file has schema {header.schema}; this program knows schemas up to {SCHEMA}.",
            remedy="Use a kiosk-agent that is at least as new as the one that wrote it.",
        )
    known = Known(others)
    try:
        intake = Intake(draft, Origin(header.device, header.schema), first[1], is_known=known.has)
        try:
            batch: list[list[Any]] = []
            for row in rows:
                known.hear(row)
                batch.append(row)
                if len(batch) >= BATCH:
                    intake.take(batch)
                    batch = []
            intake.take(batch)
            intake.finish()
        finally:
            intake.close()
    except RowError as error:
        raise FileFault(f"The file is damaged: {error}.", remedy=DAMAGED) from error
    return intake, known.ranges(header.first, header.last)


class Known:
    """Which events came by other files: a generation and a sequence in it name an event for ever (decision 3)."""

    def __init__(self, others: list[Receipt]) -> None:
        self._others = others
        self._starts: list[tuple[int, str]] = []

    def hear(self, row: list[Any]) -> None:
        """Take note of where a generation begins; those rows come before all events."""
        if row[0] == "generations" and len(row) == 3:
            self._starts.append((row[1], row[2]))
            self._starts.sort()

    def has(self, sequence: int) -> bool:
        """Whether another file brought that event."""
        if not self._others:
            return False
        home = self._home(sequence)
        return any(
            generation == home and int(first) <= sequence <= int(last)
            for receipt in self._others
            for generation, first, last in receipt.ranges
        )

    def ranges(self, first: int, last: int) -> list[list[str | int]]:
        """The file's own range, cut where a generation ends."""
        cuts = [start for start, _ in self._starts if first < start <= last]
        begins = [first, *cuts]
        ends = [*(cut - 1 for cut in cuts), last]
        return [[self._home(begin), begin, end] for begin, end in zip(begins, ends, strict=True)]

    def _home(self, sequence: int) -> str:
        return next((name for start, name in reversed(self._starts) if start <= sequence), "")
