"""`kiosk-agent queue import`: deliver what another kiosk has exported.

Contract: exit 0 when every event of the file has been delivered, passed over or refused for good, now or earlier; 1
where the file cannot be taken or not all of it got through (the same command goes on); 2 where the command line or the
configuration is wrong, and nothing was sent. The work: agent.cli.importing.
Rules: needs no agent, no player and no playlist on this machine, and leaves an agent that runs here alone.
"""

from pathlib import Path

import click

from agent.cli.place import state_dir_option
from agent.cli.queue_export import DEFAULT

_file = click.Path(dir_okay=False, path_type=Path)


@click.command("import", short_help="Deliver what another kiosk has exported.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--config", metavar="FILE", type=_file, help=f"The configuration. {DEFAULT}")
@click.option("--key", metavar="FILE", type=_file, help="The private key (PEM) of the certificate it is encrypted to.")
@click.option("--again", is_flag=True, help="Take it although another machine has: only if that has lost it.")
@click.option(
    "--patience",
    metavar="SECONDS",
    type=click.FloatRange(0, 86_400),
    default=60.0,
    show_default=True,
    help="Give up when nothing got through for so long.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@state_dir_option
def import_file(
    state_dir: Path,
    file: Path,
    *,
    config: Path | None,
    key: Path | None,
    again: bool,
    patience: float,
    as_json: bool,
) -> None:
    """Deliver the events of FILE, with the referrer, sessions, times and identities of the kiosk that exported them.

    Address, credentials and pace are those of this machine's configuration; the destinations for which events wait must
    be on in it. What was taken stays in the state folder until it is delivered, so the medium may go at once; run the
    same command again to go on. A file is taken once, however often and under whatever name it is imported.
    """
    from agent.cli import importing

    wanted = importing.Wanted(file, config, key, again=again, patience=patience)
    importing.run(wanted, state_dir, as_json=as_json)
