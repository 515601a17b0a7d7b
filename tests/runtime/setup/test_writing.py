"""The configuration file as setup writes it."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.files import load
from agent.runtime.setup.writing import config_text, strangers

EXAMPLE = Path(__file__).parents[3] / "config" / "agent.example.toml"


def test_every_setting_there_is_comes_back_as_it_was() -> None:
    """A setup that is run again must not lose what somebody wrote by hand."""
    lines = EXAMPLE.read_text().splitlines()
    bare = [line.removeprefix("#") for line in lines if not line.startswith(("# ", "#:"))]
    tree = tomllib.loads("\n".join(bare))
    assert len(tree) > 5
    assert tree == tomllib.loads(config_text(tree))
    assert [] == strangers(tree)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)


@given(TEXTS, TEXTS, st.lists(TEXTS, max_size=3))
def test_no_text_breaks_out_of_its_quotation_marks(name: str, uri: str, options: list[str]) -> None:
    """A name with a quotation mark or a line end in it must not become another setting."""
    tree: dict[str, Any] = {"device": {"name": name}, "player": {"playlist": [{"uri": uri, "options": options}, {}]}}
    assert tree == tomllib.loads(config_text(tree))


def test_written_file_is_one_that_the_agent_takes_and_a_person_reads(tmp_path: Path) -> None:
    """Each setting says what it means; an item's explanations stand once."""
    items = [{"uri": "/srv/a.mp4", "entry_id": "0_abcd1234"}, {"uri": "/srv/b.mp4", "entry_id": "0_abcd1235"}]
    tree = {
        "player": {"volume": 80, "playlist": items, "restart": {"hang_after_s": 7.5}},
        "kaltura": {"service_url": "https://k.example.com", "partner_id": 102},
        "device": {"id": "device-001"},
    }
    path = tmp_path / "kiosk-agent.toml"
    path.write_text(config_text(tree))
    loaded = load(path, environment={})
    assert (80, 7.5) == (loaded.settings.player.volume, loaded.settings.player.restart.hang_after_s)
    assert ["0_abcd1234", "0_abcd1235"] == [item.entry_id for item in loaded.settings.player.playlist]
    assert 1 == path.read_text().count("# The Kaltura entry as which it is reported.")
    assert all(len(line) <= 120 for line in path.read_text().splitlines())


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"kaltura": {"partner_id": 1, "partnerid": 2}}, ["kaltura.partnerid"]),
        ({"kiosk": {}, "player": {"playlist": [{"uri": "a"}, {"url": "b"}]}}, ["kiosk", "player.playlist[1].url"]),
    ],
)
def test_keys_that_are_no_settings_are_named_and_left_out(tree: dict[str, Any], expected: list[str]) -> None:
    """What cannot be kept is told, not dropped."""
    assert expected == strangers(tree)
    assert [] == strangers(tomllib.loads(config_text(tree)))
