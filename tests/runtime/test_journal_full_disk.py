"""A full disk, pretended and real: the main loop keeps what it has to say, in order, and says it later."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent.kernel.instants import Instant
from agent.kernel.media import Media
from agent.outbox.bounds import Bounds
from agent.outbox.errors import StoreFull
from agent.outbox.store import Outbox
from agent.runtime import journal
from agent.runtime.journal import RETRY_WRITE_S
from tests.support.loops import Rig, kinds
from tests.support.outbox import MEGABYTE, an_instant, open_outbox
from tests.support.script import Script

BEGUN = ["opened", "loaded", "playing"]


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    found = open_outbox(tmp_path / "state")
    found.register("stats.collect")
    yield found
    found.close()


class FullDisk:
    """`append` fails while `full` is set."""

    def __init__(self, outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = True
        self.calls = 0
        append = outbox.append

        def write(*args: object, **options: object) -> object:
            self.calls += 1
            if self.full:
                raise StoreFull("The disk is full.", remedy="Free some space.")
            return append(*args, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(outbox, "append", write)


def test_disk_full_at_the_start_still_plays(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A black screen for want of a megabyte would be the worst answer; the story is complete once there is room."""
    rig = Rig(outbox)
    rig.ready()
    rig.play(Script().open().play(1.0))
    disk = FullDisk(outbox, monkeypatch)
    again = Rig(outbox, start=an_instant(200.0))
    again.ready()
    assert 2 == again.journal.pending
    assert again.director.current is not None
    disk.full = False
    again.step(206.0)
    assert [*BEGUN, "closed", "opened"] == kinds(outbox)


def test_full_disk_keeps_events_in_order_and_writes_them_when_there_is_room(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour without room costs no play: what was shown meanwhile is counted late, in order, once."""
    rig = Rig(outbox)
    rig.ready()
    disk = FullDisk(outbox, monkeypatch)
    script = Script().open().play(4.5)
    rig.play(script)
    assert ["opened"] == kinds(outbox)
    assert 4 <= rig.journal.pending
    assert rig.journal.deadline is not None
    assert disk.calls == rig.journal.counters["disk-full-writes"]
    disk.full = False
    rig.step(script.at + RETRY_WRITE_S)
    assert [*BEGUN, "progressed", "progressed"] == kinds(outbox)[:5]
    assert 0 == rig.journal.pending


def test_full_disk_is_tried_every_few_seconds_and_not_at_every_step(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten tries a second on a full card would freeze the main loop."""
    rig = Rig(outbox)
    disk = FullDisk(outbox, monkeypatch)
    rig.ready()
    rig.play(Script().open(length=600.0).play(60.0))
    assert disk.calls <= 61.0 / RETRY_WRITE_S + 2


def test_more_than_memory_may_hold_drops_the_oldest_and_counts_them(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost silently, and a full disk never becomes a full memory."""
    monkeypatch.setattr(journal, "PENDING_AT_MOST", 5)
    rig = Rig(outbox)
    disk = FullDisk(outbox, monkeypatch)
    rig.ready()
    script = Script().open().play(8.0).end()
    rig.play(script)
    assert 5 == rig.journal.pending
    dropped = rig.journal.counters["dropped-unwritten"]
    assert 0 < dropped
    disk.full = False
    rig.step(script.at + RETRY_WRITE_S)
    assert 5 == len(outbox.events(limit=1000))
    assert ["ended", "closed", "opened"] == kinds(outbox)[-3:]


def test_crash_with_events_in_memory_goes_on_from_the_last_commit(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What never became durable is gone, but the state went with it: nothing is doubled and no session id is reused
    for another play that was told of."""
    rig = Rig(outbox)
    rig.ready()
    disk = FullDisk(outbox, monkeypatch)
    rig.play(Script().open().play(4.5))
    disk.full = False
    again = Rig(outbox, start=an_instant(200.0))
    again.step()
    assert ["opened", "closed"] == kinds(outbox)


def test_long_outage_fits_the_smallest_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that waited in one transaction would exceed the store's bound, and never be written.

    Few events with long addresses here, for speed; so the batch is smaller than usual, too.
    """
    monkeypatch.setattr(journal, "WRITE_AT_ONCE", 100)
    with closing(open_outbox(tmp_path / "small", total_bytes=MEGABYTE)) as outbox, monkeypatch.context() as patch:
        outbox.register("stats.collect")
        disk = FullDisk(outbox, patch)
        rig = Rig(outbox, media=[Media(key="long", uri=f"https://cdn.example/{'x' * 8_000}.mp4")])
        rig.ready()
        script = Script()
        for _ in range(60):
            rig.play(script.open(length=2.0).play(2.0).end())
        waiting = rig.journal.pending
        disk.full = False
        rig.step(script.at + 10.0)
        assert 0 == rig.journal.pending
        assert waiting <= outbox.statistics().newest


def test_end_without_room_says_how_many_events_are_lost(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is lost silently, even at the very end."""
    rig = Rig(outbox)
    FullDisk(outbox, monkeypatch)
    rig.ready()
    rig.loop.stopping = True
    rig.loop.run()
    assert "events lost" in capsys.readouterr().out


def test_full_disk_while_bounds_are_kept_ends_nothing(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """To drop events is a write too, and may meet the full disk; the process must survive that as well."""
    rig = Rig(outbox)
    rig.ready()

    def full(_now: Instant) -> None:
        raise StoreFull("The disk is full.", remedy="Free some space.")

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "enforce", full)
        rig.step(100.0 + journal.MAINTAIN_EVERY_S)
    assert 1 == rig.journal.counters["disk-full-writes"]
    rig.step(100.0 + journal.MAINTAIN_EVERY_S + RETRY_WRITE_S)
    assert rig.journal.deadline is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB of our own."""
    mount = tmp_path / "mount"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(mount)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let us mount a file system")
    try:
        yield mount
    finally:
        subprocess.run(["umount", str(mount)], check=True)


def test_really_full_disk_is_written_again_after_somebody_made_room(small_disk: Path) -> None:
    """With nothing old to drop the store cannot help itself: it must notice that the disk has room again."""
    bounds = Bounds(2 * MEGABYTE)
    with closing(Outbox.open(small_disk / "state", device_id="d", hardware_key="k", bounds=bounds)) as outbox:
        rig = Rig(outbox)
        rig.ready()
        filler = small_disk / "videos"
        fill(filler)
        script = Script()
        for _ in range(3_000):
            if rig.journal.pending:
                break
            rig.play(script.open(length=2.0).play(2.0).end())
        assert rig.journal.pending, "the disk never was full"
        filler.unlink()
        before = outbox.statistics().newest
        rig.step(script.at + RETRY_WRITE_S)
        assert 0 == rig.journal.pending
        assert before < outbox.statistics().newest


def fill(path: Path) -> None:
    """Somebody else takes all the space that is left."""
    with path.open("wb", buffering=0) as file:
        size = 65_536
        while size:
            try:
                file.write(b"\0" * size)
            except OSError:
                size //= 2
