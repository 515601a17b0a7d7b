"""The effective configuration as it is shown."""

import json
import tomllib
from pathlib import Path

from agent.config.show import as_toml, as_tree, origins
from tests.support.configuration import SMALLEST, loaded

TEXT = (
    SMALLEST
    + """\
proxy = "http://user:hunter2@proxy:3128"
[player]
headless = true
[[player.playlist]]
uri = "rtsp://user:hunter2@camera/live"
hours = ["Mon-Fri 08:00-20:00"]
valid_until = 2026-12-24
[[player.playlist]]
uri = "https://h/p/1/playManifest/entryId/0_a/ks/hunter2/a.m3u8"
options = [":http-referrer=http://u:hunter2@h"]
"""
)


def test_shown_configuration_reads_as_toml(tmp_path: Path) -> None:
    """What is in force, in the form in which it would be written; the origin stands behind it."""
    text = as_toml(loaded(tmp_path, TEXT), with_origin=True)
    tree = tomllib.loads(text)
    assert "device-001" == tree["device"]["id"]
    assert True is tree["player"]["headless"]
    assert ["Mon-Fri 08:00-20:00"] == tree["player"]["playlist"][0]["hours"]
    assert 2 == len(tree["player"]["playlist"])
    lines = text.splitlines()
    assert f'id = "device-001"{" " * 34}# {tmp_path}/agent.toml:2' in lines
    assert f"loop = true{' ' * 40}# default" in lines
    assert "# user_id is not set: not sent" in lines


def test_no_secret_is_shown_in_any_form(tmp_path: Path) -> None:
    """It is pasted into tickets."""
    found = loaded(tmp_path, TEXT)
    shown = as_toml(found, with_origin=True) + json.dumps(as_tree(found)) + json.dumps(origins(found))
    assert "hunter2" not in shown
    assert "rtsp://***@camera/live" in shown


def test_session_file_is_shown_only_where_it_is_one(tmp_path: Path) -> None:
    """Without systemd's folder, a pasted token and a credential's name look the same."""
    text = SMALLEST + '[kaltura.session]\nmode = "ks-file"\nks_file = "hunter2"\n'
    assert "***" == as_tree(loaded(tmp_path, text))["kaltura"]["session"]["ks_file"]
    (tmp_path / "hunter2").write_text("djJ8")
    assert str(tmp_path / "hunter2") == as_tree(loaded(tmp_path, text))["kaltura"]["session"]["ks_file"]


def test_tree_is_json_with_every_setting(tmp_path: Path) -> None:
    """Scripts read it without asking whether a key is there."""
    tree = as_tree(loaded(tmp_path, TEXT))
    assert tree == json.loads(json.dumps(tree))
    assert "2026-12-24" == tree["player"]["playlist"][0]["valid_until"]
    assert tree["kaltura"]["user_id"] is None
    assert [] == as_tree(loaded(tmp_path, SMALLEST))["player"]["playlist"]


def test_origins_name_file_and_line(tmp_path: Path) -> None:
    """The same as the comments, for machines."""
    found = origins(loaded(tmp_path, TEXT))
    assert {"layer": str(tmp_path / "agent.toml"), "line": 2} == found["device.id"]
    assert {"layer": str(tmp_path / "agent.toml"), "line": 11} == found["player.playlist[0].hours"]
    assert {"layer": "default", "line": None} == found["log.level"]
