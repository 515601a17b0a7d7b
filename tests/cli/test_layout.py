"""Layout and colour."""

import pytest

from agent.cli import layout


def test_section_puts_the_label_before_the_first_line_only() -> None:
    """Values stand under each other."""
    assert ["queue     one", "          two"] == layout.dressed(layout.section("queue", ["one", "two"]))
    assert layout.section("queue", []) == []


def test_paragraphs_are_divided_by_one_empty_line_and_empty_ones_vanish() -> None:
    """No gap where a part has nothing to say."""
    assert ["a", "", "b", "c"] == layout.paragraphs([], ["a"], [], ["b", "c"], [])


def test_state_that_a_later_version_invents_is_shown_plainly() -> None:
    """An agent may be newer than the command that asks it."""
    assert "dreaming" == layout.state_word("dreaming")
    assert "held" != layout.state_word("held")


def test_colours_are_left_out_where_nobody_sees_them(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe or a log file must hold plain text."""
    layout.show([layout.bad("held")])
    assert capsys.readouterr().out == "held\n"


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_are_left_out_where_a_person_asks_so(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """no-color.org: one variable for all programs."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert layout.colour_wanted()
    monkeypatch.setenv(variable, value)
    assert not layout.colour_wanted()


def test_answer_goes_whole_to_a_machine_and_in_words_to_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts must find what the words leave out."""
    layout.answered({"a": [1]}, ["one"], as_json=True)
    layout.answered({"a": [1]}, ["one"], as_json=False)
    assert '{\n  "a": [\n    1\n  ]\n}\none\n' == capsys.readouterr().out
