"""Any soup of commands, with lines, disks and processes that come and go."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.remote.commands import WORDS
from agent.remote.deeds import FILE_NAME
from tests.support.commands import Bench, arrived


def full(path: Path) -> None:
    """From now on the memory of commands cannot be written, root or not."""
    (path / f"{FILE_NAME}.new").mkdir()


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))
ORDERS = st.fixed_dictionaries(
    {"id": st.sampled_from("abcdef"), "command": st.sampled_from([*WORDS, "explode"])},
    optional={
        "arguments": st.sampled_from(
            [{}, None, {"percent": 50}, {"percent": "50"}, {"level": "debug", "seconds": 5}, {"level": 1}]
        ),
        "expires": st.sampled_from([1.0, 1_700_000_000.0, 1_700_000_500.0, None, "soon"]),
    },
)
PAYLOADS = st.binary(max_size=40) | st.builds(lambda tree: json.dumps(tree).encode(), ORDERS | ORDERS | TREES)
MOMENTS = st.tuples(
    st.lists(st.tuples(PAYLOADS, st.booleans()), max_size=4),
    st.sampled_from([0.0, 0.5, 11.0, 40.0]),
    st.sampled_from(["", "offline", "online", "restart", "full", "room", "paused", "next"]),
)


@settings(max_examples=60)
@given(moments=st.lists(MOMENTS, max_size=12))
def test_no_soup_of_commands_has_one_executed_twice_or_left_unanswered(
    tmp_path_factory: pytest.TempPathFactory, moments: list[Any]
) -> None:
    """Malformed, repeated, expired, retained, with lines, disks and processes that come and go."""
    folder = tmp_path_factory.mktemp("state")
    bench = Bench(folder)
    executed: list[str] = []
    answered: set[str] = set()
    begun: set[str] = set()

    def account() -> None:
        for answer in bench.answers:
            if answer["status"] == "accepted":
                # Where nothing can be remembered, a restart forgets whom to answer; nothing is executed twice for that.
                begun.update(set() if (folder / f"{FILE_NAME}.new").is_dir() else {answer["id"]})
            elif answer["id"] is not None:
                answered.add(answer["id"])
        bench.line.published.clear()
        executed.extend(map(repr, bench.obeyed))
        bench.obeyed.clear()

    for letters, seconds, event in moments:
        bench.take(*(arrived(payload, retained=retained) for payload, retained in letters))
        assert len(letters) == len(bench.line.acknowledged)
        bench.line.acknowledged.clear()
        account()
        match event:
            case "offline":
                bench.commander.offline(bench.now)
            case "online":
                bench.commander.online(bench.now, resumed=True)
            case "restart":
                now, bench = bench.now, Bench(folder, online=False)
                bench.now = now
                bench.commander.online(now, resumed=True)
            case "full" if not (folder / f"{FILE_NAME}.new").exists():
                full(folder)
            case "room" if (folder / f"{FILE_NAME}.new").is_dir():
                (folder / f"{FILE_NAME}.new").rmdir()
            case "paused":
                bench.see(paused=True)
            case "next":
                bench.see(medium=bench.view.medium + 1, paused=False, moved_at=bench.now.boottime)
        bench.later(seconds)
        account()
    bench.commander.online(bench.now, resumed=True)
    bench.later(100.0)
    account()
    assert len(executed) <= len("abcdef"), "six ids, so at most six were obeyed"
    assert begun <= answered
