"""Whatever is wrong with what the agent is given: a clear message that names the place and the remedy.

What makes a start senseless refuses it (2: the configuration, 1: the machine); everything else must not stop the agent.
"""

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.outbox.lock import Lock
from tests.support import hardship, media
from tests.support.kiosks import PATIENCE_S, PLAYED, Clip, is_over, kiosk, stories
from tools.standin.server import Collector

GOOD = """\
[device]
id = "device-001"

[kaltura]
service_url = "http://127.0.0.1:9/api_v3"
partner_id = 102

[player]
headless = true
"""
OLD_STORE = Path(__file__).parents[1] / "outbox" / "store_version_1.db"
SECRET = '\n[kaltura.session]\nmode = "ks-file"\nks_file = "the-session"\n'


def refused(
    folder: Path, *, text: str = GOOD, state: Path | None = None, prefix: tuple[str, ...] = ()
) -> tuple[int, str]:
    """Start an agent that ends by itself: (exit status, what it printed)."""
    config = folder / "agent.toml"
    config.write_text(text)
    return _start(config, state or folder / "state", prefix)


def _start(config: Path, state: Path, prefix: tuple[str, ...] = ()) -> tuple[int, str]:
    command = [sys.executable, "-m", "agent.cli.main", "run", "--config", str(config), "--state-dir", str(state)]
    done = subprocess.run([*prefix, *command], capture_output=True, text=True, timeout=PATIENCE_S)
    assert "Traceback" not in done.stderr, done.stderr
    assert "" == done.stdout
    return done.returncode, done.stderr


def complaints(printed: str) -> list[dict[str, Any]]:
    """The errors of a log; a player may have written lines of its own."""
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    return [line for line in lines if line["level"] in ("error", "critical")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("[player]", "[player"), "agent.toml:8: is not valid TOML at column 8"),
        (
            GOOD.replace("partner_id", "partner_idd"),
            "agent.toml:6: kaltura.partner_idd: is not a setting. Did you mean partner_id?",
        ),
        (
            GOOD.replace("102", '"many"'),
            'agent.toml:6: kaltura.partner_id: found "many"; allowed: a whole number from 1 to 2147483647.',
        ),
        (
            GOOD.replace("partner_id = 102", ""),
            "agent.toml:4: kaltura.partner_id: is missing; allowed: your Kaltura account's number",
        ),
    ],
    ids=["broken TOML", "unknown key", "wrong type", "no partner"],
)
def test_wrong_configuration_refuses_to_start_and_names_the_line(tmp_path: Path, text: str, message: str) -> None:
    """A person at a kiosk has one look at the screen: the line and what is allowed must stand there."""
    status, printed = refused(tmp_path, text=text)
    assert 2 == status
    assert f"kiosk-agent does not start: the configuration {tmp_path / 'agent.toml'} cannot be used." in printed
    assert message in printed
    assert not (tmp_path / "state").exists(), "nothing was started"


def test_configuration_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    """Installed with the wrong owner: the most common fault of a first start."""
    prefix = hardship.under_permissions()
    config = tmp_path / "agent.toml"
    config.write_text(GOOD)
    config.chmod(0)
    status, printed = _start(config, tmp_path / "state", prefix)
    assert 2 == status
    assert f"{config}: cannot be read: permission denied." in printed


def test_secret_file_that_may_not_be_read_refuses_to_start(tmp_path: Path) -> None:
    """Found at the start and not at the first delivery at night; the secret itself is never shown."""
    prefix = hardship.under_permissions()
    secret = tmp_path / "the-session"
    secret.write_text("djJ8MTAyfHNlY3JldA")
    secret.chmod(0)
    status, printed = refused(tmp_path, text=GOOD + SECRET, prefix=prefix)
    assert 2 == status
    assert f"kaltura.session.ks_file: names the file {secret}, which cannot be read: permission denied." in printed
    assert "Check the path, and that the agent's user may read the file." in printed


def test_empty_secret_file_refuses_to_start(tmp_path: Path) -> None:
    """What a failed provisioning leaves."""
    (tmp_path / "the-session").touch()
    status, printed = refused(tmp_path, text=GOOD + SECRET)
    assert 2 == status
    assert "which is empty. Check the path" in printed


def test_state_folder_without_permission_refuses_to_start(tmp_path: Path) -> None:
    """Nothing may be played that cannot be kept."""
    prefix = hardship.under_permissions()
    state = tmp_path / "state"
    state.mkdir(mode=0o555)
    status, printed = refused(tmp_path, state=state, prefix=prefix)
    (error,) = complaints(printed)
    assert 1 == status
    assert "store cannot be opened" == error["event"]
    assert f"The state folder {state} cannot be used: Permission denied." == error["error"]
    assert (
        "Give the user that runs kiosk-agent the right to write there (chown), or choose another folder."
        == error["remedy"]
    )


def _has_told_everything(status: dict[str, Any]) -> bool:
    return is_over(status) and not status["sinks"][0]["depth"]


def test_disk_that_fills_up_costs_no_event(tmp_path: Path) -> None:
    """Somebody copies a film onto the card: the screen goes on, and what was played still counts."""
    with hardship.small_disk(tmp_path / "disk", kibibytes=4096) as disk, Collector() as collector:
        clips = [Clip(media.silent_clip(1.0), "0_abcd1234"), Clip(media.silent_clip(2.0), "0_abcd1235")]
        with kiosk(tmp_path, collector, clips) as agent:
            agent.state = disk
            agent.start()
            agent.wait(lambda status: status["player"]["sessions"] > 0)
            hardship.fill(disk)
            agent.wait(_has_told_everything)
            assert 0 == agent.end()
        assert [("0_abcd1234", PLAYED), ("0_abcd1235", PLAYED)] == stories(collector.events)


