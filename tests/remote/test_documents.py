"""Documents of desired state."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.problems import Problem
from agent.remote.documents import MOST_REVISION, Document, Removal, document, fingerprint, parse
from agent.remote.topics import Device, Fleet, Group, Level

LEVELS: list[Level] = [Fleet(), Group("lobby"), Device("d1")]


def problems(level: Level, **plain: Any) -> list[str]:
    """What is wrong with a document, as people read it."""
    found = parse(level, json.dumps(plain).encode())
    assert isinstance(found, tuple)
    return [str(problem) for problem in found]


def test_document_is_read() -> None:
    """What an operator publishes, with all that may stand in it."""
    payload = b'{"revision": 7, "config": {"log": {"level": null}}, "note": "quiet", "by": "ana", "groups": ["a", "b"]}'
    expected = Document(Device("d1"), 7, {"log": {"level": None}}, ("a", "b"), "quiet", "ana")
    assert expected == parse(Device("d1"), payload)
    assert Document(Fleet(), 1, {}) == parse(Fleet(), b'{"revision": 1, "config": {}, "note": null}')


@pytest.mark.parametrize("level", LEVELS, ids=str)
def test_empty_payload_removes(level: Level) -> None:
    """The one way by which a document goes; a blank is a broken document and removes nothing."""
    assert Removal(level) == parse(level, b"")
    assert isinstance(parse(level, b" "), tuple)


def test_every_fault_is_told_at_once_with_its_place() -> None:
    """The author mends a document once."""
    assert [
        "device/d1: confg: is not known. Did you mean config?",
        "device/d1: config: is missing.",
        'device/d1: revision: found "7"; allowed: a whole number from 1 to 9007199254740991.',
        "device/d1: note: found 5; allowed: a text in one line of 1 to 500 characters.",
        'device/d1: groups[1]: found "Lobby"; allowed: 1 to 63 lower-case letters, digits and dashes, with no dash at '
        "either end.",
    ] == problems(Device("d1"), confg={}, revision="7", note=5, groups=["lobby", "Lobby"])


@pytest.mark.parametrize("revision", [0, -1, True, 1.0, "1", None, MOST_REVISION + 1, [1], {}])
def test_revision_is_a_whole_number_from_one(revision: Any) -> None:
    """Revisions are compared: what cannot be, or is kept differently by another reader, is none."""
    assert "fleet: revision: found" == problems(Fleet(), revision=revision, config={})[0][:22]


@pytest.mark.parametrize("level", LEVELS[:2], ids=str)
def test_groups_belong_to_the_devices_own_document(level: Level) -> None:
    """A group's document that moves its devices into other groups would chase its own tail."""
    assert [f"{level}: groups: does not belong here. Only a device's own document names its groups."] == problems(
        level, revision=1, config={}, groups=["a"]
    )


def test_group_named_twice_is_refused() -> None:
    """Later groups count over earlier ones, so nobody knows which place was meant."""
    assert 1 == len(problems(Device("d1"), revision=1, config={}, groups=["a", "b", "a"]))


def test_settings_beside_config_are_told_where_they_belong() -> None:
    """The commonest slip of somebody who knows the file."""
    assert ['fleet: player: does not belong here. Settings stand below "config".'] == problems(
        Fleet(), revision=1, config={}, player={}
    )


@pytest.mark.parametrize("config", [None, [], 5, "text", True])
def test_config_is_an_object(config: Any) -> None:
    """A table of settings, and nothing else."""
    assert 1 == len(problems(Fleet(), revision=1, config=config))


def test_value_under_an_unknown_key_is_not_shown() -> None:
    """A secret may stand under a misspelt name, and problems travel to the broker."""
    assert "hunter2" not in str(problems(Fleet(), revision=1, config={}, password="hunter2"))


def test_fingerprint_tells_what_is_said_from_who_says_it() -> None:
    """The same revision with another content must be noticed; Python holds 1 and true for the same."""
    one = Document(Fleet(), 1, {"a": 1, "b": 2})
    assert fingerprint(one) == fingerprint(Document(Fleet(), 2, {"b": 2, "a": 1}, note="again"))
    others: list[dict[str, Any]] = [{"a": True, "b": 2}, {"a": 1.0, "b": 2}, {"a": 1}]
    assert 4 == len({fingerprint(Document(Fleet(), 1, tree)) for tree in [one.tree, *others]})
    assert fingerprint(one) != fingerprint(Document(Fleet(), 1, one.tree, groups=()))


WORDS = st.sampled_from(["revision", "config", "groups", "note", "by", "player", "confg", "x"])
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text() | st.integers())


@given(
    st.sampled_from(LEVELS),
    st.dictionaries(WORDS, VALUES | st.dictionaries(WORDS, VALUES)).map(json.dumps).map(str.encode) | st.binary(),
)
def test_any_payload_is_answered(level: Level, payload: bytes) -> None:
    """Whoever may publish must not be able to end the agent, nor leave it without a reason to report."""
    match parse(level, payload):
        case Document() as found:
            plain = {"revision": found.revision, "config": found.tree}
            assert isinstance(document(level, plain), Document)
        case Removal():
            assert b"" == payload
        case found:
            assert found
            assert all(isinstance(each, Problem) and str(each).startswith(str(level)) for each in found)
