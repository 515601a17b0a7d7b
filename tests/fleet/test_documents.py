"""The document of one level, as operators write and keep it."""

import json

from agent.fleet.documents import Damaged, Kept, encode, read, read_kept
from agent.remote.documents import Document
from agent.remote.topics import Device, Fleet

FULL = Document(Device("dev-a"), 7, {"player": {"volume": 50, "loop": None}}, ("berlin", "lobby"), "why", "ann@desk")


def test_document_survives_writing_and_reading() -> None:
    """What an operator publishes is what the next one is shown as the present state."""
    assert FULL == read(Device("dev-a"), encode(FULL))
    assert Kept(FULL, 1_800_000_000.5) == read_kept(Device("dev-a"), encode(FULL, published=1_800_000_000.5))


def test_null_is_written_and_not_left_out() -> None:
    """null takes a key away from the levels below; a missing key says nothing about it."""
    assert {"player": {"volume": 50, "loop": None}} == json.loads(encode(FULL))["config"]


def test_what_is_not_said_is_left_out() -> None:
    """Devices refuse unknown keys, and groups anywhere but in a device's own document."""
    assert {"revision": 1, "config": {}} == json.loads(encode(Document(Fleet(), 1, {})))


def test_payload_that_is_no_document_says_what_is_wrong() -> None:
    """An operator must be able to put right what another program retained."""
    for payload, word in ((b"\xff", "UTF-8"), (b"[]", "object"), (b'{"config": {}}', "revision"), (b"", "empty")):
        found = read(Fleet(), payload)
        assert isinstance(found, Damaged)
        assert word in found.text


def test_history_entry_without_a_time_is_still_a_document() -> None:
    """Somebody may have copied a document there by hand."""
    document = Document(Fleet(), 3, {})
    assert Kept(document, None) == read_kept(Fleet(), encode(document))
    assert isinstance(read_kept(Fleet(), b"{}"), Damaged)
    assert isinstance(read_kept(Fleet(), b"nonsense"), Damaged)
