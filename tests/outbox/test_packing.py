"""Long named texts, packed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.outbox.packing import LONG, packed, unpacked


@given(st.text())
def test_text_comes_back_as_it_was(text: str) -> None:
    """The tracker's memory is in it."""
    assert text == unpacked(packed(text))


def test_short_text_stays_readable() -> None:
    """A person who looks into the file wants to see what it says."""
    assert "x" * LONG == packed("x" * LONG)


def test_memory_of_a_play_fits_into_a_page() -> None:
    """Beyond 989 bytes a row costs two pages more with each write."""
    uri = "https://media.example.com/p/102/sp/10200/playManifest/entryId/0_abcd1234/format/url/protocol/https/a.mp4"
    media = {"key": uri, "uri": uri, "entry_id": "0_abcd1234"}
    text = json.dumps({"inside": media, "ended_key": uri, "open": {"media": media}, "numbers": list(range(100))})
    assert len(text) > 989
    assert len(packed(text)) < 600
    assert text == unpacked(packed(text))


@pytest.mark.parametrize("text", ["zlib:", "zlib:!", "zlib:AAAA", "zlib:é"])
def test_damaged_text_stays_what_it_is(text: str) -> None:
    """Its reader finds out, and the start goes on without it, as with any text that cannot be read."""
    assert text == unpacked(text)
