"""`kiosk-agent verify` as operators run it: the real program, beside an agent, ended by Ctrl-C, with an app token."""

import json
import re
import shlex
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import media
from tests.support.kiosks import PATIENCE_S, Clip, kiosk
from tests.support.verification import ENTRY, OTHER, PLAYED, Bench, MovedClock, benches
from tools.standin import fixtures
from tools.standin.server import Collector


def test_operators_app_token_asks_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator need not handle sessions, which end."""
    known = fixtures.load()
    device = known.tokens["0_8c99gpct"]
    known.tokens["0_operator"] = replace(
        device, ident="0_operator", token="operators-token", hash_type="SHA512", session_type=2, user="operator"
    )
    for bench in benches(tmp_path, monkeypatch, MovedClock(), known):
        file = tmp_path / "token"
        file.write_text("operators-token\n")
        key = ("--app-token-id", "0_operator", "--app-token-file", str(file), "--app-token-hash", "SHA512")
        result = bench.run("--entry", ENTRY, key=key)
        assert (0, True) == (result.exit_code, result.stdout.startswith("counted: ")), result.output
        assert "operators-token" not in result.output
        file.write_text("another-token")
        result = bench.run("--entry", OTHER, key=key)
        assert (4, True) == (result.exit_code, "INVALID_APP_TOKEN_HASH" in result.stdout)


@pytest.mark.all
def test_command_runs_beside_an_agent_and_its_queue(tmp_path: Path) -> None:
    """The real program, beside a kiosk that plays and holds its store's lock; the agent's numbers stay its own."""
    with Collector() as collector, kiosk(tmp_path, collector, [Clip(media.clip(12.0), "0_abcd1234")]) as agent:
        folder = tmp_path / "operator"
        folder.mkdir()
        bench = Bench(folder, collector, MovedClock())
        agent.start()
        agent.wait(lambda status: status["player"]["state"] == "playing")
        done = subprocess.run(command(bench, "--entry", ENTRY, "--json"), capture_output=True, text=True, timeout=120)
        assert 0 == done.returncode, done.stderr
        found = json.loads(done.stdout)
        assert ("counted", ENTRY, None) == (found["outcome"], found["entry_id"], found["resume"])
        assert found["session_id"] == bench.of_entry()[0]["sessionId"]
        agent.wait_idle()
        agent.end()
        assert list(PLAYED) == [event["eventType"] for event in bench.of_entry("0_abcd1234")]


def test_ctrl_c_tells_how_to_go_on(tmp_path: Path) -> None:
    """Who stops watching after ten minutes comes back after forty, with the command that was printed."""
    with Collector() as collector:
        bench = Bench(tmp_path, collector, MovedClock())
        collector.reports.delay_s = 86_400.0
        with subprocess.Popen(
            command(bench, "--entry", ENTRY), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as running:
            assert running.stderr is not None
            said = next(line for line in running.stderr if "next look in" in line)
            assert "0 of 1 play" in said
            running.send_signal(signal.SIGINT)
            out, errors = running.communicate(timeout=PATIENCE_S)
        assert (4, "inconclusive: stopped before the report said anything\n") == (running.returncode, out)
        assert "Traceback" not in errors
        again = re.search(r"go on later with: kiosk-agent (verify .*)", errors)
        assert again is not None
        collector.reports.delay_s = 0.0
        done = subprocess.run(
            [sys.executable, "-m", "agent.cli.main", *shlex.split(again[1])],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert (0, True) == (done.returncode, done.stdout.startswith("counted: ")), done.stderr
        assert 7 == len(bench.of_entry())
        assert not Path(shlex.split(again[1])[2]).exists()


def command(bench: Bench, *arguments: str) -> list[str]:
    """The real program."""
    asked = ["--ks-file", str(bench.ks_file), "--config", str(bench.config)]
    return [sys.executable, "-m", "agent.cli.main", "verify", *arguments, *asked]
