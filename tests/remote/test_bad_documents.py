"""Documents as nobody should write them, against the real schema: the device stays on what was good last."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.config.files import Loaded, assemble
from agent.config.identity import Machine
from agent.config.layers import Layer
from agent.config.model import Settings
from agent.config.named_files import Surroundings
from agent.config.problems import ConfigurationError
from agent.config.setting import Setting, Table, walk
from agent.remote.archive import dump, load
from agent.remote.desired import Desired, Home
from agent.remote.documents import Document, parse
from agent.remote.settling import settle, start
from agent.remote.shelf import Outcome
from agent.remote.topics import Device, Fleet, Group, Level

FILE = Layer("agent.toml", {"kaltura": {"enabled": False}}, {})
SURROUNDINGS = Surroundings(Path("/nowhere"), {}, Machine("a" * 32, None))
OURS: list[Level] = [Fleet(), Group("lobby"), Device("d1")]
LEVELS: list[Level] = [*OURS, *OURS, Group("paris"), Device("d2")]
GOOD = {"log": {"level": "debug"}}


def judge(layers: Sequence[Layer]) -> Loaded | ConfigurationError:
    """As the agent judges, over a machine's file that allows nothing further."""
    try:
        return assemble([FILE, *layers], SURROUNDINGS)
    except ConfigurationError as error:
        return error


def in_use() -> Desired:
    """A device that runs on a good document of its fleet."""
    desired, outcome = Desired(Home("d1", ("lobby",))).offer(Fleet(), Document(Fleet(), 5, GOOD))
    assert Outcome.TAKEN is outcome
    return settle(desired, judge)[0].confirmed()


# What a setting or two take, so that some of it is good.
WORDS: list[Any] = ["debug", "info", "../x", 40, 300.0, True, False, None, ["a"], "https://elsewhere.example.com"]
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PATHS = [path for path, _, entry in walk(Settings) if isinstance(entry, Setting)]
TABLES = [path for path, _, entry in walk(Settings) if isinstance(entry, Table)]


def nested(path: tuple[str, ...], value: Any) -> Any:
    """A tree with one value at `path`."""
    return {path[0]: nested(path[1:], value)} if path else value


TREES = st.builds(nested, st.sampled_from([*PATHS, *TABLES]), VALUES) | st.dictionaries(st.text(max_size=8), VALUES)
TIDY = st.fixed_dictionaries(
    {
        "revision": st.sampled_from([3, 5, 6, 7]),
        "config": st.builds(nested, st.sampled_from(PATHS), st.sampled_from(WORDS) | VALUES),
    }
)
DOCUMENTS = st.fixed_dictionaries(
    {"revision": st.integers(1, 12) | VALUES, "config": TREES | VALUES},
    optional={"groups": VALUES | st.just(["lobby"]), "note": VALUES, "by": VALUES, "config ": TREES},
)
PAYLOADS = (
    TIDY.map(json.dumps).map(str.encode)
    | TIDY.map(json.dumps).map(str.encode)
    | DOCUMENTS.map(json.dumps).map(str.encode)
    | st.binary(max_size=50)
    | st.builds(lambda text, at: text[: at % len(text)].encode(), DOCUMENTS.map(json.dumps), st.integers(0, 10_000))
    | st.integers(1, 100_000).map(lambda depth: b'{"revision":6,"config":' + b'{"a":' * depth)
    | st.sampled_from([b"null", b"{}", b" " * 300_000, b'{"revision": 6, "revision": 7, "config": {}}'])
)


def survive(level: Level, payload: bytes) -> None:
    """One payload: what is in use afterwards is good, and what is refused is told with a reason."""
    before = in_use()
    parsed = parse(level, payload)
    desired, outcome = before.offer(level, parsed)
    desired, loaded = settle(desired, judge)
    shelf = desired.shelf(level)
    match outcome:
        case Outcome.NOT_OURS | Outcome.KNOWN:
            assert (before.report(on_trial=False), None) == (desired.report(on_trial=False), loaded)
        case Outcome.STALE | Outcome.MALFORMED:
            assert loaded is None
            assert shelf.problems
            assert all(str(level) in problem for problem in shelf.unread)
            assert before.shelf(Fleet()).applied == desired.shelf(Fleet()).applied
        case Outcome.REMOVED:
            assert b"" == payload
        case Outcome.TAKEN:
            assert isinstance(parsed, Document)
            assert (shelf.applied is parsed) == (not shelf.problems)
    _, again = start(load(json.loads(json.dumps(dump(desired)))), judge)
    if loaded is not None:
        assert loaded.settings == again.settings
    # Whatever came, the next good document is taken and applied.
    mended, _ = desired.offer(Fleet(), Document(Fleet(), 13, GOOD))
    _, loaded = settle(mended, judge)
    assert loaded is not None or desired.shelf(Fleet()).floor > 12


@given(st.sampled_from(LEVELS), PAYLOADS)
@settings(max_examples=200)
def test_bad_document_leaves_the_device_on_what_was_good_last(level: Level, payload: bytes) -> None:
    """Whoever may publish makes mistakes, and a thousand screens must not make them with him."""
    survive(level, payload)


@pytest.mark.all
@pytest.mark.timeout(900)
@given(st.sampled_from(LEVELS), PAYLOADS)
@settings(max_examples=10_000)
def test_ten_thousand_bad_documents_leave_the_device_on_what_was_good_last(level: Level, payload: bytes) -> None:
    """The rare combination comes too, in a fleet."""
    survive(level, payload)
