"""The command group: quick and lazy."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from agent.fleet.main import COMMANDS, kiosk_fleet
from agent.kernel.release import VERSION

ROOT = Path(__file__).parents[2]


def test_version_option_names_the_program_and_its_version() -> None:
    """Support asks for it first."""
    found = CliRunner().invoke(kiosk_fleet, ["--version"])
    assert (0, f"kiosk-fleet {VERSION}\n") == (found.exit_code, found.output)


def test_help_imports_nothing_that_it_does_not_show() -> None:
    """Help must come at once, and paho is a second on a slow machine."""
    code = (
        "import sys\nfrom agent.fleet.main import kiosk_fleet\n"
        "try: kiosk_fleet(['--help'])\nexcept SystemExit: pass\n"
        "print('LOADED', sorted(name for name in sys.modules if name.startswith(('agent.', 'paho', 'structlog'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert "LOADED ['agent.fleet', 'agent.fleet.main', 'agent.kernel', 'agent.kernel.release']" in done.stdout
    assert "Show all devices" in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_command_explains_itself_as_the_table_does(name: str) -> None:
    """The table of lazy commands repeats the help lines; this keeps the copies equal."""
    command = kiosk_fleet.get_command(click.Context(kiosk_fleet), name)
    assert command is not None
    assert COMMANDS[name].line == command.get_short_help_str(limit=200)
    assert command.help
    assert [] == [each.name for each in command.params if isinstance(each, click.Option) and not each.help]


def test_unknown_command_is_a_usage_error() -> None:
    """Exit status 2, and never a traceback."""
    found = CliRunner().invoke(kiosk_fleet, ["frobnicate"])
    assert 2 == found.exit_code
    assert "No such command" in found.output


def test_module_run_as_a_program_behaves_like_the_command() -> None:
    """From a checkout, without installing it."""
    done = subprocess.run(
        [sys.executable, "-m", "agent.fleet.main", "--version"], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert (0, f"kiosk-fleet {VERSION}\n") == (done.returncode, done.stdout)
