"""What stands in cec-ctl's answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.display.tv import Heard, Tv, read
from tests.support.connectors import NAMED, NAMELESS, UNHEARD, answer


@pytest.mark.parametrize(
    ("output", "heard"),
    [
        (answer("on"), Heard(Tv.ON, is_nameless=False)),
        (answer("standby", 1), Heard(Tv.STANDBY, is_nameless=False)),
        (answer("to-on", 2), Heard(Tv.ON, is_nameless=False)),
        (answer("to-standby", 3), Heard(Tv.STANDBY, is_nameless=False)),
        (UNHEARD, Heard(None, is_nameless=False)),
        (NAMELESS, Heard(None, is_nameless=True)),
        (NAMELESS + NAMED + answer("on"), Heard(Tv.ON, is_nameless=False)),
        ("", Heard(None, is_nameless=False)),
        ("pwr-state: once", Heard(None, is_nameless=False)),
    ],
)
def test_answers_are_read(output: str, heard: Heard) -> None:
    """A word too many would make a lit screen dark."""
    assert heard == read(output)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """The program is another's, and its next version prints something else."""
    assert read(text).tv in (None, Tv.ON, Tv.STANDBY)
