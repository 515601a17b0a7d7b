"""`kiosk-agent run`: the daemon in the foreground, as systemd starts it.

Contract: ends with what the agent ended with (0 as asked, 1 after a failure), 2 where the configuration is wrong.
Rules: every problem of the configuration is printed before anything starts.
"""

import sys
from pathlib import Path

import click

from agent.cli.exits import Exit
from agent.cli.place import state_dir_option
from agent.config.problems import ConfigurationError
from agent.runtime import life


@click.command(short_help="Play the playlist and report what is played, until SIGTERM.")
@click.option(
    "--config",
    "config_path",
    metavar="FILE",
    required=True,
    type=click.Path(dir_okay=False, readable=False, path_type=Path),  # the loader says why and what to do
    help="The configuration, a TOML file.",
)
@state_dir_option
def run(config_path: Path, state_dir: Path) -> None:
    """Play the playlist and report what is played, until SIGTERM or Ctrl-C.

    Logs go to stderr: readable on a terminal, JSON under systemd. Killing the agent loses nothing that it has
    acknowledged; the next start goes on where it was.
    """
    try:
        status = life.run(config_path, state_dir)
    except ConfigurationError as error:
        click.echo(f"kiosk-agent does not start: the configuration {config_path} cannot be used.", err=True)
        for problem in error.problems:
            click.echo(f"  {problem}", err=True)
        sys.exit(Exit.USAGE)
    sys.exit(status)
