"""The configuration as a whole, from its file."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.config.files import DERIVED, FILE_BYTES, assemble, load, read_layer
from agent.config.identity import Machine
from agent.config.layers import Layer
from agent.config.named_files import Surroundings
from agent.config.problems import DEFAULT, ConfigurationError, Origin
from tests.support.configuration import MACHINE, SMALLEST, loaded, problems, texts, warnings, write

WRONG = """\
foo = 1
[kaltura]
partnerid = 3
enabled = true
[kaltura.session]
mode = "ks-file"
ks_file = "sub/missing"
ks = "djJ8secret"
[device]
id = "Device_001"

[[player.playlist]]
uri = "htp://x"
hours = ["08:00-20:00",
  "Mon 8-9"]
[[player.playlist]]
start_s = 5
stop_s = 2
"""


def test_smallest_file_is_loaded(tmp_path: Path) -> None:
    """The names that users and scripts rely on from the first day."""
    found = loaded(
        tmp_path,
        SMALLEST
        + "[player]\nloop = false\n"
        + '[[player.playlist]]\nuri = "file:///srv/media/welcome.mp4"\nentry_id = "0_abcd1234"\n',
    )
    assert "device-001" == found.settings.device.id
    assert ("http://127.0.0.1:8911/api_v3", 102) == (
        found.settings.kaltura.service_url,
        found.settings.kaltura.partner_id,
    )
    assert "kiosk://device-001" == found.settings.kaltura.referrer
    assert not found.settings.player.loop
    assert [("file:///srv/media/welcome.mp4", "0_abcd1234")] == [
        (item.uri, item.entry_id) for item in found.settings.player.playlist
    ]


def test_every_problem_is_told_with_its_line(tmp_path: Path) -> None:
    """One visit to the kiosk has to be enough."""
    remedy = "To play without reporting, set enabled = false in [kaltura]."
    expected = [
        "agent.toml:1: foo: is not a setting; allowed: device, kaltura, track_event, xapi, player, display, intake,"
        " visits, remote, queue, ledger, log, metrics.",
        "agent.toml:2: kaltura.service_url: is missing; allowed: an address, as https://www.kaltura.com/api_v3. "
        + remedy,
        "agent.toml:3: kaltura.partnerid: is not a setting. Did you mean partner_id?",
        "agent.toml:7: kaltura.session.ks_file: names the file (not shown: it may be the secret itself), which "
        "cannot be read: no such file or directory. Check the path, and that the agent's user may read the file.",
        "agent.toml:8: kaltura.session.ks: is not a setting. Did you mean ks_file?",
        'agent.toml:10: device.id: found "Device_001"; allowed: 1 to 63 lower-case letters, digits and dashes, with no '
        'dash at either end. Did you mean "device-001"?',
        "agent.toml:13: player.playlist[0].uri: ",
        'agent.toml:15: player.playlist[0].hours[1]: found "Mon 8-9": not hours; allowed: hours as "08:00-20:00" or '
        '"Mon-Fri 08:00-20:00".',
        "agent.toml:16: player.playlist[1].uri: is missing; allowed: the path of a file, folder or M3U list, or a URL.",
        "agent.toml:18: player.playlist[1].stop_s: is 2, not after start_s, which is 5.",
    ]
    found = problems(tmp_path, WRONG)
    assert len(expected) == len(found)
    for words, text in zip(expected, found, strict=True):
        assert text.startswith(words)
    assert "djJ8secret" not in "".join(found)


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """The commonest fault of all is a wrong path."""
    for path, reason in ((tmp_path / "none.toml", "no such file or directory"), (tmp_path, "is a directory")):
        with pytest.raises(ConfigurationError) as raised:
            load(path, environment={}, machine=MACHINE)
        expected = f"{path}: cannot be read: {reason}. Name the configuration file with --config."
        assert [expected] == [str(problem) for problem in raised.value.problems]


def test_file_that_this_user_may_not_read_is_said_to_be_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The right file was named, by the wrong user: the package's is for the agent's group alone."""

    opened = Path.open

    def refuse(path: Path, *arguments: Any, **more: Any) -> Any:
        if path != tmp_path / "agent.toml":
            return opened(path, *arguments, **more)
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ConfigurationError) as raised:
        load(tmp_path / "agent.toml", environment={}, machine=MACHINE)
    assert [
        "agent.toml: cannot be read: permission denied. This user may not read it: run the command as the agent's user "
        "(of the package: sudo -u kiosk-agent)."
    ] == texts(raised.value.problems, tmp_path)


def test_file_that_is_no_text_or_too_large_is_refused(tmp_path: Path) -> None:
    """A video named as the configuration, a file of garbage from a dying card."""
    path = tmp_path / "agent.toml"
    for content, expected in (
        (b"a = 1\nb = '\xff'\n", "agent.toml:2: is not UTF-8 text. Save the file as UTF-8."),
        (b"#" * (FILE_BYTES + 1), "agent.toml: is larger than 4 MiB."),
        (b"a = \n", "agent.toml:1: is not valid TOML at column 5"),
    ):
        path.write_bytes(content)
        with pytest.raises(ConfigurationError) as raised:
            load(path, environment={}, machine=MACHINE)
        assert texts(raised.value.problems, tmp_path)[0].startswith(expected)


