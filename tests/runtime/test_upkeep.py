"""What the agent sees to beside its work, put together."""

from pathlib import Path

from agent.config.player import Frozen
from agent.player.wire import Pictures
from agent.runtime.safe_mode import Footing
from agent.runtime.starts import Ledger, Safe
from agent.runtime.upkeep import Upkeep
from agent.service.notify import Notifier
from tests.support.desk import Desk


class Keeper:
    """The host's keeper. `restarts`: how often it was asked."""

    def __init__(self) -> None:
        self.pictures: Pictures | None = None
        self.restarts = 0

    def restart(self) -> None:
        self.restarts += 1


def test_picture_that_stands_still_climbs_the_ladder_and_is_counted(tmp_path: Path) -> None:
    """The figures go to the status and to the fleet: a kiosk that restarts its player each hour is to be seen."""
    desk, keeper = Desk(), Keeper()
    desk.play()
    upkeep = Upkeep(
        Notifier(),
        Footing(tmp_path / "agent.toml", tmp_path, Ledger(None), Safe("it ended 5 times"), began=desk.at),
        desk.director,
        keeper,
        rules=lambda: Frozen(after_s=5.0),
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
