"""Which items may be cached, and what is said of those that may not."""

from typing import Any

import pytest

from agent.config.cache import Checksum, cache_problems
from agent.config.kinds import MisfitError
from agent.config.rules import across


def _problem(**item: Any) -> str | None:
    found = [problem.what for problem in cache_problems({"cache": True, **item}, ("player", "playlist", 0))]
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ({"uri": "https://a.test/film.m3u8"}, "segments"),
        ({"uri": "https://cdn.test/p/1/format/mpegdash/a"}, "segments"),
        ({"uri": "https://a.test/film.mpd?x=1"}, "segments"),
        ({"uri": "https://a.test/film.mp4", "live": True}, "live stream"),
        ({"uri": "rtsp://a.test/camera"}, "only what is at an http"),
        ({"uri": "film.mp4"}, "only what is at an http"),
    ],
)
def test_medium_that_is_no_file_at_an_address_is_refused(item: dict[str, Any], why: str) -> None:
    """An operator believes that it is kept, until the day on which the network is away."""
    found = _problem(**item)
    assert found is not None
    assert why in found


def test_file_at_an_address_is_fine() -> None:
    """What the setting is for."""
    assert _problem(uri="https://a.test/film.mp4?token=1", sha256="0" * 64) is None


def test_checksum_is_what_sha256sum_writes() -> None:
    """Upper case is the same number."""
    assert "ab" * 32 == Checksum().read("AB" * 32)
    for wrong in ("ab" * 31, "xy" * 32, 5):
        with pytest.raises(MisfitError):
            Checksum().read(wrong)


def test_player_that_is_a_service_needs_a_folder_that_it_can_read() -> None:
    """Its user sees nothing of the state folder, and an item that cannot be read fails."""
    item = {"uri": "https://a.test/a.mp4", "cache": True}
    tree: dict[str, Any] = {"kaltura": {"enabled": False}, "player": {"host": "unit", "playlist": [item]}}
    assert [("player", "playlist", 0, "cache")] == [problem.place for problem in across(tree)]
    tree["player"]["cache"] = {"dir": "/var/lib/kiosk-media"}
    assert [] == list(across(tree))
