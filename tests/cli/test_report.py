"""`kiosk-agent report`: what the command line may say."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.report import report


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(report, [*arguments, "--state-dir", str(folder)])


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("one way", ["--day", "2026-11-22", "--week", "2026-W47"]),
        ("one way", ["--week", "2026-W47", "--to", "2026-11-22"]),
        ("--day: is no date", ["--day", "yesterday"]),
        ("--week: is no week", ["--week", "47"]),
        ("ends before it begins", ["--from", "2026-11-22", "--to", "2026-11-21"]),
        ("--csv or --json", ["--csv", "--json"]),
        ("--by: no report is by 'site'", ["--by", "entry,site"]),
        ("leave --by out", ["--plays", "--by", "day"]),
        ("all of the ledger", ["--verify", "--day", "2026-11-22"]),
        ("all of the ledger", ["--verify", "--plays"]),
        ("goes with --verify", ["--against", f"7:{'ab' * 32}"]),
        ("--against: allowed", ["--verify", "--against", "7"]),
        ("--against: allowed", ["--verify", "--against", f"0:{'ab' * 32}"]),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_asked(tmp_path: Path, words: str, arguments: list[str]) -> None:
    """Exit status 2, for scripts."""
    found = run(tmp_path / "nothing", *arguments)
    assert 2 == found.exit_code
    assert words in found.output


def test_missing_store_is_said(tmp_path: Path) -> None:
    """Exit status 1: there is nothing to report about."""
    found = run(tmp_path, "--day", "2026-11-22")
    assert 1 == found.exit_code
    assert "There is no store" in found.output
