"""Commands as they arrive: what makes sense, and everything that does not, by name."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.model import Level
from agent.kernel.periods import Period
from agent.kernel.totals import By
from agent.remote.commands import (
    LARGEST_BYTES,
    RETAINED,
    WORDS,
    Cleared,
    Command,
    Diagnostics,
    Flush,
    LogLevel,
    Next,
    Order,
    Pause,
    Refresh,
    Refusal,
    Report,
    RestartPlayer,
    Resume,
    Volume,
    parse,
)
from tests.support.commands import DEVICE, RESULT, TOPICS, arrived, ordered


def read(payload: bytes, **other: Any) -> Command | Refusal | Cleared:
    return parse(arrived(payload, **other), TOPICS, DEVICE)


def problems(**tree: Any) -> tuple[str, ...]:
    """What is wrong with a command that consists of `tree`."""
    found = read(json.dumps(tree).encode())
    assert isinstance(found, Refusal)
    return found.problems


@pytest.mark.parametrize(
    ("word", "arguments", "order"),
    [
        ("refresh", None, Refresh()),
        ("flush", {}, Flush()),
        ("next", None, Next()),
        ("pause", None, Pause()),
        ("resume", None, Resume()),
        ("volume", {"percent": 40}, Volume(40)),
        ("restart-player", None, RestartPlayer()),
        ("log-level", {"level": "debug", "seconds": 600}, LogLevel(Level.DEBUG, 600)),
        ("diagnostics", None, Diagnostics()),
        ("report", None, Report()),
        ("report", {"from": None, "cursor": None}, Report()),
        (
            "report",
            {"by": ["day", "entry"], "from": "2026-11-01", "to": 1_795_000_000, "cursor": 7},
            Report((By.DAY, By.ENTRY), Period(date(2026, 11, 1), 1_795_000_000.0), 7),
        ),
    ],
)
def test_each_command_is_understood(word: str, arguments: dict[str, Any] | None, order: Order) -> None:
    """The whole vocabulary; kiosk-fleet and people with mosquitto_pub speak it."""
    tree = {"id": "c.1_A-", "command": word, "expires": 1_763_770_000, "arguments": arguments}
    found = read(json.dumps(tree).encode(), response_topic="kiosk/v1/answers/a", correlation=b"7")
    assert isinstance(found, Command)
    assert ("c.1_A-", order, 1_763_770_000.0) == (found.id, found.order, found.expires)
    assert ("kiosk/v1/answers/a", b"7") == (found.address.topic, found.address.correlation)
    assert word == order.word
    assert word in WORDS


def test_everything_that_is_wrong_is_named_at_once() -> None:
    """An operator should not mend his command one answer at a time."""
    found = problems(id="a b", command="volume", arguments={"percent": 201, "volume": 3}, expires=1.7e12, when="now")
    assert (
        'no key "when" is known; there are id, command, arguments, expires',
        'id: found "a b"; allowed: 1 to 64 letters, digits, dots, dashes and underscores',
        "expires: found 1700000000000.0; it is in seconds since 1970, and not in milliseconds",
        'arguments: volume has no "volume"; there are: percent',
        "arguments.percent: found 201; allowed: a whole number from 0 to 200",
    ) == found


def test_slip_of_the_keyboard_is_guessed() -> None:
    """People type commands."""
    (found,) = problems(id="1", command="resart-player")
    assert found.endswith(". Did you mean restart-player?")
    assert 'command: found "resart-player"; allowed: one of refresh, ' in found


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"level": "loud", "seconds": 5}, 'arguments.level: found "loud"; allowed: "debug", "info"'),
        ({"level": "debug", "seconds": 0}, "arguments.seconds: found 0; allowed: a whole number from 1 to 86400"),
        ({"level": "debug", "seconds": True}, "arguments.seconds: found true"),
        ({"level": "debug"}, "arguments.seconds: is missing"),
        ([], "arguments: found a list; allowed: an object"),
    ],
)
def test_wrong_argument_is_named(arguments: Any, text: str) -> None:
    """With what may stand there."""
    (found,) = problems(id="1", command="log-level", arguments=arguments)
    assert found.startswith(text)


def test_report_is_refused_with_all_that_is_wrong_with_it() -> None:
    """With what may stand there."""
    arguments = {"by": ["site"], "from": "yesterday", "to": True, "cursor": -1, "until": 5}
    assert (
        'arguments: report has no "until"; there are: from, to, by, cursor',
        'arguments.from: found "yesterday"; allowed: a date such as 2026-11-22, or seconds since 1970',
        "arguments.to: found true; allowed: a date such as 2026-11-22, or seconds since 1970",
        "arguments.by: found a list; allowed: a list of some of entry, item, day, display",
        "arguments.cursor: found -1; allowed: a whole number from 0 to 9007199254740992",
    ) == problems(id="1", command="report", arguments=arguments)


def test_refusal_keeps_the_id_where_it_can_be_read() -> None:
    """So that a 3.1.1 program knows which of its commands was refused."""
    found = read(b'{"id": "c1", "command": "explode"}')
    assert isinstance(found, Refusal)
    assert ("c1", None, RESULT) == (found.id, found.name, found.address.topic)


@pytest.mark.parametrize(
    "payload",
    [
        b"next",
        b"{",
        b'"next"',
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 16_000,
        b"1" * 9000,
        b'{"id":' * 1000,
        b'{"id": "1", "command": "next", "command": "pause"}',
    ],
)
def test_what_is_no_command_is_refused_without_an_id(payload: bytes) -> None:
    """Somebody's first try with mosquitto_pub."""
    found = read(payload)
    assert isinstance(found, Refusal)
    assert (None, None) == (found.id, found.name)
    assert found.problems


