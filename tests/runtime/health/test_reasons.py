"""The values of a judgement, and reading a status that may lack anything."""

import re

import pytest

from agent.runtime.health.reasons import Kind, Verdict, duration, number, part, parts, text


def test_failing_is_worse_than_degraded_than_fine() -> None:
    """The verdict is the worst of the reasons."""
    assert [Verdict.FINE, Verdict.DEGRADED, Verdict.FAILING] == sorted(Verdict, key=lambda each: each.rank)


def test_kinds_are_words_for_labels() -> None:
    """They become labels of a metric, and keys of whoever alerts."""
    assert [] == [kind for kind in Kind if not re.fullmatch("[a-z]+(-[a-z]+)*", kind.value)]


@pytest.mark.parametrize(
    ("seconds", "words"), [(-1.0, "0 s"), (119.0, "119 s"), (180.0, "3 min"), (18_000.0, "5 h"), (259_200.0, "3 days")]
)
def test_duration_in_one_unit(seconds: float, words: str) -> None:
    """A person reads it at a glance."""
    assert words == duration(seconds)


def test_what_is_missing_or_of_another_type_is_nothing() -> None:
    """A command of one version judges an agent of another."""
    tree = {"a": None, "b": True, "c": [1, {"d": 2}], "e": ""}
    assert ({}, [], [{"d": 2}], None, None, None) == (
        part(tree, "a"),
        parts(tree, "a"),
        parts(tree, "c"),
        number(tree, "b"),
        number(tree, "x"),
        text(tree, "e"),
    )
