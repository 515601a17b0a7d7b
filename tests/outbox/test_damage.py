"""Any damage to the files of a real store, at rest: the agent runs, what could be read at best is saved in order, and
what is missing is counted."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.kernel.records import Cursor
from agent.outbox.appending import Ticket
from agent.outbox.connection import PAGE_BYTES, STORE_NAME
from agent.outbox.errors import StoreDamaged, StoreTooNew, StoreUnusable
from agent.outbox.letters import Refusal
from agent.outbox.salvage import Salvaged
from agent.outbox.store import Outbox
from tests.support.outbox import a_record, open_outbox

EVENTS = 240
WAL = STORE_NAME + "-wal"
BEHIND = 60


@cache
def crashed() -> Path:
    """The files of a store whose process was killed: a database, and a log that holds the newest events."""
    folder = Path(tempfile.mkdtemp(prefix="kiosk-agent-damage-"))
    outbox = open_outbox(folder / "live")
    outbox.register("one")
    for first in range(0, EVENTS, 8):
        outbox.append([a_record(f"{n:04} " + "x" * 300) for n in range(first, first + 8)])
    outbox.settle("one", Cursor(BEHIND), projection="p", delivered=BEHIND - 1, refusals=[refusal()])
    shutil.copytree(folder / "live", folder / "crashed", ignore=shutil.ignore_patterns("*-shm", "store.lock"))
    outbox.close()
    return folder / "crashed"


def refusal() -> Refusal:
    return Refusal(1, 0, "PLAY", "CODE", "no", "before")


def overwrite(path: Path, at: int, rubbish: bytes) -> None:
    """Rubbish somewhere in a file."""
    content = bytearray(path.read_bytes())
    start = at % max(len(content), 1)
    content[start : start + len(rubbish)] = rubbish
    path.write_bytes(content)


def zero_pages(path: Path, at: int, rubbish: bytes) -> None:
    """Whole pages of nothing, as a block that was erased and not written."""
    page = at % max(path.stat().st_size // PAGE_BYTES, 1) * PAGE_BYTES
    overwrite(path, page, bytes(PAGE_BYTES * (1 + len(rubbish) % 3)))


def cut(path: Path, at: int, _: bytes) -> None:
    """Only the beginning is there."""
    path.write_bytes(path.read_bytes()[: at % (path.stat().st_size + 1)])


def remove(path: Path, *_: object) -> None:
    """A file system check threw it away."""
    path.unlink(missing_ok=True)


@cache
def foreign() -> bytes:
    """The log of another kiosk's store."""
    with tempfile.TemporaryDirectory() as name:
        outbox = open_outbox(Path(name), device_id="another")
        outbox.register("one")
        outbox.append([a_record(f"foreign {n} " + "y" * 200) for n in range(80)])
        content = (Path(name) / WAL).read_bytes()
        outbox.close()
        return content


def exchange(path: Path, *_: object) -> None:
    """The file of another kiosk's store."""
    path.write_bytes(foreign())


Deed = Callable[[Path, int, bytes], None]
DEEDS: list[tuple[str, Deed]] = [
    (name, deed) for name in (STORE_NAME, WAL) for deed in (overwrite, zero_pages, cut)
] + [(WAL, remove), (WAL, exchange)]


OWNED = " AND ".join(
    f"typeof(a.{name}) IN {kinds}"
    for names, kinds in (
        ("boot_id device_id session_id referrer media_uri", "('text')"),
        ("partner_id", "('integer')"),
        ("entry_id user_id client_version context_id unique_viewer widget_id", "('text', 'null')"),
        ("uiconf_id", "('integer', 'null')"),
    )
    for name in names.split()
)
"""An event whose owner is nonsense is nobody's: it is counted as lost."""


def readable(folder: Path) -> set[int]:
    """The sequences of the events that anybody could still read: by every road, row for row."""
    found: set[int] = set()
    with tempfile.TemporaryDirectory() as name:
        copy = Path(shutil.copytree(folder, Path(name) / "copy"))
        with closing(sqlite3.connect(copy / STORE_NAME, isolation_level=None)) as connection:
            for sequence in range(1, EVENTS + 1):
                try:
                    row = connection.execute(
                        "SELECT e.sequence, e.body, a.* FROM events e JOIN kinds k ON k.id = e.kind"
                        f" JOIN attributions a ON a.id = e.attribution WHERE {OWNED} AND e.sequence = ?",
                        (sequence,),
                    ).fetchone()
                except (sqlite3.Error, UnicodeDecodeError):
                    continue
                if row is not None and isinstance(row[1], str):
                    found.add(sequence)
    return found


