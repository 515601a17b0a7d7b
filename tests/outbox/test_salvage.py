"""Damage inside the file: what can be read is saved, and what is missing is counted."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.records import Cursor
from agent.outbox.connection import PAGE_BYTES, STORE_NAME
from agent.outbox.errors import StoreDamaged, StoreTooNew, StoreUnusable
from agent.outbox.letters import Refusal
from agent.outbox.salvage import FILES_KEPT, Salvaged
from agent.outbox.store import Outbox
from agent.outbox.transaction import MARK_NAME
from tests.support.outbox import a_record, open_outbox

EVENTS = 300


def a_store(folder: Path) -> None:
    """A closed store with two sinks that stand at different places, and a dead letter."""
    outbox = open_outbox(folder)
    outbox.register("ahead")
    outbox.register("behind")
    outbox.append([a_record(f"{n} " + "x" * 300) for n in range(1, EVENTS + 1)], states={"tracker": "there"})
    refusal = Refusal(90, 0, "PLAY", "CODE", "no", "before")
    outbox.settle("ahead", Cursor(200), projection="p", delivered=199, refusals=[refusal])
    outbox.settle("behind", Cursor(100), projection="q", delivered=100)
    outbox.close()


@cache
def sound_store() -> bytes:
    """The file that `a_store` makes."""
    with tempfile.TemporaryDirectory() as name:
        a_store(Path(name))
        return (Path(name) / STORE_NAME).read_bytes()


def damage_pages(folder: Path, marker: bytes, count: int) -> None:
    """Fill the pages that hold `marker`, and those behind them, with rubbish."""
    content = bytearray((folder / STORE_NAME).read_bytes())
    page = content.index(marker) // PAGE_BYTES
    content[page * PAGE_BYTES : (page + count) * PAGE_BYTES] = b"\xa5" * PAGE_BYTES * count
    (folder / STORE_NAME).write_bytes(content)


def run_into_damage(outbox: Outbox) -> None:
    """Check until the damage is found, as the daemon does in its idle moments."""
    try:
        while not outbox.check_slice():
            pass
    except StoreDamaged:
        outbox.close()
        return
    raise AssertionError("the check found nothing")


def test_bad_pages_in_the_middle_cost_their_events_alone(tmp_path: Path) -> None:
    """One bad block of a card must not take the whole backlog, and each sink must know what it will never see."""
    a_store(tmp_path)
    damage_pages(tmp_path, b"150 xxx", 2)
    run_into_damage(open_outbox(tmp_path))
    assert (tmp_path / MARK_NAME).exists()
    outbox = open_outbox(tmp_path)
    how = outbox.opening.how
    assert isinstance(how, Salvaged)
    present = {event.sequence for event in outbox.events(limit=1000)}
    missing = set(range(101, EVENTS + 1)) - present
    assert 150 in missing
    assert 2 <= len(missing) <= 8
    assert (len(missing), len(present)) == (how.lost, how.events)
    figures = {sink.name: sink for sink in outbox.statistics().sinks}
    assert figures["behind"].dropped == {"damage": len(missing)}
    assert figures["ahead"].dropped == {}
    assert (figures["behind"].depth, figures["ahead"].depth) == (200 - len(missing), 100)
    assert outbox.position("ahead") == (Cursor(200), "p")
    assert [letter.code for letter in outbox.dead_letters()] == ["CODE"]
    assert outbox.state("tracker") == "there"
    assert [e.sequence for e in outbox.peek("behind", 500)] == sorted(s for s in present if s > 100)
    outbox.close()


def test_events_whose_owner_is_unreadable_are_counted_as_lost(tmp_path: Path) -> None:
    """An event that nobody knows the entry of cannot be sent; it must not vanish from the account."""
    a_store(tmp_path)
    damage_pages(tmp_path, b"kiosk://device-001", 1)
    outbox = open_outbox(tmp_path)
    how = outbox.opening.how
    assert isinstance(how, Salvaged)
    assert (how.events, how.lost) == (0, 200)
    figures = {sink.name: sink for sink in outbox.statistics().sinks}
    assert (figures["behind"].dropped, figures["ahead"].dropped) == ({"damage": 200}, {"damage": 100})
    assert (figures["behind"].depth, figures["ahead"].depth) == (0, 0)
    outbox.append([a_record("after")])
    assert [event.body for event in outbox.peek("behind", 10)] == ["after"]
    outbox.close()


def test_a_truncated_file_keeps_what_its_pages_still_say(tmp_path: Path) -> None:
    """A file system check after a power cut cuts files short."""
    a_store(tmp_path)
    path = tmp_path / STORE_NAME
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 // PAGE_BYTES * PAGE_BYTES])
    outbox = open_outbox(tmp_path)
    assert isinstance(outbox.opening.how, Salvaged)
    first = outbox.append([a_record("after")]).first
    assert outbox.events(after=first - 1)[0].body == "after"
    outbox.close()


def test_damaged_files_do_not_pile_up(tmp_path: Path) -> None:
    """A card that dies slowly would fill itself with its own corpses."""
    for _ in range(FILES_KEPT + 2):
        (tmp_path / STORE_NAME).write_bytes(b"rubbish" * 1000)
        for name in ("-wal", "-shm"):
            (tmp_path / (STORE_NAME + name)).unlink(missing_ok=True)
        open_outbox(tmp_path).close()
    kept = sorted(path.name for path in tmp_path.glob("store.damaged-*.db"))
    assert kept == ["store.damaged-3.db", "store.damaged-4.db"]


@settings(max_examples=12, deadline=None)
@given(pages=st.lists(st.tuples(st.integers(0, 150), st.binary(min_size=1, max_size=200)), min_size=1, max_size=6))
def test_any_damage_ends_in_a_store_that_works(pages: list[tuple[int, bytes]]) -> None:
    """Whatever a card returns: the daemon starts, tells, and goes on appending, or refuses a file that says that it is
    not ours."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        content = bytearray(sound_store())
        for page, rubbish in pages:
            start = page * PAGE_BYTES % len(content)
            content[start : start + len(rubbish)] = rubbish
        (folder / STORE_NAME).write_bytes(content[: len(content) // PAGE_BYTES * PAGE_BYTES])
        for _ in range(3):
            try:
                outbox = open_outbox(folder)
            except (StoreTooNew, StoreUnusable):
                return
            try:
                while not outbox.check_slice():
                    pass
                outbox.register("new")
                ticket = outbox.append([a_record("after")], states={"tracker": "after"})
                assert outbox.events(after=ticket.first - 1)[0].body == "after"
                outbox.statistics()
            except StoreDamaged:
                continue
            else:
                return
            finally:
                outbox.close()
        raise AssertionError("three starts did not repair the store")


def test_a_damaged_store_of_version_1_is_saved_too(tmp_path: Path) -> None:
    """The damage may be found by the very start that would have migrated it."""
    shutil.copy(Path(__file__).parent / "store_version_1.db", tmp_path / STORE_NAME)
    (tmp_path / MARK_NAME).write_text("page 7 is bad\n")
    outbox = open_outbox(tmp_path)
    assert isinstance(outbox.opening.how, Salvaged)
    assert [event.body for event in outbox.peek("stats.collect", 10)] == ["two", "three", "one"]
    assert [1] == [letter.attempt for letter in outbox.dead_letters()]
    outbox.close()
