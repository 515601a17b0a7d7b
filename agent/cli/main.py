"""The command `kiosk-agent`: one group, whose commands are imported when they are called.

Contract: `main` is the entry point of the package; `kiosk_agent` is the click group. Exit codes: agent.cli.exits.
Rules: nothing here imports the agent's rooms, so `--help` and `--version` stay quick on a Raspberry Pi; the help's
one line for each command stands in the table below (a test compares it with the command's own).
"""

import sys
from importlib import import_module
from io import TextIOWrapper
from typing import NamedTuple

import click

from agent.kernel.release import VERSION


class Lazy(NamedTuple):
    """Where a command is defined, and its line in `--help`."""

    module: str
    attribute: str
    line: str


COMMANDS = {
    "run": Lazy("agent.cli.run", "run", "Play the playlist and report what is played, until SIGTERM."),
    "status": Lazy("agent.cli.status", "status", "Show what the agent is doing."),
    "queue": Lazy("agent.cli.queue", "queue", "Look into the events that wait to be delivered."),
    "report": Lazy("agent.cli.report", "report", "Show what was played, from the ledger."),
    "emit": Lazy("agent.cli.emit", "emit", "Tell the agent what the kiosk's application has to say."),
    "player": Lazy("agent.cli.player", "player", "Order the player about, as a remote control does."),
    "config": Lazy("agent.cli.config", "config", "Check and show the configuration."),
    "setup": Lazy("agent.cli.setup", "setup", "Set this kiosk up, and show that it works."),
    "verify": Lazy("agent.cli.verify", "verify", "Check that a test play is counted in the account's reports."),
    "doctor": Lazy("agent.cli.doctor", "doctor", "Check the machine and the installation, with remedies."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is asked for."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        lazy = COMMANDS.get(cmd_name)
        if lazy is None:
            return None
        command = getattr(import_module(lazy.module), lazy.attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.line) for name, lazy in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 ok, 1 something failed, 2 wrong usage or configuration, 3 no agent is running, "
    "4 inconclusive (verify).",
)
@click.version_option(VERSION, prog_name="kiosk-agent", message="%(prog)s %(version)s")
def kiosk_agent() -> None:
    """Make VLC playback on this device count in Kaltura analytics."""


def keep_rich_out() -> None:
    """Make `import rich` fail in this process.

    structlog imports rich wherever it is installed, for tracebacks that we do not want in a log: 4 to 15 MiB of
    resident memory for nothing (measured). The package does not depend on rich, but a shared environment may hold it.
    """
    sys.modules["rich"] = None  # type: ignore[assignment]  # the documented way to say "not importable"


def main() -> None:
    """Entry point. Ends the process with one of agent.cli.exits.Exit."""
    keep_rich_out()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a console that is not UTF-8 must not stop a report
    kiosk_agent(prog_name="kiosk-agent")


if __name__ == "__main__":
    main()
