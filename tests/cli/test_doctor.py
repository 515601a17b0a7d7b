"""`doctor` in words and in JSON."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.cli import doctor as module
from agent.cli.doctor import doctor
from agent.runtime.checks.finding import Finding, fail, ok, warn


def some(*findings: Finding) -> object:
    def examine(_config: Path, _state_dir: Path) -> Iterator[Finding]:
        yield from findings

    return examine


@pytest.mark.parametrize(
    ("status", "findings"),
    [
        (0, [ok("disk", "fine")]),
        (0, [ok("disk", "fine"), warn("clock", "not synchronised", "open port 123")]),
        (1, [fail("libvlc", "missing", "sudo apt install libvlc5"), ok("disk", "fine")]),
    ],
)
def test_only_a_failure_makes_the_exit_status_one(
    monkeypatch: pytest.MonkeyPatch, status: int, findings: list[Finding]
) -> None:
    """A provisioning script goes on after a warning."""
    monkeypatch.setattr(module, "examine", some(*findings))
    result = CliRunner().invoke(doctor, [])
    assert status == result.exit_code
    assert all(finding.remedy in result.output for finding in findings if finding.remedy)
    machine = CliRunner().invoke(doctor, ["--json"])
    assert status == machine.exit_code
    assert (status == 0, [finding.text for finding in findings]) == (
        json.loads(machine.output)["ok"],
        [finding["text"] for finding in json.loads(machine.output)["findings"]],
    )


def test_each_line_begins_with_its_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """grep ^fail must work."""
    monkeypatch.setattr(module, "examine", some(ok("a", "x"), warn("b", "y", "r"), fail("c", "z", "r")))
    lines = CliRunner().invoke(doctor, []).output.splitlines()
    assert ["ok", "warn", "fail"] == [line.split()[0] for line in lines if line and not line.startswith(" ")][:3]
    assert "1 failure, 1 warning." == lines[-1]


def test_text_from_outside_cannot_drive_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server's answer is quoted in a finding."""
    monkeypatch.setattr(module, "examine", some(ok("collector", "\x1b[2Jgotcha")))
    assert "\x1b[2J" not in CliRunner().invoke(doctor, []).output


def test_real_examination_of_a_missing_configuration_fails_in_words(tmp_path: Path) -> None:
    """The whole way once, on this machine."""
    result = CliRunner().invoke(doctor, ["--config", str(tmp_path / "none.toml"), "--state-dir", str(tmp_path)])
    assert 1 == result.exit_code
    assert "none.toml" in result.output
    assert "Traceback" not in result.output
