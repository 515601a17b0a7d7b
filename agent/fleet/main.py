"""The command `kiosk-fleet`: one group, whose commands are imported when they are called.

Contract: `main` is the entry point; `kiosk_fleet` is the click group. Exit codes: agent.fleet.exits.
Rules: nothing here imports the other rooms, so `--help` is quick; the help's one line for each command stands in the
table below (a test compares it with the command's own). No device imports anything of this package.
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
    "status": Lazy("agent.fleet.status", "status", "Show all devices, the worst first."),
    "show": Lazy("agent.fleet.show", "show", "Show everything about one device."),
    "groups": Lazy("agent.fleet.groups", "groups", "List the groups, their devices and revisions."),
    "push": Lazy("agent.fleet.push", "push", "Publish a file's settings, and show who applied them."),
    "set": Lazy("agent.fleet.push", "set_values", "Change single settings of a document."),
    "unset": Lazy("agent.fleet.push", "unset", "Take single settings out of a document."),
    "rollout": Lazy(
        "agent.fleet.rollout", "rollout", "Publish a file's settings in stages, and go back if it does harm."
    ),
    "history": Lazy("agent.fleet.history", "history", "List what was published for a level."),
    "rollback": Lazy("agent.fleet.history", "rollback", "Publish an earlier document again."),
    "do": Lazy("agent.fleet.do", "do", "Give devices a command, and show what came of it."),
    "report": Lazy("agent.fleet.report", "report", "Add up what was played, over the whole fleet."),
    "remove": Lazy("agent.fleet.remove", "remove", "Clear what the broker keeps of a retired device."),
    "exporter": Lazy("agent.fleet.exporter", "exporter", "Serve the whole fleet's metrics to Prometheus."),
    "enroll": Lazy("agent.fleet.enroll", "enroll", "Make credentials and a bundle for every device of a list."),
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
    epilog="Exit status: 0 ok, 1 a device refused, failed or did not answer, 2 wrong usage or document, 3 no broker.",
)
@click.version_option(VERSION, prog_name="kiosk-fleet", message="%(prog)s %(version)s")
def kiosk_fleet() -> None:
    """Steer kiosks through their MQTT broker, and see what each of them really runs."""


def main() -> None:
    """Entry point. Ends the process with one of agent.fleet.exits.Exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a console that is not UTF-8 must not stop a report
    kiosk_fleet(prog_name="kiosk-fleet")


if __name__ == "__main__":
    main()
