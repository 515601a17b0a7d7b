"""The program as a person starts it."""

import http.client
import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.support.kaltura_client import COLLECT, FORM, event
from tools.standin import main

PROGRAM = Path(__file__).parents[2] / "tools" / "collector"


def test_program_prints_records_and_stops_on_sigterm(tmp_path: Path) -> None:
    """tools/run reads the address from the first line and stops it with a signal."""
    record = tmp_path / "events.jsonl"
    program = subprocess.Popen(
        [str(PROGRAM), "--port", "0", "--record", str(record)], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    assert program.stdout is not None
    first, second = program.stdout.readline(), program.stdout.readline()
    assert first.startswith("Collector listening on http://127.0.0.1:")
    assert second.startswith("Control on http://127.0.0.1:")
    client = http.client.HTTPConnection(first.split("/")[2], timeout=60)
    client.request("POST", COLLECT, event(referrer="kiosk://device-001"), {"Content-Type": FORM})
    assert client.getresponse().read() == b"true"
    client.close()
    assert json.loads(record.read_text(encoding="utf-8"))["eventType"] == 3
    program.send_signal(signal.SIGTERM)
    rest, _ = program.communicate(timeout=60)
    assert program.returncode == 0
    assert "kiosk://device-001" in rest
    assert rest.endswith("Collector stopped: 1 events counted.\n")


def test_port_that_is_taken_is_an_error_with_a_reason(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The usual reason is a collector that still runs."""
    keep = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert main.main(["--port", "0", "--record", str(tmp_path / "no" / "such")]) == 1
    finally:
        for number, handler in keep.items():
            signal.signal(number, handler)
    assert "no/such" in capsys.readouterr().err


def test_program_stands_in_for_the_analytics_server_too(tmp_path: Path) -> None:
    """A demo of page views and VIEWs needs both hosts, and should show what arrives at each."""
    program = subprocess.Popen(
        [str(PROGRAM), "--port", "0", "--analytics-port", "0"], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    assert program.stdout is not None
    lines = [program.stdout.readline() for _ in range(3)]
    assert lines[2].startswith("Analytics server on http://127.0.0.1:")
    client = http.client.HTTPConnection(lines[2].split("/")[2], timeout=60)
    path = "/api_v3/index.php?service=analytics&action=trackEvent"
    client.request("POST", path, "eventType=10003&partnerId=102&pageType=lobby", {"Content-Type": FORM})
    assert 200 == client.getresponse().status
    client.close()
    program.send_signal(signal.SIGTERM)
    rest, _ = program.communicate(timeout=60)
    assert (0, True) == (program.returncode, "trackEvent 10003 pageType=lobby" in rest)
