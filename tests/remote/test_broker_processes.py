"""A device that is killed, or hangs: real processes, a real broker. The traps of edge.md section 5 about crashes."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from agent.remote.letters import Arrived
from agent.remote.line import Outgoing
from tests.support.brokers import Broker
from tests.support.lines import COMMAND, PRESENCE, Caller, device_settings, operator_settings

ROOT = Path(__file__).parents[2]


@contextmanager
def device(broker: Broker, folder: Path, what: str, *, keepalive_s: int = 60) -> Iterator[subprocess.Popen[str]]:
    """A device as a process; killed at the end. One that is given no time for one and a half `keepalive_s` is away."""
    password = device_settings(broker, folder).password_file
    arguments = [str(broker.plain_port), str(password), what, str(keepalive_s)]
    command = [sys.executable, "-m", "tests.support.line_program", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert "Online" in line(process.stdout)
            yield process
        finally:
            process.kill()


def line(stdout: IO[str] | None) -> str:
    """What it says next."""
    assert stdout is not None
    return stdout.readline().strip()


def test_what_was_not_acknowledged_before_a_kill_comes_again(tmp_path: Path) -> None:
    """Trap: crash before the ack. "Store the document, then acknowledge" rests on this, SIGKILL and power cut alike."""
    with Broker(tmp_path / "broker") as broker:
        with device(broker, tmp_path, "leave") as first, Caller(operator_settings(broker, tmp_path)) as operator:
            operator.online().line.publish(Outgoing(COMMAND, b"once"))
            assert "Arrived once" == line(first.stdout)
        with Caller(device_settings(broker, tmp_path), [COMMAND]) as again:
            again.online().arrived(COMMAND, b"once")
        with Caller(operator_settings(broker, tmp_path)) as operator:
            operator.online().line.publish(Outgoing(COMMAND, b"twice"))
            with Caller(device_settings(broker, tmp_path), [COMMAND]) as last:
                last.online().arrived(COMMAND, b"twice")
                assert [b"twice"] == last.payloads(COMMAND)


def test_the_last_will_comes_after_a_kill(tmp_path: Path) -> None:
    """An operator sees within moments that an agent has died."""
    with Broker(tmp_path / "broker") as broker, Caller(operator_settings(broker, tmp_path), [PRESENCE]) as operator:
        operator.online()
        with device(broker, tmp_path, "take") as process:
            process.send_signal(signal.SIGKILL)
            operator.arrived(PRESENCE, b"lost")
        # As it was published: MQTT 5 is asked to leave the flag alone.
        assert [True] == [each.retained for each in operator.all(Arrived)]


def test_the_last_will_comes_after_a_hang(tmp_path: Path) -> None:
    """A process that hangs keeps its socket open: only the keepalive tells, after one and a half of it."""
    with Broker(tmp_path / "broker") as broker, Caller(operator_settings(broker, tmp_path), [PRESENCE]) as operator:
        operator.online()
        with device(broker, tmp_path, "take", keepalive_s=2) as process:
            process.send_signal(signal.SIGSTOP)
            operator.arrived(PRESENCE, b"lost")
        with Caller(operator_settings(broker, tmp_path), [PRESENCE]) as late:
            late.online().arrived(PRESENCE, b"lost")
