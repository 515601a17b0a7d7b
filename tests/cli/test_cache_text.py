"""The copies of media, for people."""

from agent.cli.cache_text import cache_lines


def test_nothing_is_said_where_nothing_is_cached() -> None:
    """Most kiosks."""
    assert [] == cache_lines({})


def test_copies_and_what_went_wrong_are_said() -> None:
    """Whoever cuts the line wants to know first whether all is there."""
    told = "\n".join(
        cache_lines(
            {
                "wanted": 3,
                "cached": 2,
                "bytes": 5 << 20,
                "max_bytes": 1 << 30,
                "last_error": "http://a.test/a.mp4: no room",
                "counters": {"fetched": 2, "no room": 1},
            }
        )
    )
    for part in ("2 of 3 media are here", "5.0 MiB", "fetched", "no room"):
        assert part in told


def test_folder_that_cannot_be_used_is_said() -> None:
    """Then there are no numbers."""
    assert ["last error: /x cannot be used"] == [
        line.replace("\x1b[33m", "").replace("\x1b[0m", "") for line in cache_lines({"last_error": "/x cannot be used"})
    ]
