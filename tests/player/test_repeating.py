"""Which items VLC plays several times in a row, and what their media say of it."""

from pathlib import Path
from typing import Any

import pytest

from agent.config.entries import EntryRules
from agent.config.player import Player, PlaylistItem
from agent.kernel.media import Role
from agent.player.playlist import Playlist, expand
from agent.player.repeating import ENDLESS


def _expand(*lines: PlaylistItem, **player: Any) -> Playlist:
    return expand(Player(playlist=lines, **player), EntryRules())


def _line(name: str = "a.mp4", **fields: Any) -> PlaylistItem:
    return PlaylistItem(uri=name if ":" in name else f"file:///srv/{name}", **fields)


def test_one_seamless_item_of_a_list_that_loops_is_repeated_for_ever() -> None:
    """The commonest kiosk: one film, day and night, and no flash of the desktop between two passes."""
    found = _expand(_line(seamless=True))
    (item,) = found.items
    assert ((ENDLESS,), True, ()) == (item.options, item.media.repeats, found.problems)


def test_folder_with_one_film_is_one_item(tmp_path: Path) -> None:
    """A kiosk's folder has one film today; it is not the operator's business how it came into the list."""
    (tmp_path / "a.mp4").write_bytes(b"")
    (item,) = _expand(PlaylistItem(uri=tmp_path.as_uri(), seamless=True)).items
    assert item.media.repeats


@pytest.mark.parametrize(
    ("lines", "loop", "why"),
    [
        ((_line(seamless=True), _line("b.mp4")), True, "the list has other items"),
        ((_line(seamless=True),), False, "the list does not loop"),
        ((_line("https://a.test/a.m3u8", seamless=True),), True, "a stream of segments"),
        ((_line("a.png", seamless=True),), True, "a live stream or an image"),
        ((_line(seamless=True, live=True),), True, "a live stream or an image"),
        ((_line(seamless=True), _line("s.mp4", role=Role.POSTROLL)), True, "advertisements or bumpers"),
    ],
)
def test_item_that_cannot_be_seamless_is_played_as_any_other_and_told(
    lines: tuple[PlaylistItem, ...], loop: bool, why: str
) -> None:
    """A wish that cannot be met is no reason for a dark screen, and no secret."""
    found = _expand(*lines, loop=loop)
    assert not any(item.media.repeats or ENDLESS in item.options for item in found.items)
    (problem,) = found.problems
    assert why in problem


def test_option_of_vlc_is_recognised_in_any_list() -> None:
    """A list may show one clip five times and then another one."""
    twice, once = _expand(_line(options=(":input-repeat=1",)), _line("b.mp4", options=(":input-repeat=0",))).items
    assert (True, False) == (twice.media.repeats, once.media.repeats)


def test_option_of_the_player_is_recognised_and_an_items_own_wins() -> None:
    """As VLC reads them."""
    lines = (_line(), _line("b.mp4", options=(":input-repeat=0",)), _line("c.png"))
    found = _expand(*lines, vlc_options=("--input-repeat=3",)).items
    assert [True, False, False] == [item.media.repeats for item in found]


def test_item_with_advertisements_is_played_once_in_a_row() -> None:
    """A midroll has its content loaded anew from the middle, and each further pass would begin there."""
    found = _expand(_line(options=(":input-repeat=4",)), _line("s.mp4", role=Role.MIDROLL, at_s=5.0))
    (item,) = found.items
    assert (":input-repeat=4", ":input-repeat=0") == item.options
    assert not item.media.repeats
    (problem,) = found.problems
    assert "advertisements" in problem
