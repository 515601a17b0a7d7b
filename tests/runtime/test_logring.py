"""The last lines of the log in memory."""

import tracemalloc

from agent.runtime.logring import BYTES, LINES, LONGEST_LINE, LogRing


def test_newest_lines_are_kept() -> None:
    """What led to the call is at the end."""
    ring = LogRing()
    for number in range(3 * LINES):
        ring.add(f"line {number}")
    assert [f"line {number}" for number in range(2 * LINES, 3 * LINES)] == ring.lines()


def test_bytes_are_bounded_too() -> None:
    """200 tracebacks are megabytes; letters of other scripts have up to four bytes each."""
    ring = LogRing()
    for number in range(LINES):
        ring.add(f"{number} " + "ж" * 2000)
    assert sum(len(line.encode()) for line in ring.lines()) <= BYTES
    assert ring.lines()[-1].startswith("199 ")


def test_end_of_a_long_line_is_kept() -> None:
    """The last line of a traceback names the error."""
    ring = LogRing()
    ring.add("x" * 100_000 + "ValueError: no")
    (line,) = ring.lines()
    assert line.endswith("ValueError: no")
    assert LONGEST_LINE + 1 == len(line)


def test_text_that_is_no_utf8_is_kept() -> None:
    """A file's name may be anything."""
    ring = LogRing()
    ring.add("\udcff")
    assert ["\udcff"] == ring.lines()


def test_full_ring_takes_little_memory() -> None:
    """Two megabytes are all that an issue may add."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        ring = LogRing()
        for number in range(10 * LINES):
            ring.add(f"{number} " + "x" * 600)
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert used < 200_000
