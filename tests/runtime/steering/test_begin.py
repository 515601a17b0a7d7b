"""What a start makes of the machine's file and of what was stored."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.config.problems import ConfigurationError
from agent.remote.vault import NAME, Vault
from agent.runtime.steering.begin import begin
from tests.support.configuration import SMALLEST, write
from tests.support.helm import REMOTE, Helm
from tests.support.outbox import an_instant

QUIET = {"player": {"volume": 20}}


def used(folder: Path) -> Path:
    """A state folder in which a document counts."""
    helm = Helm(folder)
    helm.settle(3, QUIET)
    helm.documents.end(helm.now)
    return helm.state


def test_without_a_broker_nothing_is_stored_and_no_document_counts(tmp_path: Path) -> None:
    """Whoever takes the broker out of the file wants the file alone, now and whatever was told before."""
    state = used(tmp_path)
    begun = begin(write(tmp_path, SMALLEST), state, an_instant())
    assert (100, None) == (begun.loaded.settings.player.volume, begun.vault)
    before = (state / NAME).read_bytes()
    begun.keep()
    assert before == (state / NAME).read_bytes()


def test_broker_that_is_named_again_has_its_documents_count_again(tmp_path: Path) -> None:
    """Taking the line out to look for a fault must not lose what the fleet said."""
    state = used(tmp_path)
    begin(write(tmp_path, SMALLEST), state, an_instant())
    begun = begin(write(tmp_path, REMOTE + SMALLEST), state, an_instant())
    assert 20 == begun.loaded.settings.player.volume


def test_bad_file_is_told_whatever_documents_say(tmp_path: Path) -> None:
    """The person at the machine has made the mistake, and is there to mend it."""
    state = used(tmp_path)
    with pytest.raises(ConfigurationError):
        begin(write(tmp_path, REMOTE + SMALLEST + "nonsense = 1\n"), state, an_instant())


def test_beginning_writes_nothing_until_it_is_kept(tmp_path: Path) -> None:
    """A second agent on the same folder is told so, and must not have counted a start by then."""
    state = used(tmp_path)
    before = (state / NAME).read_bytes()
    begun = begin(write(tmp_path, REMOTE + SMALLEST), state, an_instant())
    assert before == (state / NAME).read_bytes()
    begun.keep()
    assert Vault(state).load().starts > 0


def test_damaged_state_lets_the_machines_file_count_and_says_so(tmp_path: Path) -> None:
    """The card has eaten it; the broker gives it again."""
    state = used(tmp_path)
    (state / NAME).write_bytes(b"\0" * 100)
    begun = begin(write(tmp_path, REMOTE + SMALLEST), state, an_instant())
    assert 100 == begun.loaded.settings.player.volume
    assert begun.stored is not None
    assert "damaged" in str(begun.stored.broken)


def test_reboot_with_an_open_trial_is_noticed(tmp_path: Path) -> None:
    """After it, a route alone is no proof of a network."""
    state = used(tmp_path)
    path = write(tmp_path, REMOTE + SMALLEST)
    assert not begin(path, state, an_instant()).rebooted
    assert begin(path, state, an_instant(boot_id="another")).rebooted
    vault = Vault(state)
    vault.save(replace(vault.load(), trial=None))
    assert not begin(path, state, an_instant(boot_id="another")).rebooted


def test_folder_that_cannot_be_written_keeps_nobody_from_starting(tmp_path: Path) -> None:
    """The screen comes first."""
    state = used(tmp_path)
    begun = begin(write(tmp_path, REMOTE + SMALLEST), state, an_instant())
    (state / f"{NAME}.new").mkdir()
    begun.keep()
    assert 20 == begun.loaded.settings.player.volume
