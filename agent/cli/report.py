"""`kiosk-agent report`: what was played, from the ledger, for people, spreadsheets and programs.

Contract: exit 0 with the report; 1 where the ledger cannot be read, or with --verify is not as it was written; 2 where
the command line or (--sign) the configuration is wrong. The work: agent.cli.reporting.
Rules: nothing is changed. A running agent is asked a few lines at a time, so its player goes on meanwhile.
"""

import sys
from pathlib import Path

import click

from agent.cli.place import state_dir_option
from agent.config.files import DEFAULT_PATH
from agent.kernel.periods import Period, chosen

_file = click.Path(dir_okay=False, path_type=Path)


@click.command(short_help="Show what was played, from the ledger.")
@click.option("--day", "one_day", metavar="DATE", help="One day, such as 2026-11-22.")
@click.option("--week", "one_week", metavar="WEEK", help="One week, such as 2026-W47, or a date in it.")
@click.option("--from", "since", metavar="DATE", help="From this day on.")
@click.option("--to", "until", metavar="DATE", help="Up to this day, which belongs to it.")
@click.option("--by", metavar="KEYS", help="Some of entry, item, day and display, with commas. Default: entry.")
@click.option("--plays", is_flag=True, help="Each play for itself; with --json one object a line.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV with all columns, for a spreadsheet.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.option("--verify", is_flag=True, help="Instead, check that no line of the ledger was changed or removed.")
@click.option(
    "--against",
    metavar="N:HASH",
    help="With --verify: and that the ledger still comes through this hash of line N, which somebody kept.",
)
@click.option(
    "--sign", is_flag=True, help="Instead, sign the end of the ledger's chain with this kiosk's key, as JSON."
)
@click.option(
    "--signed",
    metavar="FILE",
    type=_file,
    help="Instead, check what --sign wrote; with --certificate. See --verify too.",
)
@click.option(
    "--certificate", metavar="FILE", type=_file, help="The certificate, or the public key, of --signed (PEM)."
)
@click.option("--config", metavar="FILE", type=_file, default=DEFAULT_PATH, help="The configuration, for --sign.")
@state_dir_option
def report(
    state_dir: Path,
    *,
    one_day: str | None,
    one_week: str | None,
    since: str | None,
    until: str | None,
    by: str | None,
    plays: bool,
    as_csv: bool,
    as_json: bool,
    verify: bool,
    against: str | None,
    sign: bool,
    signed: Path | None,
    certificate: Path | None,
    config: Path,
) -> None:
    """Show what was played: how often, how long, how it ended, and whether it was delivered.

    Of all that the ledger keeps, or of a period, in days of this machine's zone; a play belongs to the day on which it
    began. Exit status: 0 ok, 1 the ledger cannot be read, or (--verify, --signed) is not as it was written, 2 the
    command line or (--sign) the configuration is wrong.
    """
    if as_csv and as_json:
        raise click.UsageError("Choose --csv or --json.")
    if by is not None and plays:
        raise click.UsageError("With --plays nothing is added up: leave --by out.")
    if against is not None and not verify:
        raise click.UsageError("--against goes with --verify.")
    period = _period(one_day, one_week, since, until)
    if sum([sign, signed is not None, verify]) > 1 or (signed is None) is not (certificate is None):
        raise click.UsageError("Choose --verify, --sign, or --signed with --certificate.")
    if (sign or signed is not None or verify) and (period != Period() or plays or as_csv or by is not None):
        raise click.UsageError(
            "--verify, --sign and --signed are about all of the ledger: leave what is for a report out."
        )
    if sign:
        from agent.cli import report_signing

        sys.exit(report_signing.sign(state_dir, config))
    if signed is not None and certificate is not None:
        from agent.cli import report_signing

        sys.exit(report_signing.check(state_dir, signed, certificate, as_json=as_json))
    from agent.cli import reporting

    if verify:
        sys.exit(reporting.verify(state_dir, None if against is None else reporting.kept(against), as_json=as_json))
    if plays:
        reporting.show_plays(state_dir, period, as_csv=as_csv, as_json=as_json)
    else:
        reporting.show_totals(state_dir, period, reporting.keys(by), as_csv=as_csv, as_json=as_json)


def _period(one_day: str | None, one_week: str | None, since: str | None, until: str | None) -> Period:
    """The one period that the options name."""
    try:
        return chosen(one_day, one_week, since, until)
    except ValueError as error:
        text = str(error)
        raise click.UsageError(f"{text[0].upper()}{text[1:]}.") from None
