"""`kiosk-agent verify`: does a play of this kiosk arrive in the account's reports?

Contract: plays a marked test play, waits for it in report.getTable, and says one line on stdout: counted (exit 0), not
counted (1) or inconclusive and why (4). Progress goes to stderr. The course itself: agent.cli.verifying.
Rules: needs a session that may see reports, from a file: an operator's, for a device's has no such right.
Reasons: the guide's section 10.
"""

import json
import sys
from contextlib import redirect_stdout
from pathlib import Path

import click

from agent.cli.exits import Exit
from agent.cli.verifying import Course, Operator
from agent.cli.words import plain
from agent.config.files import DEFAULT_PATH, Loaded, load
from agent.config.problems import ConfigurationError
from agent.config.session import TokenHash
from agent.runtime.verification.conclusion import Outcome

DEFAULT_WAIT_MIN = 35.0
# A day: whoever asks again later uses --resume.
LONGEST_WAIT_MIN = 1440.0

_EXITS = {
    Outcome.COUNTED: Exit.OK,
    Outcome.NOT_COUNTED: Exit.FAILED,
    Outcome.INCONCLUSIVE: Exit.INCONCLUSIVE,
}
_file = click.Path(dir_okay=False, path_type=Path)


@click.command(short_help="Check that a test play is counted in the account's reports.")
@click.option("--entry", "entry_id", metavar="ID", help="The entry to play. Take one that nobody else plays.")
@click.option("--resume", metavar="FILE", type=_file, help="Go on waiting for an earlier test play; none is sent.")
@click.option("--ks-file", metavar="FILE", type=_file, help="A file with a session (KS) that may see reports.")
@click.option("--app-token-id", metavar="ID", help="An app token whose sessions may see reports.")
@click.option("--app-token-file", metavar="FILE", type=_file, help="The file that holds that app token's value.")
@click.option(
    "--app-token-hash",
    type=click.Choice([each.value for each in TokenHash]),
    default=TokenHash.SHA256.value,
    show_default=True,
    help="The hash type that the app token was made with.",
)
@click.option(
    "--wait",
    "wait_min",
    metavar="MINUTES",
    type=click.FloatRange(0, LONGEST_WAIT_MIN),
    default=DEFAULT_WAIT_MIN,
    show_default=True,
    help="How long after the test play to go on asking; 0 asks once.",
)
@click.option(
    "--config", metavar="FILE", type=_file, default=DEFAULT_PATH, show_default=True, help="The configuration."
)
@click.option("--json", "as_json", is_flag=True, help="The result as one JSON object for machines.")
def verify(
    *,
    entry_id: str | None,
    resume: Path | None,
    ks_file: Path | None,
    app_token_id: str | None,
    app_token_file: Path | None,
    app_token_hash: str,
    wait_min: float,
    config: Path,
    as_json: bool,
) -> None:
    """Check that a play of this kiosk arrives in the account's reports.

    A test play of the entry is sent as this kiosk would send it, with a referrer that ends in /verify, and looked for
    in report.getTable, which takes 10 to 30 minutes. The test play counts in the account's reports like any other.
    The session that asks must have the right to see reports; a kiosk's own has not, and should not.

    Exit status: 0 counted, 1 not counted, 2 wrong usage or configuration (nothing was sent), 4 inconclusive.
    """
    if (entry_id is None) == (resume is None):
        raise click.UsageError(
            "Name the entry to play (--entry ID), or go on with an earlier test play (--resume FILE)."
        )
    has_token = app_token_id is not None and app_token_file is not None
    if (ks_file is not None) == has_token or (app_token_id is None) != (app_token_file is None):
        raise click.UsageError(
            "Say who may see reports: --ks-file FILE, or --app-token-id ID with --app-token-file FILE."
        )
    operator = Operator(ks_file, app_token_id, app_token_file, app_token_hash)
    course = Course(_loaded(config), config, operator)
    begin = (lambda: course.resume(resume)) if resume is not None else (lambda: course.play(entry_id or ""))
    with redirect_stdout(sys.stderr):  # a log line of a part that the daemon uses too is progress, not the result
        conclusion = course.run(begin, wait_min * 60)
    if as_json:
        click.echo(json.dumps(course.report(conclusion), indent=2))
    else:
        click.echo(plain(conclusion.line))
    sys.exit(_EXITS[conclusion.outcome])


def _loaded(config: Path) -> Loaded:
    try:
        return load(config)
    except ConfigurationError as error:
        for problem in error.problems:
            click.echo(plain(str(problem)), err=True)
        raise click.UsageError(f"The configuration {config} cannot be used.") from None
