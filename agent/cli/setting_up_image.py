"""`kiosk-agent setup --image`: makes this machine into a golden image.

Contract: `make_image` says what it did, or why not; it answers the exit status. Raises StoreError, OSError.
Rules: not while an agent runs; and not while events wait, unless that is forced, and then they are counted. The service
stays enabled: each copy starts with a store, and an identity, of its own.
"""

import click

from agent.cli.exits import Exit
from agent.cli.layout import show
from agent.cli.setting_up_text import stock_text
from agent.cli.words import plain
from agent.runtime.control import ControlError, NotRunningError, ask
from agent.runtime.setup.image import Busy, inspect, prepare
from agent.runtime.setup.places import Places

_STOP = "Stop it first: sudo systemctl stop kiosk-agent"


def make_image(places: Places, *, force: bool) -> Exit:
    """Remove what makes this machine this one."""
    if places.state.exists() and (why := _running(places)) is not None:
        click.echo(f"{why} {_STOP}", err=True)
        return Exit.FAILED
    stock = inspect(places)
    if isinstance(stock, Busy):
        click.echo(f"{stock.why} {_STOP}", err=True)
        return Exit.FAILED
    if not stock.is_empty and not force:
        text = stock_text(stock)
        click.echo(f"The store in {places.state} would be lost: {text}.", err=True)
        click.echo("Let the agent deliver first, or export them (kiosk-agent queue export), or use --force.", err=True)
        return Exit.FAILED
    done = prepare(places)
    if isinstance(done, Busy):
        click.echo(f"{done.why} {_STOP}", err=True)
        return Exit.FAILED
    lost = [] if stock.is_empty else [f"lost with the store: {stock_text(stock)}"]
    show([plain(line) for line in [*lost, *(done or ["Nothing of this machine was left in it."])]])
    show(["Shut down now, and copy the card; the next boot makes a device of it again."])
    return Exit.OK


def _running(places: Places) -> str | None:
    try:
        ask(places.state, "status")
    except NotRunningError:
        return None
    except ControlError as error:
        return f"An agent has the store, and does not answer: {error}."
    return "An agent is running."
