"""Which entry a medium belongs to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.entries import (
    ENTRY_ID_LENGTH,
    EntryMatch,
    EntryRules,
    How,
    entry_for,
    is_entry_id,
    is_usual_entry_id,
)

RULES = EntryRules()
MANIFEST = "https://cdnapisec.kaltura.com/p/102/sp/10200/playManifest/entryId/1_urlentry/format/applehttp/a.m3u8"


@pytest.mark.parametrize(
    ("entry", "how", "uri", "item", "sidecar"),
    [
        ("0_explicit", How.ITEM, MANIFEST, "0_explicit", "0_sidecar1"),
        ("1_urlentry", How.URL, MANIFEST, None, "0_sidecar1"),
        ("1_urlentry", How.URL, "http://h/p/1/sp/100/serveFlavor/entryId/1_urlentry/v/2/a.mp4", None, None),
        ("1_urlentry", How.URL, "http://h/p/1/thumbnail/entry_id/1_urlentry/width/640", None, None),
        ("1_urlentry", How.URL, "http://h/p/1/sp/100/embedIframeJs?entry_id=1_urlentry", None, None),
        ("0_sidecar1", How.SIDECAR, "file:///m/0_filename.mp4", None, "0_sidecar1\n"),
        ("0_sidecar1", How.SIDECAR, "file:///m/a.mp4", None, "\ufeff# the welcome clip\n\n 0_sidecar1 \nmore\n"),
        ("0_abcd1234", How.FILE_NAME, "file:///m/0_abcd1234.mp4", None, None),
        ("0_abcd1234", How.FILE_NAME, "file:///m/welcome%20(0_abcd1234)%20de.mp4", None, None),
        ("0_abcd1234", How.FILE_NAME, "https://h/media/clip-0_abcd1234.mp4?x=1", None, None),
        (None, How.NONE, "file:///0_abcd1234/welcome.mp4", None, None),
        (None, How.NONE, "file:///m/10_abcd12345.mp4", None, None),
        (None, How.NONE, "udp://@239.0.0.1:1234", None, None),
        (None, How.SIDECAR, "file:///m/0_abcd1234.mp4", None, "not an entry"),
        (None, How.SIDECAR, "file:///m/0_abcd1234.mp4", None, ""),
        (None, How.URL, "https://h/p/102/playManifest/entryId/http:%2f%2fx/a.m3u8", None, "0_sidecar1"),
        (None, How.NONE, "https://h/entryId/1_urlentry/a.m3u8", None, None),
    ],
)
def test_medium_finds_its_entry_by_the_most_deliberate_rule(
    entry: str | None, how: How, uri: str, item: str | None, sidecar: str | None
) -> None:
    """A play under the wrong entry is worse than an unreported one."""
    assert EntryMatch(entry, how) == entry_for(uri, item, RULES, sidecar)


def test_pattern_of_the_site_is_used_with_and_without_a_group() -> None:
    """Sites name their files by their own rules."""
    assert "1_x" == entry_for("file:///m/kal-1_x-final.mp4", None, EntryRules(r"kal-(\w+)-"), None).entry_id
    assert "1_xyz" == entry_for("file:///m/1_xyz.mp4", None, EntryRules(r"\d_[a-z]+"), None).entry_id
    assert entry_for("file:///m/kal-.mp4", None, EntryRules(r"kal-(\d_\d)?"), None).entry_id is None
    assert entry_for("file:///m/abc-.mp4", None, EntryRules(r"a.*"), None).entry_id is None


def test_rules_switched_off_find_nothing() -> None:
    """A site whose file names only look like entry ids must be able to say so."""
    off = EntryRules(file_pattern="", use_sidecar=False)
    assert EntryMatch(None, How.NONE) == entry_for("file:///m/0_abcd1234.mp4", None, off, "0_abcd1234")


def test_entry_id_is_what_the_server_would_take() -> None:
    """The server keeps at most 20 characters and refuses addresses."""
    assert [True, True, True] == [is_entry_id(text) for text in ("0_abcd1234", "3zsbqp48vo", "1_" + "a" * 18)]
    assert not any(is_entry_id(text) for text in ("", "http:x", "0_abc def", "1_" + "a" * 19, "0__a", "_a", "0_abc\n"))
    assert is_usual_entry_id("0_abcd1234")
    assert not is_usual_entry_id("O_abcd1234")


@given(st.text(max_size=80), st.none() | st.text(max_size=60))
def test_any_address_and_sidecar_give_a_valid_entry_or_none(tail: str, sidecar: str | None) -> None:
    """Names come from people and from the internet; none may stop the player."""
    for start in ("file:///m/", "https://h/p/1/entryId/", "http://h/p/1/a?entry_id="):
        entry = entry_for(start + tail, None, RULES, sidecar).entry_id
        assert entry is None or (is_entry_id(entry) and len(entry) <= ENTRY_ID_LENGTH)
