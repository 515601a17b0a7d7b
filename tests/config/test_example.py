"""The commented example."""

import re
import tomllib
from pathlib import Path

from agent.config.example import example_text
from agent.config.model import Settings
from agent.config.setting import Table, walk
from tests.support.configuration import problems, warnings


def test_example_can_be_used_as_it_stands(tmp_path: Path) -> None:
    """It is installed as the first configuration, and nothing is wrong with it but that its clip is not there."""
    assert [] == problems(tmp_path, example_text())
    assert ["player.playlist[0].uri"] == [text.split(": ")[1] for text in warnings(tmp_path, example_text())]


def test_example_with_every_line_taken_in_is_right_too(tmp_path: Path) -> None:
    """Somebody takes a "#" away and expects what follows to be valid."""
    text = re.sub(r"^#(?=[a-z0-9_]+ = )", "", example_text(), flags=re.MULTILINE)
    # What names a secret belongs to a mode of its own, and to files that are not here.
    elsewhere = (
        "app_token_id|ks_file|app_token_file|secret_file|token_file|password_file|ca_file|certificate_file|key_file"
        "|export_recipient_file|templates_file|actor_key_file"
    )
    text = re.sub(rf"^({elsewhere}) = .*$", "", text, flags=re.MULTILINE)
    assert [] == problems(tmp_path, text)


def test_example_has_every_setting_once() -> None:
    """It is where people look first."""
    text = re.sub(r"^#(?=[a-z0-9_]+ = )", "", example_text(), flags=re.MULTILINE)
    tree = tomllib.loads(text)
    for path, _, entry in walk(Settings):
        found = tree
        for name in path:
            found = found[0] if isinstance(found, list) else found
            found = found[name]
        assert isinstance(entry, Table) or found is not None


def test_example_is_narrow() -> None:
    """It is read in an editor on a kiosk's own screen."""
    assert max(len(line) for line in example_text().splitlines()) <= 120
