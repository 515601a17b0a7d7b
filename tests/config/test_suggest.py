"""What was probably meant."""

import pytest

from agent.config.suggest import closest

KNOWN = ("partner_id", "service_url", "duration_s", "enabled", "volume", "loop")


@pytest.mark.parametrize(
    ("meant", "word"),
    [
        ("partner_id", "partnerId"),
        ("partner_id", "PARTNER-ID"),
        ("partner_id", "partnerid"),
        ("partner_id", "parnter_id"),
        ("service_url", "service_ulr"),
        ("service_url", "serviceUrl"),
        ("duration_s", "duration"),
        ("enabled", "enable"),
        ("volume", "volum"),
        ("volume", "volumne"),
        ("loop", "lopo"),
    ],
)
def test_slip_finds_what_was_meant(meant: str, word: str) -> None:
    """People write names as they know them from other programs, and mistype."""
    assert meant == closest(word, KNOWN)


@pytest.mark.parametrize("word", ["banana", "x", "", "url", "id", "timeout"])
def test_another_word_finds_nothing(word: str) -> None:
    """A wild guess misleads more than none."""
    assert closest(word, KNOWN) is None


def test_nothing_known_finds_nothing() -> None:
    """A table without keys has nothing to suggest."""
    assert closest("word", ()) is None


def test_word_of_a_megabyte_is_compared_with_nothing() -> None:
    """Each letter of it would take time."""
    assert closest("volume" * 200_000, KNOWN) is None
