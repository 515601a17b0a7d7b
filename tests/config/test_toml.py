"""Broken TOML."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.config.problems import Problem
from agent.config.toml import parse

QUOTES = "A text stands in quotation marks; true and false are written small."


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (
            f"f:2: is not valid TOML at column 8: invalid value. {QUOTES}\n    name = lobby\n           ^",
            "[device]\nname = lobby\n",
        ),
        (
            "f:1: is not valid TOML at column 3: expected ']' at the end of a table declaration.\n    [a\n      ^",
            "[a\nb = 1\n",
        ),
        (
            f"f:2: is not valid TOML at column 11: invalid value. {QUOTES}\n    \tenable = True\n    \t         ^",
            "[a]\n\tenable = True",
        ),
        ("f:2: is not valid TOML at column 5: invalid value. " + QUOTES + "\n    a = \n        ^", "[x]\r\na = \r\n"),
    ],
)
def test_broken_line_is_named_and_shown(expected: str, text: str) -> None:
    """The likeliest faults of people who see TOML for the first time."""
    assert expected == str(parse(text, "f"))


@pytest.mark.parametrize(
    ("remedy", "text"),
    [
        ("The key or table is written twice; keep one.", "a = 1\na = 2\n"),
        ("The table is written twice; join both, or use [[double brackets]] for a list of tables.", "[a]\n[a]\n"),
        ("In a path with backslashes use single quotation marks: 'C:\\media'.", 'uri = "C:\\media"\n'),
        ("In a path with backslashes use single quotation marks: 'C:\\media'.", 'uri = "C:\\users"\n'),
        ("The closing quotation mark is missing.", 'uri = "a\nb = 1\n'),
        ("One setting a line; a text that goes on needs its closing quotation mark.", "a = 1 b = 2\n"),
    ],
)
def test_common_fault_comes_with_its_remedy(remedy: str, text: str) -> None:
    """Python's words are for programmers."""
    found = parse(text, "f")
    assert isinstance(found, Problem)
    assert remedy == found.remedy


def test_secret_on_the_broken_line_is_not_shown() -> None:
    """Somebody pasted a session and forgot a quotation mark; the message goes to the log."""
    for text in ('ks = "djJ8secret\n', "token = djJ8secret\n", 'proxy = "http://user:djJ8secret@h\n'):
        found = str(parse(text, "f"))
        assert "djJ8secret" not in found
        assert "***" in found


def test_text_without_fault_is_read() -> None:
    """The usual case."""
    assert {"a": {"b": 1}} == parse("[a]\nb = 1\n", "f")


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = {b = " * 50_000, "a = " + "9" * 5000])
def test_absurd_text_is_a_problem_and_no_crash(text: str) -> None:
    """A file that was cut or filled by a dying card must not end the agent with a traceback."""
    assert isinstance(parse(text, "f"), Problem)


@example("'\r0")  # Python's lines end in more ways than TOML's
@given(st.text(max_size=60) | st.text(alphabet="[]{}=\"'#.,\n\\ ab1-", max_size=60))
def test_any_text_is_a_tree_or_a_problem_with_a_line_of_it(text: str) -> None:
    """The line that is named exists."""
    found = parse(text, "f")
    if isinstance(found, Problem) and found.origin and found.origin.line is not None:
        assert 1 <= found.origin.line <= text.count("\n") + 1
