"""`kiosk-agent setup`: from an installed package to the first event that arrives.

Contract: asks on a terminal, or takes options, or takes what lies on the boot partition; checks it against the real
services; writes it; starts the service; shows the first event. Exit: 0 done, 1 a check or a deed failed, 2 wrong usage
or a configuration that the agent would refuse (nothing was written), 3 the agent does not answer.
Rules: run again it changes nothing, or only what was asked for.
"""

import os
import sys
from pathlib import Path
from typing import Any

import click

from agent.cli.exits import Exit
from agent.cli.layout import show
from agent.cli.place import DEFAULT_STATE_DIR, default_state_dir
from agent.cli.setting_up import Order, set_up
from agent.cli.setting_up_image import make_image
from agent.cli.setup_options import drafted, question_options
from agent.cli.words import plain
from agent.outbox.errors import StoreError
from agent.runtime.setup.applying import existing
from agent.runtime.setup.firstboot import End, carry_in
from agent.runtime.setup.places import ROOT, Places
from agent.service.notify import Notifier

# A network, and a clock, are there two minutes after a boot, or will not be: then the log on the card says so.
FIRST_BOOT_PATIENCE_S = 120.0

_ENDS = {End.NOTHING: Exit.OK, End.DONE: Exit.OK, End.REFUSED: Exit.USAGE, End.FAILED: Exit.FAILED}


@click.command(short_help="Set this kiosk up, and show that it works.")
@question_options
@click.option("--demo", metavar="ENTRY", help="Play a picture that is made here, as this entry.")
@click.option("--replace", metavar="ID", help="Take the place of this device, whose board is gone.")
@click.option("--from-boot", is_flag=True, help="Take what lies on the boot partition; nobody is asked.")
@click.option("--image", is_flag=True, help="Make this machine into an image to be copied: no identity stays in it.")
@click.option("--force", is_flag=True, help="Replace a configuration that is there; with --image, lose unsent events.")
@click.option("--skip-checks", is_flag=True, help="Ask no service whether it is there: for images made offline.")
@click.option("--no-start", is_flag=True, help="Write everything, and leave the service alone.")
@click.option(
    "--wait",
    "wait_s",
    metavar="SECONDS",
    type=click.FloatRange(1, 3600),
    default=120.0,
    show_default=True,
    help="How long to wait for the first event.",
)
@click.option(
    "--state-dir",
    metavar="DIR",
    type=click.Path(file_okay=False, readable=False, path_type=Path),
    help=f"The agent's state folder. Default: $STATE_DIRECTORY, then {DEFAULT_STATE_DIR}.",
)
@click.option(
    "--root",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT,
    hidden=True,
    help="Below which everything is written: an image that is mounted here.",
)
def setup(
    *,
    demo: str | None,
    replace: str | None,
    from_boot: bool,
    image: bool,
    force: bool,
    skip_checks: bool,
    no_start: bool,
    wait_s: float,
    state_dir: Path | None,
    root: Path,
    **answers: Any,
) -> None:
    """Set this kiosk up: ask, check against the real services, write, start, and show the first event delivered.

    On a terminal it asks what no option says; elsewhere it asks nothing. Run again it keeps what is there. A secret is
    read from a file or from standard input, never from the command line.

    Exit status: 0 done; 1 something failed; 2 wrong usage or configuration, and nothing was written; 3 the agent does
    not answer.
    """
    if root == ROOT and os.geteuid() != 0:
        raise click.UsageError("Only root may write the configuration and start the service: sudo kiosk-agent setup")
    places = Places(root, state_dir or (default_state_dir() if root == ROOT else root / "var/lib/kiosk-agent"))
    answers |= {"device_id": replace} if replace else {}
    if from_boot + image + bool(demo or any(answers.values())) > 1:
        raise click.UsageError("--from-boot and --image stand alone: they take no answers, nor each other.")
    try:
        if image:
            status = make_image(places, force=force)
        elif from_boot:
            status = _from_boot(places, checks=not skip_checks, start=not no_start)
        else:
            there = existing(places)
            draft, asked = drafted(there.draft, answers, places, demo=demo)
            order = Order(
                places,
                there,
                draft,
                asked,
                is_manned=sys.stdin.isatty() and sys.stdout.isatty(),
                force=force,
                checks=not skip_checks,
                start=not no_start,
                replaces_device=replace is not None,
                wait_s=wait_s,
            )
            status = set_up(order)
    except StoreError as error:
        raise click.ClickException(f"{error} {error.remedy}") from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or places.folder}: {error.strerror}") from None
    sys.exit(status)


def _from_boot(places: Places, *, checks: bool, start: bool) -> Exit:
    systemd = Notifier.found(os.environ)
    account = carry_in(
        places,
        checks=checks,
        start=start,
        ready=lambda: systemd.tell(READY="1", STATUS="Asking the services"),
        patience_s=0.0 if systemd.address is None else FIRST_BOOT_PATIENCE_S,
    )
    show([plain(line) for line in account.lines])
    return _ENDS[account.end]
