"""Bytes in, lines out."""

from hypothesis import given
from hypothesis import strategies as st

from agent.intake.lines import MAX_LINE_BYTES, Lines, Oversized


def drained(lines: Lines) -> list[bytes | Oversized]:
    """All lines that are whole."""
    found = []
    while (line := lines.next()) is not None:
        found.append(line)
    return found


@given(st.lists(st.binary(max_size=40)), st.lists(st.integers(1, 30), min_size=1))
def test_lines_come_out_however_the_bytes_are_cut(said: list[bytes], cuts: list[int]) -> None:
    """A stream socket knows no messages: a line may come in pieces, and several in one."""
    whole = [line.replace(b"\n", b"") for line in said]
    stream = b"".join(line + b"\n" for line in whole)
    lines, found, at, turn = Lines(), [], 0, 0
    while at < len(stream):
        cut = cuts[turn % len(cuts)]
        lines.feed(stream[at : at + cut], 0.0)
        found += drained(lines)
        at, turn = at + cut, turn + 1
    assert [line for line in whole if line.strip()] == found
    assert None is lines.begun or not stream.endswith(b"\n")


def test_line_that_is_too_long_is_told_once_and_the_next_is_read() -> None:
    """Ten megabytes cost the agent no memory, and the application that repents is heard."""
    lines, found = Lines(), []
    for _ in range(640):
        lines.feed(b"x" * 16_384, 0.0)
        found += drained(lines)
    lines.feed(b"x\nafter\n", 1.0)
    assert [Oversized.LINE, b"after"] == found + drained(lines)


def test_longest_line_is_taken_and_one_byte_more_is_not() -> None:
    """The bound that the page names."""
    lines = Lines()
    lines.feed(b"x" * MAX_LINE_BYTES + b"\n" + b"y" * (MAX_LINE_BYTES + 1) + b"\nz\n", 0.0)
    assert [b"x" * MAX_LINE_BYTES, Oversized.LINE, b"z"] == drained(lines)


def test_only_a_line_that_has_begun_has_an_age() -> None:
    """A long-lived application may say nothing for hours; half a line for hours is a fault."""
    lines = Lines()
    assert None is lines.begun
    lines.feed(b"a", 1.0)
    lines.feed(b"b", 2.0)
    assert 1.0 == lines.begun
    lines.feed(b"\nc", 3.0)
    assert 3.0 == lines.begun
    lines.feed(b"\n", 4.0)
    assert None is lines.begun


def test_last_line_needs_no_end() -> None:
    """`printf` writes none; but the tail of a line that was too long is no line."""
    lines = Lines()
    lines.feed(b"a\nb", 0.0)
    assert ([b"a"], b"b", None) == (drained(lines), lines.rest(), lines.rest())
    lines.feed(b"x" * (MAX_LINE_BYTES + 1), 0.0)
    assert ([Oversized.LINE], None) == (drained(lines), lines.rest())
