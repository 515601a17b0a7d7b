"""The model of the disk: what it may lose, and what it may not."""

from collections.abc import Mapping, Sequence
from random import Random

from tests.crash.disk import BLOCK, SECTOR, Disk
from tests.crash.recording import Operation, Rename, Resize, Sync, SyncFolder, Write

BEFORE = {"old": b"old"}
OLD, NEW = 0, 1
MANY = 3000


def disk_after(*operations: Operation, honest: bool = True) -> Disk:
    """A disk with one durable file, to which this happened."""
    disk = Disk(BEFORE, honest=honest)
    for operation in operations:
        disk.advance(operation)
    return disk


def states(disk: Disk) -> Sequence[Mapping[str, bytes]]:
    """Very many of the states."""
    return [state for _, state in disk.states(Random(1), MANY)]


def test_what_was_synced_is_in_every_state() -> None:
    """The model must not blame a program for what no disk may do."""
    disk = disk_after(Write(OLD, 0, b"new"), Sync(OLD), Rename("", "more", NEW), SyncFolder(""), Write(NEW, 0, b"x"))
    assert {b"new"} == {state["old"] for state in states(disk)}
    assert {b"", b"x", b"\0"} <= {state["more"] for state in states(disk)}


def test_unsynced_writes_come_in_any_order_or_not_at_all() -> None:
    """A disk's cache writes what it likes first."""
    disk = disk_after(Write(OLD, 0, b"A"), Write(OLD, 1, b"B"))
    found = {state["old"] for state in states(disk)}
    assert {b"old", b"Ald", b"oBd", b"ABd"} <= found


def test_large_write_is_torn_at_its_sectors() -> None:
    """A page of a database is several sectors, and the power fails between two of them."""
    disk = disk_after(Write(OLD, 0, b"A" * SECTOR + b"B" * SECTOR))
    found = {state["old"] for state in states(disk)}
    assert b"old" + bytes(SECTOR - 3) + b"B" * SECTOR in found
    assert b"A" * SECTOR in found


def test_size_may_come_without_the_data() -> None:
    """A file that has grown may hold zeros where the data should be."""
    disk = disk_after(Write(OLD, 3, b"tail"))
    assert b"old" + bytes(4) in {state["old"] for state in states(disk)}


def test_truncation_may_be_missing_or_overtake() -> None:
    """Sizes are the file system's business, and data the disk's."""
    disk = disk_after(Resize(OLD, 1), Write(OLD, 0, b"NEW"))
    assert {b"o", b"old", b"NEW"} <= {state["old"] for state in states(disk)}


def test_block_in_flight_takes_its_neighbours_along() -> None:
    """Flash erases whole blocks: durable bytes beside the write are lost too, and no byte of another block."""
    disk = Disk({"old": b"o" * (2 * BLOCK)})
    disk.advance(Write(OLD, 10, b"x"))
    spoiled = [state["old"] for state in states(disk) if state["old"][:10] != b"o" * 10]
    assert spoiled
    assert {b"o" * BLOCK} == {content[BLOCK:] for content in spoiled}


def test_names_last_from_the_folders_sync_on() -> None:
    """An fsync of a file says nothing of its name."""
    disk = disk_after(Rename("", "more", NEW), Write(NEW, 0, b"x"), Sync(NEW), Rename("more", "old", NEW))
    assert [{"old": b"old"}, {"old": b"old", "more": b"x"}, {"old": b"x"}] == sorted(
        {tuple(sorted(state.items())): dict(state) for state in states(disk)}.values(),
        key=lambda state: (len(state.get("old", b"")) == 1, len(state)),
    )


def test_name_that_builds_upon_a_lost_one_is_lost_too() -> None:
    """A file system may forget its latest names; it does not invent an order of its own for one name."""
    disk = disk_after(Rename("old", "aside", OLD), Rename("", "old", NEW))
    found = {tuple(sorted(state)) for state in states(disk)}
    assert {("aside", "old"), ("old",), ("aside",)} == found
    assert all(state["old"] == b"old" for state in states(disk) if "aside" not in state)


def test_lying_disk_loses_what_was_synced() -> None:
    """The variant that must fail."""
    disk = disk_after(Write(OLD, 0, b"new"), Sync(OLD), honest=False)
    assert {b"old", b"new"} <= {state["old"] for state in states(disk)}


def test_same_seed_gives_the_same_states() -> None:
    """What was found once must be found again."""
    disk = disk_after(Write(OLD, 0, b"A" * 3000), Write(OLD, 1, b"B"), Resize(OLD, 2), Rename("", "more", NEW))
    assert states(disk) == states(disk)
