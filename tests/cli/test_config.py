"""`kiosk-agent config`."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agent.cli import broker_layers
from agent.cli.config import config
from agent.config.files import DEFAULT_PATH
from agent.config.layers import Layer
from agent.remote.desired import Desired, Home
from agent.remote.documents import Document
from agent.remote.shelf import Shelf
from agent.remote.topics import Fleet, Level
from agent.remote.vault import Stored, Vault
from tests.support.configuration import SMALLEST, write

PLAYED = SMALLEST + '[[player.playlist]]\nuri = "http://h/a.mp4"\n'


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(config, [str(each) for each in arguments])


def test_check_of_a_good_file_ends_with_0(tmp_path: Path) -> None:
    """ExecStartPre and install scripts look at the exit status alone."""
    path = write(tmp_path, PLAYED)
    for found in (invoke("check", path), invoke("check", "--config", path)):
        assert (0, f"{path}: can be used.\n") == (found.exit_code, found.output)


def test_check_with_doubts_ends_with_0_and_tells_them(tmp_path: Path) -> None:
    """A missing clip must not keep a kiosk from starting."""
    path = write(tmp_path, SMALLEST)
    found = invoke("check", path)
    assert 0 == found.exit_code
    expected = (
        f"warning: {path}: player.playlist: is empty: there is nothing to play.\n{path}: can be used, 1 warning.\n"
    )
    assert expected == found.output


def test_check_of_a_bad_file_ends_with_2_and_tells_all(tmp_path: Path) -> None:
    """The documented status for a configuration that cannot be used."""
    path = write(tmp_path, PLAYED + "volum = 5\n[log]\nlevel = 'loud'\n")
    found = invoke("check", path)
    assert 2 == found.exit_code
    lines = found.output.splitlines()
    assert [f"{path}:8: ", f"{path}:10: ", f"{path}: 2 problems."] == [
        line[: len(str(path)) + size] for line, size in zip(lines, (4, 5, 13), strict=True)
    ]


def test_broken_line_is_shown_without_control_characters(tmp_path: Path) -> None:
    """A file of garbage must not take the terminal over."""
    path = tmp_path / "agent.toml"
    path.write_bytes(b"\ta = \x1b[2Jx\n")
    found = invoke("check", path)
    assert 2 == found.exit_code
    assert "\x1b" not in found.output
    assert "    a = \\x1b[2Jx" in found.output


def test_check_as_json_is_for_machines(tmp_path: Path) -> None:
    """Tools that install kiosks show the problems in their own way."""
    path = write(tmp_path, SMALLEST.replace("partner_id", "partnerid"))
    found = invoke("check", path, "--json")
    assert 2 == found.exit_code
    report = json.loads(found.output)
    assert (False, 1) == (report["ok"], len(report["problems"]))
    assert {
        "place": "kaltura.partnerid",
        "file": str(path),
        "line": 5,
        "what": "is not a setting",
        "allowed": None,
        "suggestion": "partner_id",
        "remedy": None,
    } == report["problems"][0]


def test_show_writes_what_is_in_force(tmp_path: Path) -> None:
    """The first question of every support call."""
    path = write(tmp_path, PLAYED)
    found = invoke("show", "--config", path)
    assert 0 == found.exit_code
    assert 'referrer = "kiosk://device-001"' in found.output
    assert "# default" not in found.output
    assert "# default" in invoke("show", "--config", path, "--origin").output


def test_show_as_json_has_origins_on_request(tmp_path: Path) -> None:
    """And the tree alone without."""
    path = write(tmp_path, PLAYED)
    plain = json.loads(invoke("show", "--config", path, "--json").output)
    assert {"layers", "settings", "warnings"} == plain.keys()
    assert [str(path)] == plain["layers"]
    assert "device-001" == plain["settings"]["device"]["id"]
    full = json.loads(invoke("show", "--config", path, "--json", "--origin").output)
    assert {"layer": str(path), "line": 2} == full["origins"]["device.id"]


def test_show_of_a_bad_file_ends_with_2_and_an_empty_output(tmp_path: Path) -> None:
    """What is piped on must not be half a configuration."""
    found = invoke("show", "--config", tmp_path / "none.toml")
    assert (2, "") == (found.exit_code, found.stdout)
    assert "cannot be read" in found.stderr


BROKER = PLAYED + '[remote]\nurl = "mqtts://broker.example.com"\n'


def store(folder: Path, tree: dict[str, Any]) -> None:
    """What the agent keeps of a document of the fleet that it has applied."""
    one = Document(Fleet(), 5, tree)
    shelves: dict[Level, Shelf] = {Fleet(): Shelf(one, one, one, floor=5, known="f" * 32)}
    Vault(folder).save(Stored(Desired(Home("device-001", (), "mqtts://broker.example.com"), shelves)))


def test_show_counts_what_the_broker_said(tmp_path: Path) -> None:
    """Which layer does a value come from? (issue: `config show --origin`)"""
    path = write(tmp_path, BROKER)
    store(tmp_path, {"player": {"volume": 40}})
    found = invoke("show", "--config", path, "--state-dir", tmp_path, "--origin")
    assert 0 == found.exit_code
    lines = found.stdout.splitlines()
    assert f"# In force: {path}; fleet@5" == lines[0]
    assert [f"volume = 40{' ' * 39} # fleet@5"] == [line for line in lines if line.startswith("volume")]
    report = json.loads(invoke("show", "--config", path, "--state-dir", tmp_path, "--origin", "--json").stdout)
    assert [str(path), "fleet@5"] == report["layers"]
    assert {"layer": "fleet@5", "line": None} == report["origins"]["player.volume"]
    # Somewhere else the file counts alone, and says so.
    assert f"# In force: {path}" == invoke("show", "--config", path).stdout.splitlines()[0]


def test_document_that_the_file_does_not_permit_any_more_is_told_and_no_fault_of_the_file(tmp_path: Path) -> None:
    """An install script must not take a good file for a bad one: the agent starts with it."""
    path = write(tmp_path, BROKER)
    store(tmp_path, {"kaltura": {"service_url": "http://other.example.com/"}})
    found = invoke("check", path, "--state-dir", tmp_path)
    assert 0 == found.exit_code
    assert "warning: fleet@5: kaltura.service_url: may not be set by the broker" in found.stdout
    assert "can be used, 1 warning." in found.stdout
    found = invoke("show", "--config", path, "--state-dir", tmp_path)
    assert (0, f"# In force: {path}") == (found.exit_code, found.stdout.splitlines()[0])
    assert "cannot be used with this file" in found.stderr
    assert "fleet@5: kaltura.service_url" in found.stderr


@pytest.mark.parametrize("command", ["check", "show"])
def test_state_folder_that_may_not_be_read_is_told_beside(
    tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is piped on stays a configuration."""

    def denied(_folder: Path) -> list[Layer]:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(broker_layers, "applied_layers", denied)
    found = invoke(command, "--config", write(tmp_path, BROKER))
    assert 0 == found.exit_code
    assert "the documents of the broker are not seen" in found.stderr
    assert "not seen" not in found.stdout


