"""Telling systemd, and what it says."""

import os
from pathlib import Path

import pytest

from agent.runtime.setup import service as module
from agent.runtime.setup.service import Service
from tests.support.setups import a_machine

UNIT = "kiosk-agent.service"


def with_program(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> Service:
    """A machine with systemd, whose systemctl does `body`."""
    places = a_machine(folder)
    (places.root / "run/systemd/system").mkdir(parents=True)
    (folder / "bin").mkdir()
    program = folder / "bin/systemctl"
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/told\n{body}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}/bin{os.pathsep}{os.environ['PATH']}")
    return Service(places)


def test_deeds_are_told_to_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that runs is started again only where there is something new to read."""
    service = with_program(tmp_path, monkeypatch, "exit 0")
    assert service.is_managed
    done = [
        service.enable(),
        service.start(again=False),
        service.start(again=True),
        service.start_later(),
        service.stop(),
    ]
    assert [None] * 5 == done
    expected = [f"enable {UNIT}", f"start {UNIT}", f"restart {UNIT}", f"--no-block restart {UNIT}", f"stop {UNIT}"]
    assert expected == (tmp_path / "told").read_text().splitlines()


def test_what_systemd_complains_of_is_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its words name the unit's trouble best."""
    service = with_program(tmp_path, monkeypatch, "echo Job failed. >&2; exit 1")
    assert f"systemctl enable {UNIT}: Job failed." == service.enable()
    silent = with_program(tmp_path / "silent", monkeypatch, "exit 5")
    assert f"systemctl stop {UNIT}: exit status 5" == silent.stop()


def test_systemd_that_hangs_or_is_not_there_is_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """setup ends, whatever the machine does."""
    service = with_program(tmp_path, monkeypatch, "exec sleep 60")
    monkeypatch.setattr(module, "WAIT_S", 0.2)
    assert "has not ended" in (service.enable() or "")
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert not service.is_managed
    assert "cannot be run" in (service.enable() or "")


def test_machine_without_systemd_gets_the_command_to_run(tmp_path: Path) -> None:
    """A container, or an image that is mounted somewhere."""
    service = Service(a_machine(tmp_path))
    assert not service.is_managed
    by_hand = service.by_hand(Path("/var/lib/kiosk-agent"))
    assert by_hand.endswith(f"--config {tmp_path}/etc/kiosk-agent/kiosk-agent.toml --state-dir /var/lib/kiosk-agent")
