"""A log level for a time."""

from agent.config.model import Level
from agent.runtime.commanding.levels import Levels


class Rig:
    """Levels whose changes are noted."""

    def __init__(self) -> None:
        self.applied: list[Level] = []
        self.levels = Levels(Level.INFO, apply=self.applied.append)


def test_wish_ends_in_time_and_the_configured_level_is_back() -> None:
    """Nobody remembers to turn it off."""
    rig = Rig()
    rig.levels.set(Level.DEBUG, until=700.0)
    rig.levels.tick(699.9)
    assert {"level": "debug", "left_s": 1.0} == rig.levels.status(699.0)
    rig.levels.tick(700.0)
    assert [Level.DEBUG, Level.INFO] == rig.applied
    assert (None, None) == (rig.levels.status(701.0), rig.levels.deadline)
    rig.levels.tick(800.0)
    assert 2 == len(rig.applied)


def test_later_wish_takes_the_place_of_the_earlier() -> None:
    """Two people look for the same fault."""
    rig = Rig()
    rig.levels.set(Level.DEBUG, until=700.0)
    rig.levels.set(Level.WARNING, until=200.0)
    rig.levels.tick(200.0)
    assert [Level.DEBUG, Level.WARNING, Level.INFO] == rig.applied


def test_level_configured_meanwhile_waits_for_the_end_of_the_wish() -> None:
    """A document for the whole fleet must not end the debugging of one kiosk, and must count afterwards."""
    rig = Rig()
    rig.levels.set(Level.DEBUG, until=700.0)
    rig.levels.configure(Level.ERROR)
    assert [Level.DEBUG] == rig.applied
    rig.levels.tick(700.0)
    rig.levels.configure(Level.WARNING)
    assert [Level.DEBUG, Level.ERROR, Level.WARNING] == rig.applied
