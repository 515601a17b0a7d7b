"""The parts of `queue export` that need no command line; the rest is in test_queue_export.py."""

from pathlib import Path

import click
import pytest

from agent.cli import exporting
from tests.support.certificates import a_certificate
from tests.support.stores import store_with_story


def test_what_goes_wrong_inside_ends_the_command_with_a_sentence(tmp_path: Path) -> None:
    """A traceback at a kiosk helps nobody."""
    store_with_story(tmp_path).close()
    with pytest.raises(click.ClickException, match="no export x"), exporting.reached(tmp_path) as call:
        call("queue.export.forget", id="x")


def test_store_is_given_back_whatever_happens(tmp_path: Path) -> None:
    """An agent that starts meanwhile would wait for it."""
    store_with_story(tmp_path).close()
    with pytest.raises(ValueError, match="oh"), exporting.reached(tmp_path):
        raise ValueError("oh")
    store_with_story(tmp_path).close()


def test_option_goes_before_the_configuration(tmp_path: Path) -> None:
    """Another office's certificate, for this one time."""
    certificate, _ = a_certificate(tmp_path, "other")
    assert certificate == exporting.certificate(tmp_path / "none.toml", certificate, in_clear=False)
    assert exporting.certificate(tmp_path / "none.toml", None, in_clear=True) is None