@pytest.mark.all
def test_disk_without_any_room_is_told_once_and_waited_for(tmp_path: Path) -> None:
    """Even the room that the store keeps back is gone: events wait in memory, and one line says what to do."""
    with hardship.small_disk(tmp_path / "disk", kibibytes=4096) as disk, Collector() as collector:
        with kiosk(tmp_path, collector, [Clip(media.clip(12.0), "0_abcd1234")]) as agent:
            agent.state = disk
            agent.start()
            agent.wait(lambda status: status["player"]["state"] == "playing")
            (disk / "store.ballast").unlink()
            hardship.fill(disk)
            agent.wait(lambda status: bool(status["counters"].get("disk-full-writes")))
            assert agent.is_running
            (disk / "filler").unlink()
            agent.wait(_has_told_everything)
            assert 0 == agent.end()
            (error,) = complaints(agent.log.read_text())
            assert "store cannot write" == error["event"]
            assert "store writes again" in agent.log.read_text()
            assert str(disk) in error["error"]
            assert "Free some space on that disk." == error["remedy"]
        assert [("0_abcd1234", PLAYED)] == stories(collector.events)


def test_store_of_garbage_is_set_aside_and_the_agent_plays(tmp_path: Path) -> None:
    """A torn file system must not keep a screen black; the bytes are kept for whoever wants to look."""
    with Collector() as collector, kiosk(tmp_path, collector, [Clip(media.silent_clip(1.0), "0_abcd1234")]) as agent:
        agent.state.mkdir()
        garbage = media.garbage().read_bytes()
        (agent.state / "store.db").write_bytes(garbage)
        agent.start()
        status = agent.wait_idle()
        agent.end()
        assert status["queue"]["opening"].startswith("The store was damaged (file is not a database): set aside as ")
        assert garbage in [path.read_bytes() for path in agent.state.glob("*.db")]
        assert [("0_abcd1234", PLAYED)] == stories(collector.events)


def test_store_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    """After a downgrade: wiping the queue would lose events, writing into it could too."""
    state = tmp_path / "state"
    state.mkdir()
    shutil.copy(OLD_STORE, state / "store.db")
    with sqlite3.connect(state / "store.db") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    before = (state / "store.db").read_bytes()
    status, printed = refused(tmp_path)
    (error,) = complaints(printed)
    assert 1 == status
    assert str(state) == error["state_dir"]
    assert "The store has schema 99; this program knows schemas up to" in error["error"]
    assert "Install the newer kiosk-agent again, or move the store out of the state folder." == error["remedy"]
    assert before == (state / "store.db").read_bytes()


def test_second_agent_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    """Two writers can destroy a WAL database: the second one must not even open it, and name the first."""
    with Collector() as collector, kiosk(tmp_path, collector, []) as agent:
        agent.start()
        first = agent.wait(lambda status: status["ready"])["pid"]
        status, printed = refused(tmp_path)
        assert agent.is_running
    (error,) = complaints(printed)
    assert 1 == status
    assert f"The store in {agent.state} is in use by process {first}." == error["error"]
    assert "Stop the other kiosk-agent first." == error["remedy"]


def test_store_that_a_command_looks_into_is_waited_for(tmp_path: Path) -> None:
    """`queue list` holds the lock for a moment: no reason for a boot to fail."""
    with Collector() as collector, kiosk(tmp_path, collector, []) as agent:
        agent.state.mkdir()
        lock = Lock.take(agent.state)
        agent.start()
        agent.wait_log("store is in use, waiting")
        lock.release()
        agent.wait(lambda status: status["ready"])
        assert 0 == agent.end()


def test_item_that_does_not_exist_is_named_and_passed_over(tmp_path: Path) -> None:
    """A typing error in one path must cost that item alone, and be found without watching the screen."""
    missing = tmp_path / "welcom.mp4"
    clips = [Clip(missing, "0_abcd1234"), Clip(media.silent_clip(1.0), "0_abcd1235")]
    with Collector() as collector, kiosk(tmp_path, collector, clips) as agent:
        agent.start()
        status = agent.wait_idle()
        assert 0 == agent.end()
    warning = f"player.playlist[0].uri: names {missing}, which does not exist; the player skips it."
    assert warning in status["config"]["warnings"][0]
    assert warning in agent.log.read_text()
    assert {"missing": 1} == status["player"]["skipped"]
    # What cannot be played was tried, and no play of it is counted (decision 11).
    assert [("0_abcd1234", [1]), ("0_abcd1235", PLAYED)] == stories(collector.events)


def test_state_folder_of_any_depth_is_usable(tmp_path: Path) -> None:
    """A Unix socket's address holds 107 bytes; where the state lies must not matter."""
    with Collector() as collector, kiosk(tmp_path, collector, [Clip(media.silent_clip(1.0), "0_abcd1234")]) as agent:
        agent.state = tmp_path.joinpath(*["a-rather-long-name"] * 12)
        agent.start()
        agent.wait_idle()
        assert 0 == agent.end()
    assert [("0_abcd1234", PLAYED)] == stories(collector.events)
