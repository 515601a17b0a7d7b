"""Prometheus' text format, as its parsers want it."""

import math
import re

from hypothesis import given
from hypothesis import strategies as st

from agent.service.exposition import LONGEST_VALUE, Metric, Type, exposition

DEPTH = Metric("kiosk_agent_depth", Type.GAUGE, "Events\nthat wait \\ here.", ("sink",))
UP = Metric("kiosk_agent_up", Type.GAUGE, "Whether it runs.")
_LABEL = r'[a-z_]+="(\\[\\n"]|[^\\\n"])*"'
LINE = re.compile(rf"[a-z_]+(\{{{_LABEL}(,{_LABEL})*\}})? (NaN|[+-]Inf|-?[0-9.]+(e[+-]?\d+)?)")


def test_family_stands_together_with_its_help_and_type() -> None:
    """Two blocks of one family are an error to Prometheus, and it drops the whole page."""
    text = exposition([DEPTH.of(3, "b"), UP.of(True), DEPTH.of(0.5, "a")])
    assert (
        "# HELP kiosk_agent_depth Events\\nthat wait \\\\ here.\n"
        "# TYPE kiosk_agent_depth gauge\n"
        'kiosk_agent_depth{sink="b"} 3\n'
        'kiosk_agent_depth{sink="a"} 0.5\n'
        "# HELP kiosk_agent_up Whether it runs.\n"
        "# TYPE kiosk_agent_up gauge\n"
        "kiosk_agent_up 1\n"
    ) == text


def test_what_is_not_known_is_not_written() -> None:
    """A nought would say that the queue is empty."""
    assert "" == exposition([UP.of(None)])


def test_numbers_that_are_odd_are_written_as_the_format_wants() -> None:
    """Python's own words for them are not Prometheus'."""
    values = [math.nan, math.inf, -math.inf, 1e21, 1_795_000_000.25]
    text = exposition([DEPTH.of(value, str(number)) for number, value in enumerate(values)])
    assert ["NaN", "+Inf", "-Inf", "1e+21", "1795000000.25"] == [
        line.split()[-1] for line in text.splitlines() if line[0] != "#"
    ]


@given(st.lists(st.text(st.characters(), max_size=300), max_size=5))
def test_any_label_makes_a_page_that_can_be_read(labels: list[str]) -> None:
    """A code of somebody else's server must not cost the whole page."""
    text = exposition([DEPTH.of(1, label) for label in labels])
    lines = text.encode("utf-8").decode("utf-8").split("\n")
    samples = [line for line in lines if line and line[0] != "#"]
    assert [] == [line for line in samples if not LINE.fullmatch(line)]
    assert len(samples) == len(set(samples)), "the same sample twice is an error"


def test_long_label_is_cut() -> None:
    """A server may answer with a page for a code."""
    assert f'"{"x" * LONGEST_VALUE}"' in exposition([DEPTH.of(1, "x" * 1000)])
