"""The parser: every line becomes a submission, or words that help."""

import json
from queue import SimpleQueue
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.intake.parse import parse
from agent.intake.schema import FIELDS_AT_MOST, RESERVED, TYPES, readable
from agent.intake.submission import Answer, Misfit, Submission, VisitCommand, plain
from agent.kernel import codec
from agent.kernel.activity import Activity, ButtonClicked, Custom, Deed, Engaged, PageViewed

REPLY: SimpleQueue[Answer] = SimpleQueue()
WHO = "uid 1000 pid 4711"


def told(**said: Any) -> Submission:
    """What is submitted by a line that is right."""
    found = parse(json.dumps(said).encode(), who=WHO, reply=REPLY)
    assert isinstance(found, Submission), found
    return found


def wrong(said: bytes | dict[str, Any]) -> Misfit:
    """What is said about a line that is wrong."""
    found = parse(said if isinstance(said, bytes) else json.dumps(said).encode(), who=WHO, reply=REPLY)
    assert isinstance(found, Misfit), found
    return found


PLACE = {
    "application": "lobby-app",
    "page_type": "lobby",
    "page_name": "main",
    "button_type": "cta",
    "button_name": "register",
}


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"type": "page", **PLACE}, PageViewed(0.0, **PLACE)),
        ({"type": "button", **PLACE}, ButtonClicked(0.0, **PLACE)),
        ({"type": "page"}, PageViewed(0.0)),
        ({"type": "custom", "name": "quiz"}, Custom(0.0, "quiz")),
        (
            {"type": "custom", "name": "quiz", "number": 10005, "fields": {"b": "x", "a": 2}},
            Custom(0.0, "quiz", 10005, (("b", "x"), ("a", "2"))),
        ),
        ({"type": "visit-start"}, VisitCommand.START),
        ({"type": "visit-end"}, VisitCommand.END),
        *(({"type": deed.value}, Engaged(0.0, deed)) for deed in Deed),
    ],
)
def test_each_type_becomes_its_activity(said: dict[str, Any], what: object) -> None:
    """Every event of the guide's sections 5.1 and 6 that a player cannot know can be told."""
    assert what == told(**said).what


def test_what_it_is_about_and_who_did_it_go_with_it() -> None:
    """The main loop attributes by them; the answer finds its line by the mark."""
    found = told(type="share-opened", entry_id="0_abcd1234", user_id="visitor-7", id="line-1")
    assert ("0_abcd1234", "visitor-7", "line-1", WHO) == (found.entry_id, found.user_id, found.mark, found.who)
    assert found.reply is REPLY


def test_nobody_is_named_who_was_not_named() -> None:
    """Privacy: a user id is only ever what the application itself said."""
    assert (None, None) == (told(type="page").user_id, told(type="page").entry_id)


@pytest.mark.parametrize(("number", "text"), [(3, "3"), (0, "0"), (-1, "-1"), (2.0, "2"), (1.5, "1.5")])
def test_number_is_passed_on_as_text(number: float, text: str) -> None:
    """Kaltura's own applications send numbers where the guide shows texts; 2.0 is how some languages write 2."""
    assert PageViewed(0.0, text, text) == told(type="page", application=number, page_type=number).what


def test_null_counts_as_not_given() -> None:
    """Many languages write it for a field that is not set."""
    assert PageViewed(0.0, page_name="a") == told(type="page", page_name="a", page_type=None, id=None).what


@pytest.mark.parametrize("line", [b'{"type":"page"}', b'{"type":"page"}\n', b' {"type":"page"}\r\n'])
def test_line_ends_are_no_matter(line: bytes) -> None:
    """Windows programs and shells end lines in their own ways."""
    assert isinstance(parse(line, who=WHO, reply=REPLY), Submission)


def test_object_that_was_already_read_is_taken_too() -> None:
    """The listener for browsers and the command line have read it before."""
    assert isinstance(parse({"type": "page", "page_name": "a"}, who=WHO, reply=REPLY), Submission)


