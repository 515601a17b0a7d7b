"""`kiosk-agent verify`'s command line. What it finds out: tests/e2e/test_verify.py."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.cli.verify import verify
from tests.support.verification import ENTRY, Bench, MovedClock, benches


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    yield from benches(tmp_path, monkeypatch, MovedClock())


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        ((), None),
        (("--entry", ENTRY, "--resume", "file"), None),
        (("--entry", ENTRY), ()),
        (("--entry", ENTRY), ("--app-token-id", "0_a")),
        (("--entry", ENTRY), ("--app-token-file", "file")),
        (("--entry", ENTRY, "--app-token-id", "0_a", "--app-token-file", "file"), None),
        (("--entry", ENTRY, "--app-token-id", "0_a"), None),
        (("--entry", ENTRY, "--wait", "-1"), None),
        (("--entry", "no entry, at all"), None),
        (("--resume", "/nonexistent"), None),
    ],
)
def test_unclear_command_line_sends_nothing(
    bench: Bench, arguments: tuple[str, ...], key: tuple[str, ...] | None
) -> None:
    """Each test play stays in the account's reports."""
    result = bench.run(*arguments, key=key)
    assert 2 == result.exit_code, result.output
    assert [] == bench.collector.events


@pytest.mark.parametrize(
    ("content", "word"), [(None, "cannot be read"), ("", "is empty"), ("a\nb", "more than one line")]
)
def test_session_file_that_cannot_be_used_is_told_without_its_content(
    bench: Bench, content: str | None, word: str
) -> None:
    """It is a secret, and half a secret is one too."""
    bench.ks_file.unlink() if content is None else bench.ks_file.write_text(content)
    result = bench.run("--entry", ENTRY)
    assert (2, True) == (result.exit_code, word in result.output), result.output


def test_configuration_that_cannot_be_used_is_told_with_its_problems(bench: Bench) -> None:
    """As every command that needs it does."""
    bench.config.write_text("[kaltura]\npartner_idd = 1\n")
    result = bench.run("--entry", ENTRY)
    assert (2, True) == (result.exit_code, "Did you mean partner_id?" in result.output)


def test_kiosk_that_reports_nothing_has_nothing_to_verify(bench: Bench) -> None:
    """A play that is never sent arrives nowhere."""
    bench.configure("enabled = false")
    result = bench.run("--entry", ENTRY)
    assert (2, True) == (result.exit_code, "kaltura.enabled is false" in result.output)


def test_result_for_machines_is_one_object_on_stdout(bench: Bench) -> None:
    """Progress goes to the other stream."""
    found = json.loads(bench.run("--entry", ENTRY, "--json").stdout)
    assert ("counted", ENTRY, None) == (found["outcome"], found["entry_id"], found["resume"])
    bench.collector.take_away()
    found = json.loads(bench.run("--entry", ENTRY, "--json").stdout)
    assert ("inconclusive", ENTRY, None) == (found["outcome"], found["entry_id"], found["session_id"])


def test_log_lines_of_shared_parts_stay_off_stdout(bench: Bench) -> None:
    """A kiosk's session may be a credential that only its service sees; the result is one line all the same."""
    bench.configure('[kaltura.session]\nmode = "ks-file"\nks_file = "credential"')
    result = bench.run("--entry", ENTRY)
    assert (4, 1) == (result.exit_code, result.stdout.count("\n")), result.stdout
    assert "0 of 7 events were delivered, then WIDGET_LOADED: no session" in result.stdout
    assert "unreadable" in result.stderr


def test_no_secret_is_printed(bench: Bench) -> None:
    """Screens are photographed, and output is pasted into tickets."""
    result = bench.run("--entry", ENTRY, "--wait", "0", "--json")
    assert bench.ks_file.read_text() not in result.output


def test_help_says_that_the_play_counts_and_what_the_exit_codes_are() -> None:
    """Whoever runs it on a customer's account must know before."""
    text = " ".join(CliRunner().invoke(verify, ["--help"]).output.split())
    for words in ("counts in the account's reports like any other", "4 inconclusive", "0 counted, 1 not counted"):
        assert words in text
