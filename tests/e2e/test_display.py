"""A screen that is dark, in a whole kiosk: real processes, real VLC, connectors as files in the kernel's place."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import media
from tests.support.connectors import answer, calls, cec_ctl, connector, printing
from tests.support.kiosks import PATIENCE_S, Clip
from tests.support.lit import LitKiosk
from tools.standin.server import Collector

NO_OUTPUTS = "headless = true\n"


def told(collector: Collector) -> set[str]:
    """The sessions that the service heard of."""
    return {str(event["sessionId"]) for event in collector.events}


def ledger(kiosk: LitKiosk) -> list[dict[str, Any]]:
    """The plays in the ledger of a kiosk at rest, as `report` tells them."""
    command = [sys.executable, "-m", "agent.cli.main", "report", "--plays", "--json", "--state-dir", str(kiosk.state)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE_S)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.all
def test_plays_on_a_dark_screen_are_left_out_and_marked_ones_are_told(tmp_path: Path) -> None:
    """No event of one that is left out reaches the service; all are counted, and the books balance."""
    clips = [Clip(media.clip(), "0_abcd1234"), Clip(media.silent_clip(), "0_efgh5678")]
    with Collector() as collector:
        kiosk = LitKiosk(tmp_path, collector.url, clips, player="loop = true")
        # Not "no outputs by order": the player finds no monitor, and plays on where nobody sees it.
        plain = kiosk.config.read_text().replace(NO_OUTPUTS, "")
        kiosk.config.write_text(plain + '[display]\ndark_plays = "leave-out"\n')
        connector(kiosk.connectors, status="disconnected", enabled="disabled", dpms="Off")
        try:
            kiosk.start()
            kiosk.wait(lambda status: status["display"]["state"] == "off")
            before = kiosk.wait(lambda status: status["display"]["left_out"] >= 1)
            sessions = before["player"]["sessions"]
            status = kiosk.wait(
                lambda status: (
                    status["display"]["left_out"] >= 4 and status["sinks"][0]["passed"].get("dark-screen", 0) >= 3
                )
            )
            assert "HDMI-A-1 has no monitor" == status["display"]["why"]
            assert status["queue"]["balanced"]
            heard = told(collector)
            assert len(heard) <= sessions, "of those before it was known to be dark, at most"
            kiosk.wait(lambda status: status["display"]["left_out"] >= 6)
            assert heard == told(collector)
            left_out = kiosk.ask("status")["display"]["left_out"]
            assert 0 == kiosk.end()
            plays = ledger(kiosk)
            assert left_out <= len([play for play in plays if play["left_out"]]), "more may come before the end"
            assert [] == [play for play in plays if play["left_out"] and play["entry"] is None]
            assert [] == [play for play in plays if play["left_out"] and play["delivered"]]

            kiosk.config.write_text(plain)
            kiosk.start()
            status = kiosk.wait(lambda status: status["display"]["state"] == "off")
            so_far, begun = len(told(collector)), status["player"]["sessions"]
            # What is told late began before the screen was known to be dark: three whole plays after that.
            status = kiosk.wait(
                lambda status: status["player"]["sessions"] >= begun + 4 and len(told(collector)) >= so_far + 3
            )
            assert 0 == status["display"]["left_out"]
            assert status["queue"]["balanced"]
            assert 0 == kiosk.end()
            marked = [play for play in ledger(kiosk)[len(plays) :] if play["display"] == "off"]
            assert 2 <= len(marked)
            assert [] == [play for play in marked if play["left_out"]]
        finally:
            kiosk.close()


@pytest.mark.all
def test_television_is_asked_by_a_real_program_and_its_standby_is_dark(tmp_path: Path) -> None:
    """The connector stays lit all night; only the television knows."""
    tools = tmp_path / "tools"
    tools.mkdir()
    cec_ctl(tools, printing(answer("standby", 1)))
    with Collector() as collector:
        path = f"{tools}{os.pathsep}{os.environ['PATH']}"
        clips = [Clip(media.clip(), "0_abcd1234")]
        kiosk = LitKiosk(tmp_path, collector.url, clips, player="loop = true", environment={"PATH": path})
        plain = kiosk.config.read_text().replace(NO_OUTPUTS, "")
        kiosk.config.write_text(plain + "[display]\ncec = true\ncec_every_s = 10\n")
        # No driver tells what it is: neither on nor off.
        connector(kiosk.connectors, status="unknown", enabled=None, dpms=None)
        try:
            kiosk.start()
            status = kiosk.wait(lambda status: status["display"]["state"] == "off")
            assert "the television is in standby (HDMI-CEC)" == status["display"]["why"]
            assert "standby" == status["display"]["television"]["said"]
            cec_ctl(tools, printing(answer("on")))
            kiosk.wait(lambda status: status["display"]["state"] == "unknown")
            assert ["--device /dev/cec0 --to 0 --give-device-power-status"] == sorted(set(calls(tools)))
            assert 0 == kiosk.end()
        finally:
            kiosk.close()
