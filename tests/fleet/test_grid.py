"""A table on a terminal."""

import click

from agent.fleet.grid import grid


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    """Columns that do not line up are read as something else."""
    found = [click.unstyle(line) for line in grid(["A", "B"], [["long cell", "x"], ["y", "z"]], width=None)]
    assert ["A          B", "long cell  x", "y          z"] == found


def test_last_column_goes_on_under_itself() -> None:
    """Problems are sentences, and terminals are narrow."""
    sentence = "one two three four five six seven eight nine ten"
    found = grid(["A", "B"], [["a", sentence]], width=43)
    assert ["a  one two three four five six seven eight", "   nine ten"] == found[1:]


def test_last_column_stands_below_where_there_is_no_room_beside() -> None:
    """A terminal of 80 columns, and names of 30."""
    found = grid(["A", "B"], [["a" * 20, "one two three four five"], ["b", ""]], width=20)
    assert ["a" * 20, "    one two three", "    four five", "b"] == [click.unstyle(line) for line in found[1:]]


def test_colour_stays_on_every_line_of_a_cell() -> None:
    """And goes no farther than the cell."""
    found = grid(["A", "B"], [["a", click.style("one two three four", fg="red")]], width=14)
    assert [click.style(text, fg="red") for text in ("one two", "three four")] == [line.strip() for line in found[2:]]


def test_nothing_is_cut_where_nobody_reads_on_a_screen() -> None:
    """`grep` looks for whole lines."""
    assert "a  " + "word " * 60 + "end" == grid(["A", "B"], [["a", "word " * 60 + "end"]], width=None)[1]


def test_colours_and_wide_letters_do_not_shift_the_columns() -> None:
    """A device may be called 東京."""
    rows = [[click.style("ab", fg="red"), "x"], ["東京", "y"], ["e\u0301", "z"]]
    found = [click.unstyle(line) for line in grid(["A", "B"], rows, width=80)]
    assert ["A     B", "ab    x", "東京  y", "e\u0301     z"] == found


def test_name_of_absurd_length_is_cut() -> None:
    """One device must not push the columns of all others off the screen."""
    assert 43 > len(grid(["A", "B"], [["n" * 500, ""]], width=80)[1])


def test_table_without_rows_is_its_head() -> None:
    """Nothing to show is no error."""
    assert ["A  B"] == [click.unstyle(line) for line in grid(["A", "B"], [], width=80)]
