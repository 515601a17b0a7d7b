"""The watch over the screen, put together."""

import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from agent.config.display import DarkPlays
from agent.config.model import Settings
from agent.config.player import Headless, HostMode
from agent.kernel.instants import Instant
from agent.runtime.looking import Looking, begin
from tests.support.connectors import connector
from tests.support.outbox import an_instant

NOW = an_instant(100.0)


def changed(*, display: dict[str, object] | None = None, player: dict[str, object] | None = None) -> Settings:
    settings = Settings()
    return attrs.evolve(
        settings,
        display=attrs.evolve(settings.display, **(display or {})),  # type: ignore[arg-type]
        player=attrs.evolve(settings.player, **(player or {})),  # type: ignore[arg-type]
    )


def looking(folder: Path, settings: Settings, environment: dict[str, str] | None = None) -> Looking:
    return Looking(settings, environment or {}, None, 100.0, folder)


def state(found: Looking, at: float = 100.0) -> tuple[str, str]:
    status = found.status(an_instant(at))
    return status["state"], status["why"]


def test_play_on_a_dark_screen_is_left_out_and_counted_where_that_is_wanted(tmp_path: Path) -> None:
    """And only there: the setting may come from the broker at any moment."""
    connector(tmp_path, dpms="Off")
    found = looking(tmp_path, Settings())
    for at in range(101, 110):
        found.watch.look(float(at))
    assert "off" == state(found, 110.0)[0]
    assert not found.leave_out()
    found.follow(changed(display={"dark_plays": DarkPlays.LEAVE_OUT}))
    assert found.leave_out()
    assert found.leave_out()
    assert 2 == found.status(an_instant(110.0))["left_out"]
    connector(tmp_path)
    found.watch.look(111.0)
    assert not found.leave_out()
    assert 2 == found.status(an_instant(111.0))["left_out"]


@pytest.mark.parametrize(
    ("player", "environment", "display"),
    [
        ({}, {}, "on"),
        ({}, {"DISPLAY": ":0"}, "on"),
        ({}, {"DISPLAY": "wall.example:0"}, "unknown"),
        ({"headless": Headless.ALWAYS}, {}, "unknown"),
        # What a service of its own is given, and where it draws, is not known to the agent.
        ({"headless": Headless.ALWAYS, "host": HostMode.UNIT}, {"DISPLAY": "wall.example:0"}, "on"),
    ],
)
def test_connectors_are_asked_only_where_the_picture_may_be_on_one(
    player: dict[str, object], environment: dict[str, str], display: str, tmp_path: Path
) -> None:
    """A monitor on a machine that shows nothing on it says nothing."""
    connector(tmp_path)
    assert display == state(looking(tmp_path, changed(player=player), environment))[0]


def test_television_is_asked_only_where_somebody_wants_it(tmp_path: Path) -> None:
    """It is one thread, and one program a minute."""

    def clock() -> Instant:
        return NOW

    assert () == begin(Settings(), clock, tmp_path).ways
    assert () == begin(changed(display={"cec": True, "enabled": False}), clock, tmp_path).ways
    found = begin(changed(display={"cec": True}), clock, tmp_path)
    assert ["television"] == [name for name, _ in found.ways]
    assert {"said": None, "trouble": None, "remedy": None} == found.status(NOW)["television"]
    found.close()


def test_code_for_televisions_is_loaded_only_where_it_is_wanted() -> None:
    """Most kiosks pay nothing for it."""
    code = "import sys, agent.runtime.looking; print('agent.display.cec' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "False" == done.stdout.strip()
