"""`run` refuses to start in words."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.stores import store_with_story

ROOT = Path(__file__).parents[2]
GOOD = """
[device]
id = "device-001"
[kaltura]
enabled = false
[player]
headless = true
"""


def run(config: Path, state: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "agent.cli.main", "run", "--config", str(config), "--state-dir", str(state)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[device\n", ["agent.toml:1"]),
        ("[kaltura]\nservice_url = 3\npartner_idd = 2\n", ["agent.toml:2", "agent.toml:3", "partner_id"]),
        ("", ["partner_id", "service_url"]),
    ],
)
def test_wrong_configuration_is_named_whole_and_nothing_starts(tmp_path: Path, text: str, words: list[str]) -> None:
    """Every problem at once, exit status 2, and no state folder is made."""
    config = tmp_path / "agent.toml"
    config.write_text(text)
    done = run(config, tmp_path / "state")
    assert 2 == done.returncode
    assert [] == [word for word in words if word not in done.stderr]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "state").exists()


def test_missing_configuration_is_named(tmp_path: Path) -> None:
    """The commonest first error."""
    done = run(tmp_path / "nothing.toml", tmp_path / "state")
    assert 2 == done.returncode
    assert "nothing.toml" in done.stderr


def test_store_in_use_is_one_line_with_the_holder_and_a_remedy(tmp_path: Path) -> None:
    """A second agent on the same folder would ruin the first one's database."""
    config, state = tmp_path / "agent.toml", tmp_path / "state"
    config.write_text(GOOD)
    outbox = store_with_story(state)
    done = run(config, state)
    outbox.close()
    assert 1 == done.returncode
    assert f"in use by process {os.getpid()}" in done.stderr
    assert "Traceback" not in done.stderr