def test_file_from_windows_is_read(tmp_path: Path) -> None:
    """Notepad writes a mark at the beginning and two characters at each line's end."""
    path = tmp_path / "agent.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALLEST.replace("\n", "\r\n").encode())
    assert "device-001" == load(path, environment={}, machine=MACHINE).settings.device.id


def test_device_without_id_gets_the_machines(tmp_path: Path) -> None:
    """A card that was cloned to a hundred kiosks needs no file edited (decision 4)."""
    found = loaded(tmp_path, SMALLEST.replace('id = "device-001"', ""))
    assert "kiosk-24830d92f0ec" == found.settings.device.id
    assert "kiosk://kiosk-24830d92f0ec" == found.settings.kaltura.referrer
    assert DERIVED == found.origin(("device", "id"))


def test_machine_that_cannot_be_told_from_others_needs_an_id(tmp_path: Path) -> None:
    """Two kiosks with one id would be one kiosk in every report."""
    path = write(tmp_path, "[kaltura]\nenabled = false\n")
    with pytest.raises(ConfigurationError) as raised:
        load(path, environment={}, machine=Machine(None, None))
    assert [
        f"{path}: device.id: is missing, and cannot be derived: this machine has neither a machine id nor a serial "
        'number. Set id = "…" in [device].'
    ] == [str(problem) for problem in raised.value.problems]


def test_origins_are_known(tmp_path: Path) -> None:
    """`config show --origin` answers "why is it so?" (decision 33)."""
    found = loaded(tmp_path, SMALLEST + '[[player.playlist]]\nuri = "http://h/"\n')
    name = str(tmp_path / "agent.toml")
    assert Origin(name, 2) == found.origin(("device", "id"))
    assert Origin(name, 5) == found.origin(("kaltura", "partner_id"))
    assert Origin(name, 7) == found.origin(("player", "playlist", 0, "uri"))
    assert DEFAULT == found.origin(("player", "playlist", 0, "live"))
    assert DEFAULT == found.origin(("log", "level"))


def test_session_file_is_looked_for_beside_the_file_and_among_credentials(tmp_path: Path) -> None:
    """The same file serves a bench and a systemd unit."""
    text = SMALLEST + '[kaltura.session]\nmode = "ks-file"\nks_file = "ks"\n'
    (tmp_path / "ks").write_text("djJ8")
    (tmp_path / "ks").chmod(0o600)
    assert str(tmp_path / "ks") == loaded(tmp_path, text).settings.kaltura.session.ks_file
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "ks").write_text("djJ8")
    (credentials / "ks").chmod(0o400)
    found = loaded(tmp_path, text, CREDENTIALS_DIRECTORY=str(credentials))
    assert str(credentials / "ks") == found.settings.kaltura.session.ks_file


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_session_file_that_may_not_be_read_is_a_problem(tmp_path: Path) -> None:
    """The agent would send without its session, or not at all."""
    (tmp_path / "ks").write_text("djJ8")
    (tmp_path / "ks").chmod(0)
    found = problems(tmp_path, SMALLEST + '[kaltura.session]\nmode = "ks-file"\nks_file = "ks"\n')
    assert ["permission denied" in text and "djJ8" not in text for text in found] == [True]


def test_warnings_do_not_refuse_and_have_their_lines(tmp_path: Path) -> None:
    """A kiosk with one missing clip still shows the others."""
    (tmp_path / "ks").write_text("djJ8")
    (tmp_path / "ks").chmod(0o644)
    text = SMALLEST + '[kaltura.session]\nmode = "ks-file"\nks_file = "ks"\n[[player.playlist]]\nuri = "gone.mp4"\n'
    assert [
        "agent.toml:8: kaltura.session.ks_file: names the file ks, which every user may read. Take the permission "
        "away: chmod o-rwx.",
        "agent.toml:10: player.playlist[0].uri: names gone.mp4, which does not exist; the player skips it.",
    ] == warnings(tmp_path, text)


def test_layers_become_one_configuration(tmp_path: Path) -> None:
    """A fleet's document will come over the machine's file; faults name the layer that they are in."""
    file = read_layer(write(tmp_path, SMALLEST))
    surroundings = Surroundings(tmp_path, {}, MACHINE)
    found = assemble([file, Layer("fleet", {"player": {"volume": 40}}, {})], surroundings)
    assert 40 == found.settings.player.volume
    assert Origin("fleet") == found.origin(("player", "volume"))
    with pytest.raises(ConfigurationError) as raised:
        assemble([file, Layer("fleet", {"player": {"volume": 400}}, {})], surroundings)
    assert ["fleet: player.volume: found 400; allowed: a whole number from 0 to 200."] == [
        str(problem) for problem in raised.value.problems
    ]


def test_loading_keeps_heavy_modules_out() -> None:
    """Each of them would cost the daemon memory for nothing (decision 36)."""
    heavy = ("json", "difflib", "vlc", "structlog", "urllib3", "click", "agent.config.schema", "agent.config.example")
    code = f"import sys, agent.config.files; print([name for name in {heavy!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == ran.stdout.strip()
