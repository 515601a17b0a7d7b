"""`kiosk-agent doctor`: is this machine fit, and is everything in place?

Contract: one line a finding, each with ok, warn or fail and what to do; exit 0 without a fail, 1 with one.
Rules: nothing is changed and no event is sent. A person sees each line as soon as it is known.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import click

from agent.cli.exits import Exit
from agent.cli.layout import bad, doubtful, faint, good, show
from agent.cli.place import state_dir_option
from agent.cli.words import count, plain
from agent.config.files import DEFAULT_PATH
from agent.runtime.checks.examination import examine
from agent.runtime.checks.finding import Finding, Level

_STYLES = {Level.OK: good, Level.WARN: doubtful, Level.FAIL: bad}
_SUBJECT_WIDTH = 15


@click.command(short_help="Check the machine and the installation, with remedies.")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default=DEFAULT_PATH,
    show_default=True,
    help="The configuration that the agent runs with.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@state_dir_option
def doctor(config: Path, state_dir: Path, *, as_json: bool) -> None:
    """Check the machine and the installation: clock, disk, store, libvlc, configuration, the way to Kaltura.

    Each line is ok, warn or fail with its remedy. Exit status: 0 nothing failed, 1 something did.
    """
    findings: list[Finding] = []
    for finding in examine(config, state_dir):
        findings.append(finding)
        if not as_json:
            show(_lines(finding))
    numbers = Counter(finding.level for finding in findings)
    failed = numbers[Level.FAIL]
    if as_json:
        click.echo(json.dumps({"ok": not failed, "findings": [_record(finding) for finding in findings]}, indent=2))
    else:
        show(["", f"{count(failed, 'failure')}, {count(numbers[Level.WARN], 'warning')}."])
    sys.exit(Exit.FAILED if failed else Exit.OK)


def _lines(finding: Finding) -> list[str]:
    level = _STYLES[finding.level](f"{finding.level.value:<4}")
    lines = [f"{level}  {finding.subject:<{_SUBJECT_WIDTH}}{plain(finding.text)}"]
    if finding.remedy:
        lines.append(f"      {'':<{_SUBJECT_WIDTH}}{faint('→')} {plain(finding.remedy)}")
    return lines


def _record(finding: Finding) -> dict[str, str | None]:
    return {
        "level": finding.level.value,
        "subject": finding.subject,
        "text": finding.text,
        "remedy": finding.remedy,
    }