@pytest.mark.parametrize(
    ("said", "field", "meant"),
    [
        ({}, "type", None),
        ({"type": "Page"}, "type", "page"),
        ({"type": "pgae"}, "type", "page"),
        ({"type": "shareOpened"}, "type", "share-opened"),
        ({"type": 3}, "type", None),
        ({"type": "nonsense"}, "type", None),
        ({"type": "page", "pageName": "a"}, "pageName", "page_name"),
        ({"type": "page", "kalturaApplication": "a"}, "kalturaApplication", "application"),
        ({"type": "page", "entryId": "a"}, "entryId", "entry_id"),
        ({"type": "visit-start", "user_id": "a"}, "user_id", None),
        ({"type": "share-opened", "page_name": "a"}, "page_name", None),
        ({"type": "page", "page_name": ""}, "page_name", None),
        ({"type": "page", "page_name": "x" * 201}, "page_name", None),
        ({"type": "page", "page_name": "a\nb"}, "page_name", None),
        ({"type": "page", "page_name": True}, "page_name", None),
        ({"type": "page", "page_name": ["a"]}, "page_name", None),
        ({"type": "page", "page_name": 10**400}, "page_name", None),
        ({"type": "page", "entry_id": "not an id"}, "entry_id", None),
        ({"type": "page", "entry_id": "0_abcd12345678901234567"}, "entry_id", None),
        ({"type": "page", "id": []}, "id", None),
        ({"type": "custom"}, "name", None),
        ({"type": "custom", "name": "a", "number": 0}, "number", None),
        ({"type": "custom", "name": "a", "number": 2**31}, "number", None),
        ({"type": "custom", "name": "a", "number": "7"}, "number", None),
        ({"type": "custom", "name": "a", "fields": []}, "fields", None),
        ({"type": "custom", "name": "a", "fields": {"k": {}}}, "fields", None),
        ({"type": "custom", "name": "a", "fields": {"event[ks]": "x"}}, "fields", None),
        ({"type": "custom", "name": "a", "fields": {f"k{n}": "x" for n in range(FIELDS_AT_MOST + 1)}}, "fields", None),
    ],
)
def test_mistake_names_the_field_and_what_was_meant(said: dict[str, Any], field: str, meant: str | None) -> None:
    """The person who writes the application reads this on a console, and nothing else."""
    found = wrong(said)
    assert (field, meant) == (found.field, found.meant)
    assert found.text and found.allowed


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_application_cannot_speak_for_another_account(name: str) -> None:
    """What the agent says about every event is not to be overwritten by a field of that name, however it is spelled."""
    assert "fields" == wrong({"type": "custom", "name": "a", "fields": {name.upper(): "1"}}).field


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"page",
        b"[]",
        b"3",
        b'"page"',
        b"null",
        b'{"type": "page"',
        b'{"type": "page"} {"type": "page"}',
        b'{"type": "page", "page_name": NaN}',
        b"\xff\xfe\x00",
        b"[" * 16_000,
        b'{"a":' * 3_000,
        b"GET / HTTP/1.1\r\n",
        b"9" * 10_000,
    ],
)
def test_garbage_is_answered_with_an_example(line: bytes) -> None:
    """Whoever pokes at the socket learns what it takes."""
    found = wrong(line)
    assert found.field is None
    assert '{"type": "page"' in found.allowed


def test_key_that_stands_twice_is_a_mistake() -> None:
    """One of the two would be dropped in silence."""
    assert "page_name" == wrong(b'{"type":"page","page_name":"a","page_name":"b"}').field


@pytest.mark.parametrize("text", ["\\ud800", "a\\udfffb", "\\u0000", "\\u0085", "\\u007f"])
def test_text_that_the_store_could_not_keep_is_refused(text: str) -> None:
    """A lone surrogate is sayable in JSON and not in UTF-8: it would fail at the database, long after this."""
    assert "page_name" == wrong(b'{"type":"page","page_name":"%s"}' % text.encode()).field


def test_mark_is_repeated_even_where_the_line_is_wrong() -> None:
    """An application with several lines on their way must know which one was wrong."""
    assert "line-9" == wrong({"type": "pgae", "id": "line-9"}).mark
    assert 9 == wrong({"type": "pgae", "id": 9}).mark
    assert ["1.5", -3, None] == [told(type="page", id=mark).mark for mark in (1.5, -3, None)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = sorted({field.name for fields in TYPES.values() for field in fields} | {"type"})
NEAR = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), JSON | st.sampled_from(list(TYPES)), max_size=6)


REQUIRED = {field.name for fields in TYPES.values() for field in fields if field.required}


def sound(found: Submission | Misfit, names: set[str]) -> None:
    """What holds of any answer: it can be said, and what was told can be kept."""
    if isinstance(found, Misfit):
        json.dumps(plain(found, found.mark)).encode("ascii")
        assert found.field is None or found.field in {readable(name) for name in names} | {"type"} | REQUIRED
        return
    what: Activity | VisitCommand = found.dated(1.0)
    if not isinstance(what, VisitCommand):
        kind, body = codec.encode(what)
        body.encode("utf-8")
        assert what == codec.decode(kind, body)
    for text in (found.entry_id, found.user_id):
        assert text is None or text.encode("utf-8")


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(line: bytes) -> None:
    """One line must not be able to end the agent."""
    sound(parse(line, who=WHO, reply=REPLY), set())


@given(JSON)
def test_any_json_is_answered(value: object) -> None:
    """Also what is well-formed and makes no sense."""
    sound(parse(json.dumps(value).encode(), who=WHO, reply=REPLY), set(value) if isinstance(value, dict) else set())


@given(st.sampled_from(list(TYPES)), NEAR)
def test_anything_near_a_right_line_is_answered_in_terms_of_it(kind: str, rest: dict[str, Any]) -> None:
    """The field that is named stands in the line or in the schema: people look for it there."""
    said = {**rest, "type": kind}
    sound(parse(json.dumps(said).encode(), who=WHO, reply=REPLY), set(said))
