"""The process that starts itself again: real ones, since only those have an id to keep."""

import subprocess
import sys

import pytest

from agent.runtime.again import MOST, VARIABLE, WITHIN_S, start_again

PATIENCE_S = 60.0
# A program that says who it is, and wants to start again whatever happens.
RESTLESS = """
import os, sys
from agent.runtime.again import start_again
print(os.getpid(), *sys.argv[1:], flush=True)
start_again({now})
print("ends", flush=True)
sys.exit(1)
"""


def _run(program: str) -> tuple[int, list[str]]:
    """The exit status, and the lines of all the process's lives."""
    command = [sys.executable, "-c", program, "run", "--config", "a b"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    return done.returncode, [line for line in done.stdout.splitlines() if "agent starts again" not in line]


def test_same_process_begins_anew_with_the_same_command_line_and_not_for_ever() -> None:
    """systemd must see neither an end nor a start; and a document that wants a start each time must not spin."""
    status, lines = _run(RESTLESS.format(now="100.0"))
    *lives, last = lines
    assert (1, "ends") == (status, last)
    assert MOST + 1 == len(lives)
    assert 1 == len(set(lives)), "one id, one command line"
    assert lives[0].endswith(" run --config a b")


@pytest.mark.parametrize("text", [f"1.0 {MOST}", f"{100.0 + WITHIN_S + 1.0} {MOST}", "nonsense", "1.0 x", "nan 3"])
def test_count_of_another_day_or_boot_is_forgotten(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change in spring must not use up one in autumn; the clock of another boot may be ahead of ours."""
    called: list[dict[str, str]] = []
    monkeypatch.setenv(VARIABLE, text)
    monkeypatch.setattr("os.execve", lambda _path, _line, environment: called.append(environment))
    start_again(100.0 + WITHIN_S)
    assert [f"{100.0 + WITHIN_S:.3f} 1"] == [environment[VARIABLE] for environment in called]


def test_program_that_is_gone_is_told_and_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade has taken the interpreter away: whoever runs us starts the new one."""
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    start_again(100.0)
