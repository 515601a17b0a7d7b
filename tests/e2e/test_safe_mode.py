"""Real processes under something like systemd: what it hears, and how a loop of crashes ends."""

import os
import shutil
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from agent.runtime.safe_mode import COPY
from agent.runtime.starts import MOST
from tests.support import media
from tests.support.kiosks import PATIENCE_S, Clip, Kiosk, kiosk
from tools.standin.server import Collector


@pytest.fixture
def collector() -> Iterator[Collector]:
    """The service's stand-in."""
    with Collector() as running:
        yield running


# Python runs it at each start. It ends the agent as a fault in a C library does, where the configuration in force has
# a certain name; a setting that does so by itself is mended as soon as it is known.
FAULT = """
import sys
if "agent.cli.main" in " ".join(sys.orig_argv):
    import os, signal
    from agent.runtime import app

    begin = app.Agent.__init__

    def broken(self, config_path, home, begun, *rest):
        if begun.loaded.settings.device.name == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        begin(self, config_path, home, begun, *rest)

    app.Agent.__init__ = broken
"""


class Systemd:
    """What is told to it, in order. It always listens, as the real one: an agent does not wait where ten words wait."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.bind(str(path))
        self._heard: SimpleQueue[str] = SimpleQueue()
        self._ear = threading.Thread(target=self._listen, name="systemd")
        self._ear.start()

    def wait(self, words: str) -> str:
        """The next message with `words` in it."""
        until = time.monotonic() + PATIENCE_S
        passed: list[str] = []
        while (left := until - time.monotonic()) > 0:
            with suppress(Empty):
                passed.append(self._heard.get(timeout=left))
                if words in passed[-1]:
                    return passed[-1]
        raise AssertionError(f"not heard: {words}, among {passed}")

    def close(self) -> None:
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as last:
            last.sendto(b"", str(self.path))
        self._ear.join(PATIENCE_S)
        self._line.close()

    def _listen(self) -> None:
        while said := self._line.recv(65_536):
            self._heard.put(said.decode())


@contextmanager
def supervised(folder: Path, collector: Collector) -> Iterator[tuple[Kiosk, Systemd]]:
    """A kiosk that has what systemd gives to a unit; whoever starts it is the test."""
    (folder / "run").mkdir()
    (folder / "fault").mkdir()
    (folder / "fault" / "sitecustomize.py").write_text(FAULT)
    with closing(Systemd(folder / "notify")) as systemd:
        environment = {
            "NOTIFY_SOCKET": str(systemd.path),
            "WATCHDOG_USEC": "3000000",
            "RUNTIME_DIRECTORY": str(folder / "run"),
            "PYTHONPATH": os.pathsep.join([str(folder / "fault"), *filter(None, [os.environ.get("PYTHONPATH")])]),
        }
        clips = [Clip(media.silent_clip(3), "0_abcd")]
        with kiosk(folder, collector, clips, player="loop = true", environment=environment) as found:
            yield found, systemd


def crash(found: Kiosk, status: int) -> None:
    """One start that ends badly by itself."""
    found.start()
    until = time.monotonic() + PATIENCE_S
    while found.is_running:
        assert time.monotonic() < until, found.log.read_text()
        time.sleep(0.05)  # between two looks
    assert status == found.status, found.log.read_text()


@pytest.mark.all
def test_service_says_when_it_is_ready_what_it_does_that_it_lives_and_that_it_ends(
    tmp_path: Path, collector: Collector
) -> None:
    """systemd knows of the agent what it is told, and no more."""
    with supervised(tmp_path, collector) as (found, systemd):
        found.start()
        assert "EXTEND_TIMEOUT_USEC=" in systemd.wait("STATUS=starting")
        systemd.wait("READY=1")
        systemd.wait("STATUS=playing 0_abcd (1 of 1); stats.collect delivering")
        for _ in range(3):
            systemd.wait("WATCHDOG=1")
        assert found.wait(lambda status: status["watchdog"]["withheld"] is None)["watchdog"]["every_s"] == 3.0
        assert 0 == found.end()
        systemd.wait("STOPPING=1")


@pytest.mark.all
def test_configuration_that_ends_the_agent_is_replaced_by_the_last_good_one_until_it_is_mended(
    tmp_path: Path, collector: Collector
) -> None:
    """Somebody's last change keeps nobody's screen dark: five starts, and what ran before runs again."""
    with supervised(tmp_path, collector) as (found, systemd):
        found.state.mkdir()
        good = found.config.read_text()
        (found.state / COPY).write_text(good)
        found.config.write_text(good.replace("[device]\n", '[device]\nname = "crash"\n'))
        for _ in range(MOST):
            crash(found, -signal.SIGSEGV)
        found.start()
        systemd.wait("STATUS=safe mode; playing 0_abcd")
        status = found.wait(lambda status: status["player"]["state"] == "playing")
        assert status["safe_mode"]["on"]
        assert "ended 5 times" in status["safe_mode"]["configuration"]
        assert 1 == status["counters"]["safe-mode"]
        found.config.write_text(good + "\n# mended\n")
        status = found.wait(lambda status: not status["safe_mode"]["on"])
        assert status["safe_mode"]["configuration"] is None
        assert "safe-mode" not in status["counters"]
        assert found.is_running
        assert 0 == found.end()


@pytest.mark.all
def test_store_that_ends_every_start_has_the_starts_become_rare(tmp_path: Path, collector: Collector) -> None:
    """No configuration helps, and the queue is not thrown away; but the machine is not kept busy for ever."""
    with supervised(tmp_path, collector) as (found, systemd):
        found.start()
        systemd.wait("READY=1")
        assert 0 == found.end()
        (database,) = found.state.glob("*.db")
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA user_version = 9999")
        before = shutil.copy(database, tmp_path / "before.db")
        for _ in range(MOST + 1):
            crash(found, 1)
        found.start()
        waiting = systemd.wait("STATUS=safe mode, waiting 60 s before the start")
        assert "WATCHDOG=1" in waiting
        assert found.is_running
        found.kill()
        assert Path(before).read_bytes()[:100] == database.read_bytes()[:100]


@pytest.mark.all
def test_wrong_configuration_at_a_start_is_told_and_the_last_good_one_runs(
    tmp_path: Path, collector: Collector
) -> None:
    """Restart=always would start it for ever, and the screen would stay dark."""
    with supervised(tmp_path, collector) as (found, _):
        good = found.config.read_text()
        found.config.write_text(good.replace("headless = true", "headless = 7"))
        crash(found, 2)
        found.state.mkdir(exist_ok=True)
        (found.state / COPY).write_text(good)
        found.start()
        status = found.wait(lambda status: status["player"]["state"] == "playing")
        assert "the configuration file cannot be used" in status["safe_mode"]["configuration"]
        assert not status["safe_mode"]["on"]
        assert "player.headless" in found.log.read_text()
        assert 0 == found.end()
