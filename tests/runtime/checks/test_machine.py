"""Clock, disk and state folder."""

import os
import pwd
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent.kernel.instants import Instant
from agent.kernel.release import BUILD_EPOCH
from agent.runtime.checks import machine
from agent.runtime.checks.finding import Level


def instant(wall: float, *, synced: bool) -> Instant:
    return Instant(boot_id="b", boottime=1.0, wall=wall, synced=synced)


@pytest.mark.parametrize(
    ("level", "wall", "synced"),
    [
        (Level.OK, BUILD_EPOCH + 1.0, True),
        (Level.WARN, BUILD_EPOCH + 1.0, False),
        (Level.FAIL, 0.0, False),
        (Level.FAIL, 0.0, True),
        (Level.FAIL, -1e18, False),
    ],
)
def test_clock_fails_only_where_no_event_can_be_sent(level: Level, wall: float, synced: bool) -> None:
    """A kiosk without a battery-backed clock starts in 1970; unsynchronised alone is survivable (decision 22)."""
    finding = machine.clock(instant(wall, synced=synced))
    assert level is finding.level
    assert (level is Level.OK) == (finding.remedy is None)


def test_clock_that_lapsed_comes_with_what_its_keepers_think(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel takes its word back after nine hours; who looks at the kiosk needs to know which server is silent."""
    monkeypatch.setattr(machine, "opinions", lambda: iter(["chronyd says: Leap status Not synchronised", "more"]))
    finding = machine.clock(instant(BUILD_EPOCH + 1.0, synced=False))
    assert finding.text.endswith("; chronyd says: Leap status Not synchronised; more")
    assert "earlier in this boot" in finding.text
    assert "chronyd" not in machine.clock(instant(BUILD_EPOCH + 1.0, synced=True)).text


def test_folder_that_takes_writes_is_in_order_and_left_as_it_was(tmp_path: Path) -> None:
    """doctor changes nothing."""
    assert Level.OK is machine.folder(tmp_path).level
    assert [] == list(tmp_path.iterdir())


def test_missing_folder_or_file_in_its_place_fails_with_the_command_that_helps(tmp_path: Path) -> None:
    """The commonest fault of a hand-made installation."""
    (tmp_path / "file").write_text("")
    for name in ("nowhere", "file"):
        finding = machine.folder(tmp_path / name)
        assert Level.FAIL is finding.level
        assert "install -d" in str(finding.remedy)


@pytest.mark.parametrize(
    ("users", "uid", "folder", "command"),
    [
        (("kiosk-agent",), 0, "/var/lib/kiosk-agent", "-o kiosk-agent -g kiosk-agent -m 0750 /var/lib/kiosk-agent"),
        (("kiosk-agent", "ann"), 1000, "/srv/my state", "-o ann -m 0700 '/srv/my state'"),
        (("ann",), 1000, "/var/lib/kiosk-agent", "-o ann -m 0700 /var/lib/kiosk-agent"),
        ((), 1000, "/srv/state", "-o 1000 -m 0700 /srv/state"),
        (("root",), 0, "/srv/state", "-o USER -m 0700 /srv/state"),
    ],
)
def test_missing_folder_is_to_be_made_for_who_runs_the_agent(
    monkeypatch: pytest.MonkeyPatch, users: tuple[str, ...], uid: int, folder: str, command: str
) -> None:
    """A folder that sudo makes for root is one in which the agent cannot write."""
    by_number = dict.fromkeys([uid], next((name for name in users if name != "kiosk-agent"), None))

    def found(name: str | None) -> SimpleNamespace:
        if name not in users:
            raise KeyError(name)
        return SimpleNamespace(pw_name=name)

    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setattr(pwd, "getpwnam", found)
    monkeypatch.setattr(pwd, "getpwuid", lambda number: found(by_number[number]))
    monkeypatch.setattr(Path, "is_dir", lambda path: False)
    assert str(machine.folder(Path(folder)).remedy).endswith(f": sudo install -d {command}")


def test_folder_that_refuses_writes_fails_with_the_systems_reason() -> None:
    """Permission bits do not show a read-only mount; a write does."""
    finding = machine.folder(Path("/proc/self/fd"))
    assert Level.FAIL is finding.level
    assert "takes no writes" in finding.text


def test_disk_is_measured_against_the_queues_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue that cannot grow to its bound drops events earlier than promised."""
    free = 100 << 20
    block = 4096

    def statvfs(_path: object) -> os.statvfs_result:
        return os.statvfs_result((block, block, 1 << 30, free // block, free // block, 1000, inodes, inodes, 0, 255))

    inodes = 10
    monkeypatch.setattr(os, "statvfs", statvfs)
    assert Level.OK is machine.disk(tmp_path, 50 << 20).level
    assert Level.WARN is machine.disk(tmp_path, 200 << 20).level
    assert Level.WARN is machine.disk(tmp_path, None).level
    inodes = 0
    assert Level.FAIL is machine.disk(tmp_path, 50 << 20).level
    free = 1 << 20
    assert Level.FAIL is machine.disk(tmp_path, 50 << 20).level


def test_disk_of_a_folder_that_is_gone_fails_in_words(tmp_path: Path) -> None:
    """Never a traceback."""
    assert Level.FAIL is machine.disk(tmp_path / "nowhere", None).level
