"""The exit codes that scripts rely on."""

import click

from agent.cli.exits import Exit


def test_exit_codes_keep_their_numbers_for_ever() -> None:
    """Monitoring scripts compare numbers; a renumbering would page somebody for nothing."""
    assert {"OK": 0, "FAILED": 1, "USAGE": 2, "NOT_RUNNING": 3, "INCONCLUSIVE": 4} == {
        code.name: code.value for code in Exit
    }


def test_clicks_own_failures_end_with_our_codes() -> None:
    """A command may raise click's exceptions and still keep the promise of the table."""
    assert Exit.FAILED == click.ClickException("").exit_code
    assert Exit.USAGE == click.UsageError("").exit_code
