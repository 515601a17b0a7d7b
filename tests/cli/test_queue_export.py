"""The command that hands a queue over: what it says, and what it never does."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.queue import queue
from agent.cli.queue_export import DEFAULT
from agent.config.files import DEFAULT_PATH
from agent.runtime.portable import receipts
from agent.runtime.portable.taking import finish, take
from agent.runtime.queries import answer
from tests.support.agents import answering
from tests.support.certificates import a_certificate
from tests.support.stores import open_store, store_with_story


def run(folder: Path, *arguments: str) -> Result:
    """`kiosk-agent queue export` on the kiosk in `folder`."""
    return CliRunner().invoke(queue, ["export", *arguments, "--state-dir", str(folder / "kiosk")])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A kiosk at rest, in which a play of four events waits, and a stick."""
    store_with_story(tmp_path / "kiosk").close()
    (tmp_path / "stick").mkdir()
    return tmp_path


def files(folder: Path) -> list[Path]:
    """The files on the stick."""
    return sorted((folder / "stick").glob("*.kioskqueue"))


def test_file_is_written_and_said_so(folder: Path) -> None:
    """Whoever stands at the kiosk must know that the stick may be pulled out, and what now."""
    result = run(folder, "--to", str(folder / "stick"), "--plain")
    assert 0 == result.exit_code, result.output
    (file,) = files(folder)
    assert f"4 events handed over to {file}" in result.output
    assert "in clear" in result.output
    assert "kiosk-agent queue import FILE" in result.output


def test_second_time_nothing_is_left(folder: Path) -> None:
    """Nobody carries the same plays home twice."""
    run(folder, "--to", str(folder / "stick"), "--plain")
    before = files(folder)[0].read_bytes()
    result = run(folder, "--to", str(folder / "stick"), "--plain")
    assert (0, before) == (result.exit_code, files(folder)[0].read_bytes())
    assert "Nothing to export" in result.output


def test_json_says_all_of_it(folder: Path) -> None:
    """For whoever scripts the round of the kiosks."""
    found = json.loads(run(folder, "--to", str(folder / "stick"), "--plain", "--json").output)
    (file,) = found["files"]
    assert (4, str(files(folder)[0]), False, True) == (
        file["events"],
        file["file"],
        file["encrypted"],
        file["is_written"],
    )
    (known,) = json.loads(run(folder, "--known", "--json").output)["exports"]
    assert file["id"] == known["id"]


@pytest.mark.parametrize(
    "arguments",
    [[], ["--known", "--forget", "x"], ["--again", "x"], ["--to", "{stick}", "--plain", "--recipient", "x"]],
)
def test_contradictions_are_refused(folder: Path, arguments: list[str]) -> None:
    """Nothing is handed over by a slip."""
    result = run(folder, *(each.format(stick=folder / "stick") for each in arguments))
    assert (2, []) == (result.exit_code, files(folder))
    assert 4 == len(open_store(folder / "kiosk").peek("stats.collect", 10))


def test_without_a_word_about_encryption_nothing_is_written(folder: Path) -> None:
    """A file in clear must be somebody's decision."""
    missing = folder / "none.toml"
    result = run(folder, "--to", str(folder / "stick"), "--config", str(missing))
    assert (2, []) == (result.exit_code, files(folder))
    assert "--recipient CERT or --plain" in result.output
    assert DEFAULT == f"Default: {DEFAULT_PATH}."


def test_configured_certificate_is_used(folder: Path) -> None:
    """What the fleet's owner has decided is not forgotten by whoever holds the stick."""
    certificate, key = a_certificate(folder, "office")
    config = folder / "agent.toml"
    config.write_text(f'[kaltura]\nenabled = false\n[queue]\nexport_recipient_file = "{certificate.name}"\n')
    result = run(folder, "--to", str(folder / "stick"), "--config", str(config))
    assert 0 == result.exit_code, result.output
    assert "encrypted" in result.output
    assert 4 == take(files(folder)[0], folder / "office", key=key, now=1.0).events


def test_certificate_that_is_none_is_found_before_anything_is_handed_over(folder: Path) -> None:
    """The stick would stay empty and the kiosk's hands too."""
    (folder / "bad.pem").write_text("no")
    result = run(folder, "--to", str(folder / "stick"), "--recipient", str(folder / "bad.pem"))
    assert 2 == result.exit_code
    assert "exports" not in open_store(folder / "kiosk").statistics().sinks[0].passed


