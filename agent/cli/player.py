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

ORDERS = ("next", "previous", "pause", "resume", "play", "replay", "stop", "seek", "rate")
TAKES_A_NUMBER = ("seek", "rate")


@click.command(short_help="Order the player about, as a remote control does.")
@click.argument("order", type=click.Choice(ORDERS))
@click.argument("number", type=click.FloatRange(min=0), required=False)
@state_dir_option
def player(state_dir: Path, *, order: str, number: float | None) -> None:
    """Order the player about: next, previous, pause, resume, play, replay, stop, seek NUMBER or rate NUMBER.

    play goes on where stop left the list; replay starts the present item again; seek jumps to so many seconds of it;
    rate has it run so many times as fast, from 0.25 to 4, until the next item.
    """
    if (order in TAKES_A_NUMBER) != (number is not None):
        raise click.UsageError("seek takes the seconds of the medium to jump to, rate how fast it runs; no other does.")
    arguments = {} if number is None else {"to": number}
    try:
        ask(state_dir, f"player.{order}", **arguments)
    except NotRunningError as absent:
        click.echo(f"Error: {absent}", err=True)
        raise SystemExit(Exit.NOT_RUNNING) from None
    except ControlError as error:
        raise click.ClickException(str(error)) from None
