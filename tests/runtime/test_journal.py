"""What the main loop writes: events with the state that belongs to them, whatever the disk does."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent.kernel.attribution import session_id
from agent.kernel.events import Closed, Ending
from agent.kernel.instants import Instant
from agent.kernel.media import Media
from agent.kernel.milestones import QUARTILES
from agent.kernel.session import SessionTracker
from agent.kernel.signals import TimeChanged
from agent.outbox.bounds import Bounds
from agent.outbox.errors import StoreFull
from agent.outbox.store import Outbox
from agent.runtime import journal
from agent.runtime.journal import ANCHOR, CHECKPOINT_EVERY_S, DIRECTOR, RETRY_WRITE_S, TRACKER, restore_tracker
from tests.support.loops import Rig, appends, kinds, logged
from tests.support.outbox import BOOT, MEGABYTE, NEXT_BOOT, WALL, an_instant, open_outbox
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


def test_events_never_commit_without_the_state_that_they_belong_to(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between the two would double a quartile or lose it (house rule 9)."""
    seen = appends(outbox, monkeypatch)
    rig = Rig(outbox)
    rig.ready()
    rig.play(Script().open().play(3.0))
    with_events = [texts for number, texts in seen if number]
    assert with_events
    assert all({TRACKER, DIRECTOR, ANCHOR} == texts.keys() for texts in with_events)
    assert [*BEGUN, "progressed"] == kinds(outbox)
    assert 4 <= rig.woken


def test_crash_neither_doubles_nor_loses_a_quartile(outbox: Outbox) -> None:
    """The next process closes the cut play where it was and begins the item anew, as another session."""
    rig = Rig(outbox)
    rig.ready()
    rig.play(Script().open().play(3.0))
    again = Rig(outbox, start=an_instant(200.0))
    again.step()
    assert [*BEGUN, "progressed", "closed"] == kinds(outbox)
    closed = logged(outbox)[-1]
    assert isinstance(closed, Closed)
    assert (Ending.INTERRUPTED, 1) == (closed.ending, closed.session)
    again.ready()
    assert session_id(outbox.generation, 2) == outbox.events(limit=1000)[-1].attribution.session_id


def test_play_cut_by_a_power_cut_keeps_its_owner_and_the_times_of_its_own_boot(outbox: Outbox) -> None:
    """After the boot the clock starts near nought: neither that nor new settings may rewrite what happened before."""
    rig = Rig(outbox, start=an_instant(5_000.0))
    rig.ready()
    rig.play(Script(at=5_000.0).open().play(3.0))
    last = outbox.events(limit=1000)[-1]
    booted = Instant(NEXT_BOOT, 12.0, WALL + 90_000.0, synced=True)
    again = Rig(outbox, start=booted)
    again.step()
    closed = outbox.events(limit=1000)[-1]
    assert ("closed", BOOT, last.attribution) == (closed.kind, closed.instant.boot_id, closed.attribution)
    assert last.instant.boottime <= closed.instant.boottime <= 5_010.0
    assert WALL + 5_000.0 <= closed.instant.wall <= WALL + 5_010.0
    again.ready()
    opened = outbox.events(limit=1000)[-1]
    assert (NEXT_BOOT, 12.0) == (opened.instant.boot_id, opened.instant.boottime)


def test_recovery_that_dies_again_closes_the_play_once(outbox: Outbox) -> None:
    """A kiosk in a crash loop must not tell the end of one play ten times, nor none."""
    rig = Rig(outbox)
    rig.ready()
    rig.play(Script().open().play(1.0))
    Rig(outbox, start=an_instant(200.0))  # dies before its first step
    Rig(outbox, start=an_instant(210.0)).step()
    Rig(outbox, start=an_instant(220.0)).step()
    assert [*BEGUN, "closed"] == kinds(outbox)


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


def test_unreadable_anchor_does_not_keep_the_agent_from_starting(outbox: Outbox) -> None:
    """A later version's anchor, met after a downgrade, costs one Closed and not every start."""
    rig = Rig(outbox)
    rig.ready()
    rig.play(Script().open().play(1.0))
    for text in ("{}", "[]", "null", "no JSON", '{"attribution": {}, "instant": {}}'):
        outbox.append([], states={ANCHOR: text})
        again = Rig(outbox, start=an_instant(200.0))
        assert 0 == again.journal.pending
        assert not again.tracker.is_open


def test_unreadable_checkpoint_starts_anew_and_reuses_no_session(outbox: Outbox) -> None:
    """Two plays under one session id would be one play at Kaltura."""
    rig = Rig(outbox)
    for begin in (100.0, 200.0, 300.0):
        rig.at(begin)
        if begin == 100.0:
            rig.ready()
        rig.play(Script(at=begin).open().play(1.0).end())
    used = {each.attribution.session_id for each in outbox.events(limit=1000)}
    outbox.append([], states={TRACKER: "{broken"})
    again = Rig(outbox, start=an_instant(400.0))
    again.ready()
    fresh = outbox.events(limit=1000)[-1]
    assert "opened" == fresh.kind
    assert fresh.attribution.session_id not in used
    assert not restore_tracker(outbox, QUARTILES).sessions < len(used)


def test_idle_agent_writes_nothing(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """An SD card wears out by writes, and a finished list may stand for months."""
    rig = Rig(outbox, loop=False)
    rig.step(100.0)
    rig.step(140.0)
    seen = appends(outbox, monkeypatch)
    for second in range(200, 7_400, 10):
        rig.step(float(second))
    assert [] == seen


def test_playhead_is_made_durable_every_half_minute_of_an_open_play(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut in a film's silence between quartiles costs half a minute of it, at a known price in flash."""
    rig = Rig(outbox)
    rig.ready()
    script = Script().open(length=7_200.0).play(1.0)
    rig.play(script)
    seen = appends(outbox, monkeypatch)
    rig.play(script.play(601.0))
    assert 600 / CHECKPOINT_EVERY_S == pytest.approx(len(seen), abs=1)
    assert all(not number for number, _ in seen)
    position = SessionTracker.restore(outbox.state(TRACKER) or "").motion
    assert position is not None
    assert position[0] is not None
    assert 601.0 - CHECKPOINT_EVERY_S - 1.0 <= position[0]


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
    dropped = rig.journal.counters["dropped-disk-full"]
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
    """All that waited in one transaction would exceed the store's bound, and never be written."""
    with closing(open_outbox(tmp_path / "small", total_bytes=MEGABYTE)) as outbox, monkeypatch.context() as patch:
        outbox.register("stats.collect")
        disk = FullDisk(outbox, patch)
        rig = Rig(outbox, media=[Media(key="long", uri=f"https://cdn.example/{'x' * 3_000}.mp4")])
        rig.ready()
        script = Script()
        for _ in range(250):
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


def test_sample_alone_is_not_written(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four samples a second would be four writes a second."""
    rig = Rig(outbox)
    rig.ready()
    script = Script().open(length=600.0).play(2.0)
    rig.play(script)
    seen = appends(outbox, monkeypatch)
    rig.step(script.at + 0.25, rig.heard(TimeChanged(script.at + 0.25, 2.25)))
    assert [] == seen