def test_large_payload_is_not_even_read() -> None:
    """A parser's memory is many times its input."""
    found = read(json.dumps({"id": "c1", "command": "next", "note": "x" * LARGEST_BYTES}).encode())
    assert isinstance(found, Refusal)
    assert ("the command: is larger than 16 KiB.",) == found.problems


def test_retained_command_is_refused_whatever_it_says() -> None:
    """It would skip an item with each connection, for ever."""
    for letter in (ordered("next", retained=True), arrived(b"x", retained=True)):
        found = parse(letter, TOPICS, DEVICE)
        assert isinstance(found, Refusal)
        assert (True, (RETAINED,)) == (found.retained, found.problems)


def test_empty_payload_is_no_command() -> None:
    """It is how a retained one is taken away, as the refusal says; to answer that would be silly."""
    assert Cleared() == read(b"")
    assert Cleared() == read(b"", retained=True)


def test_correlation_data_that_cannot_be_kept_is_a_problem() -> None:
    """Whoever sends it waits for it."""
    found = read(b'{"id": "1", "command": "next"}', correlation=b"x" * 200)
    assert isinstance(found, Refusal)
    assert ("the correlation data has 200 bytes; at most 128 are taken",) == found.problems


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80)
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner))
ALMOST = st.fixed_dictionaries(
    {},
    optional={
        "id": st.text("abc.-_", max_size=70) | TREES,
        "command": st.sampled_from(WORDS) | TREES,
        "arguments": st.dictionaries(st.sampled_from(["percent", "level", "seconds"]), TREES) | TREES,
        "expires": st.floats() | TREES,
        "more": TREES,
    },
)


@given(
    payload=st.binary(max_size=200) | st.builds(lambda tree: json.dumps(tree).encode(), ALMOST | TREES),
    retained=st.booleans(),
    topic=st.none() | st.text(max_size=40),
    correlation=st.none() | st.binary(max_size=200),
)
def test_no_payload_makes_the_parser_raise(
    payload: bytes, retained: bool, topic: str | None, correlation: bytes | None
) -> None:
    """Whoever may publish must not be able to end the agent, and learns what was wrong."""
    found = read(payload, retained=retained, response_topic=topic, correlation=correlation)
    match found:
        case Refusal(problems=problems):
            assert problems
            assert all(0 < len(problem) < 600 for problem in problems)
        case Command() | Cleared():
            assert not retained or isinstance(found, Cleared)
