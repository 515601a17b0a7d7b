"""A file is believed whole or not at all."""

import gzip
import io
import json
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from agent.runtime.portable.format import FileFault, Header, header_of, rows_of, written

HEADER = Header(
    id="0e6f387b-dca5-5cc8-81cb-54e93ef21f2d",
    device="device-001",
    generation="32d78d5a-13c9-4693-8194-29af9fc62c3d",
    first=1,
    last=9,
    made=1_700_000_000.0,
    made_synced=False,
    waiting={"stats.collect": 9},
    schema=4,
    program="1.2.3",
    recipient=None,
)
COLUMNS = {"events": ["sequence", "body"]}
ROWS: list[list[Any]] = [["events", number, "ä\u2028\n" * 50] for number in range(1, 400)]


def file_of(rows: list[list[Any]] = ROWS, header: Header = HEADER) -> bytes:
    """The bytes of a file."""
    return header.line() + b"".join(written(header, COLUMNS, rows))


def read(data: bytes) -> list[list[Any]]:
    """What can be believed of it."""
    file = io.BytesIO(data)
    _, line = header_of(file)
    return list(rows_of(file, line))


def test_what_is_written_is_read_back() -> None:
    """Each row, in order, whatever is in its texts."""
    assert [["columns", COLUMNS], *ROWS] == read(file_of())
    assert HEADER == header_of(io.BytesIO(file_of()))[0]


def test_file_is_opened_by_ordinary_tools() -> None:
    """Whoever inherits a stick years from now has `head` and `zcat`."""
    line, _, rest = file_of().partition(b"\n")
    assert "device-001" == json.loads(line)["device"]
    assert ["end", 399] == json.loads(gzip.decompress(rest).splitlines()[-1])[:2]


def test_file_that_is_cut_anywhere_is_refused() -> None:
    """A stick that was pulled out too early, or a copy that was broken off."""
    data = file_of()
    begin = data.index(b"\n") + 1
    for end in [*range(begin, begin + 40), *range(begin + 40, len(data) - 20, 97), *range(len(data) - 20, len(data))]:
        with pytest.raises(FileFault, match=r"cut off|damaged"):
            read(data[:end])


def test_file_with_a_changed_bit_is_refused_or_the_same() -> None:
    """Sticks lose bits. A bit of gzip's own header (its time stamp) means nothing; any other must be seen."""
    data = bytearray(file_of())
    random = Random(5)
    for _ in range(300):
        place, bit = random.randrange(len(data)), 1 << random.randrange(8)
        data[place] ^= bit
        with suppress(FileFault):
            assert [["columns", COLUMNS], *ROWS] == read(bytes(data))
        data[place] ^= bit


def test_changed_header_is_refused() -> None:
    """The header is in clear, and says whose events these are."""
    data = file_of().replace(b'"device-001"', b'"device-002"', 1)
    with pytest.raises(FileFault, match="checksum"):
        read(data)


def test_something_behind_the_end_is_refused() -> None:
    """Two files in one are none."""
    for tail in (b"x", file_of()):
        with pytest.raises(FileFault, match="behind its end"):
            read(file_of() + tail)


FOREIGN = (b"", b"\n", b"hello", b"[]\n", b"7\n", b"{}\n", b'{"format": "other"}\n', b"\x00" * 99_999, b"[" * 99_999)


@pytest.mark.parametrize("data", [*FOREIGN, b"\xff\n"])
def test_foreign_file_is_told_apart(data: bytes) -> None:
    """The wrong file on the stick is the commonest slip of all."""
    with pytest.raises(FileFault, match="no file of a kiosk's queue"):
        read(data)


def test_newer_format_is_refused_with_what_to_do() -> None:
    """Devices may be newer than the office's program."""
    data = HEADER.line().replace(b'"version": 1', b'"version": 2')
    with pytest.raises(FileFault, match="format 2") as caught:
        read(data)
    assert "new" in caught.value.remedy


@pytest.mark.parametrize(
    "change", [{"first": "1"}, {"waiting": []}, {"made_synced": 1}, {"first": True}, {"device": None}]
)
def test_header_of_wrong_types_is_refused(change: dict[str, Any]) -> None:
    """Its values become names of folders and numbers in messages."""
    line = json.dumps({**json.loads(HEADER.line()), **change}).encode() + b"\n"
    with pytest.raises(FileFault, match="first line"):
        header_of(io.BytesIO(line))


def test_few_bytes_that_unfold_to_a_gigabyte_are_refused() -> None:
    """A hostile file must not take the office's memory."""
    bomb = gzip.compress(b"x" * 50_000_000)
    with pytest.raises(FileFault, match="no end"):
        read(HEADER.line() + bomb)


def test_row_that_is_no_row_is_refused() -> None:
    """Only arrays are rows."""
    for line in (b"{}\n", b"[]\n", b"null\n", b"[1\n"):
        with pytest.raises(FileFault, match="makes no sense"):
            read(HEADER.line() + gzip.compress(line))


def test_header_of_an_encrypted_file_names_its_certificate() -> None:
    """So that whoever has many keys knows which one to take."""
    header = replace(HEADER, recipient="ab" * 32)
    assert "ab" * 32 == header_of(io.BytesIO(header.line()))[0].recipient
