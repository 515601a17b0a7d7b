"""Completion in the shells."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.deb.completion import completions

ROOT = Path(__file__).resolve().parents[2]
BASH = "/usr/share/bash-completion/completions/kiosk-agent"


def test_three_shells_are_served_by_the_program_itself() -> None:
    """A list of commands of its own would be old with the next command."""
    scripts = completions()
    assert 3 == len(scripts)
    assert all("_KIOSK_AGENT_COMPLETE=" in text for text in scripts.values())


def test_bash_completes_a_command(tmp_path: Path) -> None:
    """Whoever is at a kiosk's console, without a mouse, types little."""
    script = tmp_path / "completion"
    script.write_text(completions()[BASH], encoding="utf-8")
    program = tmp_path / "kiosk-agent"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m agent.cli.main "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    code = (
        f". {script}; COMP_WORDS=(kiosk-agent queue st); COMP_CWORD=2; "
        'f=$(complete -p kiosk-agent | sed "s/.*-F \\([^ ]*\\) .*/\\1/"); $f kiosk-agent; echo "${COMPREPLY[@]}"'
    )
    variables = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=variables)
    assert "stats" == done.stdout.strip()


@pytest.mark.parametrize(("shell", "place"), [("bash", BASH), ("zsh", ""), ("fish", "")])
def test_script_is_good_for_its_shell(shell: str, place: str, tmp_path: Path) -> None:
    """A faulty one is an error at each login of the system's users."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    text = next(text for path, text in completions().items() if path == place or (not place and shell in path))
    script = tmp_path / "script"
    script.write_text(text, encoding="utf-8")
    assert 0 == subprocess.run([shell, "-n", str(script)], check=False).returncode
