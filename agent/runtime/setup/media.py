"""What a person says is to be played, as items of the playlist; and a picture for those who have nothing yet.

Contract: `media_item` answers an item, or what is wrong with the text. Pure, but for the path that `folder` names.
Rules: a relative path starts where the person is, and stands absolute in the file.
"""

import struct
import zlib
from pathlib import Path
from typing import Any, Final

from agent.config.addresses import MediaUri, scheme_of
from agent.config.entries import is_usual_entry_id
from agent.config.kinds import MisfitError

DEMO: Final = "demo"
DEMO_FILE: Final = "srv/media/kiosk-agent-demo.png"
"""Below the root. The folder is the one that documents of a broker may name files in, too (remote.media_roots)."""

_WIDE, _HIGH = 1280, 720
_BARS: Final = ("c0c0c0", "c0c000", "00c0c0", "00c000", "c000c0", "c00000", "0000c0", "101010")


def media_item(text: str, folder: Path) -> dict[str, Any] | str:
    """One medium, with its Kaltura entry behind it where it has one: "/srv/media/welcome.mp4 0_abcd1234"."""
    head, _, last = text.strip().rpartition(" ")
    uri, entry = (head.strip(), last) if head and is_usual_entry_id(last) else (text.strip(), None)
    try:
        uri = MediaUri().read(uri)
    except MisfitError as misfit:
        return ". ".join(part for part in (misfit.what, misfit.remedy) if part)
    if scheme_of(uri) is None:
        uri = str(folder / uri)
    return {"uri": uri} if entry is None else {"uri": uri, "entry_id": entry}


def demo_picture() -> bytes:
    """Colour bars as PNG. An image counts like a film of its length, and no other medium is made without a library."""
    row = b"\0" + b"".join(bytes.fromhex(bar) * (_WIDE // len(_BARS)) for bar in _BARS)
    head = struct.pack(">IIBBBBB", _WIDE, _HIGH, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(row * _HIGH, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
