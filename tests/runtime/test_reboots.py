"""What a process finds out at its start about the boots before it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.kernel.boots import Boot, Boots
from agent.kernel.instants import Instant
from agent.outbox.core import BOOTS
from agent.outbox.store import Outbox
from agent.runtime.journal import CHECKPOINT_EVERY_S
from agent.runtime.reboots import boots_at_start
from tests.support.loops import Rig
from tests.support.outbox import BOOT, NEXT_BOOT, a_record, an_instant, open_outbox
from tests.support.playback import WALL as TODAY
from tests.support.script import Script

DARK = Instant(BOOT, 200.0, 200.0, synced=False)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    found = open_outbox(tmp_path / "state")
    found.register("stats.collect")
    yield found
    found.close()


def test_the_next_boot_knows_how_far_the_last_one_came(outbox: Outbox) -> None:
    """That is the earliest time at which anything of the next boot can have happened."""
    rig = Rig(outbox, start=an_instant(200.0, wall=TODAY + 200.0))
    rig.ready()
    rig.play(Script(at=200.0).open().play(40.0))
    last = outbox.events(limit=1000)[-1].instant.boottime
    Rig(outbox, start=Instant(NEXT_BOOT, 12.0, 12.0, synced=False)).step()
    before, present = outbox.boots.boots
    assert (BOOT, TODAY, NEXT_BOOT, None) == (before.boot_id, before.began, present.boot_id, present.began)
    assert last <= before.until <= last + CHECKPOINT_EVERY_S


def test_boots_before_the_oldest_event_are_forgotten(outbox: Outbox) -> None:
    """A table that grows with every morning would be written with every morning."""
    outbox.append([], states={BOOTS: Boots(tuple(Boot(str(day), TODAY, 9.0) for day in range(50))).text()})
    outbox.append([a_record(instant=an_instant(boot_id="48"))])
    assert ["47", "48", "49", BOOT] == [boot.boot_id for boot in boots_at_start(outbox, DARK).boots]
