"""What timesyncd and chronyd think of the clock."""

import os
import time
from pathlib import Path

import pytest

from agent.runtime.checks import timeservers
from agent.runtime.checks.timeservers import opinions

TRACKING = """Reference ID    : C0A80001 (192.168.0.1)
Ref time (UTC)  : Sun Nov 22 03:00:00 2026
System time     : 0.000001 seconds fast of NTP time
Leap status     : Not synchronised
"""


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No chronyd of this machine."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def chronyc(tmp_path: Path, script: str) -> None:
    """A command of that name."""
    command = tmp_path / "bin" / "chronyc"
    command.parent.mkdir()
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)


def test_machine_without_either_says_nothing(tmp_path: Path) -> None:
    """A container has no time server of its own."""
    assert [] == list(opinions(tmp_path / "none" / "synchronized"))


def test_timesyncd_tells_when_it_was_last_answered(tmp_path: Path) -> None:
    """Nine hours without an answer are a firewall, or a time server that is gone."""
    sign = tmp_path / "timesync" / "synchronized"
    sign.parent.mkdir()
    assert ["systemd-timesyncd has had no answer of a time server in this boot"] == list(opinions(sign))
    sign.touch()
    then = time.time() - 10 * 3600
    os.utime(sign, (then, then))
    assert ["systemd-timesyncd has set the clock in this boot, last 10.0 hours ago by this clock"] == list(
        opinions(sign)
    )


def test_chronyd_is_asked_what_it_follows(tmp_path: Path) -> None:
    """Its leap status is its own word on whether the clock can be believed."""
    chronyc(tmp_path, f"/bin/cat <<'E'\n{TRACKING}E")
    told = "Reference ID C0A80001 (192.168.0.1), Ref time (UTC) Sun Nov 22 03:00:00 2026, Leap status Not synchronised"
    assert [f"chronyd says: {told}"] == list(opinions(tmp_path / "none" / "synchronized"))


@pytest.mark.parametrize("script", ["exit 1", "exec /bin/sleep 60"])
def test_chronyd_that_is_silent_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """506 Cannot talk to daemon; doctor goes on."""
    monkeypatch.setattr(timeservers, "ANSWER_WITHIN_S", 0.2)
    chronyc(tmp_path, script)
    assert ["chronyd does not answer"] == list(opinions(tmp_path / "none" / "synchronized"))


def test_chronyd_with_strange_words_breaks_nothing(tmp_path: Path) -> None:
    """A later version's."""
    chronyc(tmp_path, "echo hello")
    assert ["chronyd says: nothing of its sources"] == list(opinions(tmp_path / "none" / "synchronized"))
