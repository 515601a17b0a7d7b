"""What an operator wants a level's document to say."""

from pathlib import Path
from typing import Any

import pytest

from agent.fleet.drafts import of_file, removing, with_values, without
from agent.fleet.office import InvalidError

TREE: dict[str, Any] = {"player": {"volume": 50, "loop": True}, "log": {"level": "info"}}


def refused(call: Any) -> str:
    with pytest.raises(InvalidError) as caught:
        call()
    return "\n".join([str(caught.value), *(str(each) for each in caught.value.problems)])


def test_file_is_toml_or_json(tmp_path: Path) -> None:
    """The machine's own file is TOML, other programs write JSON; only JSON can say null."""
    (tmp_path / "a.toml").write_text("[player]\nvolume = 50\n", encoding="utf-8")
    (tmp_path / "a.JSON").write_text('{"player": {"volume": null}}', encoding="utf-8")
    assert {"player": {"volume": 50}} == of_file(tmp_path / "a.toml")
    assert {"player": {"volume": None}} == of_file(tmp_path / "a.JSON")


@pytest.mark.parametrize(
    ("words", "name", "content"),
    [
        ("is not valid TOML at column", "a.toml", b"[player\n"),
        ("is not UTF-8", "a.toml", b"\xff\xfe"),
        ("larger than 256 KiB", "a.toml", b"#" * 300_000),
        ("is not valid JSON at line 1", "a.json", b"{"),
        ("is there twice", "a.json", b'{"a": 1, "a": 2}'),
    ],
)
def test_file_that_cannot_be_used_says_why(tmp_path: Path, words: str, name: str, content: bytes) -> None:
    """And nothing was asked of the broker yet."""
    (tmp_path / name).write_bytes(content)
    assert words in refused(lambda: of_file(tmp_path / name))


def test_missing_file_is_named(tmp_path: Path) -> None:
    """The path as it was typed."""
    assert "no such file" in refused(lambda: of_file(tmp_path / "none.toml"))


@pytest.mark.parametrize(
    ("value", "text"),
    [(50, "50"), (True, "true"), ("debug", "debug"), ("a b", '"a b"'), (["a"], '["a"]'), (1.5, "1.5"), ("x=1", "x=1")],
)
def test_value_is_toml_and_a_bare_word_is_text(value: Any, text: str) -> None:
    """A shell eats the quotation marks of log.level="debug"."""
    assert {"log": {"level": value}} == with_values({}, [f"log.level={text}"])


def test_value_that_is_broken_toml_is_no_text() -> None:
    """A list with a missing bracket was meant as a list."""
    for text in ("[1, 2", '"open', "", "{a"):
        assert "no value of TOML" in refused(lambda text=text: with_values({}, [f"a.b={text}"]))
    assert "is no KEY=VALUE" in refused(lambda: with_values({}, ["volume"]))
    assert "is no setting's name" in refused(lambda: with_values({}, ["a..b=1"]))


def test_value_that_smuggles_more_than_itself_is_refused() -> None:
    """A newline would begin another setting."""
    assert "no value of TOML" in refused(lambda: with_values({}, ["a.b=1\nc = 2"]))


def test_values_are_written_beside_the_others() -> None:
    """`set` changes what it names and nothing else; the tree that was given stays."""
    assert {"player": {"volume": 80, "loop": True}, "log": {"level": "info"}} == with_values(TREE, ["player.volume=80"])
    assert 50 == TREE["player"]["volume"]


def test_value_below_a_value_is_refused() -> None:
    """player.volume is a number: there is nothing in it."""
    assert "is a value in the document" in refused(lambda: with_values(TREE, ["player.volume.left=1"]))


def test_removing_writes_null() -> None:
    """The levels below then do not count, the machine's own file included."""
    assert {"player": {"volume": None, "loop": True}, "log": {"level": "info"}} == removing(TREE, ["player.volume"])


def test_without_says_nothing_any_more_and_leaves_no_empty_table() -> None:
    """The levels below count again."""
    assert {"player": {"volume": 50, "loop": True}} == without(TREE, ["log.level"])
    assert {"log": {"level": "info"}} == without(TREE, ["player"])


def test_without_what_is_not_there_names_all_of_it() -> None:
    """A slip of the pen must not look like success."""
    found = refused(lambda: without(TREE, ["player.volum", "log.level", "x.y"]))
    assert all(word in found for word in ("player.volum: is not in the document", "x.y", "--everywhere"))
