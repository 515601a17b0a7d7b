"""A card that was used on another board: the real agent begins a generation, and asks until a person answers."""

from pathlib import Path

import pytest

from agent.config.files import load
from agent.outbox.bounds import Bounds
from agent.outbox.store import Outbox
from agent.runtime.checks.examination import examine
from agent.runtime.checks.finding import Level
from agent.runtime.setup.replacing import take_the_place
from tests.support.kiosks import Clip, kiosk, tokens
from tests.support.media import silent_clip
from tests.support.outbox import a_record
from tools.standin.server import Collector


def used_elsewhere(state: Path) -> str:
    """The state of a card that has played on another board as device-001; its generation."""
    outbox = Outbox.open(state, device_id="device-001", hardware_key="another-board", bounds=Bounds(8 << 20))
    outbox.append([a_record("{}")])
    outbox.close()
    return outbox.generation


@pytest.mark.all
def test_clone_says_so_until_it_is_answered_and_gives_no_identity_twice(tmp_path: Path) -> None:
    """Two kiosks under one id count as one in every report, and nothing but the board tells them apart."""
    with Collector() as collector, kiosk(tmp_path, collector, [Clip(silent_clip(), "0_abcd1234")]) as device:
        first = used_elsewhere(device.state)
        device.start()
        status = device.wait_idle()
        assert "device-001" == status["queue"]["moved"]
        assert "--replace device-001" in status["queue"]["opening"]
        assert "--replace device-001" in device.log.read_text()
        (finding,) = [each for each in examine(device.config, device.state) if each.subject == "store"]
        assert (Level.WARN, True) == (finding.level, "--replace device-001" in (finding.remedy or ""))
        assert not any(first in token for token in tokens(collector.events))
        assert 0 == device.end()
        device.start()
        assert "device-001" == device.wait_idle()["queue"]["moved"]
        assert 0 == device.end()
        assert take_the_place(device.state, load(device.config).settings)
        device.start()
        assert device.wait_idle()["queue"]["moved"] is None
