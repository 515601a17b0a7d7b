"""What the agent sees to beside its work, put together."""

from pathlib import Path

import pytest

from agent.config.player import Headless, Player, Source
from agent.config.player_watch import Frozen
from agent.player.hostoptions import HostOptions
from agent.player.keeper import RestartRules
from agent.player.wire import Pictures
from agent.runtime.safe_mode import Footing
from agent.runtime.starts import Ledger, Safe, Usual
from agent.runtime.upkeep import Upkeep, tell_plugin_cache
from agent.service.notify import Notifier
from tests.support.desk import Desk


class Host:
    """The host's keeper. `restarts`: how often it was asked."""

    def __init__(self) -> None:
        self.pictures: Pictures | None = None
        self.restarts = 0

    def restart(self) -> None:
        self.restarts += 1

    def reconfigure(self, _options: HostOptions, _rules: RestartRules) -> None:
        raise AssertionError


def test_picture_that_stands_still_climbs_the_ladder_and_is_counted(tmp_path: Path) -> None:
    """The figures go to the status and to the fleet: a kiosk that restarts its player each hour is to be seen."""
    desk, keeper = Desk(), Host()
    desk.play()
    upkeep = Upkeep(
        Notifier(),
        Footing(tmp_path / "agent.toml", tmp_path, Ledger(None), Safe("it ended 5 times"), began=desk.at),
        desk.director,
        keeper,
        player=lambda: Player(frozen=Frozen(after_s=5.0), headless=Headless.ALWAYS),
        obey=lambda operation: desk.told.extend(desk.director.obey(operation, desk.at)),
        pulses=list,
        gone=list,
        status=dict,
        again=lambda: None,
    )
    for at in range(20):
        upkeep.look(desk.at + at)
    assert 1 == keeper.restarts
    counters = {"frozen-again": 1, "frozen-next": 1, "frozen-player": 1, "safe-mode": 1}
    assert counters == {name: count for name, count in upkeep.counters.items() if count}
    status = upkeep.status(desk.at + 20)
    assert "the playhead stands still" == status["frozen"]["cause"]
    assert {"again": 1, "next": 1, "player": 1} == status["frozen"]["steps"]
    assert {"every_s": None, "withheld": None} == status["watchdog"]
    assert "it ended 5 times" == status["safe_mode"]["why"]
    upkeep.stop()


def test_picture_that_is_not_ours_is_nobodys_to_mend(tmp_path: Path) -> None:
    """Nothing is known of its frames; a playhead that stands still is told as a stall, and nothing is restarted."""
    desk, keeper = Desk(), Host()
    desk.play()
    upkeep = Upkeep(
        Notifier(),
        Footing(tmp_path / "agent.toml", tmp_path, Ledger(None), Usual(), began=desk.at),
        desk.director,
        keeper,
        player=lambda: Player(source=Source.MPRIS, frozen=Frozen(after_s=5.0)),
        obey=lambda _: pytest.fail("something was ordered"),
        pulses=list,
        gone=list,
        status=dict,
        again=lambda: None,
    )
    for at in range(60):
        upkeep.look(desk.at + at)
    assert (0, False) == (keeper.restarts, upkeep.status(desk.at + 60)["frozen"]["enabled"])


def test_plugin_cache_that_is_amiss_is_told_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Images made by copying files start the player slowly for years, and nobody knows why."""
    tell_plugin_cache()
    assert "vlc-cache-gen" not in capsys.readouterr().out, "this machine's is as its packages made it"
    (tmp_path / "libx_plugin.so").write_bytes(b"")
    monkeypatch.setenv("VLC_PLUGIN_PATH", str(tmp_path))
    tell_plugin_cache()
    told = capsys.readouterr().out
    assert "missing" in told
    assert f"vlc-cache-gen {tmp_path}" in told
