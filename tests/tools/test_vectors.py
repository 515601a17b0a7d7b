"""The recorded answers of a real server, all of them, against the stand-in."""

import re
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tools.standin.server import Collector

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "vectors" / "kaltura.jsonl"
replay: Any = import_module("tests.vectors.replay")  # the script as it came with the cases, which has no types
CASES = list(replay.load([VECTORS]))


@pytest.mark.parametrize(("fixtures", "case"), CASES, ids=[case["id"] for _, case in CASES])
def test_recorded_case_answered_and_logged_alike(
    fixtures: dict[str, Any], case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the agent is tested against must behave as the real server does, down to the log line."""
    waited: list[float] = []
    # Time passes where a case waits for an expiry, for it and the server, and nowhere else: neither another thread's
    # sleep nor a busy machine may have a session of two seconds end too soon.
    began = time.time()
    moved = SimpleNamespace(time=lambda: began + sum(waited), monotonic=time.monotonic, sleep=waited.append)
    monkeypatch.setattr(replay, "time", moved)
    with Collector(clock=moved.time) as collector:
        base = collector.url.removesuffix("/api_v3")
        log = replay.Log(url=f"{base}/_/log")
        assert None is replay.run_case(case, fixtures, "run", base, log, True)


def test_program_under_replay_passes_every_case() -> None:
    """The program that people start is the one that was proven, with the recorded fixtures as its defaults."""
    program = subprocess.Popen(
        [str(ROOT / "tools" / "collector"), "--port", "0", "--quiet"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout is not None
        address = re.search(r"http://[^/]+", program.stdout.readline())
        assert address is not None
        arguments = [address[0], str(VECTORS), "--log-url", f"{address[0]}/_/log", "--check-headers"]
        replayed = subprocess.run(
            [sys.executable, str(VECTORS.with_name("replay.py")), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        assert replayed.stdout == "166 passed, 0 failed\n"
    finally:
        program.terminate()
        program.communicate(timeout=60)
    assert program.returncode == 0
