"""The list of devices: people keep it in spreadsheets, and one wrong cell must be found by its line."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.fleet.enroll_list import Entry, ListError, read_list


def mistakes(text: str) -> tuple[str, ...]:
    """Everything that is wrong with a list."""
    with pytest.raises(ListError) as caught:
        read_list(text)
    return caught.value.mistakes


def test_all_columns_are_read_in_any_order() -> None:
    """A spreadsheet's columns are moved about by whoever keeps it."""
    text = 'name,id,tags,groups,site\n"Lobby, left",device-001,portrait|4k,berlin|lobby,Berlin\n'
    assert (Entry(2, "device-001", "Lobby, left", "Berlin", ("berlin", "lobby"), ("portrait", "4k")),) == read_list(
        text
    )


@pytest.mark.parametrize("text", ["id;groups\na;x|y\n", "id\tgroups\na\tx;y\n", '\ufeffid,groups\r\na,"x;y"\r\n,\r\n'])
def test_what_spreadsheets_write_is_read(text: str) -> None:
    """Semicolons where a comma is the decimal mark, tabs, a byte order mark, Windows' line ends, empty rows."""
    assert (Entry(2, "a", groups=("x", "y")),) == read_list(text)


def test_every_mistake_is_named_with_its_line() -> None:
    """A list of a thousand kiosks is mended once, not once a mistake."""
    text = "id,groups\ngood,\nBad_Id,\n,lobby\ngood,\nfine,Main Hall\nshort\n"
    found = mistakes(text)
    assert 5 == len(found)
    assert 'line 3: id: found "Bad_Id"' in found[0]
    assert "line 4: id" in found[1]
    assert 'line 5: the id "good" stands on line 2 already.' == found[2]
    assert "line 6: remote.groups[0]" in found[3]
    assert "line 7: has 1 cells, and the first line names 2 columns." == found[4]


def test_line_numbers_count_lines_within_cells() -> None:
    """A cell with a line break in it must not move the numbers of those that follow."""
    assert "line 4: " in mistakes('id,name\na,"Lobby"\n\nB,x\n')[0]
    assert ["line 2", "line 4"] == [each[:6] for each in mistakes('id,name\na,"two\nlines"\nB,x\n')]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("id,name\n", "names no device"),
        ("name,site\nx,y\n", "column id is missing"),
        ("id,grops\na,b\n", "Did you mean groups?"),
        ("id,id\na,b\n", "stands there twice"),
        ('id\n"a\n', "is not CSV"),
    ],
)
def test_list_that_is_none_is_refused_with_the_reason(text: str, said: str) -> None:
    """The wrong file, or one whose first line was lost."""
    assert said in " ".join(mistakes(text))


@given(st.text())
def test_any_text_is_a_list_or_refused(text: str) -> None:
    """A picture named by mistake ends in words, not in a traceback."""
    try:
        assert read_list(text)
    except ListError as error:
        assert error.mistakes


@given(st.lists(st.from_regex("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True), min_size=1, unique=True))
def test_every_id_that_devices_may_have_is_taken(ids: list[str]) -> None:
    """The list and the device must agree about what an id is."""
    written = io.StringIO()
    csv.writer(written).writerows([["id"], *([each] for each in ids)])
    assert ids == [entry.id for entry in read_list(written.getvalue())]
