"""The file that carries a queue: what stands in it, and what is wrong with one.

Contract: `written` turns a header and rows into bytes; `header_of` and `rows_of` read them back, or raise FileFault,
which says what is wrong and what to do. Both stream: a file of any size takes the memory of a line.
The file: one line of JSON in clear that says whose it is (`head -1 FILE`); then gzip, or a CMS message of it (openssl
cms, DER, AES-256-GCM) where it is encrypted. In the gzip one JSON array a line: `["columns", {table: [names]}]` first,
then rows as `[table, value, …]`, last `["end", number of rows, SHA-256]`, the digest of all lines before it, the
header's too.
Rules: nothing is believed before the last line has been read and agrees. The digest finds damage, not malice: whoever
can write onto the medium can make a file, so a file is worth what its way is worth.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, BinaryIO, Final, Protocol

FORMAT: Final = "kiosk-agent queue"
VERSION: Final = 1

LONGEST_HEADER: Final = 16_384
LONGEST_LINE: Final = 4 * 1024 * 1024
"""Bytes. An event is at most some kilobytes; what is known of a device's boots, 16. More is no queue of ours."""

CHUNK: Final = 65_536
LEVEL: Final = 6
GZIP: Final = 31
"""What zlib calls its window with gzip's frame."""


class FileFault(Exception):  # noqa: N818 - a state of the file, shown to people
    """The file cannot be taken; nothing of it was. `remedy`: a sentence for a person."""

    def __init__(self, text: str, *, remedy: str) -> None:
        super().__init__(text)
        self.remedy = remedy


DAMAGED: Final = "Copy it from the medium once more, or have the device write it again (queue export --again)."


@dataclass(frozen=True, slots=True)
class Header:
    """Whose events they are. `first`, `last`: their sequences. `made`: wall s, by the device's own clock.

    `waiting`: how many events each destination waits for. `recipient`: the SHA-256 of the certificate that it is
    encrypted to, None for a file in clear.
    """

    id: str
    device: str
    generation: str
    first: int
    last: int
    made: float
    made_synced: bool
    waiting: dict[str, int]
    schema: int
    program: str
    recipient: str | None

    def line(self) -> bytes:
        """The first line of the file."""
        return json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}).encode("ascii") + b"\n"


class Readable(Protocol):
    """Where compressed bytes come from."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        ...


def written(header: Header, columns: Mapping[str, Iterable[str]], rows: Iterable[list[Any]]) -> Iterator[bytes]:
    """The compressed part of the file, in pieces."""
    digest = hashlib.sha256(header.line())
    press = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
    number = 0

    def pressed(row: list[Any]) -> bytes:
        line = json.dumps(row, separators=(",", ":")).encode("ascii") + b"\n"
        digest.update(line)
        return press.compress(line)

    yield pressed(["columns", {table: list(names) for table, names in columns.items()}])
    for row in rows:
        number += 1
        piece = pressed(row)
        if piece:
            yield piece
    yield pressed(["end", number, digest.hexdigest()])
    yield press.flush()


def header_of(file: BinaryIO) -> tuple[Header, bytes]:
    """The header and its line; the file then stands behind it. Raises FileFault, OSError."""
    line = file.readline(LONGEST_HEADER)
    try:
        said = json.loads(line)
        is_ours = said.pop("format") == FORMAT
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        is_ours = False
    if not is_ours:
        raise FileFault(
            "This is no file of a kiosk's queue.", remedy="Name the file that `kiosk-agent queue export` wrote."
        )
    version = said.pop("version", None)
    if version != VERSION:
        raise FileFault(
            f"The file has format {str(version)[:20]}; this program knows format {VERSION}.",
            remedy="Use a kiosk-agent that is at least as new as the one that wrote it.",
        )
    try:
        header = Header(**{each.name: _checked(each.type, said[each.name]) for each in fields(Header)})
    except (KeyError, TypeError) as error:
        raise FileFault(f"The first line of the file makes no sense: {error}.", remedy=DAMAGED) from error
    return header, line


def _checked(kind: object, value: Any) -> Any:
    """`value`, which a field of that type takes. Raises TypeError."""
    kinds: dict[object, tuple[type, ...]] = {
        str: (str,),
        int: (int,),
        float: (int, float),
        bool: (bool,),
        dict[str, int]: (dict,),
        str | None: (str, type(None)),
    }
    if not isinstance(value, kinds[kind]) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{str(value)[:40]!r}")
    return value


def rows_of(stream: Readable, header_line: bytes) -> Iterator[list[Any]]:
    """The rows, `columns` first; FileFault at the end, or before it, where they cannot be believed."""
    digest = hashlib.sha256(header_line)
    number = -1
    lines = _lines(stream)
    for line in lines:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise FileFault("The file is damaged: a line of it makes no sense.", remedy=DAMAGED) from error
        if not isinstance(row, list) or not row:
            raise FileFault("The file is damaged: a line of it makes no sense.", remedy=DAMAGED)
        if row[0] == "end":
            if row[1:] != [number, digest.hexdigest()]:
                raise FileFault("The file is damaged: its checksum does not agree.", remedy=DAMAGED)
            for _ in lines:
                raise FileFault("The file is damaged: something stands behind its end.", remedy=DAMAGED)
            return
        digest.update(line)
        number += 1
        yield row
    raise _cut_off()


def _cut_off() -> FileFault:
    return FileFault("The file is cut off: its end is missing.", remedy=DAMAGED)


def _lines(stream: Readable) -> Iterator[bytes]:
    """The uncompressed lines. Raises FileFault where the stream is no gzip, or not a whole one."""
    press = zlib.decompressobj(GZIP)
    rest = b""
    try:
        while not press.eof:
            piece = press.unconsumed_tail or stream.read(CHUNK)
            # Bounded, for a few bytes may unfold to a gigabyte.
            unfolded = press.decompress(piece, CHUNK) if piece else press.flush()
            *whole, rest = (rest + unfolded).split(b"\n")
            yield from (line + b"\n" for line in whole)
            if not piece:
                raise _cut_off()
            if len(rest) > LONGEST_LINE:
                raise FileFault("The file is damaged: a line of it has no end.", remedy=DAMAGED)
        # Read to its end, for only then a decryption has said whether it went well.
        if press.unused_data or stream.read(1):
            raise FileFault("The file is damaged: something stands behind its end.", remedy=DAMAGED)
    except zlib.error as error:
        raise FileFault("The file is damaged: it cannot be unpacked.", remedy=DAMAGED) from error
