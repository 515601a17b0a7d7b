"""Health without a screen: a real agent that is asked by status, healthcheck, doctor and Prometheus."""

import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import media
from tests.support.brokers import free_ports
from tests.support.kiosks import PATIENCE_S, Clip, Kiosk, kiosk
from tools.standin.faults import Page
from tools.standin.server import Collector

pytestmark = [pytest.mark.all]

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def program(agent: Kiosk, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "agent.cli.main", *arguments, "--state-dir", str(agent.state)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


def wait(done: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < until, what
        time.sleep(0.05)  # between two looks


def test_kiosk_tells_in_ten_lines_what_prometheus_doctor_and_the_healthcheck_say_too(tmp_path: Path) -> None:
    """One judgement, however it is asked for."""
    (port,) = free_ports(1)
    textfile = tmp_path / "kiosk.prom"

    def scraped() -> str:
        try:
            with _DIRECT.open(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_S) as answer:
                return str(answer.read().decode())
        except (OSError, urllib.error.URLError):
            return ""

    with Collector() as collector, kiosk(tmp_path, collector, [Clip(media.silent_clip(2.0), "0_a")]) as agent:
        text = agent.config.read_text().replace("loop = false", "loop = true")
        agent.config.write_text(f'{text}[metrics]\ntextfile = "{textfile}"\nevery_s = 5\nlisten = "127.0.0.1:{port}"\n')
        assert 3 == program(agent, "status", "--check").returncode
        agent.start()
        agent.wait(lambda status: status["player"]["state"] == "playing" and status["sinks"][0]["delivered"] > 0)
        # A folder on a memory file system is what this machine's tests may run on, and no kiosk should.
        volatile = agent.ask("status")["queue"]["volatile"] is not None
        checked = program(agent, "status", "--check")
        assert (1 if volatile else 0) == checked.returncode, checked.stdout
        assert len(program(agent, "status").stdout.splitlines()) <= 10
        wait(lambda: "kiosk_agent_player_up 1\n" in scraped(), "scraped")
        # A play that has begun waits a moment to be written.
        written = re.compile(r'^kiosk_agent_events_total\{kind="playing"\} [1-9]', re.MULTILINE)
        wait(lambda: written.search(scraped()) is not None, "the play is counted")
        page = scraped()
        verdict = "degraded" if volatile else "fine"
        assert f'kiosk_agent_health{{verdict="{verdict}"}} 1\n' in page
        wait(textfile.exists, "the file is written")
        assert 0o644 == textfile.stat().st_mode & 0o777
        assert textfile.read_text().splitlines()[0] == page.splitlines()[0]

        collector.fault(Page(403, "forbidden"))
        agent.wait(lambda status: status["sinks"][0]["state"] == "held")
        checked = program(agent, "status", "--check")
        assert (1, "needs attention: stats.collect is held:") == (checked.returncode, checked.stdout[:39])
        assert 'kiosk_agent_health_problem{kind="held"} 1\n' in scraped()
        examined = program(agent, "doctor", "--config", str(agent.config))
        assert "fail  health         stats.collect is held" in examined.stdout, examined.stderr
        assert 0 == agent.end()
    assert "" == scraped()
