"""The bounds, and the full disk, on real small file systems."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click import unstyle

from agent.cli.store_text import store_report
from agent.kernel.records import Cursor, Priority
from agent.outbox.ballast import BALLAST_NAME
from agent.outbox.errors import StoreFull
from agent.outbox.ledger import Drop
from agent.outbox.room import bytes_used
from agent.outbox.store import Outbox
from agent.runtime.figures import figures
from tests.support.outbox import MEGABYTE, NEXT_BOOT, WALL, a_record, an_instant, core_of, open_outbox

FILLER = "x" * 900


@pytest.fixture(params=["tmpfs", "ext4"])
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB of our own."""
    if os.geteuid() != 0:
        pytest.skip("mounting a file system needs root")
    mount = tmp_path / "mount"
    mount.mkdir()
    if request.param == "tmpfs":
        command = ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(mount)]
    else:
        image = tmp_path / "image"
        image.write_bytes(b"")
        os.truncate(image, 8 * MEGABYTE)
        try:
            subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", str(image)], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("no mkfs.ext4 here")
        command = ["mount", "-o", "loop", str(image), str(mount)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip(f"this machine does not let us mount a {request.param}")
    try:
        yield mount
    finally:
        subprocess.run(["umount", str(mount)], check=True)


def fill(path: Path) -> None:
    """Another program takes all the space that is left."""
    with path.open("ab", buffering=0) as file:
        size = 65536
        while size:
            try:
                file.write(b"\0" * size)
                os.fsync(file.fileno())
            except OSError:
                size //= 2


def test_a_disk_filled_by_others_keeps_the_newest_events_and_counts_the_dropped(small_disk: Path) -> None:
    """The card fills up with somebody's videos: the daemon lives, new plays are kept, nothing vanishes uncounted."""
    outbox = open_outbox(small_disk / "state", total_bytes=4 * MEGABYTE)
    outbox.register("stats.collect")
    for number in range(300):
        outbox.append([a_record(f"{number} {FILLER}", priority=Priority(number % 3))])
    fill(small_disk / "videos")
    for number in range(300, 1500):
        outbox.append([a_record(f"{number} {FILLER}", priority=Priority(number % 3))], states={"tracker": str(number)})
    figures = outbox.statistics()
    assert figures.growth_stopped
    assert not (small_disk / "state" / BALLAST_NAME).exists()
    assert outbox.state("tracker") == "1499"
    events = outbox.events(limit=10_000)
    assert events[-1].sequence == 1500
    assert figures.dropped == {Drop.DISK.value: 1500 - len(events)}
    assert figures.sinks[0].depth == len(events)
    (small_disk / "videos").unlink()
    outbox.enforce(an_instant())
    assert not outbox.statistics().growth_stopped
    assert (small_disk / "state" / BALLAST_NAME).exists()
    outbox.settle("stats.collect", Cursor(1500), projection="")
    outbox.close()
    again = open_outbox(small_disk / "state")
    assert again.position("stats.collect") == (Cursor(1500), "")
    again.close()


def test_a_full_disk_at_the_start_is_survived(small_disk: Path) -> None:
    """A restart while the card is full must not end in a restart loop."""
    outbox = open_outbox(small_disk / "state")
    outbox.register("stats.collect")
    outbox.append([a_record(f"{number}") for number in range(200)])
    outbox.close()
    fill(small_disk / "videos")
    outbox = open_outbox(small_disk / "state")
    for number in range(200):
        outbox.append([a_record(f"late {number}")])
    assert outbox.events(limit=1000)[-1].body == "late 199"
    outbox.close()


def test_a_young_store_on_a_disk_filled_by_others_still_takes_events(small_disk: Path) -> None:
    """A store without a free page inside must not stop reporting: that is what the ballast was kept for."""
    outbox = open_outbox(small_disk / "state")
    outbox.register("stats.collect")
    fill(small_disk / "videos")
    outbox.append([a_record("0")])
    fill(small_disk / "more videos")
    for number in range(1, 200):
        outbox.append([a_record(f"{number}")])
    assert [f"{number}" for number in range(200)] == [event.body for event in outbox.events(limit=1000)]
    assert {} == outbox.statistics().dropped
    outbox.settle("stats.collect", Cursor(200), projection="")
    outbox.close()


def backlog(outbox: Outbox, number: int) -> None:
    """Events of all classes, some hundred bytes each."""
    for start in range(0, number, 50):
        outbox.append(
            [a_record(f"{n} {FILLER}", priority=Priority(n % 3)) for n in range(start, min(start + 50, number))]
        )


def test_the_hard_bound_makes_room_for_the_new_by_dropping_the_old(tmp_path: Path) -> None:
    """A destination that is away for months costs the oldest and least important events, not the newest."""
    outbox = open_outbox(tmp_path, total_bytes=MEGABYTE)
    outbox.register("stats.collect")
    backlog(outbox, 2000)
    figures = outbox.statistics()
    events = outbox.events(limit=10_000)
    assert events[-1].sequence == 2000
    assert figures.bytes_used <= MEGABYTE
    assert figures.dropped == {Drop.BYTES.value: 2000 - len(events)}
    assert figures.sinks[0].dropped == figures.dropped
    assert Priority.TELEMETRY not in {event.priority for event in events[:-60]}
    outbox.close()


def test_at_the_bound_the_oldest_of_the_lowest_class_goes_first_and_status_says_how_many(tmp_path: Path) -> None:
    """A year without the network: what is lost is the least, and whoever looks is told."""
    outbox = open_outbox(tmp_path, total_bytes=MEGABYTE)
    outbox.register("stats.collect")
    number = 0
    while not outbox.statistics().dropped:
        outbox.append([a_record(f"{number} {FILLER}", priority=Priority(number % 3))])
        number += 1
    kept = {event.sequence: event.priority for event in outbox.events(limit=10_000)}
    gone = [sequence for sequence in range(1, number + 1) if sequence not in kept]
    telemetry = [sequence for sequence in range(1, number + 1) if Priority((sequence - 1) % 3) is Priority.TELEMETRY]
    assert telemetry[: len(gone)] == gone
    account = store_report(figures(outbox.statistics()))
    assert f"dropped: {len(gone)} bytes" in "\n".join(unstyle(line) for line in account)
    outbox.close()


def test_enforce_goes_down_to_the_low_water_mark_and_counts(tmp_path: Path) -> None:
    """The minute's look keeps air, so that an append never waits for drops."""
    outbox = open_outbox(tmp_path, total_bytes=MEGABYTE)
    outbox.register("stats.collect")
    while bytes_used(core_of(outbox)) <= 0.96 * MEGABYTE:
        backlog(outbox, 20)
    dropped = outbox.enforce(an_instant())
    assert dropped[Drop.BYTES] > 0
    assert bytes_used(core_of(outbox)) <= 0.91 * MEGABYTE
    assert outbox.enforce(an_instant()) == {}
    outbox.close()


def test_old_events_age_out_and_a_wrong_clock_ages_nothing(tmp_path: Path) -> None:
    """A board that wakes up in 2036 by mistake must not throw its queue away."""
    outbox = open_outbox(tmp_path, age=1000.0)
    outbox.register("stats.collect")
    outbox.append([a_record(f"{n}", instant=an_instant(float(n))) for n in range(100)])
    wrong = an_instant(5.0, boot_id=NEXT_BOOT, wall=WALL + 1e9, synced=False)
    assert outbox.enforce(wrong) == {}
    right = an_instant(5.0, boot_id=NEXT_BOOT, wall=WALL + 1060.0)
    assert outbox.enforce(right) == {Drop.AGE: 60}
    assert outbox.events()[0].body == "60"
    outbox.close()


def test_nothing_left_to_drop_raises_full_and_writes_nothing(tmp_path: Path) -> None:
    """One record larger than the whole store cannot be kept; the loop must hear of it, and the store goes on."""
    outbox = open_outbox(tmp_path, total_bytes=MEGABYTE)
    outbox.register("stats.collect")
    with pytest.raises(StoreFull):
        outbox.append([a_record("x" * 2 * MEGABYTE)], states={"tracker": "never"})
    assert outbox.state("tracker") is None
    assert outbox.append([a_record()]).first == 1
    outbox.close()
