"""A file over the wire: its head first, then its bytes as they come.

Contract: `Download.fetch` asks for a page and gives its bytes to what `begin` answers for its head; the answer is as
`Wire.get`'s, without the bytes. `begin` answers None where they are not wanted, and its answer says False to stop.
Rules: no redirects, as on any wire of ours. Each 64 KiB must come within `PIECE_S`: a line that is slower has broken
off. Nothing is raised that a network or a server can cause.
Reasons: as agent.sinks.http.client; a film is larger than memory.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from agent.kernel.verdict import Held, Later
from agent.sinks.http.answer import Answer
from agent.sinks.http.client import Wire

PIECE_BYTES: Final = 64 * 1024
PIECE_S: Final = 60.0
# More digits than any disk has bytes are nonsense, and thousands of them an error of Python's.
LONGEST_LENGTH: Final = 18


@dataclass(frozen=True, slots=True)
class Head:
    """What an answer says of itself; None where it does not.

    `length`: the bytes that follow; `content_range`: which they are. `chunked`: its end is marked, and a length that is
    said nevertheless means nothing. `encoding`: how the bytes are packed.
    """

    status: int
    length: int | None = None
    content_range: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    content_type: str = ""
    chunked: bool = False
    encoding: str = ""


Write = Callable[[bytes], bool]
Begin = Callable[[Head], Write | None]


class Download(Wire):
    """One file's wire; used by one thread at a time."""

    _begin: Begin = staticmethod(lambda head: None)

    def fetch(self, url: str, headers: Mapping[str, str], begin: Begin) -> Answer | Later | Held:
        """GET `url`; `begin` is called once, if there is an answer at all."""
        self._begin = begin
        return self.get(url, headers={"Accept": "*/*", **headers})

    def _take(self, response: Any) -> bytes:
        found = response.headers
        length = found.get("Content-Length", "")
        chunked = "chunked" in found.get("Transfer-Encoding", "").lower()
        is_number = length.isascii() and length.isdigit() and len(length) <= LONGEST_LENGTH
        write = self._begin(
            Head(
                status=response.status,
                length=int(length) if is_number and not chunked else None,
                content_range=found.get("Content-Range"),
                etag=found.get("ETag"),
                last_modified=found.get("Last-Modified"),
                content_type=found.get("Content-Type", ""),
                chunked=chunked,
                encoding=found.get("Content-Encoding", "").strip(),
            )
        )
        while write is not None:
            self._deadline.give(PIECE_S)
            piece = response.read(PIECE_BYTES, decode_content=False)
            if not piece:
                return b""
            if not write(piece):
                break
        response.close()
        return b""
