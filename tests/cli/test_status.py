"""`status` against a real control socket."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agent.cli.status import status
from tests.support.agents import answering

ROOT = Path(__file__).parents[2]


def healthy(_call: str, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"ok": {"version": "9.9", "ready": True, "queue": {"events": 2}}}


def test_running_agent_is_asked_and_shown(tmp_path: Path) -> None:
    """The first command that anybody types."""
    with answering(tmp_path, healthy) as seen:
        result = CliRunner().invoke(status, ["--state-dir", str(tmp_path)])
    assert (0, ["status"]) == (result.exit_code, [request.call for request in seen])
    assert "kiosk-agent 9.9 · ready" in result.output
    assert "2 events" in result.output


def test_json_is_the_agents_answer_and_says_that_it_runs_and_how(tmp_path: Path) -> None:
    """Machines read the same facts."""
    with answering(tmp_path, healthy):
        result = CliRunner().invoke(status, ["--json", "--state-dir", str(tmp_path)])
    fine = {"verdict": "fine", "reasons": []}
    expected = {"running": True, "health": fine, "version": "9.9", "ready": True, "queue": {"events": 2}}
    assert expected == json.loads(result.output)


def test_long_shows_everything_and_short_at_most_ten_lines(tmp_path: Path) -> None:
    """Ten lines are what a person reads over the telephone."""

    def told(_call: str, _arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {"ok": {"version": "9.9", "queue": {"events": 2, "generation": "g"}}}

    with answering(tmp_path, told):
        short = CliRunner().invoke(status, ["--state-dir", str(tmp_path)]).output
        long = CliRunner().invoke(status, ["--long", "--state-dir", str(tmp_path)]).output
        assert long == CliRunner().invoke(status, ["--all", "--state-dir", str(tmp_path)]).output
    assert "generation" not in short
    assert "generation g" in long
    assert "fine" == short.splitlines()[0]


@pytest.mark.parametrize(
    ("answer", "end", "line"),
    [
        ({"ok": {"version": "9.9"}}, 0, "fine"),
        ({"ok": {"queue": {"trouble": "I/O error"}}}, 1, "needs attention: the queue cannot be written: I/O error"),
        (
            {"ok": {"queue": {"volatile": "tmpfs"}}},
            1,
            "needs attention: the queue does not survive a power cut (tmpfs)",
        ),
        ({"error": "the main loop did not answer"}, 1, "no answer: the main loop did not answer"),
    ],
)
def test_check_is_one_line_and_an_exit_status(tmp_path: Path, answer: dict[str, Any], end: int, line: str) -> None:
    """What a supervisor, cron or a monitoring agent runs."""
    with answering(tmp_path, lambda _call, _arguments: answer):
        result = CliRunner().invoke(status, ["--check", "--state-dir", str(tmp_path)])
        machine = CliRunner().invoke(status, ["--check", "--json", "--state-dir", str(tmp_path)])
    assert (end, [line]) == (result.exit_code, result.output.splitlines())
    assert end == machine.exit_code
    assert "verdict" in json.loads(machine.output)


def test_check_without_an_agent_ends_with_three_and_opens_no_store(tmp_path: Path) -> None:
    """A healthcheck every ten seconds must not keep a starting agent from its store."""
    result = CliRunner().invoke(status, ["--check", "--state-dir", str(tmp_path)])
    assert (3, 1) == (result.exit_code, len(result.output.splitlines()))
    assert [] == list(tmp_path.iterdir())


def test_no_state_folder_says_so_and_ends_with_three(tmp_path: Path) -> None:
    """A monitoring script must tell "not running" from "broken"."""
    result = CliRunner().invoke(status, ["--state-dir", str(tmp_path / "nowhere")])
    assert result.exit_code == 3
    assert "no agent is running" in result.output


def test_agent_that_refuses_is_a_failure_with_its_words(tmp_path: Path) -> None:
    """A hung main loop must not look alive."""
    with answering(tmp_path, lambda _call, _arguments: {"error": "the main loop did not answer"}):
        result = CliRunner().invoke(status, ["--state-dir", str(tmp_path)])
    assert result.exit_code == 1
    assert "the main loop did not answer" in result.output


def test_watch_in_a_pipe_gives_one_json_object_a_line(tmp_path: Path) -> None:
    """A script can follow the agent without asking anew each time."""
    command = [sys.executable, "-m", "agent.cli.main", "status", "--watch", "--json", "--state-dir", str(tmp_path)]
    with answering(tmp_path, healthy), subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        answers = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.terminate()
    assert [True, True] == [answer["running"] for answer in answers]


def test_watch_on_a_terminal_repaints_in_place_and_leaves_it_clean(tmp_path: Path) -> None:
    """After Ctrl-C the cursor must be back, or the operator's terminal is spoilt."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "agent.cli.main", "status", "--watch", "--state-dir", str(tmp_path)]
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1"}
    painted = b""
    with (
        answering(tmp_path, healthy),
        subprocess.Popen(command, stdout=theirs, stderr=theirs, cwd=ROOT, env=environment) as process,
    ):
        os.close(theirs)
        while painted.count(b"\x1b[H") < 2:
            painted += os.read(ours, 4096)
        process.send_signal(2)
        try:
            while chunk := os.read(ours, 4096):
                painted += chunk
        except OSError:
            pass  # Linux says EIO when the other end of a terminal is closed
    os.close(ours)
    assert process.returncode == 0
    assert painted.rstrip().endswith(b"\x1b[?7h\x1b[?25h")
    assert b"9.9" in painted
    assert b"\x1b[1m" not in painted
