"""What a kiosk gets on its boot partition."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from agent.config.files import load
from agent.config.problems import ConfigurationError
from agent.fleet.enroll_bundle import Bundles, Deed, Terms
from agent.fleet.enroll_list import Entry

TERMS = Terms(
    "mqtts://broker.example.com",
    "kiosk",
    rest="[kaltura]\nservice_url = 'https://kaltura.example.com'\npartner_id = 101\n",
)
ENTRY = Entry(2, "device-001", 'Lobby "left" \\ 1', "Berlin", ("berlin", "lobby"), ("4k",))


def test_bundle_is_a_configuration_that_a_kiosk_takes(tmp_path: Path) -> None:
    """Whoever carries a card to a kiosk two hours away must not find out there."""
    assert Deed.ENROLLED is Bundles(tmp_path, TERMS).enrol(ENTRY, renew=False)
    settings = load(tmp_path / "device-001" / "kiosk-agent.toml", environment={}).settings
    assert ("device-001", ENTRY.name, "Berlin", ("4k",)) == (
        settings.device.id,
        settings.device.name,
        settings.device.site,
        settings.device.tags,
    )
    assert (TERMS.url, ("berlin", "lobby")) == (settings.remote.url, settings.remote.groups)
    assert str(tmp_path / "device-001" / "broker-password") == settings.remote.password_file
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "device-001").iterdir()}
    assert ({0o600}, 0o700) == (modes, stat.S_IMODE((tmp_path / "device-001").stat().st_mode))


def test_password_is_kept_until_it_is_to_be_renewed(tmp_path: Path) -> None:
    """A list that is enrolled twice must not lock out the kiosks that are out there."""
    bundles = Bundles(tmp_path, TERMS)
    bundles.enrol(ENTRY, renew=False)
    password = bundles.password("device-001")
    assert password and Deed.KEPT is bundles.enrol(ENTRY, renew=False)
    assert password == bundles.password("device-001")
    assert Deed.RENEWED is bundles.enrol(ENTRY, renew=True)
    assert password != bundles.password("device-001")
    assert ["device-001"] == [path.name for path in tmp_path.iterdir()]


def test_change_in_the_list_reaches_the_bundle_with_its_password(tmp_path: Path) -> None:
    """A kiosk that moves to another site stays the kiosk that it is."""
    bundles = Bundles(tmp_path, TERMS)
    bundles.enrol(ENTRY, renew=False)
    password = bundles.password("device-001")
    assert Deed.UPDATED is bundles.enrol(replace(ENTRY, site="Hamburg"), renew=False)
    assert "Hamburg" in (tmp_path / "device-001" / "kiosk-agent.toml").read_text()
    assert password == bundles.password("device-001")


@pytest.mark.parametrize("left", [".device-001.new", ".device-001.old"])
def test_run_that_was_cut_off_is_taken_up(tmp_path: Path, left: str) -> None:
    """A folder half made counts for nothing; one that a renewal had moved aside is put back."""
    bundles = Bundles(tmp_path, TERMS)
    bundles.enrol(ENTRY, renew=False)
    password = bundles.password("device-001")
    (tmp_path / "device-001").rename(tmp_path / left)
    deed = bundles.enrol(ENTRY, renew=False)
    was_aside = left.endswith("old")
    assert (Deed.KEPT if was_aside else Deed.ENROLLED, was_aside) == (deed, password == bundles.password("device-001"))
    assert ["device-001"] == [path.name for path in tmp_path.iterdir()]


def test_file_that_the_kiosk_would_refuse_leaves_no_bundle(tmp_path: Path) -> None:
    """The tables that all kiosks share may hold a slip; a bundle is whole or not there."""
    terms = replace(TERMS, rest='[kaltura]\npartner_id = "many"\n')
    with pytest.raises(ConfigurationError):
        Bundles(tmp_path, terms).enrol(ENTRY, renew=False)
    assert not (tmp_path / "device-001").exists()
