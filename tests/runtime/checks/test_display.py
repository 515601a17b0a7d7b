"""What doctor says of the screen."""

from pathlib import Path
from typing import Any

import pytest

from agent.config.display import DarkPlays
from agent.config.display import Display as Settings
from agent.runtime.checks.display import SUBJECT, TELEVISION, display
from agent.runtime.checks.finding import Level
from tests.support.connectors import cec_ctl, connector


def found(settings: Settings, folder: Path, told: dict[str, Any] | None = None) -> list[tuple[str, Level, str]]:
    status = None if told is None else {"display": told}
    return [(each.subject, each.level, each.text) for each in display(settings, status, folder)]


def test_screen_is_looked_at_where_no_agent_runs(tmp_path: Path) -> None:
    """doctor is what somebody calls before the first start."""
    connector(tmp_path)
    assert [(SUBJECT, Level.OK, "on: HDMI-A-1 is on")] == found(Settings(), tmp_path)
    connector(tmp_path, dpms="Off")
    assert [(SUBJECT, Level.WARN, "off: HDMI-A-1 is switched off")] == found(Settings(), tmp_path)
    assert [Level.OK] == [level for _, level, _ in found(Settings(), tmp_path / "none")]
    assert [Level.OK] == [level for _, level, _ in found(Settings(enabled=False), tmp_path)]


def test_running_agents_word_counts(tmp_path: Path) -> None:
    """It knows where the picture goes, what the television said, and whether the shop is open."""
    connector(tmp_path)
    closed = {"state": "off", "why": "the television is in standby (HDMI-CEC)", "should_be_on": False}
    assert [(SUBJECT, Level.OK, f"off: {closed['why']}")] == found(Settings(), tmp_path, closed)
    assert [Level.WARN] == [level for _, level, _ in found(Settings(), tmp_path, {**closed, "should_be_on": True})]
    assert [Level.OK] == [level for _, level, _ in found(Settings(), tmp_path, {**closed, "should_be_on": None})]
    assert [(SUBJECT, Level.OK, "on: HDMI-A-1 is on")] == found(Settings(), tmp_path, {}), "an older agent says nothing"


def test_connector_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    """A typing error, or a Pi whose cable was moved to the other socket."""
    connector(tmp_path, "HDMI-A-2")
    (finding,) = display(Settings(connector="HDMI-A-1"), None, tmp_path)
    assert Level.WARN is finding.level
    assert "HDMI-A-2" in (finding.remedy or "")


def test_policy_that_can_never_work_is_told(tmp_path: Path) -> None:
    """Who wants dark plays left out believes that they are."""
    (finding,) = display(Settings(dark_plays=DarkPlays.LEAVE_OUT), None, tmp_path)
    assert Level.WARN is finding.level
    assert "no play is ever left out" in finding.text


def test_television_that_cannot_be_asked_comes_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program is missing, the device is, or the agent may not use it."""
    connector(tmp_path)
    device = tmp_path / "cec7"
    settings = Settings(cec=True, cec_device=str(device))
    monkeypatch.setenv("PATH", str(tmp_path))

    def television(told: dict[str, Any] | None = None) -> tuple[Level, str]:
        (finding,) = [
            each for each in display(settings, told and {"display": told}, tmp_path) if each.subject == TELEVISION
        ]
        assert (finding.remedy is None) is (finding.level is Level.OK)
        return finding.level, finding.text

    assert (Level.WARN, "cec-ctl is missing") == television()
    cec_ctl(tmp_path, ["exit 0"])
    assert (Level.WARN, f"{device} does not exist") == television()
    device.touch()
    assert Level.OK is television()[0]
    refused = {"television": {"said": None, "trouble": "/dev/cec7 is not permitted", "remedy": "Let it."}}
    assert (Level.WARN, "/dev/cec7 is not permitted") == television(refused)
    answered = {"television": {"said": "standby", "trouble": None, "remedy": None}}
    assert (Level.OK, "says by HDMI-CEC that it is standby") == television(answered)
