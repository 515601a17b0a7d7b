"""`kiosk-agent queue export`: hand what waits over to a file on a USB stick, for a kiosk that never comes online.

Contract: exit 0 when the file is whole on its medium, or nothing waits; 1 where it could not be written, 2 where the
command line or the configuration is wrong. The work: agent.cli.exporting.
Rules: as every part of `queue`, this module loads none of the store's room before it is needed.
"""

from pathlib import Path

import click

from agent.cli.place import state_dir_option

DEFAULT = "Default: /etc/kiosk-agent/kiosk-agent.toml."

_file = click.Path(dir_okay=False, path_type=Path)


@click.command("export", short_help="Hand what waits over to a file, for a kiosk that never comes online.")
@click.option(
    "--to", "folder", metavar="DIR", type=click.Path(path_type=Path), help="Write the file here, such as a USB stick."
)
@click.option("--again", metavar="ID", help="With --to: write an earlier export once more, since its file was lost.")
@click.option("--known", is_flag=True, help="List the exports whose events are still kept here.")
@click.option("--forget", metavar="ID", help="Free what is kept of an export: its file was delivered.")
@click.option("--config", metavar="FILE", type=_file, help=f"The configuration. {DEFAULT}")
@click.option("--recipient", metavar="CERT", type=_file, help="Encrypt to this certificate (PEM) instead.")
@click.option("--plain", "in_clear", is_flag=True, help="Do not encrypt, whatever the configuration says.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@state_dir_option
def export(
    state_dir: Path,
    *,
    folder: Path | None,
    again: str | None,
    known: bool,
    forget: str | None,
    config: Path | None,
    recipient: Path | None,
    in_clear: bool,
    as_json: bool,
) -> None:
    """Hand what waits over to one file, to be delivered elsewhere by `kiosk-agent queue import`.

    From then on this kiosk does not deliver these events any more, so that nobody counts them twice. They stay in its
    queue until the stick comes back with the receipt that `import` leaves beside the file, or until the queue needs the
    room; so a file that was lost can be written again (--again). A play that is going on stays until it is over.
    """
    if (folder is not None) + known + (forget is not None) != 1 or (again is not None and folder is None):
        raise click.UsageError("Say what to do: --to DIR, --known, or --forget ID.")
    if recipient is not None and in_clear:
        raise click.UsageError("Choose --recipient or --plain.")
    from agent.cli import exporting

    with exporting.reached(state_dir) as call:
        if forget is not None:
            exporting.forget(call, forget, as_json=as_json)
        elif folder is None:
            exporting.show_known(call, as_json=as_json)
        else:
            exporting.write(
                call,
                folder,
                lambda: exporting.certificate(config, recipient, in_clear=in_clear),
                again=again,
                as_json=as_json,
            )
