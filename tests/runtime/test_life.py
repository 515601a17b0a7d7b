"""What keeps the process from starting is one sentence with a remedy."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from agent.runtime import life
from tests.support.configuration import SMALLEST, write
from tests.support.outbox import open_outbox


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """`run` sets logging up for the process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_control_socket_that_cannot_be_made_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody's folder of that name: a sentence and status 1, and no traceback."""
    (tmp_path / "state" / "control.sock" / "inner").mkdir(parents=True)
    assert 1 == life.run(write(tmp_path, SMALLEST + '[log]\nformat = "json"\n'), tmp_path / "state")
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    assert "agent cannot start" in line
    assert "remedy" in line
    open_outbox(tmp_path / "state").close()


def test_state_folder_that_is_a_file_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A typing error in a unit file."""
    (tmp_path / "state").write_text("mine")
    assert 1 == life.run(write(tmp_path, SMALLEST), tmp_path / "state")
    assert "store cannot be opened" in capsys.readouterr().err
    assert "mine" == (tmp_path / "state").read_text()
