"""The machine's file together with what the broker said."""

import os
from pathlib import Path
from typing import Any

import pytest

from agent.cli import broker_layers
from agent.cli.broker_layers import in_force
from agent.config.layers import Layer
from agent.config.problems import ConfigurationError, Origin
from tests.support.configuration import SMALLEST, write

BROKER = '[remote]\nurl = "mqtts://broker.example.com"\n'


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> list[Layer]:
    """What the state folder holds; each test fills it."""
    found: list[Layer] = []
    monkeypatch.setattr(broker_layers, "applied_layers", lambda _folder: found)
    return found


def document(tree: dict[str, Any]) -> Layer:
    return Layer("fleet@5", tree, {}, remote=True)


def test_stored_documents_lie_over_the_file(tmp_path: Path, stored: list[Layer]) -> None:
    """`config show` answers what counts, also while the agent is not running."""
    stored.append(document({"player": {"volume": 40}}))
    path = write(tmp_path, SMALLEST + BROKER)
    found = in_force(path, tmp_path)
    assert (str(path), "fleet@5") == found.layers
    assert 40 == found.loaded.settings.player.volume
    assert Origin("fleet@5") == found.loaded.origin(("player", "volume"))
    assert ((), None) == (found.left_out, found.doubt)


def test_without_a_broker_in_the_file_no_document_counts(tmp_path: Path, stored: list[Layer]) -> None:
    """As when the agent starts: whoever takes the broker out of the file has taken its word away."""
    stored.append(document({"player": {"volume": 40}}))
    path = write(tmp_path, SMALLEST)
    assert (str(path),) == in_force(path, tmp_path).layers


def test_documents_that_do_not_go_with_the_file_are_left_out_and_told(tmp_path: Path, stored: list[Layer]) -> None:
    """The file was changed since: it counts alone, as when the agent starts."""
    stored.append(document({"kaltura": {"service_url": "http://other.example.com/"}}))
    path = write(tmp_path, SMALLEST + BROKER)
    found = in_force(path, tmp_path)
    assert (str(path),) == found.layers
    assert [("kaltura", "service_url")] == [problem.place for problem in found.left_out]


def test_file_that_cannot_be_used_is_not_mended_by_a_document(tmp_path: Path, stored: list[Layer]) -> None:
    """The agent would not start on it once the document is gone."""
    stored.append(document({"player": {"volume": 40}}))
    with pytest.raises(ConfigurationError):
        in_force(write(tmp_path, SMALLEST + BROKER + "[player]\nvolume = 400\n"), tmp_path)


def test_empty_or_missing_state_folder_has_no_documents(tmp_path: Path) -> None:
    """On a bench, and before the first start."""
    path = write(tmp_path, SMALLEST + BROKER)
    for folder in (tmp_path, tmp_path / "none"):
        found = in_force(path, folder)
        assert ((str(path),), None) == (found.layers, found.doubt)


def test_state_folder_that_may_not_be_read_is_a_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not everybody may look; what is shown is then not all, and says so."""

    def denied(_folder: Path) -> list[Layer]:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(broker_layers, "applied_layers", denied)
    path = write(tmp_path, SMALLEST + BROKER)
    found = in_force(path, tmp_path)
    assert (str(path),) == found.layers
    assert (
        f"{tmp_path}: permission denied: the documents of the broker are not seen; this is the machine's file alone."
        == found.doubt
    )
