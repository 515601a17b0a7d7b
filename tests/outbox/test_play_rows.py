"""A play as some forty bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.display import Shown
from agent.kernel.events import Ending
from agent.kernel.plays import PlayFacts
from agent.outbox.play_rows import packed, unpacked
from tests.support.plays import a_play

MS = st.integers(0, 10**10).map(lambda number: number / 1000)


class Names:
    """A dictionary as the table is."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def number(self, name: str) -> int:
        """A number for each name."""
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)

    def text(self, number: int) -> str:
        """The name again."""
        return dict(enumerate(self.names))[number]


@st.composite
def plays(draw: st.DrawFn) -> PlayFacts:
    """Any play with times in whole milliseconds."""
    began = draw(st.integers(0, 10**10))
    return PlayFacts(
        session=draw(st.one_of(st.uuids().map(str), st.text(max_size=20))),
        item=draw(st.text(max_size=20)),
        entry_id=draw(st.none() | st.text(max_size=20)),
        boot_id=draw(st.uuids()).hex,
        began=began / 1000,
        ended=(began + draw(st.integers(0, 10**9))) / 1000,
        is_started=draw(st.booleans()),
        played=draw(MS),
        duration=draw(st.none() | MS),
        is_complete=draw(st.booleans()),
        ending=draw(st.sampled_from(Ending)),
        shown=draw(st.sampled_from(Shown)),
        dark_s=draw(MS),
        is_left_out=draw(st.booleans()),
        last=draw(st.integers(0, 1 << 40)),
    )


@given(plays())
def test_any_play_comes_back_as_it_was(facts: PlayFacts) -> None:
    """The hash is over what is read back, so nothing may be lost on the way."""
    names = Names()
    assert facts == unpacked(packed(facts, names.number), names.text)


def test_play_of_a_clip_takes_few_bytes() -> None:
    """A year of clips is a million plays: 64 MiB hold them only if a row stays this short."""
    facts = a_play(1, began=864_000.123, ended=864_030.345, last=9_000_000)
    assert 42 >= len(packed(facts, Names().number))


@given(st.binary(max_size=60))
def test_any_bytes_are_a_play_of_their_own_or_refused(row: bytes) -> None:
    """Two rows must never mean the same play: one byte could be changed and nobody saw it."""
    names = Names()
    for name in map(str, range(200)):
        names.number(name)
    try:
        facts = unpacked(row, names.text)
    except (ValueError, KeyError):
        return
    assert row == packed(facts, names.number)


def test_row_that_is_cut_short_or_too_long_is_refused() -> None:
    """A torn block gives either."""
    names = Names()
    row = packed(a_play(), names.number)
    for wrong in (row[:-1], row + b"\0", b""):
        with pytest.raises(ValueError, match="row"):
            unpacked(wrong, names.text)


def test_number_that_has_no_place_is_refused() -> None:
    """A clock that went mad must not be cut down to a likely time."""
    with pytest.raises(ValueError, match="no place"):
        packed(a_play(played=1e18), Names().number)