def test_schema_is_printed() -> None:
    """For editors and other programs."""
    found = invoke("schema")
    assert 0 == found.exit_code
    assert "https://json-schema.org/draft/2020-12/schema" == json.loads(found.output)["$schema"]


@pytest.mark.parametrize("command", ["check", "show"])
def test_help_says_the_default_file_and_the_exit_status(command: str) -> None:
    """Documented where it is looked for."""
    found = invoke(command, "--help").output
    assert str(DEFAULT_PATH) in found
    assert "Exit status: 0" in found


def test_command_line_that_is_wrong_ends_with_2() -> None:
    """Click's own status, the same as ours for what cannot be used."""
    assert 2 == invoke("check", "--nonsense").exit_code


WEB = "[intake.web]\norigins = %s\n"


def test_policy_of_the_configured_pages_is_printed_for_a_file(tmp_path: Path) -> None:
    """`kiosk-agent config chromium-policy > /etc/chromium/policies/managed/kiosk-agent.json` must be all it takes."""
    path = write(tmp_path, PLAYED + WEB % '["https://kiosk.example.com"]')
    found = invoke("chromium-policy", "--config", path)
    assert (0, "") == (found.exit_code, found.stderr)
    assert {"LoopbackNetworkAllowedForUrls": ["https://kiosk.example.com:443"]} == json.loads(found.stdout)
    older = json.loads(invoke("chromium-policy", "--config", path, "--before-146").stdout)
    assert ["https://kiosk.example.com:443"] == older["LocalNetworkAccessAllowedForUrls"]


def test_policy_for_a_page_that_is_not_encrypted_says_what_it_grants(tmp_path: Path) -> None:
    """On standard error, so that the file stays JSON."""
    path = write(tmp_path, PLAYED + WEB % '["http://kiosk.lan"]')
    found = invoke("chromium-policy", "--config", path)
    assert ["http://kiosk.lan"] == json.loads(found.stdout)["OverrideSecurityRestrictionsOnInsecureOrigin"]
    assert "http://kiosk.lan is not encrypted" in found.stderr


def test_policy_without_a_page_is_none(tmp_path: Path) -> None:
    """An empty policy would look like one that works."""
    found = invoke("chromium-policy", "--config", write(tmp_path, PLAYED))
    assert (1, "") == (found.exit_code, found.stdout)
    assert "intake.web.origins names no page" in found.stderr


def test_policy_of_a_bad_file_is_none(tmp_path: Path) -> None:
    """Its problems are told instead."""
    found = invoke("chromium-policy", "--config", write(tmp_path, PLAYED + WEB % '["https://kiosk.example.com/"]'))
    assert (2, "") == (found.exit_code, found.stdout)
    assert 'Did you mean "https://kiosk.example.com"' in found.stderr


def test_check_reads_the_templates_and_the_key_of_statements(tmp_path: Path) -> None:
    """They are files beside the configuration, and a mistake in one holds a whole destination up."""
    lrs = '[xapi]\nenabled = true\nendpoint = "https://lrs.example.com/xAPI"\nactor = "nobody"\n'
    path = write(tmp_path, f'{PLAYED}{lrs}templates_file = "statements.json"\n')
    file = tmp_path / "statements.json"
    file.write_text('{"play": {"context": {"extensions": {"x": 1}}}}')
    found = invoke("check", path)
    expected = f"{path}:12: xapi.templates_file: {file}: play.context.extensions.x: is no absolute IRI."
    assert (2, expected) == (found.exit_code, found.output.splitlines()[0])
    file.write_text("{}")
    assert 0 == invoke("check", path).exit_code
    (tmp_path / "key").write_text("short")
    write(tmp_path, f'{PLAYED}{lrs.replace("nobody", "pseudonym")}actor_key_file = "./key"\n')
    found = invoke("check", path)
    assert (2, True) == (found.exit_code, f"{path}:12: xapi.actor_key_file: the key is shorter" in found.output)
