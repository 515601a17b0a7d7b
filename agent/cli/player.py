"""`kiosk-agent player`: what a remote control has, for whoever stands before the kiosk or writes a script for it.

Contract: exit 0 when the agent has taken the order, 3 where none is running, 1 where it does not answer. What comes of
the order is seen on the screen and in `status`.
Rules: an order counts as a visitor's own doing would: a seek is a SEEK, `replay` is a REPLAY (decision 12).
"""

from pathlib import Path

import click

from agent.cli.exits import Exit
from agent.cli.place import state_dir_option
from agent.runtime.control import ControlError, NotRunningError, ask

ORDERS = ("next", "previous", "pause", "resume", "play", "replay", "stop", "seek")


@click.command(short_help="Order the player about, as a remote control does.")
@click.argument("order", type=click.Choice(ORDERS))
@click.argument("seconds", type=click.FloatRange(min=0), required=False)
@state_dir_option
def player(state_dir: Path, *, order: str, seconds: float | None) -> None:
    """Order the player about: next, previous, pause, resume, play, replay, stop, or seek SECONDS.

    play goes on where stop left the list; replay starts the present item again; seek jumps to so many seconds of it.
    """
    if (order == "seek") != (seconds is not None):
        raise click.UsageError("seek, and only seek, takes the SECONDS of the medium to jump to.")
    arguments = {} if seconds is None else {"to": seconds}
    try:
        ask(state_dir, f"player.{order}", **arguments)
    except NotRunningError as absent:
        click.echo(f"Error: {absent}", err=True)
        raise SystemExit(Exit.NOT_RUNNING) from None
    except ControlError as error:
        raise click.ClickException(str(error)) from None
