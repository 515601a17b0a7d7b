"""The command that delivers a carried queue: what it says, and how it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.queue import queue
from agent.runtime.portable.taking import take
from tests.support.carrying import SINK, handed_over
from tests.support.certificates import a_certificate
from tests.support.delivery import of_events
from tests.support.outbox import open_outbox
from tests.support.serving import play
from tools.standin.faults import Refuse
from tools.standin.server import Collector


def a_file(folder: Path, *sinks: str, recipient: Path | None = None) -> Path:
    """A file with four events of a kiosk."""
    (folder / "stick").mkdir()
    outbox = open_outbox(folder / "kiosk")
    for sink in sinks or (SINK,):
        outbox.register(sink)
    outbox.append(of_events([play(number) for number in range(1, 6)]))
    path = handed_over(outbox, folder / "stick", recipient=recipient)
    outbox.close()
    assert path is not None
    return path


def run(folder: Path, file: Path, url: str, *arguments: str, machine: str = "office") -> Result:
    """`kiosk-agent queue import` at the office."""
    config = folder / "office.toml"
    config.write_text(f'[kaltura]\nservice_url = "{url}"\npartner_id = 102\nproxy = "none"\n')
    options = ["--config", str(config), "--state-dir", str(folder / machine), "--patience", "1"]
    return CliRunner().invoke(queue, ["import", str(file), *options, *arguments])


def test_file_is_delivered_and_said_so(tmp_path: Path) -> None:
    """One command, no agent, no player, no playlist."""
    with Collector() as collector:
        result = run(tmp_path, a_file(tmp_path), collector.url)
        assert 4 == len(collector.events)
    assert 0 == result.exit_code, result.output
    assert "4 events of device-001 taken into" in result.output
    assert "stats.collect: 4 messages delivered, 0 passed over, 0 refused, 0 waiting" in result.output


def test_second_import_sends_nothing(tmp_path: Path) -> None:
    """Neither the file nor a copy of it."""
    file = a_file(tmp_path)
    with Collector() as collector:
        run(tmp_path, file, collector.url)
        result = run(tmp_path, file, collector.url)
        assert (0, 4) == (result.exit_code, len(collector.events))
        assert "delivered from this machine before" in result.output
        other = run(tmp_path, file, collector.url, machine="laptop")
        assert (1, 4) == (other.exit_code, len(collector.events))
        assert "has taken this file already" in other.output


def test_service_that_is_away_leaves_all_to_the_next_try(tmp_path: Path) -> None:
    """The office may be offline, too."""
    file = a_file(tmp_path)
    result = run(tmp_path, file, "http://127.0.0.1:9")
    assert 1 == result.exit_code
    assert "4 waiting" in result.output
    assert "Run the same command again" in result.output
    with Collector() as collector:
        assert 0 == run(tmp_path, file, collector.url).exit_code
        assert 4 == len(collector.events)


def test_json_says_all_of_it(tmp_path: Path) -> None:
    """For whoever scripts the office's side."""
    with Collector() as collector:
        result = run(tmp_path, a_file(tmp_path), collector.url, "--json")
    found = json.loads(result.stdout)
    assert (4, True, 4) == (found["events"], found["delivered"], found["sinks"][SINK]["delivered"])


@pytest.mark.parametrize("data", [b"", b"hello", b"\x00" * 100])
def test_foreign_file_is_refused(tmp_path: Path, data: bytes) -> None:
    """The wrong file on the stick."""
    file = tmp_path / "file"
    file.write_bytes(data)
    result = run(tmp_path, file, "http://127.0.0.1:9")
    assert 1 == result.exit_code
    assert "no file of a kiosk's queue" in result.output
    assert "Nothing was taken" in result.output


def test_encrypted_file_asks_for_its_key(tmp_path: Path) -> None:
    """With it, it is as any other."""
    certificate, key = a_certificate(tmp_path, "office")
    file = a_file(tmp_path, recipient=certificate)
    with Collector() as collector:
        result = run(tmp_path, file, collector.url)
        assert (1, []) == (result.exit_code, collector.events)
        assert "--key FILE" in result.output
        assert 0 == run(tmp_path, file, collector.url, "--key", str(key)).exit_code
        assert 4 == len(collector.events)


def test_destination_that_is_off_is_named(tmp_path: Path) -> None:
    """A configuration for another purpose was taken by mistake; nothing is lost by that."""
    file = a_file(tmp_path, SINK, "trackEvent")
    with Collector() as collector:
        result = run(tmp_path, file, collector.url)
        assert (2, []) == (result.exit_code, collector.events)
    assert "wait for trackEvent, which is not on" in result.output


def test_wrong_configuration_touches_nothing(tmp_path: Path) -> None:
    """The file is not taken by a machine that cannot deliver it."""
    file = a_file(tmp_path)
    result = run(tmp_path, file, "nonsense")
    assert 2 == result.exit_code
    assert not (tmp_path / "office").exists()
    assert 4 == take(file, tmp_path / "laptop", key=None, now=1.0).events


def test_refused_messages_are_kept_where_they_can_be_seen(tmp_path: Path) -> None:
    """A wrong partner id shows only here."""
    with Collector() as collector:
        collector.fault(Refuse("INVALID_ENUM_VALUE"), times=1)
        result = run(tmp_path, a_file(tmp_path), collector.url)
    assert 0 == result.exit_code, result.output
    assert "1 refused" in result.output
    (place,) = (tmp_path / "office" / "imported").glob("*-*-*")
    listed = CliRunner().invoke(queue, ["dead", "list", "--state-dir", str(place)])
    assert (0, True) == (listed.exit_code, "INVALID_ENUM_VALUE" in listed.output)
