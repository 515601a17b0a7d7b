"""One verification at a terminal: its file, Ctrl-C, and the command that goes on."""

import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.cli import verifying
from agent.cli.verifying import Operator
from tests.support.verification import ENTRY, Bench, MovedClock, benches


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    yield from benches(tmp_path, monkeypatch, MovedClock())


def interrupt() -> None:
    raise KeyboardInterrupt


def test_ctrl_c_while_waiting_keeps_the_play_and_names_the_command(bench: Bench) -> None:
    """The play is in the account's reports by then; to send another one would spoil both."""
    bench.meanwhile = interrupt
    result = bench.run("--entry", ENTRY)
    assert (4, "inconclusive: stopped before the report said anything\n") == (result.exit_code, result.stdout)
    (file,) = (bench.folder / "kept").iterdir()
    again = f"kiosk-agent verify --resume {file} --ks-file {bench.ks_file} --config {bench.config}"
    assert f"go on later with: {again}" in result.stderr
    assert "eyJ" not in file.read_text() and bench.ks_file.read_text() not in file.read_text()


def test_ctrl_c_before_anything_was_sent_leaves_nothing_behind(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to go on with."""
    monkeypatch.setattr(verifying, "write", lambda _: interrupt())
    result = bench.run("--entry", ENTRY)
    assert (4, False) == (result.exit_code, "go on later" in result.stderr)
    assert [] == bench.collector.events


def test_folder_without_room_for_the_file_sends_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A play that nobody could find again must not be sent."""
    monkeypatch.setattr(tempfile, "tempdir", str(bench.folder / "gone"))
    result = bench.run("--entry", ENTRY)
    assert (2, True) == (result.exit_code, "nothing was sent" in result.output)
    assert [] == bench.collector.events


@pytest.mark.parametrize(
    ("operator", "arguments"),
    [
        (Operator(Path("/a b/ks"), None, None, "SHA256"), "--ks-file '/a b/ks'"),
        (Operator(None, "0_t", Path("/t"), "SHA256"), "--app-token-id 0_t --app-token-file /t"),
        (Operator(None, "0_t", Path("/t"), "MD5"), "--app-token-id 0_t --app-token-file /t --app-token-hash MD5"),
    ],
)
def test_command_that_goes_on_asks_as_the_same_operator(operator: Operator, arguments: str) -> None:
    """Copied from the screen into the shell, a day later."""
    assert arguments == shlex.join(operator.arguments)
