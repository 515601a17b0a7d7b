"""A picture that freezes, in a whole kiosk."""

from pathlib import Path

import pytest

from tests.support import media
from tests.support.kiosks import Clip, kiosk
from tools.standin.server import Collector

REPLAY = 16


@pytest.mark.all
def test_film_without_pictures_costs_itself_and_then_the_player_and_is_told(tmp_path: Path) -> None:
    """Each step is in the log and in the status, and what the service is told is no replay, which nobody asked for."""
    clips = [Clip(media.blind_clip(), "0_abcd1234")]
    with Collector() as collector, kiosk(tmp_path, collector, clips, player="loop = true") as found:
        text = found.config.read_text()
        found.config.write_text(text.replace("[player.restart]", "[player.frozen]\nafter_s = 5\n[player.restart]"))
        found.start()
        first = found.wait(lambda status: status["ready"])["player"]["host"]["pid"]
        status = found.wait(lambda status: status["frozen"]["steps"]["player"] == 1)
        assert "no frames are shown" == status["frozen"]["cause"]
        assert 1 == status["frozen"]["steps"]["again"]
        assert status["counters"]["frozen-player"] == status["counters"]["frozen-again"] == 1
        found.wait(lambda status: status["player"]["host"]["pid"] not in (None, first))
        found.wait(lambda status: status["player"]["state"] == "playing" and not status["sinks"][0]["depth"])
        assert 0 == found.end()
        assert 2 == found.log.read_text().count("picture frozen")
        told = [event["eventType"] for event in collector.events]
        assert told
        assert REPLAY not in told
