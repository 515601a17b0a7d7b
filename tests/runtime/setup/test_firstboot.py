"""What lies on the boot partition is carried in, and told to whoever puts the card into a PC."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.config.files import load
from agent.runtime.setup import boot
from agent.runtime.setup.firstboot import End, carry_in
from agent.runtime.setup.places import Places
from tests.support.sessions import app_token
from tests.support.setups import LEAST, a_machine
from tools.standin.server import Collector


@pytest.fixture
def service() -> Iterator[Collector]:
    with Collector() as running:
        yield running


def laid(places: Places, config: str, **secrets: str) -> Path:
    """The partition with a configuration; its folder."""
    folder = places.boots[0]
    (folder / "kiosk-agent.toml").write_text(config)
    for name, text in secrets.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder


def log(folder: Path) -> str:
    """What the person at the PC reads."""
    return (folder / "kiosk-agent-setup.log").read_text()


def test_card_without_files_is_left_as_it_is(tmp_path: Path) -> None:
    """Every boot but the first."""
    places = a_machine(tmp_path)
    assert End.NOTHING is carry_in(places).end
    assert ([], False) == (list(places.boots[0].iterdir()), places.folder.exists())


def test_first_boot_sets_the_kiosk_up_and_says_that_the_service_lets_it_in(service: Collector, tmp_path: Path) -> None:
    """The person who made the card sees on his PC whether its token was right."""
    places, token = a_machine(tmp_path), app_token("sha256")
    config = f'[device]\nid = "device-007"\n[kaltura]\nservice_url = "{service.url}"\npartner_id = 102\n'
    folder = laid(
        places, f'{config}[kaltura.session]\napp_token_id = "{token.ident}"\n', **{"kiosk-agent_token": token.token}
    )
    account = carry_in(places)
    assert End.DONE is account.end, account.lines
    session = load(places.config, environment={}).settings.kaltura.session
    assert ("app-token", str(places.secrets / "app-token")) == (session.mode.value, session.app_token_file)
    assert ["kiosk-agent-setup.log", "kiosk-agent.toml.done"] == sorted(path.name for path in folder.iterdir())
    told = log(folder)
    assert [] == [word for word in ("setup: done", "ok: session", "ok: collector", "run --config") if word not in told]
    assert token.token not in told
    assert End.NOTHING is carry_in(places).end


def test_no_network_yet_keeps_nothing_from_being_carried_in(tmp_path: Path) -> None:
    """The agent waits for it better than we do."""
    places = a_machine(tmp_path)
    folder = laid(places, LEAST.replace("https://kaltura.example.com", "http://127.0.0.1:9"))
    assert End.DONE is carry_in(places).end
    assert "fail: collector" in log(folder)
    assert 102 == load(places.config).settings.kaltura.partner_id


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("[kaltura\n", "kiosk-agent.toml:1"),
        ('[kaltura]\npartnerid = 3\n[kaltura.session]\nmode = "ks-file"\n', "kiosk-agent.toml:2: kaltura.partnerid"),
        (
            '[kaltura]\nservice_url = "https://k"\npartner_id = 3\n[kaltura.session]\nmode = "app-token"\n',
            "--app-token-id",
        ),
    ],
)
def test_wrong_file_changes_nothing_and_is_told_by_its_line(tmp_path: Path, config: str, words: str) -> None:
    """The old configuration plays on, and the token is where it was."""
    places = a_machine(tmp_path)
    folder = laid(places, config, **{"kiosk-agent_token": "0f1e2d3c4b5a69788796"})
    account = carry_in(places)
    assert (End.REFUSED, False) == (account.end, places.folder.exists())
    assert [] == [word for word in ("setup: refused", words) if word not in log(folder)]
    assert "0f1e2d3c4b5a69788796" == (folder / "kiosk-agent.token").read_text()
    assert "0f1e2d3c4b5a69788796" not in log(folder)


def test_partition_that_cannot_be_written_is_told_and_the_kiosk_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only system: the token cannot be taken off, and somebody has to know."""
    places = a_machine(tmp_path)
    laid(places, f'{LEAST}[kaltura.session]\nmode = "ks-file"\n', **{"kiosk-agent_token": "0f1e2d3c4b5a69788796"})

    def refused(*_arguments: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(boot, "wipe", refused)
    monkeypatch.setattr(boot, "write_log", refused)
    account = carry_in(places, checks=False)
    text = "\n".join(account.lines)
    assert (End.FAILED, True) == (account.end, places.config.exists())
    assert [] == [word for word in ("Read-only", "still on it", "kiosk-agent.token", "setup.log") if word not in text]
    assert "0f1e2d3c4b5a69788796" not in text


def test_service_is_enabled_and_started_without_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ordered after this very unit: to wait for it would be to wait for ever."""
    places = a_machine(tmp_path)
    (places.root / "run/systemd/system").mkdir(parents=True)
    program = tmp_path / "bin/systemctl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/told\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    laid(places, LEAST)
    carry_in(places, checks=False)
    expected = ["enable kiosk-agent.service", "--no-block restart kiosk-agent.service"]
    assert expected == (tmp_path / "told").read_text().splitlines()


def test_what_was_there_before_stays_below_what_comes(tmp_path: Path) -> None:
    """A card that is corrected on a PC says only what changes."""
    places = a_machine(tmp_path)
    laid(places, f'{LEAST}[device]\nname = "Lobby"\nsite = "Berlin"\n')
    carry_in(places, checks=False)
    laid(places, '[device]\nsite = "Bonn"\n')
    assert End.DONE is carry_in(places, checks=False).end
    device = load(places.config).settings.device
    assert ("Lobby", "Bonn") == (device.name, device.site)


def test_kiosk_may_start_before_the_services_were_asked_and_they_are_asked_again(
    service: Collector, tmp_path: Path
) -> None:
    """A network comes when it comes: no screen waits for it, and the log on the card tells of it in the end."""
    places = a_machine(tmp_path)
    folder = laid(places, LEAST.replace("https://kaltura.example.com/api_v3", service.url))
    service.take_away()
    course: list[str] = []

    def slept(seconds: float) -> None:
        course.append(f"{seconds:.0f} s")
        assert "setup: done" in log(folder)
        service.bring_back()

    account = carry_in(places, ready=lambda: course.append("ready"), patience_s=60.0, sleep=slept)
    assert (End.DONE, ["ready", "10 s"]) == (account.end, course)
    assert ("ok: collector" in log(folder), "fail: collector" in log(folder)) == (True, False)


def test_kiosk_is_let_go_where_there_is_nothing_to_do_and_held_where_nothing_can_be_done(tmp_path: Path) -> None:
    """systemd takes silence for a failure, which a refused file is."""
    places, course = a_machine(tmp_path), list[str]()
    carry_in(places, ready=lambda: course.append("nothing"))
    laid(places, "[kaltura\n")
    carry_in(places, ready=lambda: course.append("refused"))
    assert ["nothing"] == course