def test_folder_that_is_none_is_found_before_anything_is_handed_over(folder: Path) -> None:
    """The stick is not mounted."""
    result = run(folder, "--to", str(folder / "nowhere"), "--plain")
    assert 1 == result.exit_code
    assert "Is the stick mounted?" in result.output
    assert 4 == len(open_store(folder / "kiosk").peek("stats.collect", 10))


def test_medium_that_fails_is_told_and_the_next_try_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stick was full: another one takes the same export."""

    sync = os.fsync

    def fail(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").resolve().parent == folder / "stick":
            raise OSError(28, "No space left on device")
        sync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        result = run(folder, "--to", str(folder / "stick"), "--plain")
    assert (1, []) == (result.exit_code, list((folder / "stick").iterdir()))
    assert "is full. The events are safe in this kiosk's queue" in result.output
    assert "not written yet" in run(folder, "--known").output
    result = run(folder, "--to", str(folder / "stick"), "--plain")
    assert 0 == result.exit_code
    assert "4 events handed over" in result.output


def test_lost_file_is_written_again_and_freed_by_its_receipt(folder: Path) -> None:
    """The whole round trip of a stick."""
    run(folder, "--to", str(folder / "stick"), "--plain")
    (file,) = files(folder)
    identifier = json.loads(file.read_bytes().partition(b"\n")[0])["id"]
    file.unlink()
    assert 0 == run(folder, "--to", str(folder / "stick"), "--again", identifier, "--plain").exit_code
    taken = take(file, folder / "office", key=None, now=1.0)
    result = run(folder, "--to", str(folder / "stick"), "--plain")
    assert "was delivered" not in result.output
    finish(taken, file, {}, now=2.0, is_empty=True)
    assert receipts.beside(file).exists()
    result = run(folder, "--to", str(folder / "stick"), "--plain")
    assert f"Export {identifier} was delivered, says its receipt" in result.output
    assert "No export is kept." in run(folder, "--known").output


def test_export_that_is_not_there_is_refused(folder: Path) -> None:
    """A typing error in the id."""
    for arguments in (["--forget", "x"], ["--to", str(folder / "stick"), "--again", "x", "--plain"]):
        result = run(folder, *arguments)
        assert 1 == result.exit_code
        assert "no export x" in result.output


def test_export_can_be_forgotten_by_hand(folder: Path) -> None:
    """Where the receipt cannot come back."""
    run(folder, "--to", str(folder / "stick"), "--plain")
    (known,) = json.loads(run(folder, "--known", "--json").output)["exports"]
    assert 0 == run(folder, "--forget", known["id"]).exit_code
    assert [] == json.loads(run(folder, "--known", "--json").output)["exports"]


def test_running_agent_is_asked(tmp_path: Path) -> None:
    """The screen goes on while the stick is written."""
    (tmp_path / "stick").mkdir()
    outbox = store_with_story(tmp_path / "kiosk")
    with answering(tmp_path / "kiosk", lambda call, arguments: answer(outbox, call, arguments)) as seen:
        result = run(tmp_path, "--to", str(tmp_path / "stick"), "--plain")
    assert 0 == result.exit_code, result.output
    assert 1 == len(files(tmp_path))
    assert "queue.export.begin" in [request.call for request in seen]


def test_agent_that_delivers_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two messages there is a moment; and if there is none, it says so."""
    (tmp_path / "stick").mkdir()
    outbox = store_with_story(tmp_path / "kiosk")
    busy = [3]

    def reply(call: str, arguments: object) -> dict[str, object]:
        if call == "queue.export.begin" and busy[0]:
            busy[0] -= 1
            return {"error": "a message is under way: deliver stats.collect"}
        return answer(outbox, call, arguments)  # type: ignore[arg-type]

    with answering(tmp_path / "kiosk", reply):
        assert 0 == run(tmp_path, "--to", str(tmp_path / "stick"), "--plain").exit_code
        busy[0] = 1_000_000
        monkeypatch.setattr("agent.cli.exporting.BUSY_FOR_S", 0.2)
        result = run(tmp_path, "--to", str(tmp_path / "stick"), "--plain")
    assert 1 == result.exit_code
    assert "delivering at this moment" in result.output


def test_store_that_is_not_there_is_said(tmp_path: Path) -> None:
    """The wrong folder, or no right to look into it."""
    result = CliRunner().invoke(queue, ["export", "--known", "--state-dir", str(tmp_path)])
    assert 1 == result.exit_code
    assert "There is no store" in result.output
