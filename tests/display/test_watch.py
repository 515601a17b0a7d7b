"""The watch over the screen, with real files and time as a number."""

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest
from structlog.testing import capture_logs

from agent.config.display import DarkPlays
from agent.config.display import Display as Settings
from agent.config.hours import opening
from agent.display.cec import Television
from agent.display.tv import Tv
from agent.display.watch import SETTLED_S, DisplayWatch
from agent.kernel.display import Display
from tests.support.connectors import connector
from tests.support.outbox import WALL, an_instant


class World:
    """A kiosk with one screen."""

    def __init__(self, folder: Path, settings: Settings | None = None, *, television: Television | None = None) -> None:
        self.folder = folder
        self.settings = settings or Settings()
        self.elsewhere: str | None = None
        self.at = 100.0
        connector(folder)
        self.watch = DisplayWatch(
            lambda: self.settings,
            elsewhere=lambda: self.elsewhere,
            now=self.at,
            television=television,
            folder=folder,
        )

    def pass_by(self, seconds: float) -> Display:
        """Let time pass; the screen then."""
        until = self.at + seconds
        while self.at < until:
            self.at += 0.5
            self.watch.look(self.at)
        return self.watch.display

    def status(self) -> dict[str, object]:
        return self.watch.status(an_instant(self.at, wall=WALL + self.at))


def test_screen_is_known_from_the_first_moment(tmp_path: Path) -> None:
    """The first play opens before the first look of the main loop."""
    world = World(tmp_path)
    assert Display.ON is world.watch.display
    assert Display.ON is world.watch.of_plays()


def test_screen_that_goes_dark_is_told_after_a_moment_and_back_at_once(tmp_path: Path) -> None:
    """A monitor that changes its mode is gone for a second: no play is left out for that."""
    world = World(tmp_path)
    with capture_logs() as lines:
        connector(tmp_path, dpms="Off")
        assert Display.ON is world.pass_by(SETTLED_S - 2)
        connector(tmp_path)
        assert Display.ON is world.pass_by(60)
        connector(tmp_path, status="disconnected", enabled="disabled", dpms="Off")
        assert Display.OFF is world.pass_by(SETTLED_S + 2)
        assert Display.OFF is world.pass_by(60)
        assert 62 <= world.status()["for_s"] <= 70  # type: ignore[operator]
        assert "HDMI-A-1 has no monitor" == world.status()["why"]
        connector(tmp_path)
        assert Display.ON is world.pass_by(1.5)
    assert ["screen is off", "screen is no longer off"] == [line["event"] for line in lines]
    assert 60 <= lines[1]["seconds"] <= 70


def test_screen_that_is_dark_at_the_start_is_unknown_for_a_moment(tmp_path: Path) -> None:
    """On a bare console it is the player that lights it."""
    connector(tmp_path, dpms="Off")
    world = World(tmp_path)
    connector(tmp_path, dpms="Off")
    world.watch = DisplayWatch(lambda: world.settings, elsewhere=lambda: None, now=100.0, folder=tmp_path)
    assert Display.UNKNOWN is world.watch.display
    assert Display.OFF is world.pass_by(SETTLED_S + 2)


def test_files_are_read_once_a_second_at_most(tmp_path: Path) -> None:
    """The main loop steps hundreds of times while a queue is drained."""
    world = World(tmp_path)
    connector(tmp_path, status=None, dpms=None)
    for _ in range(100):
        world.watch.look(world.at + 0.9)
    assert "on" == world.status()["state"]
    world.watch.look(world.at + 1.0)
    assert "unknown" == world.status()["state"]


@pytest.mark.parametrize(
    ("policy", "told", "is_left_out"),
    [
        (DarkPlays.COUNT, Display.UNKNOWN, False),
        (DarkPlays.MARK, Display.OFF, False),
        (DarkPlays.LEAVE_OUT, Display.OFF, True),
    ],
)
def test_policy_decides_what_plays_are_told(
    policy: DarkPlays, told: Display, is_left_out: bool, tmp_path: Path
) -> None:
    """It may change at any moment, from the broker."""
    world = World(tmp_path)
    world.settings = attrs.evolve(world.settings, dark_plays=policy)
    assert not world.watch.leaves_out()
    connector(tmp_path, dpms="Off")
    world.pass_by(SETTLED_S + 2)
    assert told is world.watch.of_plays()
    assert is_left_out is world.watch.leaves_out()
    assert Display.OFF is world.watch.display, "status tells it all the same"


