"""The demo's configuration and its copies."""

import datetime
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tools.demo.failure import DemoError
from tools.demo.judge import Expected
from tools.demo.sample import UNKNOWN_LENGTH_S, Sample, toml

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo.toml"
URL = "http://127.0.0.1:8911/api_v3"
HEAD = f'[device]\nid = "device-001"\n[kaltura]\nservice_url = "{URL}"\npartner_id = 102\n'


def test_sample_names_what_users_and_scripts_rely_on() -> None:
    """The names of the issue: whoever copies the sample builds on them."""
    tree = Sample.read(DEMO).tree
    assert "device-001" == tree["device"]["id"]
    assert (URL, 102) == (tree["kaltura"]["service_url"], tree["kaltura"]["partner_id"])
    assert Expected(("0_welcome1", "0_lobby001", "0_goodbye1"), "kiosk://device-001") == Sample.read(DEMO).expected()


def test_copy_changes_what_the_run_needs_and_nothing_else(tmp_path: Path) -> None:
    """Another port, and one pass: whatever else a person has put into the sample stays."""
    before = Sample.read(DEMO)
    after = before.derived(tmp_path / "agent.toml", service_url="http://127.0.0.1:7/api_v3", loop=False)
    assert (True, False) == (before.settings.player.loop, after.settings.player.loop)
    assert "http://127.0.0.1:7/api_v3" == after.settings.kaltura.service_url
    assert before.settings.player.playlist == after.settings.player.playlist
    assert (before.settings.device, before.settings.log) == (after.settings.device, after.settings.log)


def test_sample_that_needs_no_change_is_played_as_it_is(tmp_path: Path) -> None:
    """`tools/run` without options plays config/demo.toml itself."""
    whole = Sample.read(DEMO)
    assert whole is whole.derived(tmp_path / "agent.toml", service_url=URL, loop=None)


def test_copy_is_read_back_as_it_was_meant() -> None:
    """Tables in tables, lists, quotes and dates: what a person may have put into the sample."""
    tree: dict[str, Any] = {
        "device": {"id": "d", "tags": ["a", 'q"\\\n', "ü"], "name": ""},
        "kaltura": {"partner_id": 7, "session": {"mode": "none"}, "read_timeout_s": 1.5},
        "player": {"playlist": [{"uri": "a", "valid_from": datetime.date(2026, 12, 1)}, {"uri": "b"}]},
    }
    assert tree == tomllib.loads("\n".join(toml(tree)))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEAD, "at least one"),
        (HEAD + "[player]\nplaylist = 3", "cannot be used"),
        ("[player", "cannot be used"),
        (HEAD + "[[player.playlist]]\nentry_id = '0_x'", "cannot be used"),
    ],
)
def test_sample_that_the_agent_would_refuse_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """A clear word before anything starts, instead of a traceback or a dead agent."""
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(DemoError, match=rf"bad\.toml.*{reason}"):
        Sample.read(path)


def test_pass_of_unknown_length_is_bounded_all_the_same(tmp_path: Path) -> None:
    """An image or a stream must not make the demo wait for ever; a set duration is believed."""
    path = tmp_path / "list.toml"
    items = '[[player.playlist]]\nuri = "none.png"\n[[player.playlist]]\nuri = "b.png"\nduration_s = 4\n'
    path.write_text(HEAD + items)
    assert UNKNOWN_LENGTH_S + 4 == Sample.read(path).length_s()