def live(folder: Path) -> Outbox | None:
    """Open the store, check it whole, and mend what is found; None where the file says that it is not ours."""
    try:
        outbox = open_outbox(folder)
    except (StoreTooNew, StoreUnusable):
        return None
    for _ in range(3):
        try:
            while not outbox.check_slice():
                pass
        except StoreDamaged:
            outbox.mend()
        else:
            return outbox
    raise AssertionError("mended again and again")


def go_on(outbox: Outbox) -> Ticket:
    """Append as the agent does: what only a write can find, such as a damaged list of free pages, is mended then."""
    records, states = [a_record("after")], {"tracker": "after"}
    try:
        return outbox.append(records, states=states)
    except StoreDamaged:
        outbox.mend()
        return outbox.append(records, states=states)


def suffer(deeds: list[tuple[tuple[str, Deed], int, bytes]]) -> None:
    """Do these deeds to a crashed store and open it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(shutil.copytree(crashed(), Path(name) / "state"))
        for (file, deed), at, rubbish in deeds:
            if (folder / file).exists():
                deed(folder / file, at, rubbish)
        best = readable(folder)
        outbox = live(folder)
        if outbox is None:
            return
        with closing(outbox):
            outbox.register("one")
            kept = [event.sequence for event in outbox.events(limit=100_000)]
            assert kept == sorted(set(kept)), "in order, none twice"
            store = outbox.statistics()
            (sink,) = (each for each in store.sinks if each.name == "one")
            assert (0, 0, 0) == (store.unburied, sink.account.difference, sink.account.letters_difference)
            missing = {sequence for sequence in best if sequence > sink.cursor.sequence} - set(kept)
            is_salvaged = bool(list(folder.glob("store.damaged-*.db")))
            assert not missing or is_salvaged, "nothing is thrown away of a store that was opened as it was"
            assert len(missing) <= 8, f"{len(missing)} of {len(best)} could have been saved"
            ticket = go_on(outbox)
            assert ["after"] == [event.body for event in outbox.events(after=ticket.first - 1)]
            assert "after" in [event.body for event in outbox.peek("one", 100_000)]


ANYTHING = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.integers(0, 200_000), st.binary(min_size=1, max_size=1500)),
    min_size=1,
    max_size=3,
)


@settings(max_examples=40)
@example([((STORE_NAME, overwrite), 32, b"\x01"), ((WAL, overwrite), 0, b"\x00")])  # the list of free pages
@example([((STORE_NAME, overwrite), 6_935, b"\x80"), ((WAL, overwrite), 0, b"\0")])  # a table's name is no text
@example([((STORE_NAME, zero_pages), 100_001, b"\0"), ((WAL, overwrite), 12_608, b"\1")])  # others hide behind a page
@given(ANYTHING)
def test_any_damage_costs_little_more_than_what_it_hit(deeds: list[tuple[tuple[str, Deed], int, bytes]]) -> None:
    """Forty dying cards at every run of the tests."""
    suffer(deeds)


@pytest.mark.all
@pytest.mark.timeout(1800)
@settings(max_examples=1000)
@given(ANYTHING)
def test_any_of_many_damages_costs_little_more_than_what_it_hit(
    deeds: list[tuple[tuple[str, Deed], int, bytes]],
) -> None:
    """A thousand of them: the page that nobody thought of."""
    suffer(deeds)


@pytest.mark.parametrize("page", [1, 2, 3, 4, 5, 6, 8, 12, 16, 40, 80])
def test_one_zeroed_page_takes_no_more_events_than_it_held(page: int) -> None:
    """One block of a card is what dies first; also where it holds the root of a table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(shutil.copytree(crashed(), Path(name) / "state"))
        with closing(sqlite3.connect(folder / STORE_NAME)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        overwrite(folder / STORE_NAME, page * PAGE_BYTES, bytes(PAGE_BYTES))
        best = readable(folder)
        outbox = live(folder)
        assert outbox is not None
        with closing(outbox):
            kept = {event.sequence for event in outbox.events(limit=100_000)}
            if isinstance(outbox.opening.how, Salvaged):
                assert best <= kept
