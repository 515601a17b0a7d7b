"""JSON that a stranger wrote."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.check import MOST_TABLES
from agent.config.problems import Problem, place_text
from agent.remote.jsontext import MOST_BYTES, MOST_DEPTH, MOST_KEYS, MOST_NAMES, MOST_PROBLEMS, MOST_VALUES, read


def problems(payload: bytes | str) -> list[str]:
    """What is wrong with `payload`, as people read it."""
    found = read(payload if isinstance(payload, bytes) else payload.encode(), "fleet")
    assert isinstance(found, tuple)
    return [str(problem) for problem in found]


PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.from_regex("[a-z_]{1,20}", fullmatch=True), inner),
    max_leaves=30,
)


@given(st.dictionaries(st.from_regex("[a-z_]{1,20}", fullmatch=True), PLAIN))
def test_what_is_plain_comes_back_as_it_was(plain: dict[str, Any]) -> None:
    """A reader that is strict where it should not be refuses an honest playlist."""
    found = read(json.dumps(plain).encode(), "fleet")
    assert json.dumps(plain) == json.dumps(found)


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"\xff\xfe{}", "fleet: is not UTF-8 text: byte 1 is not."),
        (b'{"a": \n  x}', "fleet: is not valid JSON at line 2, column 3: expecting value."),
        (b"[]", "fleet: is no JSON object; allowed: {…}."),
        (b"5", "fleet: is no JSON object; allowed: {…}."),
        (b'{"a": {"b": 1, "b": 1}}', "fleet: a.b: is there twice. Keep one."),
        (b'{"a": [NaN]}', "fleet: a[0]: is NaN, which is no number of JSON."),
        (b'{"a": -Infinity}', "fleet: a: is -Infinity, which is no number of JSON."),
        (b'{"a": 1e999}', "fleet: a: is a number beyond all bounds."),
        (b'{"a": ' + b"9" * 5000 + b"}", "fleet: a: is a number of 5000 digits."),
        (b'{"a": "\\ud800"}', "fleet: a: holds half a character (a lone surrogate)."),
        (b'{"a": {"x\\u0007y": 1}}', "fleet: a: has a key that is no name, of 3 characters."),
        (b'{"a": {"": 1}}', "fleet: a: has a key that is no name, of 0 characters."),
        (b"[" * 200_000, "fleet: is nested too deeply to be read; allowed: 20 levels."),
        (b" " * (MOST_BYTES + 1), "fleet: is larger than 256 KiB."),
    ],
)
def test_refusal_names_the_place_and_the_fault(payload: bytes, said: str) -> None:
    """The author sits at another desk and sees only what is reported."""
    assert [said] == problems(payload)


def test_all_faults_are_told_at_once() -> None:
    """One round through a fleet for each fault of a document takes a day."""
    assert 3 == len(problems('{"a": NaN, "b": {"c": 1e999}, "d": ["\\udfff"]}'))


def test_depth_is_bounded_at_its_place() -> None:
    """What is nested deeper than any setting is a mistake, or an attack on whatever walks it."""
    deep = '{"a":' * MOST_DEPTH + "1" + "}" * MOST_DEPTH
    assert isinstance(read(deep.encode(), "fleet"), dict)
    found = read(('{"a":' + deep + "}").encode(), "fleet")
    assert isinstance(found, tuple)
    assert place_text(("a",) * MOST_DEPTH) == place_text(found[0].place)


def test_keys_are_bounded() -> None:
    """For each unknown key the check looks for what was meant: tens of thousands would keep the main loop busy."""
    names = json.dumps({f"key-{number}": 1 for number in range(MOST_NAMES + 1)})
    keys = json.dumps({f"table-{number}": {f"key-{each}": 1 for each in range(101)} for number in range(10)})
    assert ["fleet: has more than 300 different keys with all that came before."] == problems(names)
    assert any(f"more than {MOST_KEYS} keys" in each for each in problems(keys))
    playlist = json.dumps({"playlist": [{"uri": "a", "entry_id": "b"} for _ in range(MOST_KEYS)]})
    assert isinstance(read(playlist.encode(), "fleet"), dict)


@pytest.mark.parametrize("value", ["{}", "[]", "1", '"a"', "null"])
def test_values_are_bounded(value: str) -> None:
    """80,000 empty tables are 240 KiB of text, a minute of a Raspberry Pi's work, and megabytes of memory."""
    payload = f'{{"revision": 1, "config": {{"player": {{"playlist": [{",".join([value] * 40_000)}]}}}}}}'
    [told] = problems(payload)
    assert f"has more than {MOST_VALUES} values" in told


def test_long_playlist_is_within_the_bounds() -> None:
    """As many items as a playlist may have, each with its entry."""
    items = [{"uri": f"/srv/{number}", "entry_id": "0_abcd1234"} for number in range(MOST_TABLES)]
    assert isinstance(read(json.dumps({"playlist": items}, separators=(",", ":")).encode(), "fleet"), dict)


def test_list_of_faults_is_bounded() -> None:
    """A report of 50,000 lines is one that nobody reads, and that a device must hold."""
    assert MOST_PROBLEMS == len(problems("[" + "NaN," * 50_000 + "NaN]"))


def test_byte_order_mark_is_passed_over() -> None:
    """Editors on Windows put one first."""
    assert {"a": 1} == read(b'\xef\xbb\xbf{"a": 1}', "fleet")


@given(st.binary(max_size=200) | st.text('[]{}",:0123456789eE.-+\\untrflsabNI \n', max_size=200).map(str.encode))
def test_any_bytes_are_answered(payload: bytes) -> None:
    """Whoever may publish must not be able to end the agent."""
    match read(payload, "fleet"):
        case dict() as plain:
            json.dumps(plain, allow_nan=False).encode()
        case found:
            assert all(isinstance(each, Problem) and str(each) for each in found)
