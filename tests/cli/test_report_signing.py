"""`kiosk-agent report --sign` and `--signed`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.main import kiosk_agent
from tests.runtime.portable.test_signing import a_key
from tests.support.outbox import core_of, open_outbox
from tests.support.plays import play


@pytest.fixture
def kiosk(tmp_path: Path) -> Path:
    """A kiosk at rest with a key and a ledger."""
    key = a_key(tmp_path, "ed25519")
    key.chmod(0o600)
    (tmp_path / "agent.toml").write_text(
        f'[device]\nid = "device-001"\n[kaltura]\nenabled = false\n[ledger]\nkey_file = "{key}"\n'
    )
    outbox = open_outbox(tmp_path / "state")
    play(outbox, 1, 9)
    outbox.close()
    return tmp_path


def run(kiosk: Path, *arguments: str) -> Result:
    """The command, on that kiosk."""
    return CliRunner().invoke(kiosk_agent, ["report", *arguments, "--state-dir", str(kiosk / "state")])


def signed(kiosk: Path) -> Path:
    """What the kiosk signs."""
    found = run(kiosk, "--sign", "--config", str(kiosk / "agent.toml"))
    assert 0 == found.exit_code, found.output
    file = kiosk / "signed.json"
    file.write_text(found.stdout)
    return file


def check(kiosk: Path, file: Path) -> tuple[int, str]:
    """Check it by the kiosk's certificate."""
    found = run(kiosk, "--signed", str(file), "--certificate", str(kiosk / "device.pem"))
    return found.exit_code, found.output


def test_signature_holds_while_the_ledger_grows(kiosk: Path) -> None:
    """A report of last month must be good next month."""
    file = signed(kiosk)
    assert 0 == check(kiosk, file)[0]
    outbox = open_outbox(kiosk / "state")
    play(outbox, 10, 150)
    outbox.close()
    code, text = check(kiosk, file)
    assert (0, True) == (code, "up to play 9" in text)


def test_ledger_that_was_written_anew_is_found_out(kiosk: Path) -> None:
    """A whole new chain is sound in itself; only what was signed before tells."""
    file = signed(kiosk)
    outbox = open_outbox(kiosk / "state")
    core_of(outbox).database.conn.execute("UPDATE plays SET line = (SELECT line FROM plays WHERE id = 1) WHERE id = 4")
    outbox.close()
    code, text = check(kiosk, file)
    assert (1, True) == (code, "others now" in text)


def test_file_that_was_changed_is_found_out(kiosk: Path) -> None:
    """The number of plays is what is paid."""
    file = signed(kiosk)
    file.write_text(json.dumps({**json.loads(file.read_text()), "number": 90}))
    code, text = check(kiosk, file)
    assert (1, True) == (code, "was changed" in text)
    file.write_text("{}")
    assert 1 == check(kiosk, file)[0]


def test_kiosk_without_a_key_says_what_to_set(kiosk: Path) -> None:
    """And signs nothing."""
    (kiosk / "agent.toml").write_text('[device]\nid = "device-001"\n[kaltura]\nenabled = false\n')
    found = run(kiosk, "--sign", "--config", str(kiosk / "agent.toml"))
    assert (1, True) == (found.exit_code, "ledger.key_file" in found.output)


@pytest.mark.parametrize("wrong", [["--sign", "--verify"], ["--signed", "x"], ["--certificate", "x"]])
def test_options_that_do_not_go_together_are_refused(kiosk: Path, wrong: list[str]) -> None:
    """Silently doing one of two things is worse."""
    assert 2 == run(kiosk, *wrong).exit_code


def test_file_that_is_not_there_is_said_to_be_so(kiosk: Path) -> None:
    """A slip of the keyboard is not a forged signature."""
    code, text = check(kiosk, kiosk / "missing.json")
    assert (2, True) == (code, "missing.json cannot be read: no such file or directory." in text)


def test_signature_is_checked_for_programs_too(kiosk: Path) -> None:
    """Who collects reports of a thousand kiosks reads no sentences."""
    file = signed(kiosk)
    arguments = ("--signed", str(file), "--certificate", str(kiosk / "device.pem"), "--json")
    chain = {name: json.loads(file.read_text())[name] for name in ("number", "hash")}
    good = {"sound": True, "signature": True, "device": "device-001", "chain": chain, "fault": None}
    assert good == json.loads(run(kiosk, *arguments).stdout)
    file.write_text(json.dumps({**json.loads(file.read_text()), "number": 90}))
    found = run(kiosk, *arguments)
    told = json.loads(found.stdout)
    assert (1, False, False) == (found.exit_code, told["sound"], told["signature"])
    assert "was changed" in told["fault"]


def test_ledger_of_another_kiosk_is_named(kiosk: Path) -> None:
    """Two cards on one table are exchanged more often than a ledger is forged."""
    file = signed(kiosk)
    outbox = open_outbox(kiosk / "other", device_id="device-002")
    play(outbox, 20, 40)
    outbox.close()
    arguments = ("--signed", str(file), "--certificate", str(kiosk / "device.pem"), "--state-dir", str(kiosk / "other"))
    found = CliRunner().invoke(kiosk_agent, ["report", *arguments])
    assert 1 == found.exit_code
    assert "This ledger has not that: it is the ledger of device-002." in found.stdout


def test_ledger_that_was_cut_off_is_said_to_end(kiosk: Path) -> None:
    """Its lines are not others; they are not there."""
    file = signed(kiosk)
    outbox = open_outbox(kiosk / "other")
    play(outbox, 1, 5)
    outbox.close()
    arguments = ("--signed", str(file), "--certificate", str(kiosk / "device.pem"), "--state-dir", str(kiosk / "other"))
    found = CliRunner().invoke(kiosk_agent, ["report", *arguments])
    assert (1, True) == (found.exit_code, "it ends before it, with play 5." in found.stdout)


def test_configuration_that_cannot_be_used_is_wrong_usage(kiosk: Path) -> None:
    """As with every other command; a script tells it from a ledger that cannot be read."""
    found = run(kiosk, "--sign", "--config", str(kiosk / "missing.toml"))
    assert (2, True) == (found.exit_code, "no such file or directory" in found.stderr)


@pytest.mark.parametrize("wrong", [["--plays"], ["--csv"], ["--by", "day"], ["--day", "2026-11-22"]])
def test_what_a_signature_cannot_take_is_refused(kiosk: Path, wrong: list[str]) -> None:
    """It is of all of the ledger; nobody is to believe that a day was signed."""
    assert 2 == run(kiosk, "--sign", "--config", str(kiosk / "agent.toml"), *wrong).exit_code
    assert 2 == run(kiosk, "--signed", "x", "--certificate", "y", *wrong).exit_code
