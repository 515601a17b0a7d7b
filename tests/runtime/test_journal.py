"""What the main loop writes: events with the state that belongs to them, whatever the disk does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.kernel.attribution import session_id
from agent.kernel.boots import Boot, Boots
from agent.kernel.events import Closed, Ending
from agent.kernel.instants import Instant
from agent.kernel.session import SessionTracker
from agent.kernel.signals import TimeChanged
from agent.outbox.core import BOOTS
from agent.outbox.store import Outbox
from agent.runtime.journal import CHECKPOINT_EVERY_S, DIRECTOR, TRACKER
from agent.runtime.reboots import ANCHOR
from tests.support.loops import Rig, appends, kinds, logged
from tests.support.outbox import BOOT, NEXT_BOOT, WALL, an_instant, open_outbox
from tests.support.playback import WALL as TODAY
from tests.support.script import Script

BEGUN = ["opened", "loaded", "playing"]


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    found = open_outbox(tmp_path / "state")
    found.register("stats.collect")
    yield found
    found.close()


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
    assert {TRACKER, DIRECTOR, ANCHOR} <= with_events[0].keys()
    assert all(TRACKER in texts for texts in with_events)
    assert [*BEGUN, "progressed"] == kinds(outbox)
    assert 4 <= rig.woken


def test_state_that_did_not_change_is_not_written_again(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page of the file is written whole: three texts of which two are as they were cost flash for nothing."""
    rig = Rig(outbox)
    rig.ready()
    script = Script().open(length=60.0).play(10.0)
    rig.play(script)
    seen = appends(outbox, monkeypatch)
    rig.play(script.play(20.0))
    assert [("progressed", {TRACKER})] == [(kinds(outbox)[-1], set(texts)) for number, texts in seen if number]


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


def test_sample_alone_is_not_written(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four samples a second would be four writes a second."""
    rig = Rig(outbox)
    rig.ready()
    script = Script().open(length=600.0).play(2.0)
    rig.play(script)
    seen = appends(outbox, monkeypatch)
    rig.step(script.at + 0.25, rig.heard(TimeChanged(script.at + 0.25, 2.25)))
    assert [] == seen


DARK, SET = Instant(BOOT, 200.0, 200.0, synced=False), Instant(BOOT, 260.0, TODAY + 260.0, synced=True)


def test_the_moment_at_which_the_clock_is_set_is_durable_at_once(outbox: Outbox) -> None:
    """Power may go in the next second; then it is what dates all that happened in this boot."""
    rig = Rig(outbox, start=DARK)
    rig.step()
    assert (Boot(BOOT, None, 200.0),) == outbox.boots.boots
    rig.clock.instant = SET
    rig.step()
    assert (Boot(BOOT, TODAY, 260.0),) == outbox.boots.boots
    assert outbox.boots == Boots.read(outbox.state(BOOTS) or "")


def test_a_running_clock_costs_no_writes(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """An idle kiosk with a clock that is right leaves its card alone."""
    rig = Rig(outbox, start=SET)
    rig.step()
    seen = appends(outbox, monkeypatch)
    for seconds in range(1, 100):
        rig.clock.instant = SET.at(SET.boottime + seconds)
        rig.step()
    assert not [texts for _, texts in seen if BOOTS in texts]
