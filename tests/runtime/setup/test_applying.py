"""What is written, in which order, and what stays."""

import os
from pathlib import Path

import pytest

from agent.config.files import load
from agent.runtime.setup import files
from agent.runtime.setup.applying import apply, existing, install_demo, known, replaces
from agent.runtime.setup.draft import APP_TOKEN, DEVICE_ID, PASSWORD, Draft
from agent.runtime.setup.places import Places
from tests.support.setups import a_machine, mode

TREE = {"device": {"id": "device-001"}, "kaltura": {"service_url": "https://k.example.com", "partner_id": 102}}


def a_draft() -> Draft:
    """A configuration with a token and a certificate."""
    draft = (
        Draft(TREE).with_secret(APP_TOKEN, "0123456789abcdef").with_value(("kaltura", "session", "mode"), "app-token")
    )
    draft = draft.with_value(("kaltura", "session", "app_token_id"), "1_a").with_value(("remote", "ca_file"), "ca.pem")
    return Draft(draft.tree, draft.secrets, {"ca.pem": b"-----BEGIN"})


def content(places: Places) -> dict[str, bytes]:
    """Every file of the configuration."""
    paths = (path for path in places.folder.rglob("*") if path.is_file())
    return {str(path.relative_to(places.folder)): path.read_bytes() for path in paths}


def test_everything_is_written_with_its_mode_and_the_agent_takes_it(tmp_path: Path) -> None:
    """The secrets are root's alone; systemd hands them over."""
    places = a_machine(tmp_path)
    done = apply(a_draft(), places)
    assert ["app-token", "ca.pem", "kiosk-agent.toml"] == [line.split()[1].rpartition("/")[2] for line in done]
    found = [mode(places.folder / name) for name in ("", "secrets", "secrets/app-token", "ca.pem", "kiosk-agent.toml")]
    assert ["750", "700", "600", "640", "640"] == found
    settings = load(places.config, environment={}).settings
    assert str(places.secrets / "app-token") == settings.kaltura.session.app_token_file
    assert not any("0123456789abcdef" in line for line in done)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_configuration_is_for_the_agents_group_and_secrets_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent's user reads the one, and only systemd the other."""
    monkeypatch.setattr(files, "agents_group", lambda: 4711)
    places = a_machine(tmp_path)
    apply(a_draft(), places)
    groups = [(places.folder / name).stat().st_gid for name in ("", "kiosk-agent.toml", "secrets", "secrets/app-token")]
    assert [4711, 4711, 0, 0] == groups


def test_applied_twice_nothing_is_written(tmp_path: Path) -> None:
    """A script that runs setup at each boot does not wear the card out, and keeps the backup that means something."""
    places = a_machine(tmp_path)
    apply(a_draft(), places)
    before = content(places)
    places.config.chmod(0o666)
    assert [] == apply(a_draft(), places)
    assert (before, "640") == (content(places), mode(places.config))
    assert not replaces(a_draft(), places)


def test_replaced_configuration_stays_as_bak_and_a_replaced_secret_does_not(tmp_path: Path) -> None:
    """The way back from a wrong answer; but an old secret that lies about helps nobody but a thief."""
    places = a_machine(tmp_path)
    apply(a_draft(), places)
    old = places.config.read_bytes()
    changed = a_draft().with_value(DEVICE_ID, "device-002").with_secret(APP_TOKEN, "another-token")
    assert replaces(changed, places)
    assert any(".bak" in line for line in apply(changed, places))
    assert (old, "640") == ((places.folder / "kiosk-agent.toml.bak").read_bytes(), mode(places.config))
    assert not any(b"0123456789abcdef" in each for each in content(places).values())


def test_a_power_cut_at_any_write_leaves_a_configuration_with_all_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either the old one or the new one, and running setup again ends what was begun."""
    install = files.install
    for step in range(4):
        places = a_machine(tmp_path / str(step))
        left = [step]

        def cut(path: Path, content: bytes, *, left: list[int] = left, **more: int) -> None:
            if not left[0]:
                raise OSError(5, "the power is gone")
            left[0] -= 1
            install(path, content, **more)

        monkeypatch.setattr(files, "install", cut)
        if step < 3:
            with pytest.raises(OSError, match="power"):
                apply(a_draft(), places)
            assert not places.config.exists()
        monkeypatch.setattr(files, "install", install)
        apply(a_draft(), places)
        assert 102 == load(places.config, environment={}).settings.kaltura.partner_id


def test_what_is_there_is_read_with_its_secrets_known(tmp_path: Path) -> None:
    """The defaults of a second run."""
    places = a_machine(tmp_path)
    assert (Draft(), False) == (existing(places).draft, existing(places).is_there)
    apply(a_draft(), places)
    there = existing(places)
    assert (a_draft().tree, frozenset({APP_TOKEN}), True) == (there.draft.tree, there.draft.kept, there.is_there)
    assert PASSWORD not in known(there.draft.with_value(PASSWORD, "broker-password"), places).kept


def test_what_cannot_be_kept_is_told(tmp_path: Path) -> None:
    """Of a file that somebody wrote by hand, and wrong."""
    places = a_machine(tmp_path)
    places.folder.mkdir()
    places.config.write_text("[kaltura]\npartnerid = 3\n")
    assert ["kaltura.partnerid"] == [text.split()[4].rstrip(",") for text in existing(places).doubts]
    places.config.write_text("[kaltura\n")
    there = existing(places)
    assert ({}, True) == (there.draft.tree, there.is_there)
    assert "line" in there.doubts[0] or "TOML" in there.doubts[0]
    assert replaces(Draft(), places)


def test_demo_is_put_where_everybody_may_read_it(tmp_path: Path) -> None:
    """The player runs as another user."""
    path = install_demo(a_machine(tmp_path))
    assert ("644", b"\x89PNG") == (mode(path), path.read_bytes()[:4])