def test_unknown_never_leaves_a_play_out(tmp_path: Path) -> None:
    """Half of all kiosks cannot tell; their plays count."""
    world = World(tmp_path, Settings(dark_plays=DarkPlays.LEAVE_OUT))
    connector(tmp_path, dpms="Off")
    assert Display.OFF is world.pass_by(10)
    for change in ({"enabled": False}, {"connector": "DP-9"}):
        world.settings = attrs.evolve(Settings(dark_plays=DarkPlays.LEAVE_OUT), **change)
        assert Display.UNKNOWN is world.pass_by(2)
        assert not world.watch.leaves_out()
    world.settings = Settings(dark_plays=DarkPlays.LEAVE_OUT)
    world.elsewhere = "the picture goes to another machine (DISPLAY)"
    assert Display.UNKNOWN is world.pass_by(10)
    assert [] == world.status()["connectors"]
    assert world.elsewhere == world.status()["why"]


class Told(Television):
    """A television of which a test knows what it said."""

    def __init__(self) -> None:
        super().__init__("/dev/cec0", 60.0, now=lambda: 0.0)
        self.word: Tv | None = Tv.ON

    @property
    def said(self) -> Tv | None:
        return self.word


def test_television_in_standby_makes_a_lit_connector_dark(tmp_path: Path) -> None:
    """It keeps the line up all night."""
    television = Told()
    world = World(tmp_path, television=television)
    assert Display.ON is world.pass_by(10)
    television.word = Tv.STANDBY
    assert Display.OFF is world.pass_by(10)
    assert {"said": "standby", "trouble": None, "remedy": None} == world.status()["television"]
    television.word = None
    assert Display.ON is world.pass_by(2)


def test_opening_hours_say_when_a_dark_screen_is_a_problem(tmp_path: Path) -> None:
    """A shop that is closed has its screens off."""
    world = World(tmp_path)
    assert True is world.status()["should_be_on"]
    world.settings = Settings(hours=(opening("00:00-24:00"),))
    assert True is world.status()["should_be_on"]
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    is_open = []
    for day in days:
        world.settings = Settings(hours=(opening(f"{day} 00:00-24:00"),))
        is_open.append(world.status()["should_be_on"])
    assert 1 == is_open.count(True)


def test_hours_are_unknown_while_nobody_vouches_for_the_clock(tmp_path: Path) -> None:
    """A machine without a clock of its own wakes up in another year; noon there is night here."""
    world = World(tmp_path)

    def should_be_on(*, synced: bool, stepped: float = 0.0) -> object:
        moment = an_instant(world.at, wall=WALL + world.at + stepped, synced=synced)
        return world.watch.status(moment)["should_be_on"]

    assert True is should_be_on(synced=False), "without hours it always should"
    world.settings = Settings(hours=(opening("00:00-24:00"),))
    assert None is should_be_on(synced=False)
    assert True is should_be_on(synced=True)
    world.at += 9 * 86_400
    assert True is should_be_on(synced=False), "the kernel takes its word back after hours offline; the clock is right"
    assert None is should_be_on(synced=False, stepped=3600.0), "somebody set it by hand"
    assert True is should_be_on(synced=True, stepped=3600.0)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneInfo]:
    """The machine's own zone, as its clock on the wall has it."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield ZoneInfo("Europe/Berlin")
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("moment", "fold", "should_be_on"),
    [
        ("2026-03-27 21:59", 0, False),  # a Friday
        ("2026-03-27 22:00", 0, True),
        ("2026-03-28 02:59", 0, True),  # the night of Friday, on Saturday's clock
        ("2026-03-28 03:00", 0, False),
        ("2026-03-28 23:00", 0, True),
        ("2026-03-29 01:59", 0, True),  # the clocks jump from 2 to 3
        ("2026-03-29 03:00", 0, False),
        ("2026-03-29 23:00", 0, False),  # Sunday
        ("2026-10-25 02:30", 0, True),  # 2:30 comes twice, and counts twice
        ("2026-10-25 02:30", 1, True),
        ("2026-10-25 03:00", 1, False),
    ],
)
def test_hours_past_midnight_hold_by_the_clock_on_the_wall(
    tmp_path: Path, berlin: ZoneInfo, moment: str, fold: int, should_be_on: bool
) -> None:
    """A bar is open from ten to three, also in the nights in which the clocks are changed."""
    world = World(tmp_path, Settings(hours=(opening("Fri,Sat 22:00-03:00"),)))
    wall = datetime.fromisoformat(moment).replace(tzinfo=berlin, fold=fold).timestamp()
    assert should_be_on is world.watch.status(an_instant(world.at, wall=wall))["should_be_on"]
