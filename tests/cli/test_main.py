"""The command group: quick, lazy, without rich."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.cli.main import COMMANDS, kiosk_agent
from agent.kernel.release import VERSION

ROOT = Path(__file__).parents[2]


def python(code: str) -> str:
    """Run `code` in a process of its own; what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT
    )
    return done.stdout


def test_version_option_names_the_program_and_its_version() -> None:
    """Support asks for it first."""
    result = CliRunner().invoke(kiosk_agent, ["--version"])
    assert (0, f"kiosk-agent {VERSION}\n") == (result.exit_code, result.output)


def test_help_imports_no_room_of_the_agent() -> None:
    """On a Pi Zero each needless import costs tenths of a second; help must come at once."""
    printed = python(
        "import sys\n"
        "from agent.cli.main import kiosk_agent\n"
        "try: kiosk_agent(['--help'])\n"
        "except SystemExit: pass\n"
        "names = ('agent.', 'structlog', 'sqlite', 'urllib3', 'vlc')\n"
        "print('LOADED', sorted(name for name in sys.modules if name.startswith(names)))"
    )
    assert "LOADED ['agent.cli', 'agent.cli.main', 'agent.kernel', 'agent.kernel.release']" in printed
    assert "Play the playlist" in printed


def test_rich_is_kept_out_of_the_process() -> None:
    """structlog would load rich where it is installed: megabytes of a small machine for nothing."""
    printed = python(
        "import sys\n"
        "from agent.cli.main import keep_rich_out\n"
        "keep_rich_out()\n"
        "import structlog\n"
        "structlog.get_logger()\n"
        "print([m for m in sys.modules if m.startswith('rich') and sys.modules[m]])"
    )
    assert printed == "[]\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_help_line_of_a_command_is_the_commands_own(name: str) -> None:
    """The table of lazy commands repeats the help lines; this keeps the copies equal."""
    command = kiosk_agent.get_command(kiosk_agent.make_context("kiosk-agent", [name, "--help"]), name)
    assert command is not None
    assert COMMANDS[name].line == command.get_short_help_str(limit=200)


def test_unknown_command_is_a_usage_error() -> None:
    """Exit status 2, and never a traceback."""
    result = CliRunner().invoke(kiosk_agent, ["frobnicate"])
    assert result.exit_code == 2
    assert "No such command" in result.output


def test_module_run_as_a_program_behaves_like_the_command() -> None:
    """tools/ and tests start the agent from a checkout without installing it."""
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli.main", "--version"], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert (0, f"kiosk-agent {VERSION}\n") == (done.returncode, done.stdout)
